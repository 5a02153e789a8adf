use super::*;
use crate::{
    credential::check_key,
    error::CertificateError,
    facts::{CertificateFacts, is_self_signed},
    name::ServerName,
    testing::provider,
    trust::Roots,
    usage::{ExtendedKeyUsage, KeyUsage},
    verify::ChainVerifier,
};
use alloc::{format, vec::Vec};
use cairn_crypto::KeySpec;
use cairn_wire::SignatureScheme;

const FROM: u64 = 1_700_000_000;
const NOW: u64 = 1_750_000_000;
const UNTIL: u64 = 1_800_000_000;

const SPECS: [KeySpec; 8] = [
    KeySpec::EcP256,
    KeySpec::EcP384,
    KeySpec::EcP521,
    KeySpec::Ed25519,
    KeySpec::Rsa { bits: 2048 },
    KeySpec::MlDsa44,
    KeySpec::MlDsa65,
    KeySpec::MlDsa87,
];

fn root(spec: KeySpec) -> Identity {
    Template::authority("Test Root").valid(FROM, UNTIL).self_signed(&provider(), spec).unwrap()
}

fn server_template() -> Template {
    Template::server("server.test")
        .dns("server.test")
        .dns("*.wild.test")
        .ip([127, 0, 0, 1].into())
        .valid(FROM, UNTIL)
}

fn verifier(trusted: &Identity) -> ChainVerifier {
    let mut roots = Roots::new();
    roots.add_pem(trusted.certificate_pem().as_bytes()).unwrap();
    ChainVerifier::new(&provider(), roots)
}

fn check(verifier: &ChainVerifier, identity: &Identity, name: &str) -> Result<(), CertificateError> {
    let chain: Vec<&[u8]> = identity.chain().collect();
    verifier
        .verify_server(&chain, &ServerName::parse(name).unwrap(), NOW)
        .map(|_| ())
        .map_err(|error| error.reason)
}

#[test]
fn every_key_kind_issues_for_every_key_kind() {
    for issuer in SPECS {
        let root = root(issuer);
        let verifier = verifier(&root);
        for subject in SPECS {
            let server = server_template().issue(&provider(), subject, &root).unwrap();
            assert_eq!(server.chain().count(), 1);
            for name in ["server.test", "a.wild.test", "127.0.0.1"] {
                assert_eq!(check(&verifier, &server, name), Ok(()), "{issuer:?} {subject:?} {name}");
            }
            assert_eq!(check(&verifier, &server, "other.test"), Err(CertificateError::NameMismatch));
            let facts = check_key(server.certificate(), &**server.signing_key()).unwrap();
            assert_eq!(facts.key_usage.key_encipherment, matches!(subject, KeySpec::Rsa { .. }));
            assert_eq!((facts.not_before, facts.not_after), (FROM, UNTIL));
            assert_eq!(facts.issuer, "CN=Test Root");
        }
    }
}

#[test]
fn every_key_kind_signs_itself() {
    for spec in SPECS {
        let identity = server_template().self_signed(&provider(), spec).unwrap();
        assert_eq!(is_self_signed(identity.certificate(), &provider()), Ok(true));
        assert_eq!(check(&verifier(&identity), &identity, "server.test"), Ok(()));
        // It is trusted exactly, but not as an issuer: it does not state that it is a CA.
        let below = server_template().issue(&provider(), KeySpec::EcP256, &identity).unwrap();
        assert_eq!(check(&verifier(&identity), &below, "server.test"), Err(CertificateError::UnknownIssuer));
    }
}

#[test]
fn an_rsa_key_can_sign_with_pss() {
    let root = root(KeySpec::Rsa { bits: 2048 });
    for scheme in [
        SignatureScheme::RSA_PSS_RSAE_SHA256,
        SignatureScheme::RSA_PSS_RSAE_SHA384,
        SignatureScheme::RSA_PSS_RSAE_SHA512,
        SignatureScheme::RSA_PKCS1_SHA512,
    ] {
        let server = server_template().scheme(scheme).issue(&provider(), KeySpec::EcP256, &root).unwrap();
        assert_eq!(check(&verifier(&root), &server, "server.test"), Ok(()), "{scheme}");
    }
    let wrong = server_template().scheme(SignatureScheme::ED25519);
    assert_eq!(wrong.issue(&provider(), KeySpec::EcP256, &root).err(), Some(IssueError::Scheme));
}

