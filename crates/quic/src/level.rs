//! Encryption levels.

use cairn_schedule::Epoch;
use core::fmt;

/// An encryption level: which keys protect a packet (RFC 9001 section 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Initial packets, whose keys follow from a connection ID.
    Initial,
    /// 0-RTT packets, with early data.
    EarlyData,
    /// Handshake packets.
    Handshake,
    /// 1-RTT packets, with application data.
    OneRtt,
}

impl From<Epoch> for Level {
    /// The level whose packets carry the data of a TLS epoch. Key updates of QUIC do not change the epoch, so
    /// all epochs of application data are one level.
    fn from(epoch: Epoch) -> Self {
        match epoch {
            Epoch::Initial => Self::Initial,
            Epoch::EarlyData => Self::EarlyData,
            Epoch::Handshake => Self::Handshake,
            Epoch::Application(_) => Self::OneRtt,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Initial => "Initial",
            Self::EarlyData => "0-RTT",
            Self::Handshake => "Handshake",
            Self::OneRtt => "1-RTT",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_epoch_has_a_level() {
        let epochs = [Epoch::Initial, Epoch::EarlyData, Epoch::Handshake, Epoch::Application(7)];
        let levels = [Level::Initial, Level::EarlyData, Level::Handshake, Level::OneRtt];
        assert_eq!(epochs.map(Level::from), levels);
    }
}
