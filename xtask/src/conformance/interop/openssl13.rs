//! OpenSSL with TLS 1.3: the command lines of `openssl s_client` and `openssl s_server`, and their own
//! reports.

use super::case::{Asker, Case, Early, FIRST_GROUP, Key, RawKeys, Resumption, Role, Versions};
use super::case13::USUAL;
use super::debian13::Edition;
use super::openssl_names::{READY, group_name, schemes};
use super::ours::RAW_KEY;
use super::peer::{Client, Command, Ends, No, Ready, Server, Word, not_offered};
use super::process::Launch;
use super::run::request;
use super::world::{PSK, PSK_IDENTITY, World};

/// OpenSSL's name of the suite with which TLS 1.2 is negotiated.
const USUAL_TLS12: &str = "ECDHE-RSA-AES128-GCM-SHA256";
/// A message in its trace (`-msg`), after its length.
const CLIENT_HELLO: &str = "], ClientHello";
const KEY_UPDATE: &str = "], KeyUpdate";

fn lacks(edition: Edition, case: &Case) -> Option<&'static str> {
    if case.compression.is_some() && edition == Edition::Installed {
        return Some("OpenSSL 3.0 does not compress certificates");
    }
    if edition == Edition::Debian13 {
        let brotli = case.compression == Some("brotli");
        return brotli.then_some("Debian builds OpenSSL without Brotli");
    }
    if case.raw_keys.is_some() {
        return Some("OpenSSL 3.0 has no raw public keys");
    }
    case.group.is_some_and(|group| group.contains("MLKEM")).then_some("OpenSSL 3.0 has no ML-KEM")
}

/// The suite as OpenSSL reports it.
fn suite_name(case: &Case) -> &str {
    if case.is_tls13() { &case.suite } else { USUAL_TLS12 }
}

fn version_name(case: &Case) -> &'static str {
    if case.is_tls13() { "TLSv1.3" } else { "TLSv1.2" }
}

/// The arguments that both programs share.
fn common(launch: Launch, case: &Case, groups: &[&str]) -> Launch {
    let mut launch = match case.theirs {
        Versions::Tls12 => launch.args(["-tls1_2"]),
        Versions::Tls13 => launch.args(["-tls1_3"]),
        Versions::Both => launch.args(["-min_protocol", "TLSv1.2"]),
    };
    let suite = if case.is_tls13() { case.suite.as_str() } else { USUAL };
    launch = launch.args(["-ciphersuites", suite, "-cipher", &format!("{USUAL_TLS12}:@SECLEVEL=0")]);
    if !groups.is_empty() {
        let names: Vec<&str> = groups.iter().copied().map(group_name).collect();
        launch = launch.args(["-groups", &names.join(":")]);
    }
    if let Some(scheme) = case.scheme {
        launch = launch.args(["-sigalgs", &schemes(scheme)]);
    }
    if case.raw_keys.is_some() {
        launch = launch.args(["-enable_server_rpk"]);
    }
    if case.raw_keys == Some(RawKeys::Both) {
        launch = launch.args(["-enable_client_rpk"]);
    }
    if case.external_psk {
        launch = launch.args(["-psk_identity", PSK_IDENTITY, "-psk", PSK]);
    }
    let traced = case.retry || case.key_update.is_some() || case.later || case.compression.is_some();
    launch.args_if(traced, &["-msg"])
}

