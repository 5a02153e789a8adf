use super::*;
use crate::testing::{NOW, bit_string, cert, element, fixture, provider, sequence};
use cairn_crypto::{HashAlgorithm, KeyKind};
use proptest::prelude::*;

fn facts(der: &[u8]) -> CertificateFacts {
    CertificateFacts::from_der(der).unwrap()
}

#[test]
fn leaf_has_its_names_usage_and_dates() {
    let leaf = facts(&cert!("leaf.pem"));
    assert_eq!(leaf.version, 3);
    assert_eq!(leaf.subject, "CN=www.example.com");
    assert_eq!(leaf.issuer, "O=Cairn, CN=Fixture Intermediate");
    assert!(!leaf.self_issued && !leaf.is_ca);
    assert_eq!(leaf.dns_names, ["www.example.com", "*.example.org"]);
    assert_eq!(
        leaf.ip_addresses,
        ["192.0.2.1", "2001:db8::1"].map(|address| address.parse::<IpAddr>().unwrap())
    );
    assert_eq!(leaf.key_usage, KeyUsage { digital_signature: true, ..KeyUsage::NONE });
    let server = ExtendedKeyUsage { server_auth: true, ..ExtendedKeyUsage::NONE };
    assert_eq!(leaf.extended_key_usage, Some(server));
    assert_eq!(leaf.key_description, "EC P-256");
    assert_eq!(leaf.signature_algorithm, "ecdsa-with-SHA256");
    assert_eq!(leaf.signature_scheme, Some(SignatureScheme::ECDSA_SECP256R1_SHA256));
    assert_eq!(leaf.rsa_bits(), None);
    assert_eq!(leaf.check_validity(NOW), Ok(()));
}

#[test]
fn authorities_are_marked_as_ca() {
    let root = facts(&cert!("root.pem"));
    assert_eq!(root.subject, "C=DE, O=Cairn, CN=Fixture Root");
    assert!(root.self_issued && root.is_ca && root.key_usage.key_cert_sign);
    assert!(!root.key_usage.digital_signature);
    assert_eq!(root.path_len, None);
    assert_eq!(root.rsa_bits(), Some(2048));
    assert_eq!(root.key_description, "RSA, 2048 bits");
    assert_eq!(root.signature_scheme, Some(SignatureScheme::RSA_PKCS1_SHA256));
    let intermediate = facts(&cert!("intermediate.pem"));
    assert_eq!((intermediate.is_ca, intermediate.path_len), (true, Some(0)));
    // Version 1 has no extensions: every use is permitted, and it is not marked as a CA.
    let old = facts(&cert!("root-v1.pem"));
    assert_eq!((old.version, old.is_ca, old.key_usage), (1, false, KeyUsage::ANY));
}

#[test]
fn key_and_signature_algorithms_are_recognized() {
    let kind = |der: &[u8]| facts(der).public_key.map(|key| key.kind);
    assert_eq!(kind(&cert!("root.pem")), Some(KeyKind::Rsa));
    assert_eq!(kind(&cert!("root-pss.pem")), Some(KeyKind::RsaPss));
    assert_eq!(kind(&cert!("leaf-of-pss.pem")), Some(KeyKind::RsaPss));
    assert_eq!(kind(&cert!("leaf.pem")), Some(KeyKind::EcP256));
    assert_eq!(kind(&cert!("intermediate.pem")), Some(KeyKind::EcP384));
    assert_eq!(kind(&cert!("leaf-p521.pem")), Some(KeyKind::EcP521));
    assert_eq!(kind(&cert!("leaf-ed25519.pem")), Some(KeyKind::Ed25519));
    let other = facts(&cert!("leaf-ed448.pem"));
    assert_eq!((other.public_key, other.key_description.as_str()), (None, "Ed448"));

    let signed = |der: &[u8]| facts(der).signature_scheme;
    assert_eq!(signed(&cert!("leaf-pss-signed.pem")), Some(SignatureScheme::RSA_PSS_RSAE_SHA384));
    assert_eq!(signed(&cert!("leaf-sha512.pem")), Some(SignatureScheme::RSA_PKCS1_SHA512));
    assert_eq!(signed(&cert!("leaf-sha1.pem")), Some(SignatureScheme::RSA_PKCS1_SHA1));
    assert_eq!(facts(&cert!("leaf-sha1.pem")).signature_algorithm, "sha1WithRSAEncryption");
}

#[test]
fn public_key_matches_the_private_key() {
    let key = crate::pem::private_key(fixture!("leaf.key.pem")).unwrap();
    let key = provider().keys.load(key.as_der()).unwrap();
    assert_eq!(facts(&cert!("leaf.pem")).public_key.as_ref(), Some(key.public_key()));
}

