//! OpenSSL: `openssl s_client` and `openssl s_server`.

use alloc::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::case::{Asker, Case, Limit, Resumption, Role};
use super::case13;
use super::debian13::{self, Edition};
use super::openssl_names::{READY, group_name, schemes};
use super::openssl13 as tls13;
use super::peer::{Client, Command, Ends, No, Peer, Ready, Server, Word, not_offered};
use super::process::Launch;
use super::run::request;
use super::world::{PAGE, PAGE_END, PSK, PSK_IDENTITY, World};
use crate::conformance::suite::Tool;

/// It enables weak algorithms only on request.
const EVERYTHING: &str = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";

#[derive(Debug)]
pub(super) struct OpenSsl {
    edition: Edition,
    /// Maps IANA names of cipher suites to OpenSSL's names.
    names: OnceLock<BTreeMap<String, String>>,
}

impl OpenSsl {
    pub(super) fn new(edition: Edition) -> Self {
        Self { edition, names: OnceLock::new() }
    }

    fn program(&self, world: &World, command: &str) -> Launch {
        self.edition.launch(world, "openssl").args([command])
    }

    fn names(&self, world: &World) -> Result<&BTreeMap<String, String>, String> {
        if let Some(names) = self.names.get() {
            return Ok(names);
        }
        let list = self.program(world, "ciphers");
        let list = list.args(["-s", "-stdname", "-psk", "-tls1_2", EVERYTHING]).run("")?;
        let names = list.text.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            let (iana, _, own) = (words.next()?, words.next()?, words.next()?);
            // Two suites that the registry names in the other order.
            let iana = iana.replace("_DHE_PSK_WITH_AES_128_CCM_8", "_PSK_DHE_WITH_AES_128_CCM_8");
            let iana = iana.replace("_DHE_PSK_WITH_AES_256_CCM_8", "_PSK_DHE_WITH_AES_256_CCM_8");
            Some((iana, own.to_owned()))
        });
        Ok(self.names.get_or_init(|| names.collect()))
    }
}

