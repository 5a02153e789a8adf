//! The value that passes new keys to the record layer.

use crate::key_block::Tls12Keys;
use crate::tls13::TrafficSecret;
use core::fmt;

/// The keys that protect data, in the order in which a connection uses them. An epoch is set explicitly with
/// its keys, because epochs can be skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Epoch {
    /// No keys: the data is not encrypted.
    #[default]
    Initial,
    /// The keys of early data (TLS 1.3).
    EarlyData,
    /// The keys of handshake messages before the application keys (TLS 1.3).
    Handshake,
    /// The keys of application data. The number is 0 for the first such keys of a connection and increases by
    /// one with each change: a renegotiation of TLS 1.2, whose keys also protect Finished, or a KeyUpdate of
    /// TLS 1.3. A sender does not update its keys more than 2^32 times, which would take hundreds of
    /// gigabytes.
    Application(u32),
}

impl Epoch {
    /// The epoch after `count` ChangeCipherSpec messages in one direction of a TLS 1.2 connection. DTLS 1.2
    /// sends this count as its epoch (RFC 6347 section 4.1).
    #[must_use]
    pub const fn tls12(count: u16) -> Self {
        match count.checked_sub(1) {
            #[allow(clippy::as_conversions, reason = "widening; From is not const")]
            Some(number) => Self::Application(number as u32),
            None => Self::Initial,
        }
    }

    /// The first application epoch after this one. `None` after 2^32 of them.
    #[must_use]
    pub const fn next_application(self) -> Option<Self> {
        match self {
            Self::Initial | Self::EarlyData | Self::Handshake => Some(Self::Application(0)),
            Self::Application(number) => match number.checked_add(1) {
                Some(next) => Some(Self::Application(next)),
                None => None,
            },
        }
    }

    /// The epoch of the keys for reading after a KeyUpdate of the peer. RFC 9846 section 4.7.3 limits how
    /// often a sender updates its keys, but "receiving implementations MUST NOT enforce this rule". After
    /// 2^32 updates the count starts again, so that an epoch stays small.
    #[must_use]
    pub const fn next_received(self) -> Self {
        match self.next_application() {
            Some(next) => next,
            None => Self::Application(0),
        }
    }

    /// Whether keys of this epoch may replace those of `current`: they are of a later epoch, or the count of
    /// [`Epoch::next_received`] starts again.
    #[must_use]
    pub fn may_follow(self, current: Self) -> bool {
        self > current || (current, self) == (Self::Application(u32::MAX), Self::Application(0))
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Initial => f.write_str("initial"),
            Self::EarlyData => f.write_str("early data"),
            Self::Handshake => f.write_str("handshake"),
            Self::Application(number) => write!(f, "application {number}"),
        }
    }
}

/// The direction of data, from our point of view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Data sent by the peer.
    Read,
    /// Data sent by us.
    Write,
}

/// Instructs the record layer to use new keys in one direction, starting with the next record.
#[derive(Clone, Debug)]
pub struct KeyChange {
    /// The new epoch.
    pub epoch: Epoch,
    /// The direction.
    pub direction: Direction,
    /// The keys.
    pub keys: Keys,
}

/// The keys of one direction, in the form of the protocol version.
#[derive(Clone, Debug)]
pub enum Keys {
    /// The protection of a TLS 1.2 suite with its part of the key block (RFC 5246 section 6.3).
    Tls12(Tls12Keys),
    /// A TLS 1.3 suite with a traffic secret. The record layer derives key and IV from it; QUIC derives its
    /// own keys (RFC 9846 section 7.3).
    Tls13(TrafficSecret),
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn epochs_are_ordered_as_a_connection_uses_them() {
        let epochs = [
            Epoch::Initial,
            Epoch::EarlyData,
            Epoch::Handshake,
            Epoch::Application(0),
            Epoch::Application(1),
        ];
        assert!(epochs.is_sorted());
        assert_eq!(Epoch::default(), Epoch::Initial);
    }

    #[test]
    fn tls12_epochs_count_change_cipher_spec() {
        assert_eq!(
            [0, 1, 2].map(Epoch::tls12),
            [Epoch::Initial, Epoch::Application(0), Epoch::Application(1)]
        );
        let mut epoch = Epoch::Initial;
        for count in 1..=u16::MAX {
            epoch = epoch.next_application().unwrap();
            assert_eq!(epoch, Epoch::tls12(count));
        }
        assert_eq!(epoch.next_application(), Some(Epoch::Application(u16::MAX.into())));
        assert_eq!(Epoch::Application(u32::MAX).next_application(), None);
        assert_eq!(Epoch::Application(3).to_string(), "application 3");
    }

    #[test]
    fn received_epochs_have_no_end() {
        let mut epoch = Epoch::Application(u32::MAX - 1);
        for expected in [u32::MAX, 0, 1] {
            let next = epoch.next_received();
            assert_eq!(next, Epoch::Application(expected));
            assert!(next.may_follow(epoch) && !next.may_follow(next));
            epoch = next;
        }
        assert!(!Epoch::Application(0).may_follow(Epoch::Application(u32::MAX - 1)));
        assert!(!Epoch::Handshake.may_follow(Epoch::Application(u32::MAX)));
    }
}