/// `s_server`. Depending on the mode it reports the parameters in its answer, or on its standard output.
pub(super) fn server(edition: Edition, launch: Launch, world: &World, case: &Case) -> Result<Server, No> {
    if let Some(why) = lacks(edition, case) {
        return not_offered(why);
    }
    let mut launch = common(launch, case, case.group.as_slice());
    launch = launch.args_if(case.compression.is_some(), &["-cert_comp"]);
    let keys: &[Key] = match case.raw_keys {
        _ if case.external_psk => &[],
        Some(_) => &[RAW_KEY],
        None => case.keys,
    };
    launch = launch.args_if(case.external_psk, &["-nocert"]);
    for (key, flags) in keys.iter().zip([["-cert", "-key"], ["-dcert", "-dkey"]]) {
        let (cert, private) = world.identity(Role::Server, *key);
        launch = launch.args([flags[0], &cert, flags[1], &private]);
    }
    if case.client_key.is_some() {
        launch = launch.args(["-verify_return_error", "-CAfile", &world.ca()]);
        launch = launch.args_if(!case.later, &["-Verify", "2"]);
    }
    if case.raw_keys == Some(RawKeys::Both) {
        // It accepts any key, and reports it.
        launch = launch.args(["-Verify", "2"]);
    }
    launch = launch.args_if(case.resumption == Some(Resumption::Id), &["-no_ticket"]);
    if case.early_data == Some(Early::Accepted) {
        // It reads early data only when it does not serve files, and prints it.
        return Ok(Server {
            launch: launch.args(["-early_data"]),
            ready: Ready::Says("ACCEPT "),
            request: "one line\n".to_owned(),
            answer: String::new(),
            prompts: Vec::new(),
            closes: false,
        });
    }
    if case.resumption.is_some() {
        // Its tickets then permit early data, which it does not accept.
        launch = launch.args_if(case.early_data.is_some(), &["-max_early_data", "16384"]);
        // Its protection against replays uses up the ticket with the first ClientHello, before it sends
        // HelloRetryRequest.
        launch = launch.args_if(case.early_data.is_some() && case.retry, &["-no_anti_replay"]);
        return Ok(Server {
            launch: launch.args(["-www"]),
            ready: Ready::Says("ACCEPT "),
            request: "GET / HTTP/1.0\r\n\r\n".to_owned(),
            answer: "</HTML>".to_owned(),
            prompts: Vec::new(),
            closes: true,
        });
    }
    // The command, and what it prints when the client has followed.
    let command = match case.key_update {
        _ if case.later => Some(("c\n", "verify return:1")),
        Some(Asker::Server) => Some(("K\n", KEY_UPDATE)),
        _ => None,
    };
    Ok(Server {
        // It reads commands only when it does not serve files, and prints the data received.
        launch: launch.args_if(command.is_none(), &["-rev"]),
        ready: Ready::Says("ACCEPT "),
        request: "one line\n".to_owned(),
        answer: if command.is_some() { "and back" } else { "enil eno" }.to_owned(),
        prompts: command
            .map(|(line, done)| vec![("one line", line), (done, "and back\n")])
            .unwrap_or_default(),
        closes: false,
    })
}

/// `s_client`.
pub(super) fn client(
    edition: Edition,
    launch: Launch,
    world: &World,
    case: &Case,
    port: u16,
) -> Result<Client, No> {
    if let Some(why) = lacks(edition, case) {
        return not_offered(why);
    }
    // It sends a share of the first group.
    let groups: Vec<&str> = case.retry.then_some(FIRST_GROUP).into_iter().chain(case.group).collect();
    let mut launch = common(launch, case, &groups).args(["-servername", "localhost"]);
    if case.raw_keys.is_none() && !case.external_psk {
        // It has no option for the expected raw public key. Cairn's server has no other.
        launch =
            launch.args(["-CAfile", &world.ca(), "-verify_hostname", "localhost", "-verify_return_error"]);
    }
    let own_key = if case.raw_keys == Some(RawKeys::Both) { Some(RAW_KEY) } else { case.client_key };
    if let Some(key) = own_key {
        let (cert, private) = world.identity(Role::Client, key);
        launch = launch.args(["-cert", &cert, "-key", &private]);
    }
    launch = launch.args_if(case.later, &["-enable_pha"]);
    if case.key_update == Some(Asker::Client) {
        return Ok(Client::Run {
            launches: vec![launch],
            command: Some(Command { after: READY, line: "K\n", says: "KEYUPDATE" }),
            input: request(case, 0),
            ends: Ends::WhenAnswered,
        });
    }
    launch = launch.args(["-ign_eof", "-nocommands"]);
    let launches = if case.resumption.is_some() {
        let session = world.file(&format!("openssl-session-{port}.pem"));
        let first = launch.clone().args(["-sess_out", &session]);
        let mut second = launch.args(["-sess_in", &session]);
        if case.early_data.is_some() {
            second = second.args(["-early_data", &world.early_data(port, &request(case, 0))?]);
        }
        vec![first, second]
    } else {
        vec![launch]
    };
    Ok(Client::Run { launches, command: None, input: request(case, 0), ends: Ends::AtOnce })
}

