//! Certificates and CRLs exchanged with OpenSSL, an independent implementation of the same standards.
//!
//! Without `openssl` these tests check nothing: they report it, and `xtask/tests/not_tested.rs` counts them
//! as ignored. With `CAIRN_REQUIRE_PEERS=1` they fail.
#![allow(clippy::unwrap_used, clippy::panic)]

use cairn_crypto::KeySpec;
use cairn_provider_aws_lc::provider;
use cairn_wire::SignatureScheme;
use cairn_x509::{
    ChainVerifier, Roots, ServerName,
    issue::{Identity, Template},
    pem,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const FROM: u64 = 1_700_000_000;
const NOW: u64 = 1_750_000_000;
const UNTIL: u64 = 2_600_000_000; // In 2052, so that both encodings of dates are used.

/// Runs OpenSSL; `None` if it is not installed.
fn openssl(arguments: &[&str]) -> Option<(bool, String)> {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test").replace("::", "--");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("not-tested");
    let note = folder.join(format!("{}--{test}", env!("CARGO_PKG_NAME")));
    let Ok(output) = Command::new("openssl").args(arguments).output() else {
        assert!(
            std::env::var_os("CAIRN_REQUIRE_PEERS").is_none_or(|value| value != "1"),
            "there is no openssl, and CAIRN_REQUIRE_PEERS=1 says that there must be"
        );
        fs::create_dir_all(&folder).unwrap();
        fs::write(note, "there is no openssl").unwrap();
        return None;
    };
    let _there_was_none = fs::remove_file(note);
    let text = [output.stdout, output.stderr].concat();
    Some((output.status.success(), String::from_utf8_lossy(&text).into_owned()))
}

fn run(arguments: &[&str]) -> Option<String> {
    let (success, text) = openssl(arguments)?;
    assert!(success, "openssl {arguments:?}:\n{text}");
    Some(text)
}

/// A temporary folder, removed on drop.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("cairn-x509-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, contents: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, contents).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn specs() -> [(&'static str, KeySpec); 5] {
    [
        ("p256", KeySpec::EcP256),
        ("p384", KeySpec::EcP384),
        ("p521", KeySpec::EcP521),
        ("ed25519", KeySpec::Ed25519),
        ("rsa", KeySpec::Rsa { bits: 2048 }),
    ]
}

/// A root, an intermediate and a server certificate.
fn three(spec: KeySpec, scheme: Option<SignatureScheme>) -> (Identity, Identity, Identity) {
    let provider = provider();
    let with = |template: Template| {
        let template = template.valid(FROM, UNTIL);
        match scheme {
            Some(scheme) => template.scheme(scheme),
            None => template,
        }
    };
    let root = with(Template::authority("Root")).self_signed(&provider, spec).unwrap();
    let middle = with(Template::authority("Middle").path_len(0).permit_dns("example.test"));
    let middle = middle.issue(&provider, spec, &root).unwrap();
    let server = Template::server("www.example.test").dns("www.example.test").dns("*.example.test");
    let server = with(server).issue(&provider, spec, &middle).unwrap();
    (root, middle, server)
}

fn check_with_openssl(name: &str, spec: KeySpec, scheme: Option<SignatureScheme>) -> Option<()> {
    let (root, middle, server) = three(spec, scheme);
    let folder = Folder::new(name);
    let root = folder.write("root.pem", &root.certificate_pem());
    let middle = folder.write("middle.pem", &middle.certificate_pem());
    let leaf = folder.write("leaf.pem", &server.certificate_pem());
    let key = folder.write("key.pem", &server.key().to_pem());
    let now = NOW.to_string();
    let verify = [
        "verify",
        "-x509_strict",
        "-purpose",
        "sslserver",
        "-attime",
        &now,
        "-CAfile",
        &root,
        "-untrusted",
        &middle,
    ];
    run(&[&verify[..], &["-verify_hostname", "www.example.test", &leaf]].concat())?;
    let (success, text) = openssl(&[&verify[..], &["-verify_hostname", "www.example.org", &leaf]].concat())?;
    assert!(!success, "{name}: {text}");

    run(&["pkey", "-in", &key, "-check", "-noout"])?;
    let of_key = run(&["pkey", "-in", &key, "-pubout"])?;
    let of_certificate = run(&["x509", "-in", &leaf, "-noout", "-pubkey"])?;
    assert_eq!(of_key, of_certificate, "{name}");

    let text = run(&["x509", "-in", &leaf, "-noout", "-text"])?;
    for part in [
        "Version: 3 (0x2)",
        "Issuer: CN = Middle",
        "Subject: CN = www.example.test",
        "DNS:www.example.test, DNS:*.example.test",
        "TLS Web Server Authentication",
        "CA:FALSE",
        "Not Before: Nov 14 22:13:20 2023 GMT",
        "Not After : May 22 14:13:20 2052 GMT",
    ] {
        assert!(text.replace("CN=", "CN = ").contains(part), "{name}: {part} in\n{text}");
    }
    Some(())
}

