//! Signature schemes as mechanisms of PKCS #11.
//!
//! The hash is computed here if possible, so that a token needs few mechanisms and receives little data.

use crate::error::Error;
use cairn_crypto::{CryptoError, HashAlgorithm, KeyKind, Provider};
use cairn_wire::SignatureScheme as S;
use cryptoki::{
    mechanism::{
        Mechanism, MechanismType,
        eddsa::{EddsaParams, EddsaSignatureScheme},
        rsa::{PkcsMgfType, PkcsPssParams},
    },
    types::Ulong,
};
use der::{Encode, asn1::UintRef};

/// The schemes of a kind of key, in order of preference.
///
/// The list of `credential_elsewhere` is shorter, because that function does not know the signer. Here the
/// token is asked for its mechanisms.
pub(crate) const fn schemes_of(kind: KeyKind) -> &'static [S] {
    match kind {
        KeyKind::Rsa => &[
            S::RSA_PSS_RSAE_SHA256,
            S::RSA_PSS_RSAE_SHA384,
            S::RSA_PSS_RSAE_SHA512,
            S::RSA_PKCS1_SHA256,
            S::RSA_PKCS1_SHA384,
            S::RSA_PKCS1_SHA512,
        ],
        KeyKind::RsaPss => &[S::RSA_PSS_PSS_SHA256, S::RSA_PSS_PSS_SHA384, S::RSA_PSS_PSS_SHA512],
        // The hash of the curve's strength is first. In TLS 1.2 the scheme does not determine the curve
        // (RFC 9846 section 4.3.3).
        KeyKind::EcP256 => &[S::ECDSA_SECP256R1_SHA256, S::ECDSA_SECP384R1_SHA384, S::ECDSA_SECP521R1_SHA512],
        KeyKind::EcP384 => &[S::ECDSA_SECP384R1_SHA384, S::ECDSA_SECP521R1_SHA512, S::ECDSA_SECP256R1_SHA256],
        KeyKind::EcP521 => &[S::ECDSA_SECP521R1_SHA512, S::ECDSA_SECP384R1_SHA384, S::ECDSA_SECP256R1_SHA256],
        KeyKind::Ed25519 => &[S::ED25519],
        _ => &[],
    }
}

/// The method of a scheme with a kind of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Pkcs1(HashAlgorithm),
    Pss(HashAlgorithm),
    Ecdsa(HashAlgorithm),
    Ed25519,
}

/// The calls that make a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// C_SignInit and C_Sign, with a hash that is computed here.
    Single,
    /// C_SignInit, C_Login with the PIN for this signature, C_SignUpdate and C_SignFinal. The token hashes,
    /// because it takes a hash in C_Sign only, and `cryptoki` has no C_Sign without C_SignInit.
    Authenticated,
}

impl Method {
    pub(crate) const fn of(scheme: S) -> Option<Self> {
        use HashAlgorithm::{Sha256, Sha384, Sha512};
        Some(match scheme {
            S::RSA_PKCS1_SHA256 => Self::Pkcs1(Sha256),
            S::RSA_PKCS1_SHA384 => Self::Pkcs1(Sha384),
            S::RSA_PKCS1_SHA512 => Self::Pkcs1(Sha512),
            S::RSA_PSS_RSAE_SHA256 | S::RSA_PSS_PSS_SHA256 => Self::Pss(Sha256),
            S::RSA_PSS_RSAE_SHA384 | S::RSA_PSS_PSS_SHA384 => Self::Pss(Sha384),
            S::RSA_PSS_RSAE_SHA512 | S::RSA_PSS_PSS_SHA512 => Self::Pss(Sha512),
            S::ECDSA_SECP256R1_SHA256 => Self::Ecdsa(Sha256),
            S::ECDSA_SECP384R1_SHA384 => Self::Ecdsa(Sha384),
            S::ECDSA_SECP521R1_SHA512 => Self::Ecdsa(Sha512),
            S::ED25519 => Self::Ed25519,
            _ => return None,
        })
    }

