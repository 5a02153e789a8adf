//! Peers that are libraries. Their programs are part of this project, in `xtask/interop-peers`, and all take
//! the same arguments (see the README there).

use core::time::Duration;

use super::case::{Case, Fault, PATH, RETRIED, Second};
use super::ours::authorities;
use super::peer::{Client, Peer, Server};
use crate::conformance::interop::case::{Asker, Key, Resumption, Role};
use crate::conformance::interop::driven::{CARGO, CC, cargo_build};
use crate::conformance::interop::peer::{No, not_offered};
use crate::conformance::interop::process::{Launch, PORT};
use crate::conformance::interop::world::{PAGE, World};
use crate::conformance::suite::Tool;

/// The time limit for the installation of a Python package.
const PATIENCE: Duration = Duration::from_secs(300);
/// The version of aioquic.
const AIOQUIC: &str = "1.7.2";

/// One of these peers.
#[derive(Debug)]
pub(super) struct Driven {
    name: &'static str,
    letter: char,
    tools: &'static [Tool],
    /// Builds the program and returns its version.
    prepare: fn(&World) -> Result<String, String>,
    program: fn(&World) -> Launch,
    /// Whether it reports the suite, and whether the session was resumed.
    tells_suite: bool,
    /// The reason why it does not support a case in which Cairn has this role.
    lacks: fn(&Case, Role) -> Option<&'static str>,
}

/// The arguments of both sides.
fn words(case: &Case, groups: &[&str]) -> Vec<String> {
    let mut words = Vec::new();
    words.extend(case.suite.map(|suite| format!("suite={suite}")));
    if !groups.is_empty() {
        words.push(format!("group={}", groups.join(",")));
    }
    words.extend(match case.second {
        Second::No => None,
        Second::Resumes(Resumption::Ticket) => Some("resume=ticket".to_owned()),
        Second::Resumes(Resumption::Id) | Second::EarlyAccepted | Second::EarlyRejected => {
            Some("resume=id".to_owned())
        }
    });
    words.extend(early(case).map(|outcome| format!("early-data={outcome}")));
    words.extend(case.key_update.map(|asker| match asker {
        Asker::Client => "key-update=client".to_owned(),
        Asker::Server => "key-update=server".to_owned(),
    }));
    words
}

fn early(case: &Case) -> Option<&'static str> {
    match case.second {
        Second::EarlyAccepted => Some("accepted"),
        Second::EarlyRejected => Some("rejected"),
        Second::No | Second::Resumes(_) => None,
    }
}

impl Driven {
    /// What its program must report, with Cairn in this role.
    fn told(&self, case: &Case, ours: Role) -> Vec<String> {
        if let Some(fault) = case.fault {
            // aioquic does not print the code of its own alert.
            let is_own = (fault == Fault::Protocol) == (ours == Role::Client);
            return if is_own { Vec::new() } else { vec![format!("code {}", fault.code())] };
        }
        let mut told = vec!["protocol: h3".to_owned()];
        if self.tells_suite {
            told.extend(case.suite.map(|suite| format!("suite: {suite}")));
            let resumed = if case.second == Second::No { "no" } else { "yes" };
            told.push(format!("resumed: {resumed}"));
        }
        if self.tells_suite || ours == Role::Server {
            told.extend(early(case).map(|outcome| format!("early data: {outcome}")));
        }
        if case.client_key.is_some() && ours == Role::Client {
            told.push("peer: has a certificate".to_owned());
        }
        let asker = match ours {
            Role::Client => Asker::Server,
            Role::Server => Asker::Client,
        };
        if case.key_update == Some(asker) {
            told.push("keys updated".to_owned());
        }
        told
    }
}