#[test]
fn chain_contains_intermediates_without_the_root() {
    let root = root(KeySpec::EcP256);
    let first =
        Template::authority("First").valid(FROM, UNTIL).issue(&provider(), KeySpec::EcP256, &root).unwrap();
    let second = Template::authority("Second").valid(FROM, UNTIL);
    let second = second.issue(&provider(), KeySpec::EcP256, &first).unwrap();
    let server = server_template().issue(&provider(), KeySpec::EcP256, &second).unwrap();
    assert_eq!(server.chain().count(), 3);
    assert_eq!(check(&verifier(&root), &server, "server.test"), Ok(()));
    let again = Identity::from_parts(
        &provider(),
        crate::pem::certificates(server.chain_pem().as_bytes()).unwrap(),
        crate::pem::private_key(server.key().to_pem().as_bytes()).unwrap(),
    );
    assert!(again.unwrap().chain().eq(server.chain()));
}

#[test]
fn issuer_without_cert_sign_or_ca_is_rejected() {
    let root = root(KeySpec::EcP256);
    let verifier = verifier(&root);
    let issue = |template: Template| {
        let middle = template.valid(FROM, UNTIL).issue(&provider(), KeySpec::EcP256, &root).unwrap();
        server_template().issue(&provider(), KeySpec::EcP256, &middle).unwrap()
    };
    let not_ca = Err(CertificateError::NotCa);
    assert_eq!(check(&verifier, &issue(Template::server("no authority")), "server.test"), not_ca);
    let signs = KeyUsage { digital_signature: true, ..KeyUsage::NONE };
    let no_cert_sign = Template::authority("not for certificates").key_usage(Some(signs));
    assert_eq!(check(&verifier, &issue(no_cert_sign), "server.test"), not_ca);
    let no_usage = Template::authority("no usage").key_usage(None);
    assert_eq!(check(&verifier, &issue(no_usage), "server.test"), Ok(()));
}

#[test]
fn certificate_without_ca_does_not_become_a_trust_anchor() {
    let signs = KeyUsage { digital_signature: true, ..KeyUsage::NONE };
    let root = Template::authority("odd").key_usage(Some(signs)).valid(FROM, UNTIL);
    let root = root.self_signed(&provider(), KeySpec::EcP256).unwrap();
    assert_eq!(verifier(&root).roots().authorities(), 0);
}

#[test]
fn path_beyond_path_len_constraint_is_rejected() {
    let root = root(KeySpec::EcP256);
    let first = Template::authority("First").path_len(0).valid(FROM, UNTIL);
    let first = first.issue(&provider(), KeySpec::EcP256, &root).unwrap();
    let second = Template::authority("Second").valid(FROM, UNTIL);
    let second = second.issue(&provider(), KeySpec::EcP256, &first).unwrap();
    let server = server_template().issue(&provider(), KeySpec::EcP256, &second).unwrap();
    assert_eq!(check(&verifier(&root), &server, "server.test"), Err(CertificateError::PathTooLong));
    let direct = server_template().issue(&provider(), KeySpec::EcP256, &first).unwrap();
    assert_eq!(check(&verifier(&root), &direct, "server.test"), Ok(()));
}

#[test]
fn name_constraints_limit_an_authority_to_its_names() {
    let root = Template::authority("Constrained").permit_dns("allowed.test").valid(FROM, UNTIL);
    let root = root.self_signed(&provider(), KeySpec::EcP256).unwrap();
    let issue = |name: &str| {
        let template = Template::server("x").dns(name).valid(FROM, UNTIL);
        template.issue(&provider(), KeySpec::EcP256, &root).unwrap()
    };
    assert_eq!(check(&verifier(&root), &issue("www.allowed.test"), "www.allowed.test"), Ok(()));
    assert_eq!(
        check(&verifier(&root), &issue("www.other.test"), "www.other.test"),
        Err(CertificateError::NameConstraint)
    );
}

