//! Alerts and HelloRequest. They are not part of a handshake and may come at any time, so they have a table
//! of their own. Its states are coarser than those of a handshake.

use crate::transition::InterruptRow;

/// An alert, or HelloRequest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interrupt {
    HelloRequest,
    CloseNotify,
    NoRenegotiation,
    /// A warning of another kind.
    Warning,
    FatalAlert,
    /// An alert that is neither a warning nor fatal.
    UnknownLevel,
}

/// The states that alerts and HelloRequest distinguish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A handshake is in progress, and the peer must not send application data; or a renegotiation that must
    /// authenticate the client.
    Handshaking,
    /// A renegotiation is in progress, and the peer may send application data.
    Renegotiating,
    /// We have requested a renegotiation that has not started.
    Requested,
    /// As `Requested`, and the renegotiation must authenticate the client.
    CertificateDemanded,
    /// A handshake is complete, and no other is in progress or requested.
    Established,
}

/// What an interrupt does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing.
    Ignored,
    /// Nothing, but it is counted, and too many end the connection.
    Counted,
    /// The peer sends no more data.
    PeerClosed,
    /// The table of the handshake decides.
    Decided,
    /// The connection ends.
    Ends,
}

/// Defines from a table both the function that decides and the data that describes it.
macro_rules! interrupts {
    ( $(#[$doc:meta])* $( $($place:ident)|+, $interrupt:ident => $effect:ident; )* ) => {
        $(#[$doc])*
        pub(crate) const TABLE: &[InterruptRow] = &[$( InterruptRow {
            states: stringify!($($place)|+),
            input: stringify!($interrupt),
            effect: stringify!($effect),
        } ),*];

        /// What this interrupt does here.
        pub(crate) const fn effect(place: Place, interrupt: Interrupt) -> Effect {
            match (place, interrupt) {
                $( ($(Place::$place)|+, Interrupt::$interrupt) => Effect::$effect, )*
            }
        }
    };
}

// RFC 5246 section 7.2: a fatal alert ends the connection, and so does close_notify while the peer may not
// send application data: it then comes instead of the handshake, or under keys that no Finished has
// confirmed. Section 7.4.1.1: "This message will be ignored by the client if the client is currently
// negotiating a session." A server never receives HelloRequest, so these rows are the client's.
interrupts! {
    /// Alerts in both roles, and HelloRequest in a client.
    Established,                                        HelloRequest    => Decided;
    Handshaking | Renegotiating,                        HelloRequest    => Counted;
    Requested | CertificateDemanded,                    HelloRequest    => Counted;
    Handshaking | CertificateDemanded,                  CloseNotify     => Ends;
    Renegotiating | Requested | Established,            CloseNotify     => PeerClosed;
    Requested | CertificateDemanded,                    NoRenegotiation => Decided;
    Handshaking | Renegotiating | Established,          NoRenegotiation => Ignored;
    Handshaking | Renegotiating | Established,          Warning         => Ignored;
    Requested | CertificateDemanded,                    Warning         => Ignored;
    Handshaking | Renegotiating | Established,          FatalAlert      => Ends;
    Requested | CertificateDemanded,                    FatalAlert      => Ends;
    Handshaking | Renegotiating | Established,          UnknownLevel    => Ends;
    Requested | CertificateDemanded,                    UnknownLevel    => Ends;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fatal_alerts_always_end_the_connection_and_unknown_warnings_never_do() {
        let places = [
            Place::Handshaking,
            Place::Renegotiating,
            Place::Requested,
            Place::CertificateDemanded,
            Place::Established,
        ];
        for place in places {
            assert_eq!(effect(place, Interrupt::FatalAlert), Effect::Ends);
            assert_eq!(effect(place, Interrupt::UnknownLevel), Effect::Ends);
            assert_eq!(effect(place, Interrupt::Warning), Effect::Ignored);
        }
    }

    #[test]
    fn table_has_one_row_for_each_place_and_interrupt() {
        let count: usize = TABLE.iter().map(|row| row.states.split('|').count()).sum();
        assert_eq!(count, 5 * 6);
    }
}