/// Its report of a group: the name, in the form of this edition.
fn told_group(edition: Edition, group: &str, ours: Role) -> Option<String> {
    let key = match group {
        "x25519" => "X25519, 253 bits",
        "secp256r1" => "ECDH, prime256v1, 256 bits",
        "secp384r1" => "ECDH, secp384r1, 384 bits",
        "secp521r1" => "ECDH, secp521r1, 521 bits",
        "ffdhe2048" => "DH, 2048 bits",
        hybrid => hybrid,
    };
    match (edition, ours) {
        // The server of OpenSSL 3.0 does not report it.
        (Edition::Installed, Role::Client) => None,
        (Edition::Installed, Role::Server) => Some(format!("Server Temp Key: {key}")),
        (Edition::Debian13, Role::Server) if key == group => Some(format!("Negotiated TLS1.3 group: {key}")),
        (Edition::Debian13, _) => Some(format!("Peer Temp Key: {key}")),
    }
}

/// The lines that it must print about a connection.
pub(super) fn own_words(edition: Edition, case: &Case, ours: Role) -> Vec<Word> {
    let (version, suite) = (version_name(case), suite_name(case));
    let by_psk = case.resumption.is_some() || case.external_psk;
    let resumed = if by_psk { "Reused" } else { "New" };
    let in_one_line = format!("{resumed}, {version}, Cipher is {suite}");
    let mut words = match ours {
        Role::Server => vec![Word::once(in_one_line)],
        Role::Client if case.early_data == Some(Early::Accepted) => vec![
            Word::once("Reused session-id"),
            // In the first connection, as early data, and as later data.
            Word { text: "one line".to_owned(), times: 3 },
            Word::once("End of early data"),
        ],
        Role::Client if case.resumption.is_some() => vec![Word::once(in_one_line)],
        Role::Client if case.key_update == Some(Asker::Server) || case.later => {
            vec![Word::once(format!("CIPHER is {suite}"))]
        }
        Role::Client => {
            vec![
                Word::once(format!("Protocol version: {version}")),
                Word::once(format!("Ciphersuite: {suite}")),
            ]
        }
    };
    let summarizes = ours == Role::Server || case.resumption.is_none();
    if let Some(group) = case.group
        && summarizes
    {
        words.extend(told_group(edition, group, ours).map(Word::once));
    }
    if let Some(scheme) = case.scheme
        && ours == Role::Server
        && edition == Edition::Debian13
    {
        words.push(Word::once(format!("Peer signature type: {scheme}")));
    }
    if let Some(key) = case.client_key
        && ours == Role::Client
        && case.resumption.is_none()
    {
        words.push(Word::once(format!("Interop_client_{}", key.name())));
    }
    let raw_keys: &[&str] = match (ours, case.raw_keys) {
        // Its server does not report its own key.
        (_, None) | (Role::Client, Some(RawKeys::Server)) => &[],
        (Role::Client, Some(RawKeys::Both)) => &["Peer used raw public key"],
        (Role::Server, Some(RawKeys::Server)) => &["Server-to-client raw public key negotiated"],
        (Role::Server, Some(RawKeys::Both)) => {
            &["Server-to-client raw public key negotiated", "Client-to-server raw public key negotiated"]
        }
    };
    words.extend(raw_keys.iter().copied().map(Word::once));
    if ours == Role::Server {
        let early = case.early_data.map(|early| match early {
            Early::Accepted => "Early data was accepted",
            Early::Refused => "Early data was rejected",
        });
        words.extend(early.map(Word::once));
    }
    if case.later {
        words.push(Word::once("], CertificateRequest"));
    }
    if case.compression.is_some() {
        let times = 1 + usize::from(case.client_key.is_some());
        words.push(Word { text: "CompressedCertificate".to_owned(), times });
    }
    if case.retry {
        words.push(Word::twice(CLIENT_HELLO));
    }
    if case.key_update.is_some() {
        words.push(Word::twice(KEY_UPDATE));
    }
    words
}