#[test]
fn extended_key_usage_separates_clients_and_servers() {
    let root = root(KeySpec::EcP256);
    let verifier = verifier(&root);
    let issue = |template: Template| template.issue(&provider(), KeySpec::EcP256, &root).unwrap();
    let as_client = |identity: &Identity| {
        let chain: Vec<&[u8]> = identity.chain().collect();
        verifier.verify_client(&chain, NOW).map(|_| ()).map_err(|error| error.reason)
    };
    let client = issue(Template::client("somebody").dns("server.test").valid(FROM, UNTIL));
    assert_eq!(as_client(&client), Ok(()));
    assert_eq!(check(&verifier, &client, "server.test"), Err(CertificateError::NotForThisUse));
    assert_eq!(as_client(&issue(server_template())), Err(CertificateError::NotForThisUse));
    let either = issue(server_template().extended_key_usage(None));
    assert_eq!((as_client(&either), check(&verifier, &either, "server.test")), (Ok(()), Ok(())));
    let any = ExtendedKeyUsage { any: true, ..ExtendedKeyUsage::NONE };
    let any = issue(server_template().extended_key_usage(Some(any)));
    assert_eq!(as_client(&any), Err(CertificateError::NotForThisUse));
}

#[test]
fn dates_up_to_the_year_9999_round_trip() {
    // Around 2050, where the encoding changes, and the last second of the year 9999.
    for until in [2_524_607_999, 2_524_608_000, 253_402_300_799] {
        let identity = server_template().valid(0, until).self_signed(&provider(), KeySpec::EcP256).unwrap();
        let facts = check_key(identity.certificate(), &**identity.signing_key()).unwrap();
        assert_eq!((facts.not_before, facts.not_after), (0, until));
        let chain: Vec<&[u8]> = identity.chain().collect();
        let name = ServerName::parse("server.test").unwrap();
        let verifier = verifier(&identity);
        assert!(verifier.verify_server(&chain, &name, until).is_ok());
        assert!(verifier.verify_server(&chain, &name, until + 1).is_err());
    }
    let beyond = server_template().valid(0, 253_402_300_800).self_signed(&provider(), KeySpec::EcP256);
    assert_eq!(beyond.err(), Some(IssueError::Date));
}

#[test]
fn expired_intermediate_is_rejected() {
    let root = root(KeySpec::EcP256);
    let old =
        Template::authority("Old").valid(FROM, NOW - 1).issue(&provider(), KeySpec::EcP256, &root).unwrap();
    let server = server_template().issue(&provider(), KeySpec::EcP256, &old).unwrap();
    assert_eq!(
        check(&verifier(&root), &server, "server.test"),
        Err(CertificateError::Expired { not_after: NOW - 1, now: NOW })
    );
}

#[test]
fn certificate_with_empty_subject_is_accepted_by_its_names() {
    let identity = Template::server("").dns("server.test").valid(FROM, UNTIL);
    let identity = identity.self_signed(&provider(), KeySpec::EcP256).unwrap();
    assert_eq!(check(&verifier(&identity), &identity, "server.test"), Ok(()));
}

#[test]
fn invalid_dns_names_are_rejected() {
    for name in ["", "a b", "*", "*.*.test", "münchen.test", "a.*.test", "a.test.", "*.test."] {
        let made =
            Template::server("x").dns(name).valid(FROM, UNTIL).self_signed(&provider(), KeySpec::EcP256);
        assert!(matches!(made.err(), Some(IssueError::Name(_))), "{name:?}");
    }
}

#[test]
fn serial_numbers_are_positive_and_unique() {
    let serial = |template: Template| {
        let identity = template.self_signed(&provider(), KeySpec::EcP256).unwrap();
        check_key(identity.certificate(), &**identity.signing_key()).unwrap().serial
    };
    let (one, two) = (serial(server_template()), serial(server_template()));
    assert_ne!(one, two);
    for serial in
        [one, two, serial(server_template().serial([0xff; 16])), serial(server_template().serial([0; 16]))]
    {
        assert_eq!((serial.len(), serial[0] & 0xc0), (16, 0x40));
    }
}

