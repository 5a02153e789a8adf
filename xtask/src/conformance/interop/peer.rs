//! The interface of a peer.

use alloc::collections::BTreeSet;
use core::fmt::Debug;

use super::case::{Case, Role};
use super::debian13::Edition;
use super::process::Launch;
use super::world::World;
use crate::conformance::suite::Tool;

/// The reason why a case does not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum No {
    /// The peer does not support it, for this reason.
    NotOffered(String),
    /// The case failed.
    Failed(String),
}

impl From<String> for No {
    fn from(why: String) -> Self {
        Self::Failed(why)
    }
}

/// The peer does not support the case.
pub(super) fn not_offered<T>(why: &str) -> Result<T, No> {
    Err(No::NotOffered(why.to_owned()))
}

/// A text that the output of a peer must contain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// The least number of times.
    pub(super) times: usize,
}

impl Word {
    pub(super) fn once(text: impl Into<String>) -> Self {
        Self { text: text.into(), times: 1 }
    }

    pub(super) fn twice(text: impl Into<String>) -> Self {
        Self { text: text.into(), times: 2 }
    }
}

/// Another implementation, and its programs for client and server.
pub(super) trait Peer: Send + Sync + Debug {
    fn name(&self) -> &'static str;

    /// The source of its programs. Both editions of a peer have the same name.
    fn edition(&self) -> Edition {
        Edition::Installed
    }

    /// Its name and edition.
    fn title(&self) -> String {
        match self.edition() {
            Edition::Installed => self.name().to_owned(),
            Edition::Debian13 => format!("{} of Debian 13", self.name()),
        }
    }

    /// Its abbreviation.
    fn letter(&self) -> char;

    /// The tools that it needs.
    fn tools(&self) -> &'static [Tool];

    /// Prepares the peer and returns its version.
    fn prepare(&self, world: &World) -> Result<String, String>;

    /// The cipher suites that it supports when Cairn has this role, by their IANA names. Suites that Cairn
    /// lacks do no harm.
    fn suites(&self, world: &World, ours: Role) -> Result<BTreeSet<String>, String>;

    /// Returns `true` if this suite is tested with resumption, and with and without encrypt_then_mac. Other
    /// suites are only tested with a full handshake.
    fn in_depth(&self, _suite: &str) -> bool {
        false
    }

    /// Returns `true` if its programs are tested with TLS 1.2.
    fn speaks_tls12(&self) -> bool {
        true
    }

    /// Returns `true` if its programs are tested with TLS 1.3.
    fn speaks_tls13(&self) -> bool {
        false
    }

    /// The lines that it must print about the connection of a case, apart from those that Cairn reports.
    fn own_words(&self, _case: &Case, _ours: Role) -> Vec<Word> {
        Vec::new()
    }

    /// Returns `true` if it supports encrypt_then_mac.
    fn knows_etm(&self) -> bool {
        true
    }

    /// The length of the requested path in bytes, if records are small. Together with the rest of the page,
    /// the default makes the page longer than any record size that can be negotiated, while a request may
    /// have up to 16 KiB.
    fn long_path(&self) -> usize {
        12_000
    }

    /// Its server for a case of Cairn's client.
    fn server(&self, world: &World, case: &Case) -> Result<Server, No>;

    /// Its client for a case of Cairn's server, which listens on this port of 127.0.0.1.
    fn client(&self, world: &World, case: &Case, port: u16) -> Result<Client, No>;
}

/// A server of a peer.
#[derive(Debug)]
pub(super) struct Server {
    /// Cases with equal values share a server.
    pub(super) launch: Launch,
    pub(super) ready: Ready,
    /// The data that Cairn's client sends.
    pub(super) request: String,
    /// A text that the answer must contain. Empty if it answers nothing: then its own report must show that
    /// the data has come.
    pub(super) answer: String,
    /// Lines for its standard input, each with the output after which it is written.
    pub(super) prompts: Vec<(&'static str, &'static str)>,
    /// Whether it closes the connection after its answer. Otherwise Cairn's client closes it after the
    /// answer.
    pub(super) closes: bool,
}

/// The sign that a server is ready.
#[derive(Debug)]
pub(super) enum Ready {
    /// It prints this text, followed by its port or by address and port.
    Says(&'static str),
    /// It listens on the given port when it has printed this text.
    AtPort(&'static str),
    /// It accepts a connection.
    Connects,
}

/// A client of a peer.
#[derive(Debug)]
pub(super) enum Client {
    /// Programs that run in sequence with this input; the output of the last one counts. The command, if any,
    /// is written before the input.
    Run { launches: Vec<Launch>, command: Option<Command>, input: String, ends: Ends },
    /// A program that keeps running and takes one command per line. Its answer ends with a line `ok`, or with
    /// one that starts with `failed` or `absent`.
    Ask { launch: Launch, line: String },
}

/// A command that a client reads from its standard input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Command {
    /// Its output once the handshake has completed. Before, a command might be lost.
    pub(super) after: &'static str,
    pub(super) line: &'static str,
    /// Its output when it has carried out the command.
    pub(super) says: &'static str,
}

/// When the standard input of a client ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    AtOnce,
    /// After the answer has arrived: the program would not wait for it.
    WhenAnswered,
    /// Never: the program is killed after the answer, because it would wait for more input.
    Never,
}