impl Peer for Driven {
    fn name(&self) -> &'static str {
        self.name
    }

    fn letter(&self) -> char {
        self.letter
    }

    fn tools(&self) -> &'static [Tool] {
        self.tools
    }

    fn prepare(&self, world: &World) -> Result<String, String> {
        (self.prepare)(world)
    }

    fn server(&self, world: &World, case: &Case) -> Result<Server, No> {
        if let Some(why) = (self.lacks)(case, Role::Client) {
            return not_offered(why);
        }
        let (cert, key) = world.identity(Role::Server, case.key.0);
        let groups = case.group.or_else(|| case.hello_retry.then_some(RETRIED[1]));
        let launch = (self.program)(world)
            .args(["server", &format!("port={PORT}"), &format!("page={}", world.file(PAGE))])
            .args([format!("cert={cert}"), format!("key={key}"), format!("ca={}", world.ca())])
            .args(words(case, groups.as_slice()))
            .args_if(case.client_key.is_some(), &["client-auth=1"])
            .args_if(case.retry, &["retry=1"]);
        Ok(Server { launch, words: self.told(case, Role::Client) })
    }

    fn client(&self, world: &World, case: &Case, port: u16) -> Result<Client, No> {
        if let Some(why) = (self.lacks)(case, Role::Server) {
            return not_offered(why);
        }
        let groups = match case.group {
            Some(group) => vec![group],
            // It sends a share of the first group.
            None if case.hello_retry => RETRIED.to_vec(),
            None => Vec::new(),
        };
        let mut words = words(case, &groups);
        words.extend([format!("port={port}"), format!("path={PATH}")]);
        words.push(format!("ca={}", authorities(world, case)));
        if let Some(key) = case.client_key {
            let (cert, private) = world.identity(Role::Client, key);
            words.extend([format!("cert={cert}"), format!("key={private}")]);
        }
        if case.fault == Some(Fault::Protocol) {
            words.push("alpn=other".to_owned());
        }
        let mut told = self.told(case, Role::Server);
        told.push(if case.fault.is_some() { "failed: " } else { "ok\n" }.to_owned());
        let launches = vec![(self.program)(world).args(["client"])];
        Ok(Client { launches, input: words.join(" ") + "\n", page: None, words: told })
    }
}

/// quinn, with rustls and AWS-LC.
pub(super) fn quinn() -> Driven {
    Driven {
        name: "quinn",
        letter: 'q',
        tools: &[CARGO, CC],
        prepare: |world| cargo_build(world, "quinn"),
        program: |world| Launch::new(world.built.join("quinn/debug/interop-peer-quinn")),
        tells_suite: false,
        lacks: |_, _| None,
    }
}

/// aioquic, in Python.
pub(super) fn aioquic() -> Driven {
    Driven {
        name: "aioquic",
        letter: 'a',
        tools: &[Tool { program: "python3", package: "python3" }],
        prepare: |world| {
            let target = world.built.join(format!("aioquic-{AIOQUIC}"));
            if !target.join("aioquic").is_dir() {
                let (package, folder) = (format!("aioquic=={AIOQUIC}"), target.display().to_string());
                let pip = ["-m", "pip", "install", "--quiet", "--target", &folder, &package];
                let done = Launch::new("python3").args(pip).run_within(PATIENCE)?;
                if !done.status.success() {
                    return Err(format!("pip: {}", done.text));
                }
            }
            Ok(AIOQUIC.to_owned())
        },
        program: |world| {
            let packages = world.built.join(format!("aioquic-{AIOQUIC}"));
            let path = format!("PYTHONPATH={}", packages.display());
            let script = world.peers.join("aioquic/main.py").display().to_string();
            // Without files of bytecode in the folder of the sources.
            Launch::new("env").args([&path, "python3", "-B", &script])
        },
        tells_suite: true,
        lacks: |case, _| case.hello_retry.then_some("aioquic does not support HelloRetryRequest"),
    }
}

/// quiche, with BoringSSL. Its suites cannot be chosen, but Cairn's side has only one in such a case.
pub(super) fn quiche() -> Driven {
    Driven {
        name: "quiche",
        letter: 'k',
        tools: &[CARGO, Tool { program: "c++", package: "g++" }, Tool { program: "cmake", package: "cmake" }],
        prepare: |world| cargo_build(world, "quiche"),
        program: |world| Launch::new(world.built.join("quiche/debug/interop-peer-quiche")),
        tells_suite: false,
        lacks: |case, ours| match case {
            Case { suite: Some("TLS_AES_128_CCM_SHA256"), .. } => Some("BoringSSL does not have this suite"),
            Case { group: Some("ffdhe2048"), .. } => Some("BoringSSL has no finite field groups"),
            Case { group: Some("SecP256r1MLKEM768" | "SecP384r1MLKEM1024"), .. } => {
                Some("of the hybrid groups, BoringSSL has X25519MLKEM768 alone")
            }
            Case { key: (Key::Ed25519, _), .. } if ours == Role::Server => Some(NO_ED25519),
            Case { client_key: Some(Key::Ed25519), .. } if ours == Role::Client => Some(NO_ED25519),
            Case { second: Second::Resumes(Resumption::Id), .. } if ours == Role::Client => {
                Some("BoringSSL's tickets of TLS 1.3 contain the session")
            }
            Case { key_update: Some(asker), .. } if (*asker == Asker::Client) != (ours == Role::Client) => {
                Some("quiche has no call for key updates")
            }
            _ => None,
        },
    }
}

const NO_ED25519: &str = "BoringSSL accepts Ed25519 only if its program asks for that";
