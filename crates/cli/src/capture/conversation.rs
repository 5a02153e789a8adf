//! The TLS of a flow, as far as it can be read.

use super::{
    facts::Facts,
    sides::{From, Sides},
};
use crate::show::event::Event;
use alloc::collections::BTreeSet;
use cairn_tls::wire::tree::Negotiated;

/// A message of a connection, or several equal ones together.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) from: From,
    /// The packet that completed it.
    pub(crate) packet: usize,
    pub(crate) event: Event,
    /// The number of records, for application data, equal alerts, and records that stayed closed.
    pub(crate) records: usize,
    /// A handshake message with its header, and the parameters negotiated before it.
    pub(crate) message: Option<(Vec<u8>, Negotiated)>,
}

/// Where the records of a side end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum End {
    /// There are none, or the side could not be read to its end. Other remarks say why.
    #[default]
    Unread,
    /// After a record that stayed closed. It may be a close_notify alert.
    Closed,
    /// After a record that was read and is no such alert.
    WithoutAlert,
    /// With a close_notify alert: this side has sent all of its data.
    CloseNotify,
    /// With an error alert, which ends the connection for both sides.
    ErrorAlert,
}

/// The TLS of a flow.
#[derive(Debug, Default)]
pub(crate) struct Conversation {
    pub(crate) facts: Facts,
    pub(crate) lines: Vec<Line>,
    /// The messages that came after the longest list of lines.
    pub(crate) left_out: usize,
    /// Application data, in parts of one side after the other.
    pub(crate) data: Vec<(From, Vec<u8>)>,
    /// Why a side could not be read to its end.
    pub(crate) stops: Sides<Option<String>>,
    /// Whether a side has records of TLS.
    pub(crate) has_tls: Sides<bool>,
    pub(crate) ends: Sides<End>,
    /// The records that stayed closed.
    pub(crate) closed: Sides<usize>,
    /// The places of a side at which the capture lacks bytes, within records or between them.
    pub(crate) incomplete: Sides<usize>,
    /// The names of the secrets that these records need and the key log has not.
    pub(crate) missing: BTreeSet<&'static str>,
    /// Other remarks.
    pub(crate) notes: Vec<String>,
}

impl Conversation {
    /// Whether any record of TLS was found.
    pub(crate) const fn is_tls(&self) -> bool {
        self.has_tls.client || self.has_tls.server
    }

    /// The application data of a side, or of both in their order.
    pub(crate) fn data_of(&self, wanted: Option<From>) -> impl Iterator<Item = &[u8]> {
        let is_wanted = move |from: From| wanted.is_none_or(|wanted| wanted == from);
        self.data.iter().filter(move |(from, _)| is_wanted(*from)).map(|(_, data)| data.as_slice())
    }

    /// The number of bytes of application data of a side.
    pub(crate) fn data_len(&self, from: From) -> usize {
        self.data_of(Some(from)).map(<[u8]>::len).sum()
    }
}