impl Peer for OpenSsl {
    fn name(&self) -> &'static str {
        "OpenSSL"
    }

    fn edition(&self) -> Edition {
        self.edition
    }

    fn letter(&self) -> char {
        match self.edition {
            Edition::Installed => 'O',
            Edition::Debian13 => 'P',
        }
    }

    fn tools(&self) -> &'static [Tool] {
        match self.edition {
            Edition::Installed => &[Tool { program: "openssl", package: "openssl" }],
            Edition::Debian13 => &debian13::TOOLS,
        }
    }

    fn prepare(&self, world: &World) -> Result<String, String> {
        self.edition.bring(world, &["openssl"])?;
        let version = self.program(world, "version").run("")?.text;
        Ok(version.split_whitespace().nth(1).unwrap_or_default().to_owned())
    }

    fn suites(&self, world: &World, _: Role) -> Result<BTreeSet<String>, String> {
        let own = self.names(world)?.keys().map(String::as_str);
        Ok(own.chain(case13::SUITES).map(str::to_owned).collect())
    }

    fn in_depth(&self, _: &str) -> bool {
        // The older edition is.
        self.edition == Edition::Installed
    }

    fn speaks_tls13(&self) -> bool {
        true
    }

    fn own_words(&self, case: &Case, ours: Role) -> Vec<Word> {
        if case.concerns_tls13() { tls13::own_words(self.edition, case, ours) } else { Vec::new() }
    }

    fn server(&self, world: &World, case: &Case) -> Result<Server, No> {
        if matches!(case.limit, Some(Limit::RecordSize(_))) {
            return not_offered("OpenSSL does not support record_size_limit");
        }
        let listening = self.program(world, "s_server").args(["-accept", "127.0.0.1:0"]);
        if case.concerns_tls13() {
            return tls13::server(self.edition, listening.within(&world.folder), world, case);
        }
        let mut launch = listening.args(["-tls1_2"]);
        launch = launch.args(["-cipher", EVERYTHING, "-dhparam", &world.file("dh.pem")]);
        launch = launch.args(["-psk_identity", PSK_IDENTITY, "-psk", PSK]);
        for (key, flags) in case.keys.iter().zip([["-cert", "-key"], ["-dcert", "-dkey"]]) {
            let (cert, private) = world.identity(Role::Server, *key);
            launch = launch.args([flags[0], &cert, flags[1], &private]);
        }
        launch = launch.args_if(case.resumption == Some(Resumption::Id), &["-no_ticket"]);
        launch = launch.args_if(!case.etm, &["-no_etm"]);
        if let Some(group) = case.group {
            launch = launch.args(["-groups", group_name(group)]);
        }
        if let Some(scheme) = case.scheme {
            launch = launch.args(["-sigalgs", &schemes(scheme)]);
        }
        if case.client_key.is_some() {
            launch = launch.args(["-Verify", "2", "-verify_return_error", "-CAfile", &world.ca()]);
        }
        launch = launch.within(&world.folder);
        if let Some(asker) = case.renegotiation {
            // It reads commands and requests renegotiation only when it does not serve files. It prints the
            // data received.
            return Ok(Server {
                launch: match asker {
                    Asker::Client => launch.args(["-client_renegotiation", "-rev"]),
                    Asker::Server => launch,
                },
                ready: Ready::Says("ACCEPT "),
                request: "one line\n".to_owned(),
                answer: if asker == Asker::Client { "enil eno" } else { "and back" }.to_owned(),
                prompts: match asker {
                    Asker::Client => Vec::new(),
                    Asker::Server => vec![("one line", "r\n"), ("SSL_do_handshake -> 1", "and back\n")],
                },
                closes: false,
            });
        }
        Ok(Server {
            launch: launch.args(["-WWW"]),
            ready: Ready::Says("ACCEPT "),
            request: format!("GET /{PAGE} HTTP/1.0\r\n\r\n"),
            answer: PAGE_END.to_owned(),
            prompts: Vec::new(),
            closes: true,
        })
    }

    fn client(&self, world: &World, case: &Case, port: u16) -> Result<Client, No> {
        let connecting = self.program(world, "s_client").args(["-connect", &format!("127.0.0.1:{port}")]);
        if case.concerns_tls13() {
            return tls13::client(self.edition, connecting, world, case, port);
        }
        let own = self.names(world)?.get(&case.suite).cloned().unwrap_or_default();
        let mut launch = connecting
            .args(["-tls1_2", "-servername", "localhost", "-CAfile", &world.ca()])
            .args(["-verify_return_error"]);
        launch = launch.args([
            "-cipher",
            &format!("{own}:@SECLEVEL=0"),
            "-psk_identity",
            PSK_IDENTITY,
            "-psk",
            PSK,
        ]);
        launch = launch.args_if(case.shows_certificate(), &["-verify_hostname", "localhost"]);
        launch = launch.args_if(case.resumption == Some(Resumption::Id), &["-no_ticket"]);
        launch = launch.args_if(!case.etm, &["-no_etm"]);
        if let Some(group) = case.group {
            launch = launch.args(["-groups", group_name(group)]);
        }
        if let Some(scheme) = case.scheme {
            launch = launch.args(["-sigalgs", &schemes(scheme)]);
        }
        if let Some(key) = case.client_key {
            let (cert, private) = world.identity(Role::Client, key);
            launch = launch.args(["-cert", &cert, "-key", &private]);
        }
        match case.limit {
            Some(Limit::MaxFragmentLength(bytes)) => {
                launch = launch.args(["-maxfraglen", &bytes.to_string()]);
            }
            Some(Limit::RecordSize(_)) => return not_offered("OpenSSL does not support record_size_limit"),
            None => {}
        }
        if case.renegotiation == Some(Asker::Client) {
            return Ok(Client::Run {
                launches: vec![launch],
                command: Some(Command { after: READY, line: "R\n", says: "RENEGOTIATING" }),
                input: request(case, self.long_path()),
                ends: Ends::WhenAnswered,
            });
        }
        launch = launch.args(["-ign_eof", "-nocommands"]);
        let launches = if case.resumption.is_some() {
            let session = world.file(&format!("openssl-session-{port}.pem"));
            let first = launch.clone().args(["-sess_out", &session]);
            vec![first, launch.args(["-sess_in", &session])]
        } else {
            vec![launch]
        };
        Ok(Client::Run {
            launches,
            command: None,
            input: request(case, self.long_path()),
            ends: Ends::AtOnce,
        })
    }
}
