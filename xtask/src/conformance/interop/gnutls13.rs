//! GnuTLS with TLS 1.3: the command lines of `gnutls-cli` and `gnutls-serv`, and their own reports.

use super::case::{Asker, Case, Early, FIRST_GROUP, RawKeys, Resumption, Role, Versions};
use super::debian13::Edition;
use super::gnutls_names::common;
use super::ours::RAW_KEY;
use super::peer::{Client, Command, Ends, No, Ready, Server, Word, not_offered};
use super::process::Launch;
use super::run::request;
use super::world::{PSK, PSK_IDENTITY, World};

fn lacks(case: &Case) -> Option<&'static str> {
    if case.compression.is_some() {
        return Some("Debian builds GnuTLS without certificate compression");
    }
    case.group.is_some_and(|group| group.contains("MLKEM")).then_some("Debian builds GnuTLS without ML-KEM")
}

/// GnuTLS's name of the cipher.
fn cipher(case: &Case) -> &'static str {
    match case.suite.as_str() {
        "TLS_AES_256_GCM_SHA384" => "AES-256-GCM",
        "TLS_CHACHA20_POLY1305_SHA256" => "CHACHA20-POLY1305",
        "TLS_AES_128_CCM_SHA256" => "AES-128-CCM",
        "TLS_AES_128_CCM_8_SHA256" => "AES-128-CCM-8",
        _ => "AES-128-GCM",
    }
}

/// A priority string for this case alone.
fn priority(case: &Case, offered_first: Option<&str>) -> String {
    let versions = match case.theirs {
        Versions::Tls12 => "+VERS-TLS1.2",
        Versions::Tls13 => "+VERS-TLS1.3",
        Versions::Both => "+VERS-TLS1.3:+VERS-TLS1.2",
    };
    let certificates = match case.raw_keys {
        None => "+CTYPE-ALL",
        Some(RawKeys::Server) => "+CTYPE-SRV-RAWPK:+CTYPE-CLI-X509",
        Some(RawKeys::Both) => "+CTYPE-SRV-RAWPK:+CTYPE-CLI-RAWPK",
    };
    let first = offered_first.map(|group| format!(":+GROUP-{}", group.to_uppercase())).unwrap_or_default();
    let exchanges = if case.external_psk { "+ECDHE-PSK" } else { "+ECDHE-RSA:+ECDHE-ECDSA" };
    format!(
        "NONE:{versions}:+COMP-NULL:{certificates}:{exchanges}:+{}:+MAC-ALL:+AEAD{first}{}",
        cipher(case),
        common(case)
    )
}

/// The trace of messages, where its report does not suffice.
fn traced(launch: Launch, case: &Case) -> Launch {
    let traced = case.retry || case.key_update.is_some() || case.later || case.early_data.is_some();
    let launch = launch.args_if(traced, &["-d", "4"]);
    match case.compression {
        Some(algorithm) => launch.args(["--compress-cert", algorithm]),
        None => launch,
    }
}

/// `gnutls-serv`.
pub(super) fn server(launch: Launch, world: &World, case: &Case) -> Result<Server, No> {
    if let Some(why) = lacks(case) {
        return not_offered(why);
    }
    if case.key_update == Some(Asker::Server) {
        return not_offered("gnutls-serv sends KeyUpdate only in answer to one");
    }
    if case.resumption == Some(Resumption::Id) {
        return not_offered("the tickets of GnuTLS contain the session in TLS 1.3");
    }
    if case.early_data == Some(Early::Refused) {
        return not_offered(if case.retry {
            "gnutls-serv fails at early data after HelloRetryRequest, that of OpenSSL's client too"
        } else {
            "gnutls-serv accepts early data if its tickets permit it"
        });
    }
    let mut launch = traced(launch, case).args(["--priority", &priority(case, None)]);
    launch = launch.args_if(case.early_data.is_some(), &["--earlydata"]);
    launch = launch.args([if case.later { "--echo" } else { "--http" }]);
    if case.external_psk {
        launch = launch.args(["--pskpasswd", &world.file("psk.txt")]);
    } else if case.raw_keys.is_some() {
        let (_, private) = world.identity(Role::Server, RAW_KEY);
        let public = world.public_key(Role::Server, RAW_KEY);
        launch = launch.args(["--rawpkkeyfile", &private, "--rawpkfile", &public]);
    } else {
        for key in case.keys {
            let (cert, private) = world.identity(Role::Server, *key);
            launch = launch.args(["--x509certfile", &cert, "--x509keyfile", &private]);
        }
    }
    launch = launch.args_if(case.resumption.is_none(), &["--noticket"]);
    launch = if case.later {
        launch.args(["--disable-client-cert", "--verify-client-cert", "--x509cafile", &world.ca()])
    } else if case.client_key.is_some() {
        launch.args(["--require-client-cert", "--verify-client-cert", "--x509cafile", &world.ca()])
    } else if case.raw_keys == Some(RawKeys::Both) {
        launch.args(["--require-client-cert"])
    } else {
        launch.args(["--disable-client-cert"])
    };
    if case.later {
        return Ok(Server {
            launch,
            ready: Ready::AtPort("done\n"),
            request: "**REAUTH**\n".to_owned(),
            answer: "Successfully executed command".to_owned(),
            prompts: Vec::new(),
            closes: false,
        });
    }
    Ok(Server {
        launch,
        ready: Ready::AtPort("done\n"),
        request: "GET / HTTP/1.0\r\n\r\n".to_owned(),
        answer: "</HTML>".to_owned(),
        prompts: Vec::new(),
        closes: true,
    })
}