#[test]
fn issuer_key_must_match_its_certificate() {
    let (one, two) = (root(KeySpec::EcP256), root(KeySpec::EcP256));
    assert_eq!(
        check_key(one.certificate(), &**two.signing_key()),
        Err(crate::credential::CredentialError::KeyMismatch)
    );
    let chain = one.chain().map(<[u8]>::to_vec).collect();
    let mixed = Identity::from_parts(&provider(), chain, two.key().clone());
    assert_eq!(mixed.err(), Some(IssueError::Issuer));
    assert!(Identity::from_parts(&provider(), Vec::new(), two.key().clone()).is_err());
}

#[test]
fn identity_debug_does_not_print_the_key() {
    let identity = root(KeySpec::Ed25519);
    let shown = format!("{identity:?}");
    assert!(shown.contains("SecretBytes([48 bytes])"), "{shown}");
}

#[test]
fn subject_is_read_in_the_form_in_which_it_is_printed() {
    let subject_of = |text: &str| {
        let template = Template::server("unused").subject(text).valid(FROM, UNTIL);
        let made = template.self_signed(&provider(), KeySpec::EcP256)?;
        Ok(CertificateFacts::from_der(made.certificate()).unwrap().subject)
    };
    for (text, printed) in [
        ("C=DE,O=Example\\, Inc.,CN=example.com", "C=DE, O=Example\\, Inc., CN=example.com"),
        ("C=DE, ST=Hessen, L=Kassel, OU=a+OU=b", "C=DE, ST=Hessen, L=Kassel, OU=a+OU=b"),
        ("O=M\u{fc}ller, emailAddress=a@b.test, UID=7", "O=M\u{fc}ller, emailAddress=a@b.test, UID=7"),
        ("serialNumber=12, DC=test, 2.5.4.12=Chief", "serialNumber=12, DC=test, title=Chief"),
    ] {
        assert_eq!(subject_of(text), Ok(printed.into()), "{text}");
    }
    for wrong in ["", "example.com", "CN=", "nothing=a", "CN=a,,O=b", "1.2.3=#zz"] {
        assert_eq!(subject_of(wrong), Err(IssueError::Subject), "{wrong}");
    }
}

#[test]
fn constraints_of_every_kind_are_enforced() {
    let root = Template::authority("Root")
        .permit(Subtree::Dns("a.test".into()))
        .permit(Subtree::Network([10, 1, 2, 3].into(), 8))
        .permit(Subtree::Network("fd00::1".parse().unwrap(), 8))
        .exclude(Subtree::Dns("secret.a.test".into()))
        .exclude(Subtree::Network([10, 9, 0, 0].into(), 16))
        .exclude(Subtree::Mail(".b.test".into()))
        .exclude(Subtree::Uri("c.test".into()))
        .valid(FROM, UNTIL)
        .self_signed(&provider(), KeySpec::EcP256)
        .unwrap();
    let verifier = verifier(&root);
    let result = |template: Template| {
        let server = template.dns("x.a.test").valid(FROM, UNTIL);
        let server = server.issue(&provider(), KeySpec::EcP256, &root).unwrap();
        check(&verifier, &server, "x.a.test")
    };
    let empty = || Template::server("");
    for allowed in [
        empty(),
        empty().ip([10, 200, 0, 1].into()),
        empty().ip("fdff::7".parse().unwrap()),
        empty().mailbox("me@b.test").uri("https://d.test/"),
    ] {
        assert_eq!(result(allowed.clone()), Ok(()), "{allowed:?}");
    }
    for forbidden in [
        empty().dns("b.test"),
        empty().dns("x.secret.a.test"),
        empty().ip([11, 0, 0, 1].into()),
        empty().ip([10, 9, 1, 1].into()),
        empty().ip("fe80::1".parse().unwrap()),
        empty().mailbox("me@x.b.test"),
        empty().uri("https://c.test/"),
    ] {
        assert_eq!(result(forbidden.clone()), Err(CertificateError::NameConstraint), "{forbidden:?}");
    }
}

#[test]
fn malformed_addresses_are_refused() {
    let made = |template: Template| template.valid(FROM, UNTIL).self_signed(&provider(), KeySpec::EcP256);
    let server = || Template::server("a");
    for wrong in [
        server().mailbox("a"),
        server().mailbox("@b.test"),
        server().mailbox("a@b..test"),
        server().uri("no-scheme"),
        server().uri("https:"),
        server().crl_url("https://a b/"),
        server().ocsp_url("https://\u{fc}.test"),
        server().issuer_url(""),
        server().permit(Subtree::Network([10, 0, 0, 0].into(), 33)),
        server().permit(Subtree::Mail("..b".into())),
    ] {
        assert!(matches!(made(wrong).err(), Some(IssueError::Address | IssueError::Name(_))));
    }
}

