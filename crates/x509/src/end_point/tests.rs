use super::*;
use crate::{
    issue::Template,
    testing::{cert, provider},
};
use alloc::vec::Vec;
use cairn_crypto::KeySpec;

fn of(certificate: &[u8]) -> Result<Vec<u8>, EndPointError> {
    tls_server_end_point(certificate, &provider()).map(|hash| hash.as_bytes().to_vec())
}

fn hash(algorithm: HashAlgorithm, certificate: &[u8]) -> Vec<u8> {
    provider().hash(algorithm).unwrap().hash(&[certificate]).unwrap().as_bytes().to_vec()
}

#[test]
fn hash_is_that_of_the_signature_with_sha_256_replacing_sha_1() {
    for (certificate, algorithm) in [
        (cert!("leaf.pem"), HashAlgorithm::Sha256),
        (cert!("leaf-sha512.pem"), HashAlgorithm::Sha512),
        (cert!("leaf-sha1.pem"), HashAlgorithm::Sha256),
        (cert!("leaf-pss-signed.pem"), HashAlgorithm::Sha384),
    ] {
        assert_eq!(of(&certificate), Ok(hash(algorithm, &certificate)), "{algorithm}");
    }
    let template = Template::server("example.test").dns("example.test").valid(0, 1 << 32);
    for (spec, algorithm) in [
        (KeySpec::EcP256, HashAlgorithm::Sha256),
        (KeySpec::EcP384, HashAlgorithm::Sha384),
        (KeySpec::EcP521, HashAlgorithm::Sha512),
        (KeySpec::Rsa { bits: 2048 }, HashAlgorithm::Sha256),
    ] {
        let identity = template.self_signed(&provider(), spec).unwrap();
        let certificate = identity.chain().next().unwrap();
        assert_eq!(of(certificate), Ok(hash(algorithm, certificate)), "{spec:?}");
    }
}

#[test]
fn algorithms_without_defined_hash_are_errors() {
    let template = Template::server("example.test").dns("example.test").valid(0, 1 << 32);
    let identity = template.self_signed(&provider(), KeySpec::Ed25519).unwrap();
    let error = of(identity.chain().next().unwrap()).unwrap_err();
    assert_eq!(error, EndPointError::NoHash);
    assert!(alloc::format!("{error}").contains("RFC 5929 section 4.1"), "{error}");
    // The identifier of Ed448.
    assert_eq!(hash_of(&[6, 3, 0x2b, 0x65, 0x71]), Err(EndPointError::NoHash));
    // dsa-with-SHA1 is recognized by its identifier only; MD5 is replaced.
    assert_eq!(hash_of(&[6, 7, 0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3]), Err(EndPointError::UnknownAlgorithm));
    let md5 = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4, 5, 0];
    assert_eq!(hash_of(&md5), Ok(HashAlgorithm::Sha256));
}

#[test]
fn malformed_certificate_and_missing_hash_are_errors() {
    assert_eq!(of(b""), Err(EndPointError::BadEncoding));
    assert_eq!(of(b"\x30\x00"), Err(EndPointError::BadEncoding));
    assert_eq!(hash_of(b""), Err(EndPointError::BadEncoding));
    let mut bare = provider();
    bare.hashes.clear();
    let missing = tls_server_end_point(&cert!("leaf.pem"), &bare);
    assert_eq!(missing, Err(EndPointError::HashNotOffered(HashAlgorithm::Sha256)));
}
