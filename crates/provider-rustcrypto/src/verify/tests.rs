use super::*;
use SignatureScheme as S;

/// All verifiers, including those of the feature `legacy` if it is enabled.
fn with_legacy() -> Vec<Arc<dyn SignatureVerifier>> {
    #[cfg(feature = "legacy")]
    let more = legacy();
    #[cfg(not(feature = "legacy"))]
    let more = Vec::new();
    [all(), more].concat()
}

#[test]
fn verifiers_are_unique() {
    let all = with_legacy();
    for (place, verifier) in all.iter().enumerate() {
        let pair = (verifier.key_kind(), verifier.scheme());
        assert!(all.iter().skip(place + 1).all(|other| (other.key_kind(), other.scheme()) != pair));
    }
}

fn verify(kind: KeyKind, scheme: S, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
    let all = with_legacy();
    let verifier = all.iter().find(|v| (v.key_kind(), v.scheme()) == (kind, scheme)).unwrap();
    verifier.verify(key, message, signature)
}

#[cfg(feature = "legacy")]
#[test]
fn rfc_6979_example() {
    use hex_literal::hex;

    // P-256, message "sample", with SHA-1 and SHA-512.
    let key = hex!(
        "04"
        "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
        "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
    );
    let sha1 = hex!(
        "3044"
        "022061340c88c3aaebeb4f6d667f672ca9759a6ccaa9fa8811313039ee4a35471d32"
        "02206d7f147dac089441bb2e2fe8f7a3fa264b9c475098fdcf6e00d7c996e1b8b7eb"
    );
    let (r, s) = (
        hex!("8496a60b5e9b47c825488827e0495b0e3fa109ec4568fd3f8d1097678eb97f00"),
        hex!("2362ab1adbe2b8adf9cb9edab740ea6049c028114f2460f96554f61fae3302fe"),
    );
    assert_eq!(verify(KeyKind::EcP256, S::ECDSA_SHA1, &key, b"sample", &sha1), Ok(()));
    assert_eq!(
        verify(KeyKind::EcP256, S::ECDSA_SHA1, &key, b"Sample", &sha1),
        Err(CryptoError::BadSignature)
    );
    let sha512 = [&hex!("3045022100")[..], &r, &hex!("0220"), &s].concat();
    assert_eq!(verify(KeyKind::EcP256, S::ECDSA_SECP521R1_SHA512, &key, b"sample", &sha512), Ok(()));
    // DER does not allow an extra or missing leading zero of an integer.
    for bad in [
        [&hex!("3046022100")[..], &r, &hex!("022100"), &s].concat(),
        [&hex!("30440220")[..], &r, &hex!("0220"), &s].concat(),
    ] {
        assert_eq!(
            verify(KeyKind::EcP256, S::ECDSA_SECP521R1_SHA512, &key, b"sample", &bad),
            Err(CryptoError::BadSignature)
        );
    }
}

#[test]
fn ed25519_keys_of_small_order_are_rejected() {
    // With the neutral element as key and R and with s = 0, the equation holds for every message.
    let mut key = [0; 32];
    key[0] = 1;
    let mut signature = [0; 64];
    signature[0] = 1;
    assert_eq!(
        verify(KeyKind::Ed25519, S::ED25519, &key, b"anything", &signature),
        Err(CryptoError::BadSignature)
    );
}