#[test]
fn names_are_escaped() {
    let named = facts(&cert!("leaf-names.pem"));
    assert_eq!(named.subject, "O=a\\, b \\+ c, OU=\\\"quoted\\\", CN=münchen");
    // A terminal escape sequence and bidirectional control characters in a name.
    let nasty = "\u{1b}[2Jevil\u{202e}txt\n";
    let made = crate::issue::Template::server(nasty).valid(0, 1);
    let made = made.self_signed(&provider(), cairn_crypto::KeySpec::EcP256).unwrap();
    let shown = facts(made.certificate()).subject;
    assert_eq!(shown, "CN=\\u{1b}[2Jevil\\u{202e}txt\\u{a}");
}

#[test]
fn invisible_characters_of_names_are_escaped_and_letters_stay() {
    let shown = |name: &str| {
        let made = crate::issue::Template::server(name).valid(0, 1);
        let made = made.self_signed(&provider(), cairn_crypto::KeySpec::EcP256).unwrap();
        facts(made.certificate()).subject
    };
    for invisible in [
        '\u{61c}',
        '\u{ad}',
        '\u{200b}',
        '\u{200d}',
        '\u{2028}',
        '\u{2029}',
        '\u{2066}',
        '\u{2800}',
        '\u{3164}',
        '\u{feff}',
        '\u{e0041}',
        '\u{85}',
    ] {
        assert_eq!(
            shown(&alloc::format!("a{invisible}b")),
            alloc::format!("CN=a\\u{{{:x}}}b", u32::from(invisible))
        );
    }
    for letters in ["münchen", "例え", "пример", "it's"] {
        assert_eq!(shown(letters), alloc::format!("CN={letters}"));
    }
}

#[test]
fn names_in_legacy_string_types_are_read() {
    let show = |tag: u8, bytes: &[u8]| {
        let value = element(tag, &[bytes]);
        let pair = sequence(&[&crate::testing::oid(&oid::COMMON_NAME), &value]);
        let name = sequence(&[&element(0x31, &[&pair])]);
        names::distinguished_name(&name).unwrap()
    };
    assert_eq!(show(0x13, b"printable"), "CN=printable");
    assert_eq!(show(0x16, b"ia5"), "CN=ia5");
    assert_eq!(show(0x14, b"m\xfcnchen"), "CN=münchen");
    assert_eq!(show(0x1e, b"\x00m\x00\xfc"), "CN=mü");
    assert_eq!(show(0x1e, b"\xd8\x00"), "CN=#1e02d800");
    assert_eq!(show(0x0c, b"\xff"), "CN=#0c01ff");
    assert_eq!(show(0x1e, b"\x00m\x00"), "CN=#1e03006d00");
    assert_eq!(show(0x12, b"1 2"), "CN=1 2");
    assert_eq!(show(0x1a, b"visible"), "CN=visible");
    assert_eq!(show(0x02, b"\x07"), "CN=#020107");
    // A tag that no attribute has.
    assert_eq!(show(0x9e, b"\x07"), "CN=#9e0107");
}

#[test]
fn attributes_of_an_rdn_are_shown_in_the_order_of_the_certificate() {
    let pair = |id, text: &[u8]| sequence(&[&crate::testing::oid(id), &element(0x0c, &[text])]);
    let (one, two) = (pair(&oid::EMAIL_ADDRESS, b"a@b"), pair(&oid::COMMON_NAME, b"c"));
    let name = sequence(&[&element(0x31, &[&one, &two])]);
    assert_eq!(names::distinguished_name(&name).unwrap(), "emailAddress=a@b+CN=c");
}

/// An identifier below 2.25 that stands for a UUID (ITU-T X.667). `ObjectIdentifier` does not read it.
const UUID: &str = "2.25.340282366920938463463374607431768211455";

fn uuid_oid() -> Vec<u8> {
    element(6, &[&[0x69, 0x83], &[0xff; 17], &[0x7f]])
}

#[test]
fn long_identifiers_do_not_hide_a_name() {
    let pair = sequence(&[&uuid_oid(), &element(0x0c, &[b"a"])]);
    let name = sequence(&[&element(0x31, &[&pair])]);
    assert_eq!(names::distinguished_name(&name).unwrap(), alloc::format!("{UUID}=a"));
    let id = element(0x88, &[&uuid_oid()[2..]]);
    assert_eq!(general_name(&id).unwrap(), alloc::format!("registered ID: {UUID}"));
}

