//! Inputs that the key schedule refuses, and the properties of its small types.

use super::super::{
    ApplicationTrafficSecret, EarlyExporterSecret, EarlySecret, ExporterSecret, HandshakeTrafficSecret, Kdf,
    MAX_CONTEXT_LEN, MAX_LABEL_LEN, Psk, PskSecret, SUITES, expand_label, suite,
};
use super::kdf;
use crate::error::ScheduleError;
use crate::suites::Grade;
use alloc::{format, sync::Arc, vec};
use cairn_crypto::{CryptoError, HashAlgorithm, HashOutput, Hkdf, HkdfKey, Hmac, HmacKey, SecretBytes};
use cairn_wire::CipherSuite;

const SHA_256: HashAlgorithm = HashAlgorithm::Sha256;
const SHA_384: HashAlgorithm = HashAlgorithm::Sha384;

fn wrong(expected: usize, got: usize) -> ScheduleError {
    CryptoError::WrongLength { expected, got }.into()
}

#[test]
fn label_and_context_lengths_have_limits() {
    let key = kdf(SHA_256).key(&[7; 32]).unwrap();
    let expand =
        |label, context, out| expand_label(&key, &vec![1; label], &vec![2; context], &mut vec![0; out]);
    assert_eq!((MAX_LABEL_LEN, MAX_CONTEXT_LEN), (249, 255));
    assert_eq!(expand(1, 0, 0), Ok(()));
    assert_eq!(expand(249, 255, 255 * 32), Ok(()));
    for length in [0, 250, 506] {
        assert_eq!(expand(length, 0, 32), Err(ScheduleError::LabelLength { length }));
    }
    assert_eq!(expand(1, 256, 32), Err(ScheduleError::LabelContextLength { length: 256 }));
    assert_eq!(expand(1, 0, 255 * 32 + 1), Err(wrong(255 * 32, 255 * 32 + 1)));
    assert_eq!(expand(1, 0, 65_536), Err(wrong(65_535, 65_536)));
}

#[test]
fn psk_and_suite_must_have_the_hash_of_the_schedule() {
    let (short, long) = (kdf(SHA_256), kdf(SHA_384));
    let psk = Psk::external(SecretBytes::from(&[7; 16]), SHA_256).unwrap();
    let error = ScheduleError::OtherHash { expected: SHA_384, got: SHA_256 };
    assert_eq!(PskSecret::new(&long, &psk).err(), Some(error));
    let traffic = HandshakeTrafficSecret::new(&short, SecretBytes::from(&[7; 32])).unwrap();
    let error = ScheduleError::OtherHash { expected: SHA_256, got: SHA_384 };
    assert_eq!(traffic.keys(suite(CipherSuite::TLS_AES_256_GCM_SHA384).unwrap()).err(), Some(error));
    assert_eq!(
        format!("{error}"),
        "the key schedule uses SHA-256, but the PSK or cipher suite is for SHA-384 (RFC 9846 section 4.3.11)"
    );
}

#[test]
fn transcript_hash_of_another_length_is_refused() {
    let kdf = kdf(SHA_256);
    let hash = HashOutput::new(&[1; 48]).unwrap();
    let error = Some(wrong(32, 48));
    let psk = PskSecret::new(&kdf, &Psk::resumption(&kdf, SecretBytes::from(&[7; 32])).unwrap()).unwrap();
    assert_eq!(psk.binder(&hash).err(), error);
    assert_eq!(psk.client_traffic_secret(&hash).err(), error);
    assert_eq!(psk.exporter_secret(&hash).err(), error);
    let handshake = EarlySecret::without_psk(&kdf).into_handshake_secret(None).unwrap();
    assert_eq!(handshake.traffic_secrets(&hash).err(), error);
    let main = handshake.into_main_secret().unwrap();
    assert_eq!(main.traffic_secrets(&hash).err(), error);
    assert_eq!(main.exporter_secret(&hash).err(), error);
    let right = HashOutput::new(&[1; 32]).unwrap();
    assert_eq!(main.traffic_secrets(&right).unwrap().client.verify_data(&hash).err(), error);
    assert_eq!(main.into_resumption_secret(&hash).err(), error);
}

#[test]
fn secret_of_another_length_is_refused() {
    let kdf = kdf(SHA_384);
    let secret = || SecretBytes::from(&[7; 32]);
    let error = Some(wrong(48, 32));
    assert_eq!(HandshakeTrafficSecret::new(&kdf, secret()).err(), error);
    assert_eq!(ApplicationTrafficSecret::new(&kdf, secret()).err(), error);
    assert_eq!(ExporterSecret::new(&kdf, secret()).err(), error);
    assert_eq!(EarlyExporterSecret::new(&kdf, secret()).err(), error);
    assert_eq!(Psk::resumption(&kdf, secret()).err(), error);
    assert_eq!(Psk::external(SecretBytes::from(&[]), SHA_384), Err(ScheduleError::EmptyPsk));
}

