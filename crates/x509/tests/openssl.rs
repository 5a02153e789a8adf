//! What is issued here, judged by OpenSSL: an independent reader of the same standards.
//!
//! Where there is no `openssl` these tests test nothing: they say so, and `xtask/tests/not_tested.rs` counts them as
//! ignored. With `CAIRN_REQUIRE_PEERS=1` they fail.
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
const UNTIL: u64 = 2_600_000_000; // In 2052, so that both encodings of dates are there.

/// Runs OpenSSL; none when there is none to run.
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

/// A folder that is gone when the test is over.
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

/// A root, an authority below it, and a server below that.
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
fn openssl_accepts_what_every_key_issues() {
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
fn what_openssl_makes_now_is_accepted_here() {
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
