//! Botan with TLS 1.3: the command lines of `botan tls_client` and `botan tls_server`, and their own reports.

use std::fs;

use super::case::{Asker, Case, FIRST_GROUP, Key, Resumption, Role, Versions};
use super::peer::{Client, Ends, No, Ready, Server, Word, not_offered};
use super::process::{Launch, PORT};
use super::run::{path, request};
use super::world::{PSK, PSK_IDENTITY, World};

/// Its groups that Cairn has too.
const GROUPS: [&str; 7] =
    ["x25519", "X25519MLKEM768", "SecP256r1MLKEM768", "secp256r1", "secp384r1", "secp521r1", "ffdhe2048"];

fn lacks(case: &Case) -> Option<&'static str> {
    let scheme = case.scheme.unwrap_or_default();
    let keys = case.keys.iter().copied().chain(case.client_key);
    if keys.clone().any(|key| matches!(key, Key::Ed25519 | Key::RsaPss)) {
        return Some("Botan has no such certificates in TLS");
    }
    if scheme.starts_with("rsa") && !scheme.ends_with("256") {
        return Some("Botan's policies cannot choose among hashes");
    }
    if case.group == Some("SecP384r1MLKEM1024") {
        return Some("Botan 3.7 has no SecP384r1MLKEM1024");
    }
    if case.early_data.is_some() {
        return Some("Botan has no early data");
    }
    if case.later {
        return Some("Botan has no authentication after the handshake");
    }
    if case.raw_keys.is_some() {
        return Some("not tested yet");
    }
    case.compression.is_some().then_some("Botan does not compress certificates")
}

/// Botan's name of a group.
fn group_name(group: &str) -> &str {
    match group {
        "X25519MLKEM768" => "x25519/ML-KEM-768",
        "SecP256r1MLKEM768" => "secp256r1/ML-KEM-768",
        "ffdhe2048" => "ffdhe/ietf/2048",
        other => other,
    }
}

fn cipher(case: &Case) -> &'static str {
    match case.suite.as_str() {
        "TLS_AES_256_GCM_SHA384" => "AES-256/GCM",
        "TLS_CHACHA20_POLY1305_SHA256" => "ChaCha20Poly1305",
        "TLS_AES_128_CCM_SHA256" => "AES-128/CCM",
        "TLS_AES_128_CCM_8_SHA256" => "AES-128/CCM(8)",
        _ => "AES-128/GCM",
    }
}

/// Writes a policy for this case alone, and returns the argument that names it.
fn policy(world: &World, case: &Case, groups: &[&str]) -> Result<String, String> {
    let groups: Vec<&str> = groups.iter().copied().map(group_name).collect();
    let hashes = match case.scheme.and_then(|scheme| scheme.get(scheme.len().saturating_sub(3)..)) {
        Some("384") => "SHA-384 SHA-256",
        Some("512") => "SHA-512 SHA-256",
        Some(_) => "SHA-256",
        None => "SHA-512 SHA-384 SHA-256",
    };
    let (cipher, all, first) = (cipher(case), groups.join(" "), groups.first().copied().unwrap_or_default());
    let (tls12, tls13) = (case.theirs != Versions::Tls13, case.theirs != Versions::Tls12);
    let text = format!(
        "allow_tls12 = {tls12}\nallow_tls13 = {tls13}\nallow_dtls12 = false\n\
         ciphers = {cipher}\nmacs = AEAD\nkey_exchange_methods = ECDH\nsignature_methods = ECDSA RSA\n\
         signature_hashes = {hashes}\nkey_exchange_groups = {all}\nkey_exchange_groups_to_offer = {first}\n\
         minimum_rsa_bits = 2048\nminimum_dh_group_size = 2048\n"
    );
    let sum = text.bytes().fold(0_u32, |sum, byte| sum.rotate_left(5) ^ u32::from(byte));
    let file = world.file(&format!("botan-{sum:08x}.txt"));
    fs::write(&file, text).map_err(|e| format!("{file} cannot be written: {e}"))?;
    Ok(format!("--policy={file}"))
}

