//! Chromium without a window. It is a client only, and shows the page of Cairn's server. It does not let one
//! choose parameters, so there are few cases.

use core::time::Duration;
use std::fs;

use super::case::{Case, PATH, Second};
use super::peer::{Client, Peer, Server};
use crate::conformance::interop::browser::chromium;
use crate::conformance::interop::case::{Key, Role};
use crate::conformance::interop::peer::{No, not_offered};
use crate::conformance::interop::process::Launch;
use crate::conformance::interop::world::World;
use crate::conformance::suite::Tool;

/// The time limit for a question about its version.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Chromium;

fn lacks(case: &Case) -> Option<&'static str> {
    if case.suite.is_some() || case.hello_retry || case.group.is_some_and(|group| group != "X25519MLKEM768") {
        return Some("Chromium does not let one choose suites and groups");
    }
    if case.second != Second::No {
        return Some("Chromium stores no sessions of QUIC from one run to the next");
    }
    if case.key_update.is_some() {
        return Some("Chromium has no option for key updates");
    }
    if case.key.0 == Key::Ed25519 {
        return Some("Chromium does not have such certificates");
    }
    if case.client_key.is_some() {
        return Some("Chromium without a window cannot be asked for a certificate");
    }
    case.fault.map(|_| "Chromium then uses TCP")
}

impl Peer for Chromium {
    fn name(&self) -> &'static str {
        "Chromium"
    }

    fn letter(&self) -> char {
        'h'
    }

    fn tools(&self) -> &'static [Tool] {
        &[Tool { program: "chromium", package: "chromium" }]
    }

    fn prepare(&self, _: &World) -> Result<String, String> {
        let text = Launch::new("chromium").args(["--version"]).run_within(PATIENCE)?.text;
        Ok(text.split_whitespace().nth(1).unwrap_or_default().to_owned())
    }

    fn plays_against(&self, ours: Role) -> bool {
        ours == Role::Server
    }

    fn server(&self, _: &World, _: &Case) -> Result<Server, No> {
        not_offered("Chromium is a client")
    }

    fn client(&self, world: &World, case: &Case, port: u16) -> Result<Client, No> {
        if let Some(why) = lacks(case) {
            return not_offered(why);
        }
        let profile = world.folder.join(format!("chromium-{port}"));
        let _none_yet = fs::remove_dir_all(&profile);
        let launch = chromium(world, &profile.display().to_string(), case.key.0)?.args([
            // Otherwise it tries the address of IPv6, and over QUIC no other.
            "--host-resolver-rules=MAP localhost 127.0.0.1".to_owned(),
            format!("--origin-to-force-quic-on=localhost:{port}"),
            "--dump-dom".to_owned(),
            format!("https://localhost:{port}{PATH}"),
        ]);
        Ok(Client { launches: vec![launch], input: String::new(), page: None, words: Vec::new() })
    }
}
