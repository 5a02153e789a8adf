use super::*;
use crate::testing::{cert, fixture, provider};
use alloc::format;

#[test]
fn text_around_a_block_does_not_matter() {
    let plain = certificates(fixture!("leaf.pem")).unwrap();
    assert_eq!(certificates(fixture!("leaf.with-text.pem")), Ok(plain.clone()));
    // As `openssl s_client -showcerts` prints it: lines between the blocks, and others that look almost like one.
    let text = [
        b"Certificate chain\n 0 s:CN = example\n---- BEGIN nothing ----\n".as_slice(),
        fixture!("leaf.pem"),
        b" 1 s:CN = other\r\n-----BEGINNING-----\r\n",
        fixture!("intermediate.pem"),
        b"no newline at the end",
    ]
    .concat();
    assert_eq!(certificates(&text), Ok(vec![plain[0].clone(), cert!("intermediate.pem")]));
}

#[test]
fn line_ends_line_lengths_and_indents_do_not_matter() {
    let der = cert!("leaf.pem");
    let text = core::str::from_utf8(fixture!("leaf.pem")).unwrap();
    assert_eq!(certificates(text.replace('\n', "\r\n").as_bytes()), Ok(vec![der.clone()]));
    assert_eq!(certificates(text.replace('\n', "\n  ").as_bytes()), Ok(vec![der.clone()]));
    assert_eq!(certificates(text.trim_end().as_bytes()), Ok(vec![der.clone()]));
    let body = Base64::encode_string(&der);
    let one_line = format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----");
    assert_eq!(certificates(one_line.as_bytes()), Ok(vec![der.clone()]));
    let old_label = one_line.replace("CERTIFICATE", "X509 CERTIFICATE");
    assert_eq!(certificates(old_label.as_bytes()), Ok(vec![der]));
}

#[test]
fn der_is_taken_too() {
    let der = cert!("leaf.pem");
    assert_eq!(certificates(&der), Ok(vec![der.clone()]));
    assert_eq!(certificates(&der[..der.len() - 1]), Err(PemError::BadDer));
    let twice = [&der[..], &der].concat();
    assert_eq!(certificates(&twice), Err(PemError::BadDer));
    for name in [fixture!("leaf.key.pem"), fixture!("rsa.pkcs1.pem"), fixture!("ec.with-parameters.pem")] {
        let key = private_key(name).unwrap();
        assert_eq!(private_key(key.as_der().der()), Ok(key.clone()));
    }
    // Short DER: an Ed25519 key is 48 bytes.
    let made = provider().keys.generate(cairn_crypto::KeySpec::Ed25519, &mut provider().rng()).unwrap();
    assert_eq!(private_key(made.expose()), Ok(PrivateKey::from_pkcs8(made.clone())));
    assert_eq!(private_key(&der), Err(PemError::BadDer));
}

#[test]
fn each_label_gives_its_form() {
    let key = private_key(fixture!("leaf.key.pem")).unwrap();
    assert!(matches!(key.as_der(), PrivateKeyDer::Pkcs8(_)));
    let key = private_key(fixture!("rsa.pkcs1.pem")).unwrap();
    assert!(matches!(key.as_der(), PrivateKeyDer::Pkcs1(_)));
    // With a block of EC PARAMETERS before it.
    let key = private_key(fixture!("ec.with-parameters.pem")).unwrap();
    assert!(matches!(key.as_der(), PrivateKeyDer::Sec1(_)));
    for file in [fixture!("leaf.key.pem"), fixture!("rsa.pkcs1.pem"), fixture!("ec.with-parameters.pem")] {
        provider().keys.load(private_key(file).unwrap().as_der()).unwrap();
    }
}

#[test]
fn a_key_beside_certificates_is_found_and_they_beside_it() {
    let both = [fixture!("leaf.pem"), fixture!("leaf.key.pem"), fixture!("intermediate.pem")].concat();
    assert_eq!(private_key(&both), private_key(fixture!("leaf.key.pem")));
    assert_eq!(certificates(&both).map(|all| all.len()), Ok(2));
}

#[test]
fn encrypted_keys_are_named_as_such() {
    assert_eq!(private_key(fixture!("encrypted.pkcs8.pem")), Err(PemError::EncryptedKey));
    assert_eq!(private_key(fixture!("encrypted.traditional.pem")), Err(PemError::EncryptedKey));
    let mut blocks = Blocks::new(fixture!("encrypted.pkcs8.pem"));
    let der = blocks.next().unwrap().unwrap().decode().unwrap();
    assert_eq!(private_key(der.expose()), Err(PemError::EncryptedKey));
    assert!(format!("{}", PemError::EncryptedKey).contains("encrypted keys are not supported"));
}

#[test]
fn what_is_not_there_is_not_found() {
    for nothing in [&b""[..], b"\n", b"0", b"0\n", b"some text", fixture!("leaf.key.pem")] {
        assert_eq!(certificates(nothing), Err(PemError::NoCertificate));
    }
    assert_eq!(private_key(b""), Err(PemError::NoPrivateKey));
    assert_eq!(private_key(fixture!("leaf.pem")), Err(PemError::NoPrivateKey));
    let two = [fixture!("leaf.key.pem"), fixture!("rsa.pkcs1.pem")].concat();
    assert_eq!(private_key(&two), Err(PemError::SeveralPrivateKeys));
}

#[test]
fn broken_blocks_are_found_by_their_line() {
    let text = core::str::from_utf8(fixture!("leaf.pem")).unwrap();
    let broken = |text: &str| certificates(format!("text\n{text}").as_bytes());
    let no_end = text.replace("-----END CERTIFICATE-----\n", "");
    assert_eq!(broken(&no_end), Err(PemError::Unterminated { line: 2 }));
    assert_eq!(broken(&format!("{no_end}{text}")), Err(PemError::Unterminated { line: 2 }));
    let other_end = text.replace("END CERTIFICATE", "END PRIVATE KEY");
    assert_eq!(broken(&other_end), Err(PemError::Unterminated { line: 2 }));
    assert_eq!(broken(&text.replacen("MII", "M?I", 1)), Err(PemError::BadBase64 { line: 2 }));
    assert_eq!(broken(&text.replacen("MII", "MI", 1)), Err(PemError::BadBase64 { line: 2 }));
    let empty = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
    assert_eq!(broken(empty), Err(PemError::BadBase64 { line: 2 }));
}

#[test]
fn what_is_written_reads_back_and_has_lines_of_64() {
    let der = cert!("leaf.pem");
    let text = encode_certificate(&der);
    assert_eq!(text.as_bytes(), fixture!("leaf.pem"));
    for file in [fixture!("leaf.key.pem"), fixture!("rsa.pkcs1.pem")] {
        assert_eq!(private_key(file).unwrap().to_pem().as_bytes(), file);
    }
    for len in 1..200 {
        let text = encode_certificate(&vec![7; len]);
        assert!(text.lines().all(|line| line.len() <= 64));
        assert_eq!(certificates(text.as_bytes()), Ok(vec![vec![7; len]]));
    }
}

#[test]
fn a_key_is_never_printed() {
    let key = private_key(fixture!("leaf.key.pem")).unwrap();
    let shown = format!("{key:?}");
    assert!(shown.contains("bytes]") && shown.len() < 80, "{shown}");
}