#[test]
fn openssl_accepts_certificates_of_every_issuer_key() {
    for (name, spec) in specs() {
        if check_with_openssl(name, spec, None).is_none() {
            return;
        }
    }
    let pss = SignatureScheme::RSA_PSS_RSAE_SHA256;
    check_with_openssl("pss", KeySpec::Rsa { bits: 2048 }, Some(pss));
}

#[test]
fn openssl_accepts_a_self_signed_server_and_finds_its_names() {
    let folder = Folder::new("self-signed");
    let provider = provider();
    let local =
        Template::server("localhost").dns("localhost").ip([127, 0, 0, 1].into()).ip("::1".parse().unwrap());
    let local = local.valid(FROM, UNTIL).self_signed(&provider, KeySpec::EcP256).unwrap();
    let file = folder.write("local.pem", &local.certificate_pem());
    let now = NOW.to_string();
    for name in [["-verify_hostname", "localhost"], ["-verify_ip", "127.0.0.1"], ["-verify_ip", "::1"]] {
        let common = ["verify", "-attime", &now, "-purpose", "sslserver", "-CAfile", &file];
        if run(&[&common[..], &name[..], &[&file]].concat()).is_none() {
            return;
        }
    }
}

#[test]
fn certificates_made_by_openssl_are_accepted() {
    let folder = Folder::new("openssl-made");
    let (certificate, key) = (folder.0.join("cert.pem"), folder.0.join("key.pem"));
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let arguments = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
        "-keyout",
        &path(&key),
        "-out",
        &path(&certificate),
    ];
    if run(&arguments).is_none() {
        return;
    }
    let provider = provider();
    let mut roots = Roots::new();
    roots.add_file(&certificate).unwrap();
    let chain = pem::certificates(&fs::read(&certificate).unwrap()).unwrap();
    let key = pem::private_key(&fs::read(&key).unwrap()).unwrap();
    let key = provider.keys.load(key.as_der()).unwrap();
    let facts = cairn_x509::check_key(chain.first().unwrap(), &*key).unwrap();
    let chain: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
    let verifier = ChainVerifier::new(&provider, roots);
    let name = ServerName::parse("localhost").unwrap();
    assert!(verifier.verify_server(&chain, &name, facts.not_before).is_ok());
    assert!(verifier.verify_server(&chain, &name, facts.not_after + 1).is_err());
}

/// Makes a CRL with OpenSSL that lists this certificate if `revoked`; `None` if OpenSSL is not installed.
fn openssl_crl(
    folder: &Folder,
    authority: &Identity,
    certificate: &Identity,
    revoked: bool,
) -> Option<Vec<u8>> {
    let facts = cairn_x509::CertificateFacts::from_der(certificate.certificate()).unwrap();
    let serial: String = facts.serial.iter().map(|byte| format!("{byte:02X}")).collect();
    let entry = if revoked {
        format!("R\t520101000000Z\t250101000000Z\t{serial}\tunknown\t/CN=x\n")
    } else {
        String::new()
    };
    let index = folder.write("index.txt", &entry);
    let number = folder.write("number", "01\n");
    let config = folder.write(
        "ca.cnf",
        &format!("[ca]\ndefault_ca=x\n[x]\ndatabase={index}\ncrlnumber={number}\ndefault_md=sha256\n"),
    );
    let ca = folder.write("ca.pem", &authority.certificate_pem());
    let key = folder.write("ca.key", &authority.key().to_pem());
    let out = folder.0.join("crl.pem");
    let out = out.to_str().unwrap();
    let dates = ["-crl_lastupdate", "20250601000000Z", "-crl_nextupdate", "20250701000000Z"];
    let common = ["ca", "-gencrl", "-config", &config, "-cert", &ca, "-keyfile", &key, "-out", out];
    run(&[&common[..], &dates].concat())?;
    Some(fs::read(out).unwrap())
}

