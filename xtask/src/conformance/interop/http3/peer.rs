//! The interface of a peer.

use core::fmt::Debug;
use std::path::PathBuf;

use super::case::Case;
use crate::conformance::interop::case::Role;
use crate::conformance::interop::peer::No;
use crate::conformance::interop::process::Launch;
use crate::conformance::interop::world::World;
use crate::conformance::suite::Tool;

/// Another implementation, and its programs for client and server.
pub(super) trait Peer: Send + Sync + Debug {
    fn name(&self) -> &'static str;

    /// Its abbreviation.
    fn letter(&self) -> char;

    /// The tools that it needs.
    fn tools(&self) -> &'static [Tool];

    /// Prepares the peer and returns its version.
    fn prepare(&self, world: &World) -> Result<String, String>;

    /// Returns `true` if it has a program for the cases in which Cairn has this role.
    fn plays_against(&self, _ours: Role) -> bool {
        true
    }

    /// Its server for a case of Cairn's client.
    fn server(&self, world: &World, case: &Case) -> Result<Server, No>;

    /// Its client for a case of Cairn's server, which listens on this port of 127.0.0.1.
    fn client(&self, world: &World, case: &Case, port: u16) -> Result<Client, No>;
}

/// A server of a peer. It listens on UDP port [`PORT`](crate::conformance::interop::process::PORT), and
/// serves the page.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) launch: Launch,
    /// Texts that its output must contain in the end.
    pub(super) words: Vec<String>,
}

/// A client of a peer.
#[derive(Debug)]
pub(super) struct Client {
    /// Programs that run in sequence; the output of the last one counts.
    pub(super) launches: Vec<Launch>,
    /// Their standard input.
    pub(super) input: String,
    /// The file with the last page; without one, the page is in the output.
    pub(super) page: Option<PathBuf>,
    /// Texts that the output must contain.
    pub(super) words: Vec<String>,
}