/// A certificate with an extension and a signature algorithm that have long identifiers.
#[test]
fn long_identifiers_do_not_hide_extensions_or_the_certificate() {
    let der = cert!("leaf.pem");
    let raw = read::RawCertificate::parse(&der).unwrap();
    let usage = &[0x03, 0x02, 0x07, 0x80][..];
    let extension = |id: &[u8], value: &[u8]| sequence(&[id, &element(0x04, &[value])]);
    let all = [extension(&uuid_oid(), b"1"), extension(&crate::testing::oid(&oid::KEY_USAGE), usage)];
    let algorithm = sequence(&[&uuid_oid()]);
    let validity = sequence(&[&element(0x17, &[b"700101000000Z"]), &element(0x17, &[b"700101000001Z"])]);
    let extensions_field = element(0xa3, &[&sequence(&[&all.concat()])]);
    let version = element(0xa0, &[&element(0x02, &[&[2]])]);
    let tbs = sequence(&[
        &version,
        &element(0x02, &[&[1]]),
        &algorithm,
        raw.issuer,
        &validity,
        raw.subject,
        raw.spki,
        &extensions_field,
    ]);
    let certificate = sequence(&[&tbs, &algorithm, &bit_string(raw.signature)]);
    assert_eq!(facts(&certificate).signature_algorithm, UUID);
    let found = extensions(&certificate).unwrap();
    let found: Vec<(&str, Option<&str>)> =
        found.iter().map(|extension| (extension.oid.as_str(), extension.name)).collect();
    assert_eq!(found, [(UUID, None), ("2.5.29.15", Some("keyUsage"))]);
}

/// `SubjectAltName` of x509-cert rejects all of these but the last.
#[test]
fn alternative_names_that_are_not_ia5_or_unsupported_do_not_hide_the_others() {
    let dns = element(0x82, &[b"a.test"]);
    for (odd, shown) in [
        (element(0x82, &["münchen.test".as_bytes()]), Some("münchen.test")),
        (element(0x82, &[b"\xff.test"]), Some("\u{fffd}.test")),
        (element(0xa3, &[&sequence(&[])]), None),
        (element(0x81, &[b"\xff@b"]), None),
        (element(0x89, &[b"?"]), None),
        (element(0x87, &[&[1, 2, 3]]), None),
    ] {
        let (names, addresses) = names::alternative_names(&sequence(&[&odd, &dns])).unwrap();
        let expected: Vec<&str> = shown.into_iter().chain(["a.test"]).collect();
        assert_eq!((names.iter().map(String::as_str).collect::<Vec<_>>(), addresses), (expected, Vec::new()));
    }
}

#[test]
fn extensions_are_listed_with_their_names() {
    let all = extensions(&cert!("leaf.pem")).unwrap();
    let usage = all.iter().find(|extension| extension.oid == "2.5.29.15").unwrap();
    assert_eq!(usage.name, Some("keyUsage"));
    let names = all.iter().find(|extension| extension.name == Some("subjectAltName")).unwrap();
    assert_eq!(
        general_names(&names.value).unwrap(),
        ["DNS:www.example.com", "DNS:*.example.org", "IP:192.0.2.1", "IP:2001:db8::1"]
    );
    assert_eq!(extensions(&cert!("root-v1.pem")), Ok(Vec::new()));
    assert_eq!(extensions(b"no certificate"), Err(CertificateError::BadEncoding));
}

#[test]
fn general_names_of_every_kind_are_shown() {
    let oid = element(6, &[&[0x2a, 3, 4]]);
    for (name, shown) in [
        (element(0x81, &[b"a@example.com"]), "mail:a@example.com"),
        (element(0x82, &[b"a\x1b[1m"]), "DNS:a\\u{1b}[1m"),
        (element(0x86, &[b"http://example.com/?a=b,c\n"]), "URI:http://example.com/?a=b,c\\u{a}"),
        (element(0x87, &[&[192, 0, 2, 0, 255, 255, 255, 0]]), "IP:192.0.2.0/255.255.255.0"),
        (element(0x87, &[&[1, 2, 3]]), "IP:#010203"),
        (element(0x88, &[&[0x2a, 3, 4]]), "registered ID: 1.2.3.4"),
        (element(0xa4, &[&sequence(&[])]), "directory name: "),
        (element(0xa0, &[&oid]), "other name 1.2.3.4: #06032a0304"),
    ] {
        assert_eq!(general_name(&name).as_deref(), Ok(shown));
    }
    for bad in [&[][..], &[0x82, 1], &[0x30, 0], &[0x82, 0, 0]] {
        assert!(general_name(bad).is_err(), "{bad:x?}");
    }
}

