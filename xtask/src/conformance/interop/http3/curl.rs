//! curl of Debian 13, with OpenSSL's QUIC and nghttp3. It is a client only.

use super::case::{Case, Fault, PATH, RETRIED, Second};
use super::ours::authorities;
use super::peer::{Client, Peer, Server};
use crate::conformance::interop::case::{Asker, Role};
use crate::conformance::interop::debian13::{Edition, TOOLS};
use crate::conformance::interop::peer::{No, not_offered};
use crate::conformance::interop::world::World;
use crate::conformance::suite::Tool;

#[derive(Debug)]
pub(super) struct Curl;

fn lacks(case: &Case) -> Option<&'static str> {
    if case.second.is_early() {
        return Some("curl sends no early data with OpenSSL");
    }
    if case.second != Second::No {
        return Some("Debian's curl exports no sessions, and has one connection in a run");
    }
    if case.suite == Some("TLS_AES_128_CCM_SHA256") {
        return Some("OpenSSL's QUIC does not have this suite");
    }
    if case.key_update == Some(Asker::Client) {
        return Some("curl has no option for key updates");
    }
    (case.fault == Some(Fault::Protocol)).then_some("curl offers no other protocol over QUIC")
}

impl Peer for Curl {
    fn name(&self) -> &'static str {
        "curl"
    }

    fn letter(&self) -> char {
        'c'
    }

    fn tools(&self) -> &'static [Tool] {
        &TOOLS
    }

    fn prepare(&self, world: &World) -> Result<String, String> {
        Edition::Debian13.bring(world, &["curl"])?;
        let text = Edition::Debian13.launch(world, "curl").args(["--version"]).run("")?.text;
        Ok(text.split_whitespace().nth(1).unwrap_or_default().to_owned())
    }

    fn plays_against(&self, ours: Role) -> bool {
        ours == Role::Server
    }

    fn server(&self, _: &World, _: &Case) -> Result<Server, No> {
        not_offered("curl is a client")
    }

    fn client(&self, world: &World, case: &Case, port: u16) -> Result<Client, No> {
        if let Some(why) = lacks(case) {
            return not_offered(why);
        }
        let mut launch = Edition::Debian13.launch(world, "curl").args([
            "--disable",
            "--silent",
            "--show-error",
            "--ipv4",
            "--noproxy",
            "*",
            "--http3-only",
            "--cacert",
            &authorities(world, case),
        ]);
        if let Some(suite) = case.suite {
            launch = launch.args(["--tls13-ciphers", suite]);
        }
        if let Some(group) = case.group {
            launch = launch.args(["--curves", group]);
        }
        if case.hello_retry {
            launch = launch.args(["--curves", &RETRIED.join(":")]);
        }
        if let Some(key) = case.client_key {
            let (cert, private) = world.identity(Role::Client, key);
            launch = launch.args(["--cert", &cert, "--key", &private]);
        }
        let words = match case.fault {
            // curl's words for exit code 60.
            Some(_) => vec!["SSL certificate".to_owned()],
            None => Vec::new(),
        };
        let url = format!("https://localhost:{port}{PATH}");
        Ok(Client { launches: vec![launch.args([url])], input: String::new(), page: None, words })
    }
}
