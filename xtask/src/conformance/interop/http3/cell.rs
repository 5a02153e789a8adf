//! The peers that take part, and the tested cells.

use super::peer::Peer;
use crate::conformance::interop::case::Role;
use crate::conformance::interop::peer::No;

/// A peer that takes part.
#[derive(Debug)]
pub(super) struct Present {
    pub(super) peer: Box<dyn Peer>,
    pub(super) version: String,
}

/// A tested cell.
#[derive(Debug)]
pub(super) struct Cell {
    /// The index of the peer.
    pub(super) peer: usize,
    pub(super) ours: Role,
    pub(super) feature: &'static str,
    pub(super) name: String,
    pub(super) result: Result<(), No>,
}
