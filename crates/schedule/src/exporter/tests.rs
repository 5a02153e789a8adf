use super::*;
use crate::testing::{RANDOMS, hmac, secret};
use alloc::{string::ToString, vec};
use cairn_crypto::HashAlgorithm;
use hex_literal::hex;

fn prf(algorithm: HashAlgorithm) -> Prf {
    Prf::new(&hmac(algorithm), &secret()).unwrap()
}

/// Generated with OpenSSL by `tests/vectors.sh`.
#[test]
fn known_answers_with_and_without_context() {
    type Case = (Option<&'static [u8]>, [u8; 40]);
    let sha256: [Case; 3] = [
        (None, hex!("9db299e03aa0bb75a86fa1a7f4a64f876beb037155aa4621fa664ad84ade5d12118a8c05bfe763e4")),
        (Some(b""), hex!("31593a3c7d6426012ec21477168a43844244c6d28f6f32270d37405736ef480f11120c58b980a553")),
        (
            Some(b"abc"),
            hex!("fccb7dc3917749e7ff026ebf0e6c79a1f9104a9f14d95ff9c74b5a4dd0b67999974db2353f2174fe"),
        ),
    ];
    let sha384: [Case; 3] = [
        (None, hex!("68a5255be3835c1dc11a0b06104bc269beae9d18c3f218e722b702ecb51bdbbc45777539c67ccd3c")),
        (Some(b""), hex!("5e625c2e0b02f954b9c2098f0ab01e2334f23d98c77f6d9e7ed70bde3292b0b8f5923d2008aca99b")),
        (
            Some(b"abc"),
            hex!("04522df5c479daf0e0974cc294783d68e74e697277f8e7523f1c1123f97f515f9180493b342f7f33"),
        ),
    ];
    for (algorithm, cases) in [(HashAlgorithm::Sha256, sha256), (HashAlgorithm::Sha384, sha384)] {
        for (context, expected) in cases {
            let mut out = [0; 40];
            export_keying_material(&prf(algorithm), &RANDOMS, b"EXPORTER-cairn", context, &mut out).unwrap();
            assert_eq!(out, expected, "{algorithm} {context:?}");
        }
    }
}

#[test]
fn reserved_labels_are_rejected() {
    let prf = prf(HashAlgorithm::Sha256);
    for label in
        ["client finished", "server finished", "master secret", "extended master secret", "key expansion"]
    {
        let mut out = [0xee; 16];
        for context in [None, Some(&b""[..]), Some(b"context")] {
            let refused = export_keying_material(&prf, &RANDOMS, label.as_bytes(), context, &mut out);
            assert_eq!(refused, Err(ScheduleError::LabelReserved), "{label}");
            assert_eq!(out, [0xee; 16], "{label}");
        }
    }
}

#[test]
fn context_is_limited_to_65535_bytes() {
    let prf = prf(HashAlgorithm::Sha256);
    let export = |length| {
        let context = vec![1; length];
        export_keying_material(&prf, &RANDOMS, b"EXPORTER-cairn", Some(&context), &mut [0; 8])
    };
    assert_eq!(export(65_535), Ok(()));
    let error = export(65_536).unwrap_err();
    assert_eq!(error, ScheduleError::ContextTooLong { length: 65_536 });
    assert_eq!(
        error.to_string(),
        "the exporter context has 65536 bytes, expected at most 65535 (RFC 5705 section 4)"
    );
}

#[test]
fn output_may_have_any_length() {
    let prf = prf(HashAlgorithm::Sha256);
    let mut long = [0; 1000];
    export_keying_material(&prf, &RANDOMS, b"EXPORTER-cairn", None, &mut long).unwrap();
    for length in [0, 1, 31, 32, 33, 999] {
        let mut out = vec![0; length];
        export_keying_material(&prf, &RANDOMS, b"EXPORTER-cairn", None, &mut out).unwrap();
        assert_eq!(out, long[..length]);
    }
}