#[test]
fn validity_is_bounded_on_both_sides() {
    let mut facts = facts(&cert!("leaf.pem"));
    (facts.not_before, facts.not_after) = (100, 200);
    assert_eq!(facts.check_validity(99), Err(CertificateError::NotYetValid { not_before: 100, now: 99 }));
    assert_eq!(facts.check_validity(100), Ok(()));
    assert_eq!(facts.check_validity(200), Ok(()));
    assert_eq!(facts.check_validity(201), Err(CertificateError::Expired { not_after: 200, now: 201 }));
    (facts.not_before, facts.not_after) = (200, 100);
    assert_eq!(facts.check_validity(150), Err(CertificateError::BadValidity));
}

#[test]
fn dates_before_1970_become_1970() {
    let parse = |from: &[u8], until: &[u8]| {
        let der = cert!("leaf.pem");
        let raw = read::RawCertificate::parse(&der).unwrap();
        let (tbs, _) = (raw.tbs, raw.signature);
        let position = tbs.windows(2).position(|window| window == [0x17, 0x0d]).unwrap();
        let old_len = usize::from(tbs[position - 1]);
        let validity = sequence(&[from, until]);
        let before = &tbs[4..position - 2];
        let after = &tbs[position + old_len..];
        let tbs = sequence(&[before, &validity, after]);
        let algorithm = sequence(&[raw.signature_algorithm]);
        let certificate = sequence(&[&tbs, &algorithm, &bit_string(raw.signature)]);
        CertificateFacts::from_der(&certificate).map(|facts| (facts.not_before, facts.not_after))
    };
    let utc = |text: &[u8]| element(0x17, &[text]);
    let general = |text: &[u8]| element(0x18, &[text]);
    assert_eq!(parse(&utc(b"500101000000Z"), &utc(b"700101000001Z")), Ok((0, 1)));
    assert_eq!(parse(&general(b"19000101000000Z"), &general(b"99991231235959Z")), Ok((0, 253_402_300_799)));
    assert_eq!(
        parse(&utc(b"491231235959Z"), &general(b"20500101000000Z")),
        Ok((2_524_607_999, 2_524_608_000))
    );
    for bad in [&b""[..], b"700101", b"701301000000Z", b"700101000000+0100"] {
        assert_eq!(parse(&utc(bad), &utc(b"700101000001Z")), Err(CertificateError::BadEncoding));
    }
}

#[test]
fn fingerprint_is_the_hash_of_the_certificate() {
    let provider = provider();
    let sha256 = provider.hash(HashAlgorithm::Sha256).unwrap();
    let der = cert!("leaf.pem");
    assert_eq!(fingerprint(&der, &**sha256), sha256.hash(&[&der]));
}

#[test]
fn self_signed_requires_a_valid_signature_by_the_own_key() {
    let provider = provider();
    assert_eq!(is_self_signed(&cert!("root.pem"), &provider), Ok(true));
    assert_eq!(is_self_signed(&cert!("root-pss.pem"), &provider), Ok(true));
    assert_eq!(is_self_signed(&cert!("root-v1.pem"), &provider), Ok(true));
    assert_eq!(is_self_signed(&cert!("self-signed.pem"), &provider), Ok(true));
    assert_eq!(is_self_signed(&cert!("leaf.pem"), &provider), Ok(false));
    let mut forged = cert!("root.pem");
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(is_self_signed(&forged, &provider), Ok(false));
}

#[test]
fn certifies_requires_issuer_name_and_signature() {
    let provider = provider();
    let of = |issuer: &[u8], certificate: &[u8]| certifies(issuer, certificate, &provider);
    let chain = [cert!("leaf.pem"), cert!("intermediate.pem")];
    let root = cert!("root.pem");
    assert_eq!(of(&chain[1], &chain[0]), Ok(true));
    assert_eq!(of(&root, &chain[1]), Ok(true));
    // In reverse, with an intermediate skipped, and the same certificate twice.
    assert_eq!(of(&chain[0], &chain[1]), Ok(false));
    assert_eq!(of(&root, &chain[0]), Ok(false));
    assert_eq!(of(&chain[0], &chain[0]), Ok(false));
    // The name is right, but the signature is not.
    let mut forged = chain[0].clone();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(of(&chain[1], &forged), Ok(false));
    for (issuer, certificate) in [(&chain[1][..], &b"none"[..]), (b"none", &chain[0])] {
        assert_eq!(of(issuer, certificate), Err(CertificateError::BadEncoding));
    }
    let mut none = provider.clone();
    none.verifiers.clear();
    assert_eq!(certifies(&root, &chain[1], &none), Err(CertificateError::UnsupportedAlgorithm));
}

