//! Botan: `botan tls_client` and `botan tls_server`. The edition of Debian 12 has no TLS 1.3, and that of
//! Debian 13 is tested with TLS 1.3 alone.

use alloc::collections::BTreeSet;
use std::fs;

use super::botan13 as tls13;
use super::case::{Asker, Case, Key, Resumption, Role, USUAL_RSA};
use super::case13;
use super::debian13::{self, Edition};
use super::peer::{Client, Ends, No, Peer, Ready, Server, Word, not_offered};
use super::process::{Launch, PORT};
use super::run::{path, request};
use super::world::World;
use crate::conformance::suite::Tool;

#[derive(Debug)]
pub(super) struct Botan(pub(super) Edition);

/// The parts of a policy that the cipher suite determines: key exchange, signature, cipher, MAC.
fn parts(suite: &str) -> Option<(&str, &str, String, &str)> {
    let (exchange, rest) = suite.strip_prefix("TLS_")?.split_once("_WITH_")?;
    let (exchange, signature) = match exchange {
        "ECDHE_RSA" => ("ECDH", "RSA"),
        "ECDHE_ECDSA" => ("ECDH", "ECDSA"),
        "DHE_RSA" => ("DH", "RSA"),
        "RSA" => ("RSA", "IMPLICIT"),
        _ => return None,
    };
    let bits = if rest.contains("AES_256") { "AES-256" } else { "AES-128" };
    let (cipher, mac) = match rest {
        _ if rest.contains("GCM") => (format!("{bits}/GCM"), "AEAD"),
        _ if rest.contains("CCM_8") => (format!("{bits}/CCM(8)"), "AEAD"),
        _ if rest.contains("CCM") => (format!("{bits}/CCM"), "AEAD"),
        _ if rest.contains("CHACHA20") => ("ChaCha20Poly1305".to_owned(), "AEAD"),
        _ => {
            let cipher = if rest.starts_with("3DES") { "3DES" } else { bits };
            let mac = match rest.rsplit('_').next()? {
                "SHA" => "SHA-1",
                "SHA256" => "SHA-256",
                _ => "SHA-384",
            };
            (cipher.to_owned(), mac)
        }
    };
    Some((exchange, signature, cipher, mac))
}

const ALL: (&str, &str, &str, &str) = (
    "ECDH DH RSA",
    "ECDSA RSA IMPLICIT",
    "ChaCha20Poly1305 AES-256/GCM AES-128/GCM AES-256/CCM AES-128/CCM AES-256/CCM(8) \
     AES-128/CCM(8) AES-256 AES-128 3DES",
    "AEAD SHA-256 SHA-384 SHA-1",
);

/// Writes a policy for this case, with its cipher suite or with all of them, and returns its path.
fn policy(world: &World, case: &Case, alone: bool) -> Result<String, String> {
    let own = parts(&case.suite);
    let (exchange, signature, cipher, mac) = match &own {
        Some((exchange, signature, cipher, mac)) if alone => (*exchange, *signature, cipher.as_str(), *mac),
        _ => ALL,
    };
    let groups = case.group.unwrap_or("x25519 secp256r1 secp384r1 secp521r1 ffdhe/ietf/2048");
    let hashes = match case.scheme.and_then(|scheme| scheme.get(scheme.len().saturating_sub(3)..)) {
        // The hash of the authority's signature as well, in the last place.
        Some("384") => "SHA-384 SHA-256",
        Some("512") => "SHA-512 SHA-256",
        Some(_) => "SHA-256",
        None => "SHA-512 SHA-384 SHA-256",
    };
    let text = format!(
        "allow_tls10 = false\nallow_tls11 = false\nallow_tls12 = true\nallow_dtls10 = false\n\
         allow_dtls12 = false\n\
         ciphers = {cipher}\nmacs = {mac}\nkey_exchange_methods = {exchange}\n\
         signature_methods = {signature}\n\
         signature_hashes = {hashes}\nkey_exchange_groups = {groups}\nnegotiate_encrypt_then_mac = {}\n\
         minimum_rsa_bits = 2048\nminimum_dh_group_size = 2048\nallow_client_initiated_renegotiation = true\n\
         allow_server_initiated_renegotiation = true\n",
        case.etm
    );
    let name: String = format!("{cipher} {mac} {exchange} {signature} {hashes} {groups} {}", case.etm)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' })
        .collect();
    // A name with everything in it would be too long for all suites.
    let folder = world.folder.join("botan");
    let file = folder.join(format!("{}.txt", name.get(name.len().saturating_sub(150)..).unwrap_or(&name)));
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&file, text))
        .map_err(|e| format!("{} cannot be written: {e}", file.display()))?;
    Ok(file.display().to_string())
}