#[test]
fn request_carries_the_key_and_the_names() {
    let provider = provider();
    let root = root(KeySpec::EcP256);
    for spec in SPECS {
        let key = provider.keys.generate(spec, &mut provider.rng()).unwrap();
        let key = provider.keys.load(cairn_crypto::PrivateKeyDer::Pkcs8(key.expose())).unwrap();
        let template = server_template().subject("O=Asker").mailbox("me@server.test").uri("urn:a:b");
        let der = template.request(&provider, &*key).unwrap();
        let request = CertificateRequest::from_der(&der, &provider).unwrap();
        assert_eq!((request.subject(), request.public_key()), ("O=Asker", key.public_key()));
        assert_eq!(
            request.names().collect::<Vec<_>>(),
            ["DNS:server.test", "DNS:*.wild.test", "IP:127.0.0.1", "mail:me@server.test", "URI:urn:a:b"]
        );
        let template = request.template(Template::server("unused")).valid(FROM, UNTIL);
        let certificate = root.sign(&template, &provider, request.public_key()).unwrap();
        let facts = check_key(&certificate, &*key).unwrap();
        assert_eq!(facts.subject, "O=Asker");
        assert_eq!(facts.dns_names, ["server.test", "*.wild.test"]);
        assert_eq!(facts.ip_addresses, ["127.0.0.1".parse::<core::net::IpAddr>().unwrap()]);

        let mut changed = der.clone();
        let at = der.windows(5).position(|bytes| bytes == b"Asker").unwrap();
        changed[at] = b'B';
        let wrong = CertificateRequest::from_der(&changed, &provider);
        assert_eq!(wrong.err(), Some(IssueError::RequestSignature), "{spec:?}");
        let short = CertificateRequest::from_der(&der[..der.len() - 1], &provider);
        assert_eq!(short.err(), Some(IssueError::Request));
    }
}

#[test]
fn request_with_any_changed_or_missing_byte_is_refused() {
    let provider = provider();
    let made = root(KeySpec::EcP256);
    let request = server_template().request(&provider, &**made.signing_key()).unwrap();
    assert!(CertificateRequest::from_der(&request, &provider).is_ok());
    for place in 0..request.len() {
        for change in [0x01, 0x80] {
            let mut changed = request.clone();
            changed[place] ^= change;
            assert!(CertificateRequest::from_der(&changed, &provider).is_err(), "byte {place}");
        }
        assert!(CertificateRequest::from_der(&request[..place], &provider).is_err(), "length {place}");
    }
}

/// An encoder that does not sort the attributes signs what it has sent.
#[test]
fn signature_of_a_request_is_over_its_bytes_as_they_are() {
    use crate::testing::{bit_string, element, oid, sequence};
    let provider = provider();
    let key = root(KeySpec::EcP256);
    let key = key.signing_key();
    let attribute = |number: u8, text: &[u8]| {
        let id = element(6, &[&[0x2a, 3, number]]);
        sequence(&[&id, &element(0x31, &[&element(0x0c, &[text])])])
    };
    let spki = crate::raw_key::encode(key.public_key()).unwrap();
    let request = |attributes: &[&[u8]]| {
        let info = sequence(&[&[2, 1, 0], &sequence(&[]), &spki, &element(0xa0, attributes)]);
        let scheme = SignatureScheme::ECDSA_SECP256R1_SHA256;
        let signature = key.sign(scheme, &info, &mut provider.rng()).unwrap();
        sequence(&[&info, &sequence(&[&oid(&crate::oid::ECDSA_WITH_SHA256)]), &bit_string(&signature)])
    };
    let (first, second) = (attribute(4, b"a"), attribute(5, b"b"));
    for attributes in [[&first[..], &second], [&second, &first]] {
        CertificateRequest::from_der(&request(&attributes), &provider).unwrap();
    }
}