#[test]
fn exporter_refuses_reserved_labels() {
    let kdf = kdf(SHA_256);
    let exporter = ExporterSecret::new(&kdf, SecretBytes::from(&[7; 32])).unwrap();
    let early = EarlyExporterSecret::new(&kdf, SecretBytes::from(&[7; 32])).unwrap();
    for label in [&b"master secret"[..], b"client finished"] {
        assert_eq!(exporter.export(label, b"", &mut [0; 32]), Err(ScheduleError::LabelReserved));
        assert_eq!(early.export_early(label, b"", &mut [0; 32]), Err(ScheduleError::LabelReserved));
    }
    assert_eq!(exporter.export(b"", b"", &mut [0; 32]), Err(ScheduleError::LabelLength { length: 0 }));
    // The context is hashed, so it may have any length.
    exporter.export(b"EXPORTER-x", &[1; 70_000], &mut [0; 32]).unwrap();
    let long = 255 * 32 + 1;
    assert_eq!(exporter.export(b"EXPORTER-x", b"", &mut vec![0; long]), Err(wrong(long - 1, long)));
}

#[test]
fn ticket_nonce_has_at_most_255_bytes() {
    let kdf = kdf(SHA_256);
    let handshake = EarlySecret::without_psk(&kdf).into_handshake_secret(None).unwrap();
    let hash = HashOutput::new(&[1; 32]).unwrap();
    let secret = handshake.into_main_secret().unwrap().into_resumption_secret(&hash).unwrap();
    assert_ne!(secret.psk(&[]).unwrap(), secret.psk(&[0]).unwrap());
    secret.psk(&[1; 255]).unwrap();
    assert_eq!(secret.psk(&[1; 256]).err(), Some(ScheduleError::LabelContextLength { length: 256 }));
}

#[test]
fn verify_data_and_binder_match_only_in_full() {
    let kdf = kdf(SHA_256);
    let hash = HashOutput::new(&[1; 32]).unwrap();
    let traffic = HandshakeTrafficSecret::new(&kdf, SecretBytes::from(&[7; 32])).unwrap();
    let verify_data = traffic.verify_data(&hash).unwrap();
    let psk = Psk::external(SecretBytes::from(&[7; 16]), SHA_256).unwrap();
    let binder = PskSecret::new(&kdf, &psk).unwrap().binder(&hash).unwrap();
    let verify: &dyn Fn(&[u8]) -> bool = &|bytes| verify_data.matches(bytes);
    let bind: &dyn Fn(&[u8]) -> bool = &|bytes| binder.matches(bytes);
    for (right, matches) in [(verify_data.as_bytes(), verify), (binder.as_bytes(), bind)] {
        assert!(matches(right));
        for at in 0..32 {
            let mut wrong = right.to_vec();
            wrong[at] ^= 1;
            assert!(!matches(&wrong), "{at}");
            assert!(!matches(&right[..at]), "{at}");
        }
        assert!(!matches(&[right, &[0]].concat()));
    }
}

#[test]
fn missing_hash_is_an_error() {
    let mut provider = cairn_provider_aws_lc::provider();
    provider.hmacs.retain(|hmac| hmac.hash_algorithm() != SHA_384);
    assert!(Kdf::new(&provider, SHA_256).is_ok());
    assert_eq!(Kdf::new(&provider, SHA_384).err(), Some(ScheduleError::HashNotOffered(SHA_384)));
    provider.hashes.retain(|hash| hash.algorithm() != SHA_256);
    assert_eq!(Kdf::new(&provider, SHA_256).err(), Some(ScheduleError::HashNotOffered(SHA_256)));
}

#[test]
fn suites_are_those_of_rfc_9846() {
    let code_points: vec::Vec<u16> = SUITES.iter().map(|suite| suite.id.0).collect();
    assert_eq!(code_points, [0x1301, 0x1302, 0x1303, 0x1304, 0x1305]);
    for known in SUITES {
        assert_eq!(suite(known.id), Some(known));
        let name = format!("{}", known.id);
        assert_eq!(known.hash == SHA_384, name.ends_with("SHA384"), "{name}");
        assert_eq!(known.grade() == Grade::Compatible, name.contains("CCM"), "{name}");
    }
    assert_eq!(suite(CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256), None);
}

/// An HMAC of a module that performs all of HKDF. Its outputs show the inputs.
struct Module;

impl cairn_crypto::Algorithm for Module {
    fn implementation(&self) -> &'static str {
        "tests"
    }
}

impl Hmac for Module {
    fn hash_algorithm(&self) -> HashAlgorithm {
        SHA_256
    }

    fn key(&self, _: &[u8]) -> Result<alloc::boxed::Box<dyn HmacKey>, CryptoError> {
        Err(CryptoError::Unsupported)
    }

    fn hkdf(&self) -> Option<&dyn Hkdf> {
        Some(self)
    }
}

impl Hkdf for Module {
    fn extract(&self, salt: &[u8], ikm: &[u8], prk: &mut [u8]) -> Result<(), CryptoError> {
        prk.fill(salt[0] ^ ikm[0]);
        Ok(())
    }

    fn expand(&self, prk: &[u8], info: &[u8], out: &mut [u8]) -> Result<(), CryptoError> {
        for (to, from) in out.iter_mut().zip(prk.iter().chain(info)) {
            *to = *from;
        }
        Ok(())
    }
}

#[test]
fn module_hkdf_is_used_as_a_whole() {
    let hmac: Arc<dyn Hmac> = Arc::new(Module);
    let mut prk = [0; 4];
    cairn_crypto::hkdf_extract(&*hmac, &[1], &[2], &mut prk).unwrap();
    let mut out = [0; 14];
    expand_label(&HkdfKey::new(&hmac, &prk).unwrap(), b"x", b"", &mut out).unwrap();
    assert_eq!(&out, b"\x03\x03\x03\x03\x00\x0e\x07tls13 x");
}
