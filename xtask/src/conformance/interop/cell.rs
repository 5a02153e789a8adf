//! The cells of the matrix, and the peers that take part.

use super::case::{Case, Role};
use super::peer::{No, Peer};

/// The subject of a cell of the matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// A cipher suite and one of its columns.
    Suite(Aspect),
    /// A feature and the index of its case.
    Feature(&'static str, String),
}

impl Subject {
    /// Returns `true` for a feature with this text in its name.
    pub(super) fn is_feature(&self, part: &str) -> bool {
        matches!(self, Self::Feature(name, _) if name.contains(part))
    }
}

/// The columns of a cipher suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Aspect {
    Full,
    Id,
    Ticket,
    /// A CBC suite without encrypt_then_mac.
    NoEtm,
}

/// A cell to test, or its result.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    /// The index of the peer.
    pub(super) peer: usize,
    pub(super) ours: Role,
    pub(super) subject: Subject,
    pub(super) case: Case,
    pub(super) result: Result<(), No>,
}

/// An installed peer.
pub(super) struct Present {
    pub(super) peer: Box<dyn Peer>,
    pub(super) version: String,
}