#[test]
fn openssl_crl_revokes_its_certificates_until_it_is_stale() {
    use cairn_x509::{CertificateError, CrlError, CrlPolicy, Crls, StaleCrl};
    let folder = Folder::new("crl");
    let provider = provider();
    for (revoked, spec) in [(false, KeySpec::EcP256), (true, KeySpec::Rsa { bits: 2048 })] {
        let root = Template::authority("Root").valid(FROM, UNTIL).self_signed(&provider, spec).unwrap();
        let client = Template::client("client").valid(FROM, UNTIL).issue(&provider, spec, &root).unwrap();
        let Some(file) = openssl_crl(&folder, &root, &client, revoked) else { return };
        let mut crls = Crls::new();
        assert_eq!(crls.add_pem(&file), Ok(1));
        let at = |now, policy| {
            let mut roots = Roots::new();
            roots.add_der(root.certificate()).unwrap();
            let verifier = ChainVerifier::new(&provider, roots).with_crls(crls.clone(), policy);
            verifier.verify_client(&[client.certificate()], now).map(|_| ()).map_err(|error| error.reason)
        };
        let strict = CrlPolicy::default();
        let stale = 1_751_328_001; // A second after 2025-07-01.
        if revoked {
            let since = 1_735_689_600;
            assert_eq!(at(NOW, strict), Err(CertificateError::Revoked { since }));
            assert_eq!(at(stale, strict), Err(CertificateError::Revoked { since }));
        } else {
            assert_eq!(at(NOW, strict), Ok(()));
            let error = CrlError::Outdated { next_update: 1_751_328_000, now: stale };
            assert_eq!(at(stale, strict), Err(CertificateError::Crl(error)));
            assert_eq!(at(stale, strict.stale(StaleCrl::Accept)), Ok(()));
        }
    }
}

#[test]
fn rsassa_pss_key_is_restricted_to_its_parameters() {
    use cairn_x509::{CertificateError, CertificateFacts};
    let folder = Folder::new("pss-parameters");
    let path = |name: &str| folder.0.join(name).to_str().unwrap().to_owned();
    let (key, certificate) = (path("key.pem"), path("cert.pem"));
    let make = |hash: &str, salt: &str, sign: &str| {
        let hash_option = format!("rsa_pss_keygen_md:{hash}");
        let mask = format!("rsa_pss_keygen_mgf1_md:{hash}");
        let salt = format!("rsa_pss_keygen_saltlen:{salt}");
        let options = ["-pkeyopt", &hash_option, "-pkeyopt", &mask, "-pkeyopt", &salt];
        run(&[&["genpkey", "-algorithm", "RSA-PSS", "-out", &key][..], &options].concat())?;
        let sign = format!("-{sign}");
        let subject = ["-subj", "/CN=pss", "-days", "2", "-addext", "subjectAltName=DNS:pss.test"];
        run(&[&["req", "-x509", "-new", "-key", &key, &sign, "-out", &certificate][..], &subject].concat())?;
        Some(pem::certificates(&fs::read(&certificate).unwrap()).unwrap().remove(0))
    };
    let Some(restricted) = make("sha256", "32", "sha256") else { return };
    let facts = CertificateFacts::from_der(&restricted).unwrap();
    assert_eq!(facts.only_scheme, Some(SignatureScheme::RSA_PSS_PSS_SHA256));
    let mut roots = Roots::new();
    roots.add_exactly_der(&restricted).unwrap();
    let verifier = ChainVerifier::new(&provider(), roots);
    let name = ServerName::parse("pss.test").unwrap();
    let peer = verifier.verify_server(&[&restricted], &name, facts.not_before).unwrap();
    assert_eq!(peer.only_scheme, Some(SignatureScheme::RSA_PSS_PSS_SHA256));
    assert_eq!(cairn_x509::facts::is_self_signed(&restricted, &provider()), Ok(true));
    // A shorter salt is a valid minimum; a longer one than TLS uses excludes TLS signatures.
    let shorter = make("sha384", "20", "sha384").unwrap();
    let facts = CertificateFacts::from_der(&shorter).unwrap();
    assert_eq!(facts.only_scheme, Some(SignatureScheme::RSA_PSS_PSS_SHA384));
    let other = make("sha256", "64", "sha256").unwrap();
    assert_eq!(CertificateFacts::from_der(&other).unwrap().public_key, None);
    assert_eq!(
        cairn_x509::facts::is_self_signed(&other, &provider()),
        Err(CertificateError::UnsupportedAlgorithm)
    );
}
