//! NSS with TLS 1.3: the command lines of `tstclnt` and `selfserv`, and what `selfserv` reports.

use super::case::{Asker, Case, Early, FIRST_GROUP, Key, Resumption, Role, USUAL_RSA, Versions};
use super::peer::{Client, Ends, No, Ready, Server, Word, not_offered};
use super::process::{Launch, PORT};
use super::run::{path, request};
use super::world::{PSK, PSK_IDENTITY, authority_scheme};

/// The cipher suites, and their numbers in the IANA registry. The last one is for mixtures of versions.
pub(super) const SUITES: [(&str, &str); 4] = [
    ("TLS_AES_128_GCM_SHA256", "1301"),
    ("TLS_AES_256_GCM_SHA384", "1302"),
    ("TLS_CHACHA20_POLY1305_SHA256", "1303"),
    (USUAL_RSA, "C02F"),
];

fn lacks(case: &Case) -> Option<&'static str> {
    if case.keys.contains(&Key::Ed25519) || case.client_key == Some(Key::Ed25519) {
        return Some("NSS has no Ed25519 in TLS");
    }
    if case.client_key == Some(Key::RsaPss) {
        return Some("NSS requests no scheme for such keys from clients by default");
    }
    if case.raw_keys.is_some() {
        return Some("NSS has no raw public keys");
    }
    matches!(case.group, Some("SecP256r1MLKEM768" | "SecP384r1MLKEM1024")).then_some("NSS has no such group")
}

fn group_name(group: &str) -> &str {
    match group {
        "X25519MLKEM768" => "mlkem768x25519",
        "secp256r1" => "P256",
        "secp384r1" => "P384",
        "secp521r1" => "P521",
        "ffdhe2048" => "FF2048",
        other => other,
    }
}

/// The arguments that both programs share.
fn common(launch: Launch, case: &Case, groups: &[&str]) -> Launch {
    let versions = match case.theirs {
        Versions::Tls12 => "tls1.2:tls1.2",
        Versions::Tls13 => "tls1.3:tls1.3",
        Versions::Both => "tls1.2:tls1.3",
    };
    let mut launch = launch.args(["-v", "-G", "-V", versions]);
    if !groups.is_empty() {
        let names: Vec<&str> = groups.iter().copied().map(group_name).collect();
        launch = launch.args(["-I", &names.join(",")]);
    }
    if let Some(scheme) = case.scheme {
        launch = launch.args(["-J", &format!("{scheme},{}", authority_scheme(scheme))]);
    }
    launch.args_if(case.early_data.is_some(), &["-Z"])
}

/// `selfserv`.
pub(super) fn server(launch: Launch, case: &Case) -> Result<Server, No> {
    if let Some(why) = lacks(case) {
        return not_offered(why);
    }
    if case.key_update == Some(Asker::Server) {
        return not_offered("selfserv sends KeyUpdate only in answer to one");
    }
    if case.resumption == Some(Resumption::Id) {
        return not_offered("the tickets of NSS contain the session in TLS 1.3");
    }
    if case.external_psk {
        return not_offered("selfserv does not select such a PSK, that of OpenSSL's client neither");
    }
    if case.compression.is_some() {
        return not_offered("selfserv cannot be configured to compress certificates");
    }
    if case.early_data == Some(Early::Accepted) {
        return not_offered("NSS accepts no early data in its first seconds");
    }
    let all: String = SUITES.iter().map(|(_, number)| format!(":{number}")).collect();
    let mut launch = launch.args(["-p", PORT, "-c", &all]);
    for key in case.keys {
        launch = launch.args([if key.is_rsa() { "-n" } else { "-e" }, &format!("server-{}", key.name())]);
    }
    launch = common(launch, case, case.group.as_slice());
    launch = launch.args_if(case.resumption.is_some(), &["-u"]);
    if case.client_key.is_some() {
        // Twice: a certificate is required in the handshake; four times: later.
        launch = launch.args(["-r", "-r"]).args_if(case.later, &["-r", "-r", "-E"]);
    }
    Ok(Server {
        launch,
        ready: Ready::AtPort("About to call accept"),
        request: request(case, 0),
        answer: format!("GET {}", path(case, 0)),
        prompts: Vec::new(),
        closes: true,
    })
}

/// `tstclnt`.
pub(super) fn client(launch: Launch, case: &Case, port: u16) -> Result<Client, No> {
    if let Some(why) = lacks(case) {
        return not_offered(why);
    }
    if case.key_update.is_some() {
        return not_offered("tstclnt sends KeyUpdate only in answer to one");
    }
    if case.resumption.is_some() {
        return not_offered("tstclnt keeps no sessions between runs");
    }
    if case.compression.is_some_and(|algorithm| algorithm != "zlib") {
        return not_offered("tstclnt compresses certificates with zlib only");
    }
    let numbers: String = SUITES
        .iter()
        .filter(|(name, _)| *name == case.suite || case.theirs == Versions::Both)
        .map(|(_, number)| format!(":{number}"))
        .collect();
    // It sends a share of the first group.
    let groups: Vec<&str> = case.retry.then_some(FIRST_GROUP).into_iter().chain(case.group).collect();
    let mut launch = launch.args(["-h", "127.0.0.1", "-p", &port.to_string(), "-a", "localhost"]);
    launch = common(launch.args(["-c", &numbers]), case, &groups);
    launch = launch.args_if(case.later, &["-E"]);
    if case.external_psk {
        launch = launch.args(["-z", &format!("0x{PSK}:{PSK_IDENTITY}")]);
    }
    launch = launch.args_if(case.compression.is_some(), &["--zlib-certificate-compression"]);
    if let Some(key) = case.client_key {
        launch = launch.args(["-n", &format!("client-{}", key.name())]);
    }
    Ok(Client::Run { launches: vec![launch], command: None, input: request(case, 0), ends: Ends::Never })
}

/// The words with which it must report a connection.
pub(super) fn own_words(case: &Case, ours: Role) -> Vec<Word> {
    if ours == Role::Server {
        return Vec::new();
    }
    let mut words =
        vec![Word::once(if case.is_tls13() { "SSL version 3.4 using" } else { "SSL version 3.3 using" })];
    if case.resumption.is_some() {
        words.push(Word::once("1 stateless resumes"));
    }
    if let Some(key) = case.client_key {
        words.push(Word::once(format!("Subject: CN=Interop_client_{}", key.name())));
    }
    words
}