    /// The mechanism of an operation, with its parameters. `None` if there is none.
    pub(crate) fn mechanism(self, operation: Operation) -> Result<Option<Mechanism<'static>>, Error> {
        use HashAlgorithm::{Sha256, Sha384, Sha512};
        use Operation::{Authenticated, Single};
        Ok(Some(match (operation, self) {
            (Single, Self::Pkcs1(_)) => Mechanism::RsaPkcs,
            (Single, Self::Pss(hash)) => Mechanism::RsaPkcsPss(pss(hash)?),
            (Single, Self::Ecdsa(_)) => Mechanism::Ecdsa,
            (Single, Self::Ed25519) => Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519)),
            (Authenticated, Self::Pkcs1(Sha256)) => Mechanism::Sha256RsaPkcs,
            (Authenticated, Self::Pkcs1(Sha384)) => Mechanism::Sha384RsaPkcs,
            (Authenticated, Self::Pkcs1(Sha512)) => Mechanism::Sha512RsaPkcs,
            (Authenticated, Self::Pss(Sha256)) => Mechanism::Sha256RsaPkcsPss(pss(Sha256)?),
            (Authenticated, Self::Pss(Sha384)) => Mechanism::Sha384RsaPkcsPss(pss(Sha384)?),
            (Authenticated, Self::Pss(Sha512)) => Mechanism::Sha512RsaPkcsPss(pss(Sha512)?),
            (Authenticated, Self::Ecdsa(Sha256)) => Mechanism::EcdsaSha256,
            (Authenticated, Self::Ecdsa(Sha384)) => Mechanism::EcdsaSha384,
            (Authenticated, Self::Ecdsa(Sha512)) => Mechanism::EcdsaSha512,
            // Tokens take the message in one call, because Ed25519 hashes it twice (RFC 8032).
            (Authenticated, _) => return Ok(None),
        }))
    }

    const fn hash(self) -> Option<HashAlgorithm> {
        match self {
            Self::Pkcs1(hash) | Self::Pss(hash) | Self::Ecdsa(hash) => Some(hash),
            // It hashes by itself, twice (RFC 8032).
            Self::Ed25519 => None,
        }
    }

    /// The data that the token gets in an operation.
    pub(crate) fn input(
        self,
        operation: Operation,
        kind: KeyKind,
        message: &[u8],
        provider: &Provider,
    ) -> Result<Vec<u8>, Error> {
        let hash = match (operation, self.hash()) {
            (Operation::Single, Some(hash)) => hash,
            _ => return Ok(message.to_vec()),
        };
        let computed = provider.hash(hash).ok_or(CryptoError::Unsupported)?.hash(&[message])?;
        let computed = computed.as_bytes();
        Ok(match self {
            Self::Pkcs1(_) => [digest_info(hash)?, computed].concat(),
            // ECDSA uses the leftmost bits of the hash, as many as the order has (FIPS 186-5 section
            // 6.4.1). Not all tokens take a longer one.
            Self::Ecdsa(_) => {
                let order = order_len(kind).ok_or(CryptoError::Unsupported)?;
                computed.get(..order).unwrap_or(computed).to_vec()
            }
            Self::Pss(_) | Self::Ed25519 => computed.to_vec(),
        })
    }

    /// The signature as in TLS. `None` if it is not one.
    pub(crate) fn output(self, kind: KeyKind, signature: Vec<u8>) -> Option<Vec<u8>> {
        match self {
            Self::Pkcs1(_) | Self::Pss(_) => (!signature.is_empty()).then_some(signature),
            Self::Ed25519 => (signature.len() == 64).then_some(signature),
            Self::Ecdsa(_) => {
                let half = signature.len() / 2;
                let (r, s) = signature.split_at_checked(half)?;
                let is_zero = |half: &[u8]| half.iter().all(|byte| *byte == 0);
                let valid = r.len() == s.len() && half <= order_len(kind)? && !is_zero(r) && !is_zero(s);
                if !valid {
                    return None;
                }
                // `Ecdsa-Sig-Value` (RFC 3279): a SEQUENCE of two INTEGERs.
                [UintRef::new(r).ok()?, UintRef::new(s).ok()?].to_der().ok()
            }
        }
    }
}

/// The length of a curve's order in bytes.
const fn order_len(kind: KeyKind) -> Option<usize> {
    match kind {
        KeyKind::EcP256 => Some(32),
        KeyKind::EcP384 => Some(48),
        KeyKind::EcP521 => Some(66),
        _ => None,
    }
}

/// RFC 9846 section 4.3.3: MGF1 with the same hash, and a salt as long as it.
fn pss(hash: HashAlgorithm) -> Result<PkcsPssParams, Error> {
    let (hash_alg, mgf) = match hash {
        HashAlgorithm::Sha256 => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256),
        HashAlgorithm::Sha384 => (MechanismType::SHA384, PkcsMgfType::MGF1_SHA384),
        HashAlgorithm::Sha512 => (MechanismType::SHA512, PkcsMgfType::MGF1_SHA512),
        _ => return Err(CryptoError::Unsupported.into()),
    };
    Ok(PkcsPssParams { hash_alg, mgf, s_len: Ulong::try_from(hash.output_len())? })
}