fn lacks(case: &Case) -> Option<&'static str> {
    let scheme = case.scheme.unwrap_or_default();
    if case.keys.contains(&Key::Ed25519) || case.keys.contains(&Key::RsaPss) {
        return Some("Botan 2 has no such certificates in TLS");
    }
    if scheme.starts_with("rsa_pkcs1") {
        return Some("Botan's policies cannot choose PKCS #1 without PSS");
    }
    if scheme.starts_with("rsa") && !scheme.ends_with("256") {
        return Some("Botan's policies cannot choose among hashes");
    }
    if case.client_key.is_some() {
        return Some("botan's programs do not support client certificates");
    }
    if case.renegotiation.is_some() {
        return Some("botan's programs do not request renegotiation");
    }
    case.limit.is_some().then_some("botan's programs cannot limit the record size")
}

impl Peer for Botan {
    fn name(&self) -> &'static str {
        "Botan"
    }

    fn edition(&self) -> Edition {
        self.0
    }

    fn letter(&self) -> char {
        match self.0 {
            Edition::Installed => 'b',
            Edition::Debian13 => 't',
        }
    }

    fn tools(&self) -> &'static [Tool] {
        match self.0 {
            Edition::Installed => &[Tool { program: "botan", package: "botan" }],
            Edition::Debian13 => &debian13::TOOLS,
        }
    }

    fn prepare(&self, world: &World) -> Result<String, String> {
        self.0.bring(world, &["botan"])?;
        Ok(self.0.launch(world, "botan").args(["version"]).run("")?.text.trim().to_owned())
    }

    fn speaks_tls12(&self) -> bool {
        self.0 == Edition::Installed
    }

    fn speaks_tls13(&self) -> bool {
        self.0 == Edition::Debian13
    }

    fn own_words(&self, case: &Case, ours: Role) -> Vec<Word> {
        if self.speaks_tls13() { tls13::own_words(case, ours) } else { Vec::new() }
    }

    fn suites(&self, world: &World, _: Role) -> Result<BTreeSet<String>, String> {
        if self.speaks_tls13() {
            // The last one is for mixtures of versions.
            return Ok(case13::SUITES.into_iter().chain([USUAL_RSA]).map(str::to_owned).collect());
        }
        let policy = format!("--policy={}", policy(world, &Case::of_suite(""), false)?);
        let list = Launch::new("botan").args(["tls_ciphers", &policy, "--version=tls1.2"]).run("")?.text;
        let names = list.lines().map(|line| format!("TLS_{}", line.trim().trim_start_matches("TLS_")));
        // Its programs accept no configuration of pre-shared keys for them.
        Ok(names.filter(|name| parts(name).is_some()).collect())
    }

    fn server(&self, world: &World, case: &Case) -> Result<Server, No> {
        if self.speaks_tls13() {
            return tls13::server(self.0.launch(world, "botan"), world, case);
        }
        if let Some(why) = lacks(case) {
            return not_offered(why);
        }
        if case.renegotiation == Some(Asker::Server) {
            return not_offered("botan's server does not request renegotiation");
        }
        let ecdsa = case.suite.contains("_ECDSA_");
        let Some(key) = case.keys.iter().find(|key| key.is_rsa() != ecdsa) else {
            return not_offered("there is no certificate for this suite");
        };
        if case.resumption == Some(Resumption::Ticket) {
            return not_offered("botan's server issues no tickets");
        }
        let (cert, private) = world.identity(Role::Server, *key);
        let policy = format!("--policy={}", policy(world, case, false)?);
        let launch =
            Launch::new("botan").args(["tls_server", &cert, &private, &format!("--port={PORT}"), &policy]);
        Ok(Server {
            launch,
            ready: Ready::AtPort("Listening for new connections"),
            request: request(case, self.long_path()),
            answer: format!("GET {}", path(case, self.long_path())),
            prompts: Vec::new(),
            closes: false,
        })
    }

    fn client(&self, world: &World, case: &Case, port: u16) -> Result<Client, No> {
        if self.speaks_tls13() {
            return tls13::client(self.0.launch(world, "botan"), world, case, port);
        }
        if let Some(why) = lacks(case) {
            return not_offered(why);
        }
        let policy = format!("--policy={}", policy(world, case, true)?);
        let mut launch =
            Launch::new("botan").args(["tls_client", "localhost", &format!("--port={port}"), &policy]);
        launch = launch
            .args([format!("--trusted-cas={}", world.ca())])
            .args(["--tls1.2", "--skip-system-cert-store"]);
        let mut launches = Vec::new();
        if case.resumption.is_some() {
            let sessions = world.file(&format!("botan-sessions-{port}-{:?}.db", case.resumption));
            let _none_yet = fs::remove_file(&sessions);
            launch = launch.args([format!("--session-db={sessions}"), "--session-db-pass=none".to_owned()]);
            launches.push(launch.clone());
        }
        launches.push(launch);
        Ok(Client::Run {
            launches,
            command: None,
            input: request(case, self.long_path()),
            ends: Ends::WhenAnswered,
        })
    }
}
