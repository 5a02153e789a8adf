//! ngtcp2 with GnuTLS, of Debian 13: `gtlsclient` and `gtlsserver`.

use std::fs;

use super::case::{Case, Fault, PATH, RETRIED, Second};
use super::peer::{Client, Peer, Server};
use crate::conformance::interop::case::{Asker, Resumption, Role};
use crate::conformance::interop::debian13::{Edition, TOOLS};
use crate::conformance::interop::peer::{No, not_offered};
use crate::conformance::interop::process::{Launch, PORT};
use crate::conformance::interop::world::World;
use crate::conformance::suite::Tool;

#[derive(Debug)]
pub(super) struct Ngtcp2;

/// GnuTLS's names of a suite: in priorities, and in reports.
fn cipher(suite: &str) -> Option<&'static str> {
    match suite {
        "TLS_AES_128_GCM_SHA256" => Some("AES-128-GCM"),
        "TLS_AES_256_GCM_SHA384" => Some("AES-256-GCM"),
        "TLS_CHACHA20_POLY1305_SHA256" => Some("CHACHA20-POLY1305"),
        "TLS_AES_128_CCM_SHA256" => Some("AES-128-CCM"),
        _ => None,
    }
}

/// GnuTLS's name of a group.
fn group(group: &str) -> Option<&'static str> {
    match group {
        "x25519" => Some("X25519"),
        "secp256r1" => Some("SECP256R1"),
        "secp384r1" => Some("SECP384R1"),
        "secp521r1" => Some("SECP521R1"),
        "ffdhe2048" => Some("FFDHE2048"),
        _ => None,
    }
}

/// Adds the options for the suite and for the groups.
fn chosen(mut launch: Launch, case: &Case, groups: &[&str]) -> Result<Launch, No> {
    if let Some(suite) = case.suite {
        let Some(cipher) = cipher(suite) else { return not_offered("GnuTLS does not have this suite") };
        launch = launch.args([format!("--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+{cipher}")]);
    }
    if groups.is_empty() {
        return Ok(launch);
    }
    let names: Option<Vec<String>> =
        groups.iter().map(|one| Some(format!("+GROUP-{}", group(one)?))).collect();
    match names {
        Some(names) => Ok(launch.args([format!("--groups=-GROUP-ALL:{}", names.join(":"))])),
        None => not_offered("Debian builds GnuTLS without ML-KEM"),
    }
}

/// The texts with which both programs report what a case negotiates.
fn words(case: &Case) -> Vec<String> {
    if let Some(fault) = case.fault {
        return vec![format!("CRYPTO_ERROR({})", fault.code())];
    }
    let mut words = vec!["Negotiated ALPN is h3".to_owned()];
    words.extend(case.suite.and_then(cipher).map(|name| format!("Negotiated cipher suite is {name}")));
    words.extend(case.group.and_then(group).map(|name| format!("Negotiated group is {name}")));
    if case.key_update.is_some() {
        words.push("key update confirmed".to_owned());
    }
    if case.second.is_early() {
        words.push("type=0RTT".to_owned());
    }
    words
}

impl Peer for Ngtcp2 {
    fn name(&self) -> &'static str {
        "ngtcp2"
    }

    fn letter(&self) -> char {
        'n'
    }

    fn tools(&self) -> &'static [Tool] {
        &TOOLS
    }

    fn prepare(&self, world: &World) -> Result<String, String> {
        Edition::Debian13.bring(world, &["ngtcp2-client", "ngtcp2-server"])?;
        let library = "usr/lib/x86_64-linux-gnu";
        let names = fs::read_dir(world.root.join(library)).into_iter().flatten().filter_map(Result::ok);
        let mut names = names.filter_map(|entry| entry.file_name().into_string().ok());
        let version = names.find_map(|name| Some(name.strip_prefix("libngtcp2.so.")?.to_owned()));
        Ok(version.map_or_else(String::new, |version| format!("(library {version})")))
    }

    fn server(&self, world: &World, case: &Case) -> Result<Server, No> {
        if case.second == Second::Resumes(Resumption::Id) {
            return not_offered("gtlsserver's tickets contain their sessions");
        }
        if case.second == Second::EarlyRejected {
            return not_offered("gtlsserver accepts early data if its tickets permit it");
        }
        if case.key_update == Some(Asker::Server) {
            return not_offered("gtlsserver updates its keys when the client does");
        }
        let groups = case.group.or_else(|| case.hello_retry.then_some(RETRIED[1]));
        let launch = Edition::Debian13.launch(world, "gtlsserver").args(["--no-quic-dump", "--no-http-dump"]);
        let (cert, key) = world.identity(Role::Server, case.key.0);
        let launch = chosen(launch, case, groups.as_slice())?
            .args_if(case.client_key.is_some(), &["--verify-client"])
            .args_if(case.retry, &["--validate-addr"])
            .args([format!("--htdocs={}", world.folder.display())])
            .args(["127.0.0.1", PORT, &key, &cert]);
        let mut words = words(case);
        if case.retry {
            words.push("Sending Retry packet".to_owned());
        }
        Ok(Server { launch, words })
    }

    fn client(&self, world: &World, case: &Case, port: u16) -> Result<Client, No> {
        match (case.fault, case.key_update) {
            (Some(Fault::Protocol), _) => return not_offered("gtlsclient offers h3 alone"),
            (Some(Fault::Authority), _) => return not_offered("gtlsclient does not check certificates"),
            (_, Some(Asker::Server)) => {
                return not_offered("there is no word about the server's key updates");
            }
            _ => {}
        }
        // Each case has a server, and so a port, of its own.
        let folder = world.folder.join(format!("ngtcp2-{port}"));
        let _none_yet = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(|e| format!("{} cannot be made: {e}", folder.display()))?;
        let folder = folder.display().to_string();
        let groups = match case.group {
            Some(group) => vec![group],
            // gtlsclient sends shares of its first two groups.
            None if case.hello_retry => vec![RETRIED[0], "secp256r1", RETRIED[1]],
            None => Vec::new(),
        };
        let mut launch = chosen(Edition::Debian13.launch(world, "gtlsclient"), case, &groups)?.args([
            "--no-quic-dump",
            "--no-http-dump",
            "--exit-on-all-streams-close",
            "--sni=localhost",
            &format!("--download={folder}"),
        ]);
        if let Some(key) = case.client_key {
            let (cert, private) = world.identity(Role::Client, key);
            launch = launch.args([format!("--cert={cert}"), format!("--key={private}")]);
        }
        // The request comes after the key update.
        launch = launch.args_if(case.key_update.is_some(), &["--key-update=5ms", "--delay-stream=300ms"]);
        if case.second != Second::No {
            launch = launch.args([format!("--session-file={folder}/session")]);
        }
        launch = if case.second.is_early() {
            launch.args([format!("--tp-file={folder}/parameters")])
        } else {
            launch.args(["--disable-early-data"])
        };
        let target = ["127.0.0.1".to_owned(), port.to_string(), format!("https://localhost:{port}{PATH}")];
        let first = launch.clone().args(["--wait-for-ticket"]).args(&target);
        let only = launch.args(&target);
        let launches = if case.second == Second::No { vec![only] } else { vec![first, only] };
        let mut words = words(case);
        if case.retry {
            words.push("type=Retry".to_owned());
        }
        Ok(Client { launches, input: String::new(), page: Some(format!("{folder}{PATH}").into()), words })
    }
}