/// `DigestInfo` up to the hash (RFC 8017). `cairn-provider-parts` encodes it too, but contains an
/// implementation of RSA, which a key in a token does not need.
fn digest_info(hash: HashAlgorithm) -> Result<&'static [u8], Error> {
    match hash {
        HashAlgorithm::Sha256 => Ok(&[
            0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05,
            0x00, 0x04, 0x20,
        ]),
        HashAlgorithm::Sha384 => Ok(&[
            0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05,
            0x00, 0x04, 0x30,
        ]),
        HashAlgorithm::Sha512 => Ok(&[
            0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05,
            0x00, 0x04, 0x40,
        ]),
        _ => Err(CryptoError::Unsupported.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hex_literal::hex;

    const ECDSA: Method = Method::Ecdsa(HashAlgorithm::Sha256);

    #[test]
    fn every_scheme_of_a_kind_has_a_method() {
        for kind in [
            KeyKind::Rsa,
            KeyKind::RsaPss,
            KeyKind::EcP256,
            KeyKind::EcP384,
            KeyKind::EcP521,
            KeyKind::Ed25519,
        ] {
            assert!(!schemes_of(kind).is_empty());
            for scheme in schemes_of(kind) {
                let method = Method::of(*scheme).unwrap();
                assert!(method.mechanism(Operation::Single).unwrap().is_some());
                let authenticated = method.mechanism(Operation::Authenticated).unwrap();
                assert_eq!(authenticated.is_some(), kind != KeyKind::Ed25519);
            }
        }
        assert!(schemes_of(KeyKind::MlDsa44).is_empty());
        assert_eq!(Method::of(S::RSA_PKCS1_SHA1), None);
    }

    #[test]
    fn the_token_receives_the_hash_unless_it_computes_it() {
        let provider = cairn_provider_rustcrypto::provider();
        let input = |method: Method, kind| {
            assert_eq!(method.input(Operation::Authenticated, kind, b"abc", &provider).unwrap(), b"abc");
            method.input(Operation::Single, kind, b"abc", &provider).unwrap()
        };
        let sha256 = hex!("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let pkcs1 = input(Method::Pkcs1(HashAlgorithm::Sha256), KeyKind::Rsa);
        assert_eq!(pkcs1[..19], hex!("3031300d060960864801650304020105000420"));
        assert_eq!(pkcs1[19..], sha256);
        assert_eq!(input(Method::Pss(HashAlgorithm::Sha256), KeyKind::Rsa), sha256);
        assert_eq!(input(ECDSA, KeyKind::EcP521), sha256);
        assert_eq!(input(Method::Ed25519, KeyKind::Ed25519), b"abc");
        // SHA-384 of "abc" begins with these 32 bytes.
        let leftmost = hex!("cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed");
        assert_eq!(input(Method::Ecdsa(HashAlgorithm::Sha384), KeyKind::EcP256), leftmost);
    }

    #[test]
    fn an_ecdsa_signature_becomes_der() {
        let of = |raw: &[u8]| ECDSA.output(KeyKind::EcP256, raw.to_vec());
        let mut raw = [0; 64];
        raw[31] = 0x80;
        raw[63] = 1;
        assert_eq!(of(&raw).unwrap(), hex!("300702020080020101"));
        // With P-521 the length has two bytes.
        let long = ECDSA.output(KeyKind::EcP521, [&[1][..], &[0xff; 65]].concat().repeat(2)).unwrap();
        assert_eq!((long.len(), &long[..6]), (139, &hex!("308188024201")[..]));
        // Some tokens return shorter halves.
        assert_eq!(of(&[0x80, 1]).unwrap(), hex!("300702020080020101"));
    }

    #[test]
    fn bytes_that_are_not_a_signature_are_refused() {
        let of = |raw: &[u8]| ECDSA.output(KeyKind::EcP256, raw.to_vec());
        for raw in [&[][..], &[1], &[1, 2, 3], &[0; 64], &[1; 66], &[1; 96]] {
            assert_eq!(of(raw), None, "{raw:?}");
        }
        let mut zero = [1; 64];
        zero[..32].fill(0);
        assert_eq!(of(&zero), None);
        zero.reverse();
        assert_eq!(of(&zero), None);
        assert_eq!(Method::Ed25519.output(KeyKind::Ed25519, vec![1; 63]), None);
        assert_eq!(Method::Pkcs1(HashAlgorithm::Sha256).output(KeyKind::Rsa, vec![]), None);
    }
}
