//! Early data of a reconnection (RFC 9846 section 2.3).

use crate::{explain, failure::Failure, net::Transport};
use cairn_tls::{EarlyData, Side, Stream};
use core::fmt;

/// The outcome of the early data of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Early {
    /// The answer of the server.
    outcome: EarlyData,
    /// The bytes that were sent before the handshake.
    sent: usize,
    /// The bytes to send, then or later.
    all: usize,
}

/// Sends as much of the data as the ticket permits, and returns the number of bytes.
pub(super) fn send(tls: &mut Stream<Transport>, data: &[u8]) -> Result<usize, Failure> {
    let mut sent = 0;
    while let Some(rest) = data.get(sent..).filter(|rest| !rest.is_empty()) {
        match tls.write_early(rest).map_err(|error| explain::stream(&error, Side::Client))? {
            0 => break,
            length => sent = sent.saturating_add(length),
        }
    }
    Ok(sent)
}

impl Early {
    /// After the handshake. `sent` bytes of `data` were sent before.
    pub(super) fn of(tls: &Stream<Transport>, sent: usize, data: &[u8]) -> Self {
        let outcome = tls.summary().and_then(|summary| summary.tls13()).map(|tls13| tls13.early_data);
        Self { outcome: outcome.unwrap_or_default(), sent, all: data.len() }
    }

    /// The bytes that have reached the server.
    pub(super) const fn arrived(self) -> usize {
        match self.outcome {
            EarlyData::Accepted => self.sent,
            EarlyData::NotOffered | EarlyData::Rejected => 0,
        }
    }
}

impl fmt::Display for Early {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { outcome, sent, all } = *self;
        match outcome {
            EarlyData::Accepted if sent == all => write!(f, "early data accepted ({sent} bytes)"),
            EarlyData::Accepted => {
                write!(f, "early data accepted ({sent} of {all} bytes, the others sent after the handshake)")
            }
            EarlyData::Rejected => {
                write!(f, "early data rejected ({all} bytes sent again after the handshake)")
            }
            EarlyData::NotOffered => {
                write!(f, "early data not offered ({all} bytes sent after the handshake)")
            }
        }
    }
}
