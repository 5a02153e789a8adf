use super::*;
use crate::testing::{cert, fixture, provider};
use alloc::format;
use base64ct::{Base64, Encoding};
use cairn_crypto::PrivateKeyDer;

fn instead(wanted: Wanted, found: Content, line: Option<usize>) -> PemError {
    PemError::Instead { wanted, found, line }
}

#[test]
fn text_around_blocks_is_ignored() {
    let plain = certificates(fixture!("leaf.pem")).unwrap();
    assert_eq!(certificates(fixture!("leaf.with-text.pem")), Ok(plain.clone()));
    // Output of `openssl s_client -showcerts`: text lines between the blocks, some of them similar to a
    // boundary.
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
fn any_line_end_line_length_and_indent_is_read() {
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
fn bare_der_is_read() {
    let der = cert!("leaf.pem");
    assert_eq!(certificates(&der), Ok(vec![der.clone()]));
    assert_eq!(certificates(&der[..der.len() - 1]), Err(PemError::BadDer));
    let twice = [&der[..], &der].concat();
    assert_eq!(certificates(&twice), Err(PemError::BadDer));
    for name in [fixture!("leaf.key.pem"), fixture!("rsa.pkcs1.pem"), fixture!("ec.with-parameters.pem")] {
        let key = private_key(name).unwrap();
        assert_eq!(private_key(key.as_der().der()), Ok(key.clone()));
    }
    // Short DER: an Ed25519 key has 48 bytes.
    let made = provider().keys.generate(cairn_crypto::KeySpec::Ed25519, &mut provider().rng()).unwrap();
    assert_eq!(private_key(made.expose()), Ok(PrivateKey::from_pkcs8(made.clone())));
    assert_eq!(private_key(&der), Err(instead(Wanted::PrivateKey, Content::Certificate, None)));
}

#[test]
fn label_determines_the_key_form() {
    let key = private_key(fixture!("leaf.key.pem")).unwrap();
    assert!(matches!(key.as_der(), PrivateKeyDer::Pkcs8(_)));
    let key = private_key(fixture!("rsa.pkcs1.pem")).unwrap();
    assert!(matches!(key.as_der(), PrivateKeyDer::Pkcs1(_)));
    // After a block of EC PARAMETERS.
    let key = private_key(fixture!("ec.with-parameters.pem")).unwrap();
    assert!(matches!(key.as_der(), PrivateKeyDer::Sec1(_)));
    for file in [fixture!("leaf.key.pem"), fixture!("rsa.pkcs1.pem"), fixture!("ec.with-parameters.pem")] {
        provider().keys.load(private_key(file).unwrap().as_der()).unwrap();
    }
}

#[test]
fn keys_and_certificates_in_one_file_are_found() {
    let both = [fixture!("leaf.pem"), fixture!("leaf.key.pem"), fixture!("intermediate.pem")].concat();
    assert_eq!(private_key(&both), private_key(fixture!("leaf.key.pem")));
    assert_eq!(certificates(&both).map(|all| all.len()), Ok(2));
}

#[test]
fn encrypted_keys_have_their_own_error() {
    let on_line_1 = Err(PemError::EncryptedKey { line: Some(1) });
    assert_eq!(private_key(fixture!("encrypted.pkcs8.pem")), on_line_1);
    assert_eq!(private_key(fixture!("encrypted.traditional.pem")), on_line_1);
    let mut blocks = Blocks::new(fixture!("encrypted.pkcs8.pem"), Wanted::PrivateKey);
    let der = blocks.next().unwrap().unwrap().decode().unwrap();
    let error = private_key(der.expose()).unwrap_err();
    assert_eq!(error, PemError::EncryptedKey { line: None });
    assert!(format!("{error}").contains("encrypted keys are not supported: decrypt it with `openssl pkey"));
}

#[test]
fn missing_contents_are_errors() {
    for nothing in [&b""[..], b"\n", b"0", b"0\n", b"some text"] {
        assert_eq!(certificates(nothing), Err(PemError::NoCertificate));
    }
    assert_eq!(private_key(b""), Err(PemError::NoPrivateKey));
    let two = [fixture!("leaf.key.pem"), fixture!("rsa.pkcs1.pem")].concat();
    assert_eq!(private_key(&two), Err(PemError::SeveralPrivateKeys { first: 1, second: 6 }));
    // No key is chosen silently if one of them is encrypted.
    let (plain, encrypted) = (fixture!("leaf.key.pem"), fixture!("encrypted.pkcs8.pem"));
    for two in [[plain, encrypted].concat(), [encrypted, plain].concat(), [encrypted, encrypted].concat()] {
        assert!(matches!(private_key(&two), Err(PemError::SeveralPrivateKeys { first: 1, .. })));
        assert!(matches!(encrypted_private_key(&two), Err(PemError::SeveralPrivateKeys { first: 1, .. })));
    }
    assert_eq!(encrypted_private_key(plain), Ok(None));
    assert!(matches!(encrypted_private_key(encrypted), Ok(Some(_))));
}

#[test]
fn malformed_blocks_are_reported_with_their_line() {
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
fn written_pem_round_trips_with_64_character_lines() {
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
fn private_key_debug_does_not_print_the_key() {
    let key = private_key(fixture!("leaf.key.pem")).unwrap();
    let shown = format!("{key:?}");
    assert!(shown.contains("bytes]") && shown.len() < 80, "{shown}");
}

#[test]
fn byte_order_marks_do_not_hide_a_block() {
    let (leaf, intermediate) = (fixture!("leaf.pem"), fixture!("intermediate.pem"));
    let both = Ok(vec![cert!("leaf.pem"), cert!("intermediate.pem")]);
    let mark = b"\xef\xbb\xbf";
    assert_eq!(certificates(&[mark, leaf, intermediate].concat()), both);
    assert_eq!(certificates(&[leaf, mark, intermediate].concat()), both);
    assert_eq!(certificates(&[mark, leaf.trim_ascii_end(), mark, intermediate].concat()), both);
    assert!(private_key(&[mark, fixture!("leaf.key.pem")].concat()).is_ok());
}

#[test]
fn all_line_ends_and_concatenated_files_are_read() {
    let both = Ok(vec![cert!("leaf.pem"), cert!("intermediate.pem")]);
    let text = core::str::from_utf8(fixture!("leaf.pem")).unwrap();
    let next = core::str::from_utf8(fixture!("intermediate.pem")).unwrap();
    assert_eq!(certificates(format!("{text}{next}").replace('\n', "\r").as_bytes()), both);
    assert_eq!(certificates(format!("{}{next}", text.trim_end()).as_bytes()), both);
    // A file that lost its line ends.
    assert_eq!(certificates(format!("{text}{next}").replace('\n', " ").as_bytes()), both);
    // Quoted in a configuration file.
    assert_eq!(
        certificates(format!("a = \"{}\"\nb = '{}'\n", text.trim_end(), next.trim_end()).as_bytes()),
        both
    );
    // A sentence about blocks is text.
    let comment = "# From -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, both included:\n";
    assert_eq!(certificates(format!("{comment}{text}{comment}{next}{comment}").as_bytes()), both);
}

#[test]
fn lines_are_counted_for_every_line_end() {
    for end in ["\n", "\r", "\r\n"] {
        let broken =
            format!("one{end}{end}three{end}-----BEGIN CERTIFICATE-----{end}?{end}-----END CERTIFICATE-----");
        assert_eq!(certificates(broken.as_bytes()), Err(PemError::BadBase64 { line: 4 }), "{end:?}");
        let joined = format!("{}{broken}", core::str::from_utf8(fixture!("leaf.pem")).unwrap().trim_end());
        let line = fixture!("leaf.pem").iter().filter(|byte| **byte == b'\n').count() + 3;
        assert_eq!(certificates(joined.as_bytes()), Err(PemError::BadBase64 { line }), "{end:?}");
    }
}

#[test]
fn malformed_boundary_lines_are_errors() {
    let text = core::str::from_utf8(fixture!("leaf.pem")).unwrap();
    let lines = text.lines().count();
    for (good, bad, line) in [
        ("-----BEGIN", "----BEGIN", lines + 1),
        ("-----BEGIN", "\u{2014}-BEGIN", lines + 1),
        ("-----BEGIN", "\u{2014}\u{2014}BEGIN", lines + 1),
        ("-----BEGIN ", "----- BEGIN ", lines + 1),
        ("-----BEGIN CERTIFICATE-----\n", "", lines + lines - 1),
    ] {
        let bad = format!("{text}{}", text.replacen(good, bad, 1));
        assert_eq!(certificates(bad.as_bytes()), Err(PemError::BadBoundary { line }), "{bad}");
    }
    for label in ["X509 CRL", "ENCRYPTED PRIVATE KEY"] {
        let bad = format!("----BEGIN {label}-----\nMAA=\n-----END {label}-----\n");
        assert_eq!(crls(bad.as_bytes()), Err(PemError::BadBoundary { line: 1 }), "{label}");
    }
    let escaped = format!("\n{}", text.trim_end().replace('\n', "\\n"));
    assert_eq!(certificates(escaped.as_bytes()), Err(PemError::EscapedLineEnds { line: 2 }));
}

#[test]
fn utf_16_text_has_its_own_error() {
    let text = core::str::from_utf8(fixture!("leaf.pem")).unwrap();
    let lines = text.lines().count();
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (mark, utf16) in [(b"\xff\xfe", little), (b"\xfe\xff", big)] {
        let named = |line| Err(instead(Wanted::Certificate, Content::Utf16, line));
        assert_eq!(certificates(&[mark, &utf16[..]].concat()), named(None));
        assert_eq!(certificates(&utf16), named(None));
        assert_eq!(certificates(&[text.as_bytes(), mark, &utf16].concat()), named(Some(lines + 1)));
        assert_eq!(private_key(&utf16), Err(instead(Wanted::PrivateKey, Content::Utf16, None)));
    }
}

#[test]
fn other_blocks_and_files_are_recognized() {
    use Content as C;
    let block = |label: &str| format!("text\n-----BEGIN {label}-----\nMAA=\n-----END {label}-----\n");
    for (label, found) in [
        ("TRUSTED CERTIFICATE", C::TrustedCertificate),
        ("PKCS7", C::Pkcs7),
        ("CERTIFICATE REQUEST", C::CertificateRequest),
        ("X509 CRL", C::RevocationList),
        ("OPENSSH PRIVATE KEY", C::OpenSshPrivateKey),
        ("EC PRIVATE KEY", C::PrivateKey),
        ("PGP PUBLIC KEY BLOCK", C::Pgp),
    ] {
        let error = Err(instead(Wanted::Certificate, found, Some(2)));
        assert_eq!(certificates(block(label).as_bytes()), error, "{label}");
    }
    let error = public_keys(block("RSA PUBLIC KEY").as_bytes()).unwrap_err();
    assert_eq!(error, instead(Wanted::PublicKey, C::Pkcs1PublicKey, Some(2)));
    assert!(format!("{error}").contains("which is not read: convert it with `openssl rsa -RSAPublicKey_in"));
    for (label, found) in [("OPENSSH PRIVATE KEY", C::OpenSshPrivateKey), ("CERTIFICATE", C::Certificate)] {
        assert_eq!(private_key(block(label).as_bytes()), Err(instead(Wanted::PrivateKey, found, Some(2))));
    }
    // Blocks that hold certificates are not skipped, even if there are others.
    let text = core::str::from_utf8(fixture!("leaf.pem")).unwrap();
    let line = Some(text.lines().count() + 2);
    let both = format!("{text}{}", block("TRUSTED CERTIFICATE"));
    assert_eq!(certificates(both.as_bytes()), Err(instead(Wanted::Certificate, C::TrustedCertificate, line)));
    assert_eq!(certificates(format!("{text}{}", block("X509 CRL")).as_bytes()).map(|all| all.len()), Ok(1));
    // Parameters and a private key: only the key is reported.
    let both = fixture!("ec.with-parameters.pem");
    assert!(matches!(certificates(both), Err(PemError::Instead { found: C::PrivateKey, line: Some(_), .. })));
    for (file, found) in [
        (&b"\xfe\xed\xfe\xed\0\0\0\x02"[..], C::JavaKeyStore),
        (b"PuTTY-User-Key-File-2: ssh-rsa\n", C::PuttyKey),
        (b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI me@here\n", C::SshPublicKey),
        (b"MIIBszCCAVmgAwIBAgIUG\nabc=\n", C::BareBase64),
    ] {
        assert_eq!(certificates(file), Err(instead(Wanted::Certificate, found, None)), "{found}");
        assert_eq!(private_key(file), Err(instead(Wanted::PrivateKey, found, None)), "{found}");
    }
    let shown = format!("{}", private_key(b"PuTTY-User-Key-File-2").unwrap_err());
    assert!(shown.contains("PuTTY") && shown.contains("puttygen"), "{shown}");
}

#[test]
fn other_der_structures_are_recognized() {
    use Content as C;
    // The start of a PKCS #12 archive with definite and with indefinite lengths, and of a PKCS #7 collection.
    let oid = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07";
    let pkcs12 = [&b"\x30\x82\x0a\x00\x02\x01\x03\x30\x82\x09\xc6"[..], oid, b"\x01\xa0"].concat();
    let indefinite = [&b"\x30\x80\x02\x01\x03\x30\x80"[..], oid, b"\x01\xa0\x80"].concat();
    let pkcs7 = [&b"\x30\x82\x0a\x00"[..], oid, b"\x02\xa0"].concat();
    for (file, found) in [(pkcs12, C::Pkcs12), (indefinite, C::Pkcs12), (pkcs7, C::Pkcs7)] {
        assert_eq!(certificates(&file), Err(instead(Wanted::Certificate, found, None)), "{found}");
        assert_eq!(private_key(&file), Err(instead(Wanted::PrivateKey, found, None)), "{found}");
    }
    let key = private_key(fixture!("leaf.key.pem")).unwrap();
    let key = key.as_der();
    let key = key.der();
    assert_eq!(certificates(key), Err(instead(Wanted::Certificate, C::PrivateKey, None)));
    assert_eq!(public_keys(key), Err(instead(Wanted::PublicKey, C::PrivateKey, None)));
    let leaf = cert!("leaf.pem");
    assert_eq!(public_keys(&leaf), Err(instead(Wanted::PublicKey, C::Certificate, None)));
    let spki = crate::facts::CertificateFacts::from_der(&leaf).unwrap().spki;
    assert_eq!(certificates(&spki), Err(instead(Wanted::Certificate, C::PublicKey, None)));
    // The modulus and the exponent alone.
    assert_eq!(
        public_keys(&[0x30, 6, 2, 1, 5, 2, 1, 3]),
        Err(instead(Wanted::PublicKey, C::Pkcs1PublicKey, None))
    );
    // version, subject and key, inside a signed structure.
    let request = [&[0x30, 10 + 2][..], &[2, 1, 0, 0x30, 0, 0x30, 5, 0x30, 0, 3, 1, 0]].concat();
    let request = [&[0x30, 14 + 2 + 3][..], &request, &[0x30, 0, 3, 1, 0]].concat();
    assert_eq!(certificates(&request), Err(instead(Wanted::Certificate, C::CertificateRequest, None)));
}

#[test]
fn certificates_of_a_pkcs7_collection_are_found() {
    let made = |name: &str| {
        let template = crate::issue::Template::server(name).valid(0, 9);
        let made = template.self_signed(&provider(), cairn_crypto::KeySpec::EcP256);
        made.unwrap().certificate().to_vec()
    };
    let element = |tag: u8, contents: &[u8]| {
        let length = u16::try_from(contents.len()).unwrap().to_be_bytes();
        match contents.len() {
            short @ 0..0x80 => [&[tag, u8::try_from(short).unwrap()], contents].concat(),
            0x80..0x100 => [&[tag, 0x81, length[1]], contents].concat(),
            _ => [&[tag, 0x82, length[0], length[1]], contents].concat(),
        }
    };
    let collection = |certificates: &[u8]| {
        let content = element(0x30, b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01");
        let set = element(0xa0, certificates);
        let signed = element(0x30, &[&b"\x02\x01\x01\x31\x00"[..], &content, &set, b"\x31\x00"].concat());
        let oid = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
        element(0x30, &[&oid[..], &element(0xa0, &signed)].concat())
    };
    let (a, b) = (made("a"), made("b"));
    // An attribute certificate is left out.
    let both = collection(&[&a[..], b"\xa1\x00", &b].concat());
    let expected = Ok(vec![a.clone(), b]);
    assert_eq!(pkcs7_certificates(&both), expected);
    let pem = encode::encode("PKCS7", &both);
    assert_eq!(pkcs7_certificates(pem.as_bytes()), expected);
    assert_eq!(pkcs7_certificates(&collection(b"")), Err(PemError::NoCertificate));
    assert_eq!(pkcs7_certificates(b"nothing"), Err(PemError::NoCertificate));
    for wrong in [&both[..both.len() - 1], &a, &collection(b"\x30\x05")] {
        assert_eq!(pkcs7_certificates(wrong), Err(PemError::BadDer));
    }
}

#[test]
fn every_block_is_an_item_and_private_keys_are_not_decoded() {
    let certificate = fixture!("leaf.pem");
    let key = b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
    let other = b"-----BEGIN STRANGE-----\nMAA=\n-----END STRANGE-----\n";
    let found = items(&[certificate, &key[..], other].concat()).unwrap();
    let contents: Vec<Option<Content>> = found.iter().map(|item| item.content).collect();
    assert_eq!(contents, [Some(Content::Certificate), Some(Content::PrivateKey), None]);
    assert_eq!(found[0].der, Some(cert!("leaf.pem")));
    assert!(found[1].der.is_none() && found[2].der.is_none());
    assert_eq!((found[0].line, found[2].label.as_str()), (Some(1), "STRANGE"));

    let found = items(&cert!("leaf.pem")).unwrap();
    assert_eq!((found[0].content, found[0].line), (Some(Content::Certificate), None));
    assert_eq!(found[0].der, Some(cert!("leaf.pem")));
    assert_eq!(items(b"no block"), Ok(Vec::new()));
    let damaged = certificate.get(..certificate.len() - 30).unwrap();
    assert!(items(damaged).is_err());
    assert_eq!(items(&[0x30, 0x82, 1, 0, 5]), Err(PemError::BadDer));
}
