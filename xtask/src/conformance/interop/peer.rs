//! What a peer is.

use alloc::collections::BTreeSet;
use core::fmt::Debug;

use super::case::{Case, Role};
use super::process::Launch;
use super::world::World;
use crate::conformance::suite::Tool;

/// Why a case is not tried with a peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum No {
    /// The peer cannot do it: for this reason.
    NotOffered(String),
    /// It could not be tried.
    Failed(String),
}

impl From<String> for No {
    fn from(why: String) -> Self {
        Self::Failed(why)
    }
}

/// The peer cannot do it.
pub(super) fn not_offered<T>(why: &str) -> Result<T, No> {
    Err(No::NotOffered(why.to_owned()))
}

/// Another implementation, and the programs that make it a client and a server.
pub(super) trait Peer: Send + Sync + Debug {
    fn name(&self) -> &'static str;

    /// What stands for it where there is little room.
    fn letter(&self) -> char;

    /// What it needs.
    fn tools(&self) -> &'static [Tool];

    /// What has to be done before anything else, and which version it is.
    fn prepare(&self, world: &World) -> Result<String, String>;

    /// The suites that it has when it is the peer of us in this role, by their IANA names; more than ours are no harm.
    fn suites(&self, world: &World, ours: Role) -> Result<BTreeSet<String>, String>;

    /// Whether this suite is resumed with it, and tried with and without encrypt_then_mac; else that is for its features.
    fn in_depth(&self, _suite: &str) -> bool {
        false
    }

    /// Whether it knows encrypt_then_mac.
    fn knows_etm(&self) -> bool {
        true
    }

    /// How many bytes the path has that its client asks for where records are short: with the rest of the page's lines the
    /// usual one makes the page longer than any record that can be agreed on, and a head may have 16 KiB.
    fn long_path(&self) -> usize {
        12_000
    }

    /// Its server for a case of our client's.
    fn server(&self, world: &World, case: &Case) -> Result<Server, No>;

    /// Its client for a case of our server's, which is at this port of 127.0.0.1.
    fn client(&self, world: &World, case: &Case, port: u16) -> Result<Client, No>;
}

/// A server of a peer's.
#[derive(Debug)]
pub(super) struct Server {
    /// Two cases with the same one share it.
    pub(super) launch: Launch,
    pub(super) ready: Ready,
    /// What our client sends, ...
    pub(super) request: String,
    /// ... and what stands in the answer.
    pub(super) answer: String,
    /// What is written to its standard input, each when it has said something.
    pub(super) prompts: Vec<(&'static str, &'static str)>,
    /// Whether it closes the connection when it has answered. Else our client does when the answer has come.
    pub(super) closes: bool,
}

/// How one knows that a server is there.
#[derive(Debug)]
pub(super) enum Ready {
    /// It says this, followed by its port or by address and port.
    Says(&'static str),
    /// It is at the port that it was given when it has said this.
    AtPort(&'static str),
    /// It is when it can be connected to.
    Connects,
}

/// A client of a peer's.
#[derive(Debug)]
pub(super) enum Client {
    /// Programs to be run one after the other with this as input; what counts is what the last one says. Before the input
    /// comes a command of the program's own, if there is one, and what it says to that.
    Run { launches: Vec<Launch>, command: Option<(&'static str, &'static str)>, input: String, ends: Ends },
    /// A program that goes on running and is told line by line what to do. Its answer ends with a line `ok`, or one that
    /// begins with `failed` or `absent`.
    Ask { launch: Launch, line: String },
}

/// When a client's input ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    AtOnce,
    /// When the answer has come: it would not wait for it.
    WhenAnswered,
    /// Never: it is ended itself when the answer has come, for it would wait for more.
    Never,
}