#[test]
fn display_contains_the_main_fields() {
    let shown = facts(&cert!("leaf.pem")).to_string();
    for part in [
        "CN=www.example.com",
        "Fixture Intermediate",
        "*.example.org",
        "2001:db8::1",
        "EC P-256",
        "serverAuth",
        "digitalSignature",
    ] {
        assert!(shown.contains(part), "{part} in\n{shown}");
    }
    let authority = facts(&cert!("intermediate.pem")).to_string();
    assert!(
        authority.contains("at most 0 below") && authority.contains("keyCertSign cRLSign"),
        "{authority}"
    );
    assert!(facts(&cert!("root.pem")).to_string().contains("(self-issued)"));
}

/// Certificates that together have all parts.
fn samples() -> Vec<Vec<u8>> {
    alloc::vec![
        cert!("leaf.pem"),
        cert!("intermediate.pem"),
        cert!("leaf-of-pss.pem"),
        cert!("leaf-names.pem"),
        cert!("leaf-ed25519.pem"),
        cert!("root-v1.pem"),
    ]
}

#[test]
fn truncated_certificate_is_bad_encoding() {
    for der in samples() {
        for end in 0..der.len() {
            assert_eq!(CertificateFacts::from_der(&der[..end]), Err(CertificateError::BadEncoding));
        }
        let longer = [&der[..], &[0]].concat();
        assert_eq!(CertificateFacts::from_der(&longer), Err(CertificateError::BadEncoding));
    }
}

#[test]
fn flipped_bits_do_not_panic() {
    for der in samples() {
        for position in 0..der.len() {
            for bit in 0..8 {
                let mut changed = der.clone();
                changed[position] ^= 1 << bit;
                for extension in extensions(&changed).unwrap_or_default() {
                    let _ = general_names(&extension.value);
                }
                if let Ok(facts) = CertificateFacts::from_der(&changed) {
                    let _ = facts.to_string();
                    let _ = facts.rsa_bits();
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = CertificateFacts::from_der(&bytes);
    }

    #[test]
    fn no_overwritten_stretch_makes_it_panic(
        which in 0_usize..6,
        at in any::<prop::sample::Index>(),
        bytes in proptest::collection::vec(any::<u8>(), 1..8),
    ) {
        let mut der = samples().swap_remove(which);
        let at = at.index(der.len());
        for (place, byte) in der.iter_mut().skip(at).zip(bytes) {
            *place = byte;
        }
        if let Ok(facts) = CertificateFacts::from_der(&der) {
            let _ = facts.to_string();
        }
    }
}

#[test]
fn extensions_are_listed_in_their_order() {
    let found = extensions(&cert!("leaf.pem")).unwrap();
    let names: Vec<&str> = found.iter().filter_map(|extension| extension.name).collect();
    assert!(names.contains(&"keyUsage") && names.contains(&"subjectAltName"), "{names:?}");
    let usage = found.iter().find(|extension| extension.oid == "2.5.29.15").unwrap();
    assert_eq!((usage.is_critical, usage.value.as_slice()), (true, &[3, 2, 7, 128][..]));
    assert_eq!(extensions(&cert!("root-v1.pem")), Ok(Vec::new()));
    assert_eq!(extensions(b"0"), Err(CertificateError::BadEncoding));
}

#[test]
fn summary_has_a_part_of_many_or_long_names() {
    let template = (0..2000)
        .fold(crate::issue::Template::server(&"a".repeat(100_000)), |template, number| {
            template.dns(&alloc::format!("n{number}.test"))
        });
    let made = template.valid(0, 1).self_signed(&provider(), cairn_crypto::KeySpec::EcP256).unwrap();
    let facts = facts(made.certificate());
    let shown = facts.to_string();
    assert!(shown.len() < 2000, "{}", shown.len());
    assert!(shown.contains("a… and 99747 more characters\n"), "{shown}");
    assert!(shown.contains(" n19.test and 1980 more\n") && !shown.contains("n20.test"), "{shown}");
    assert_eq!(facts.dns_names.len(), 2000);
    assert_eq!(shortened("short"), "short");
    let shown = CertificateFacts { serial: alloc::vec![0xab; 1000], ..facts }.to_string();
    assert!(
        shown.contains(&alloc::format!("serial:     {}… and 960 more bytes\n", "ab".repeat(40))),
        "{shown}"
    );
}