fn with_psk(launch: Launch, case: &Case) -> Launch {
    let words = [format!("--psk={PSK}"), format!("--psk-identity={PSK_IDENTITY}")];
    if case.external_psk { launch.args(words) } else { launch }
}

/// `botan tls_server`.
pub(super) fn server(launch: Launch, world: &World, case: &Case) -> Result<Server, No> {
    if let Some(why) = lacks(case) {
        return not_offered(why);
    }
    if case.group == Some("SecP256r1MLKEM768") {
        return not_offered("botan's server refuses such shares, those of OpenSSL's client too");
    }
    if case.client_key.is_some() {
        return not_offered("botan's server asks for no certificates");
    }
    if case.key_update == Some(Asker::Server) {
        return not_offered("botan's server sends KeyUpdate only in answer to one");
    }
    if case.resumption == Some(Resumption::Ticket) {
        return not_offered("botan's server stores its sessions");
    }
    let Some(key) = case.keys.first() else { return not_offered("there is no certificate") };
    let (cert, private) = world.identity(Role::Server, *key);
    let groups = case.group.map_or(GROUPS.to_vec(), |group| vec![group]);
    let launch = launch.args(["tls_server", &cert, &private, &format!("--port={PORT}")]);
    Ok(Server {
        launch: with_psk(launch, case).args([policy(world, case, &groups)?]),
        ready: Ready::AtPort("Listening for new connections"),
        request: request(case, 0),
        answer: format!("GET {}", path(case, 0)),
        prompts: Vec::new(),
        closes: false,
    })
}

/// `botan tls_client`.
pub(super) fn client(launch: Launch, world: &World, case: &Case, port: u16) -> Result<Client, No> {
    if let Some(why) = lacks(case) {
        return not_offered(why);
    }
    if case.key_update.is_some() {
        return not_offered("botan's client sends KeyUpdate only in answer to one");
    }
    let groups: Vec<&str> = match case.group {
        Some(group) => case.retry.then_some(FIRST_GROUP).into_iter().chain([group]).collect(),
        None => GROUPS.to_vec(),
    };
    let version = if case.theirs == Versions::Tls12 { "1.2" } else { "1.3" };
    let mut launch = launch.args(["tls_client", "localhost", &format!("--port={port}")]).args([
        policy(world, case, &groups)?,
        format!("--trusted-cas={}", world.ca()),
        format!("--tls-version={version}"),
        "--skip-system-cert-store".to_owned(),
    ]);
    launch = with_psk(launch, case);
    if let Some(key) = case.client_key {
        let (cert, private) = world.identity(Role::Client, key);
        launch = launch.args([format!("--client-cert={cert}"), format!("--client-cert-key={private}")]);
    }
    let mut launches = Vec::new();
    if case.resumption.is_some() {
        let sessions = world.file(&format!("botan13-sessions-{port}.db"));
        let _none_yet = fs::remove_file(&sessions);
        launch = launch.args([format!("--session-db={sessions}"), "--session-db-pass=none".to_owned()]);
        launches.push(launch.clone());
    }
    launches.push(launch);
    Ok(Client::Run { launches, command: None, input: request(case, 0), ends: Ends::WhenAnswered })
}

/// The words with which it must report a connection.
pub(super) fn own_words(case: &Case, ours: Role) -> Vec<Word> {
    let version = if case.is_tls13() { "TLS v1.3" } else { "TLS v1.2" };
    let suite = case.suite.trim_start_matches("TLS_");
    let mut words = vec![Word::once(format!("Handshake complete, {version}"))];
    match ours {
        Role::Client => words.push(Word::once(format!("{version} using {suite}"))),
        Role::Server => {
            words.push(Word::once(format!("Negotiated ciphersuite {suite}")));
            let group = case.group.filter(|_| case.is_tls13() && case.resumption.is_none());
            words.extend(group.map(|group| Word::once(format!("Key exchange using {}", group_name(group)))));
            let psk = format!("Utilized PSK identity: {PSK_IDENTITY}");
            words.extend(case.external_psk.then(|| Word::once(psk)));
        }
    }
    words
}