/// `gnutls-cli`.
pub(super) fn client(
    edition: Edition,
    launch: Launch,
    world: &World,
    (case, port): (&Case, u16),
    long_path: usize,
) -> Result<Client, No> {
    if let Some(why) = lacks(case) {
        return not_offered(why);
    }
    if case.early_data.is_some() && edition == Edition::Debian13 {
        return not_offered("gnutls-cli of GnuTLS 3.8 sends no early data, to OpenSSL's server neither");
    }
    if case.early_data.is_some() && case.retry {
        return not_offered(
            "gnutls-cli does not continue when HelloRetryRequest answers early data, \
             with OpenSSL's server neither",
        );
    }
    let first = case.retry.then_some(FIRST_GROUP);
    let mut launch = traced(launch, case).args(["--priority", &priority(case, first)]);
    launch = launch.args_if(case.retry, &["--single-key-share"]);
    launch = launch.args(["--sni-hostname", "localhost"]);
    launch = if case.external_psk {
        launch.args(["--pskusername", PSK_IDENTITY, "--pskkey", PSK])
    } else if case.raw_keys.is_some() {
        // It has no option for the expected key. Cairn's server has no other.
        launch.args(["--no-ca-verification"])
    } else {
        launch.args(["--x509cafile", &world.ca(), "--verify-hostname", "localhost"])
    };
    if case.raw_keys == Some(RawKeys::Both) {
        let (_, private) = world.identity(Role::Client, RAW_KEY);
        let public = world.public_key(Role::Client, RAW_KEY);
        launch = launch.args(["--rawpkkeyfile", &private, "--rawpkfile", &public]);
    }
    if let Some(key) = case.client_key {
        let (cert, private) = world.identity(Role::Client, key);
        launch = launch.args(["--x509certfile", &cert, "--x509keyfile", &private]);
    }
    // Without the second option it may end the first connection before the ticket has come.
    launch = launch.args_if(case.resumption.is_some(), &["--resume", "--waitresumption"]);
    if case.early_data.is_some() {
        launch = launch.args(["--earlydata", &world.early_data(port, &request(case, long_path))?]);
    }
    launch = launch.args_if(case.later, &["--post-handshake-auth"]);
    let updates = case.key_update == Some(Asker::Client);
    launch = launch.args_if(updates, &["--inline-commands"]).args(["127.0.0.1"]);
    Ok(Client::Run {
        launches: vec![launch],
        command: updates.then_some(Command {
            after: "Handshake was completed",
            line: "^rekey^\n",
            says: "Rekey was completed",
        }),
        input: request(case, long_path),
        ends: Ends::WhenAnswered,
    })
}

/// The lines that it must print about a connection.
pub(super) fn own_words(case: &Case, ours: Role) -> Vec<Word> {
    let version = if case.is_tls13() { "(TLS1.3-" } else { "(TLS1.2-" };
    let mut words =
        vec![Word::once(format!("- Description: {version}")), Word::once(format!("-({})", cipher(case)))];
    if let Some(group) = case.group
        && !case.external_psk
    {
        let group = match group.strip_prefix("ffdhe") {
            Some(bits) => format!("DHE-FFDHE{bits}"),
            None => format!("ECDHE-{}", group.to_uppercase()),
        };
        // Only a full handshake has it in the description.
        words.push(Word::once(format!("-X.509)-({group})-(")));
    }
    if let Some(scheme) = case.scheme {
        let scheme = match scheme {
            "ed25519" => "EdDSA-Ed25519".to_owned(),
            other => other.replace("pss_pss", "pss").replace('_', "-").to_uppercase(),
        };
        words.push(Word::once(format!(")-({scheme})-(")));
    }
    if case.resumption.is_some() {
        words.push(Word::once("*** This is a resumed session"));
    }
    if case.external_psk {
        words.push(Word::once(format!("PSK authentication. Connected as '{PSK_IDENTITY}'")));
    }
    if ours == Role::Client && case.early_data == Some(Early::Accepted) {
        // It has no report of early data, but a trace.
        words.extend([Word::once("early data accepted"), Word::once("END OF EARLY DATA (5) was received")]);
    }
    if case.later {
        words.push(Word::once(match ours {
            Role::Client => "CERTIFICATE VERIFY (15) was received",
            Role::Server => "Re-authentication was requested by the peer",
        }));
    }
    if let Some(key) = case.client_key
        && ours == Role::Client
        && !case.later
    {
        words.push(Word::once(format!("Interop_client_{}", key.name())));
    }
    if case.raw_keys.is_some() {
        words.push(Word::once("Raw Public Key"));
    }
    if case.retry {
        words.push(Word::once("HELLO RETRY REQUEST"));
    }
    if case.key_update.is_some() {
        words.extend([Word::once("KEY_UPDATE was queued"), Word::once("KEY_UPDATE (24) was received")]);
    }
    words
}
