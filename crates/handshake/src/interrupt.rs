//! Alerts and HelloRequest. They are not part of a handshake and may come at any time, so they have a table
//! of their own. Its states are coarser than those of a handshake.

use crate::transition::InterruptRow;

/// The states that alerts and HelloRequest distinguish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Situation {
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

/// The effect of HelloRequest in a client. A server never receives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnHelloRequest {
    /// The table of the handshake decides.
    Decided,
    /// Nothing, but it is counted, and too many end the connection.
    Counted,
}

/// The effect of `close_notify`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnCloseNotify {
    /// The peer sends no more data.
    PeerClosed,
    /// The connection ends.
    Ends,
}

/// The effect of the warning `no_renegotiation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnNoRenegotiation {
    /// The table of the handshake decides.
    Decided,
    /// Nothing.
    Ignored,
}

/// Defines from a table both the functions that decide and the data that describes them. Each input has a
/// type for its effects, so that no other effect can be written for it. The inputs in `always` have
/// one effect in every situation, which `Machine::classify_alert` gives them.
macro_rules! interrupts {
    (
        $(#[$doc:meta])*
        always { $( $plain:ident => $plain_effect:ident; )* }
        $( $input:ident: $Effect:ident { $( $($situation:ident)|+ => $effect:ident; )* } )*
    ) => {
        $(#[$doc])*
        pub(crate) const TABLE: &[InterruptRow] = &[
            $( $( InterruptRow {
                states: stringify!($($situation)|+),
                input: stringify!($input),
                effect: stringify!($effect),
            }, )* )*
            $( InterruptRow {
                states: EVERYWHERE,
                input: stringify!($plain),
                effect: stringify!($plain_effect),
            }, )*
        ];

        $( impl $Effect {
            /// The effect in this situation.
            pub(crate) const fn of(situation: Situation) -> Self {
                match situation {
                    $( $(Situation::$situation)|+ => Self::$effect, )*
                }
            }
        } )*
    };
}

/// All situations.
const EVERYWHERE: &str = "Handshaking | Renegotiating | Requested | CertificateDemanded | Established";

// RFC 5246 section 7.2: a fatal alert ends the connection, and so does close_notify while the peer may not
// send application data: it then comes instead of the handshake, or under keys that no Finished has
// confirmed. Section 7.4.1.1: "This message will be ignored by the client if the client is currently
// negotiating a session." A server never receives HelloRequest, so these rows are the client's.
interrupts! {
    /// Alerts in both roles, and HelloRequest in a client.
    always {
        Warning      => Ignored;
        FatalAlert   => Ends;
        UnknownLevel => Ends;
    }
    HelloRequest: OnHelloRequest {
        Established                                                   => Decided;
        Handshaking | Renegotiating | Requested | CertificateDemanded => Counted;
    }
    CloseNotify: OnCloseNotify {
        Handshaking | CertificateDemanded                             => Ends;
        Renegotiating | Requested | Established                       => PeerClosed;
    }
    NoRenegotiation: OnNoRenegotiation {
        Requested | CertificateDemanded                               => Decided;
        Handshaking | Renegotiating | Established                     => Ignored;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn table_has_one_row_for_each_situation_and_input() {
        let mut rows: Vec<(&str, &str)> = TABLE
            .iter()
            .flat_map(|row| row.states.split('|').map(|state| (row.input, state.trim())))
            .collect();
        rows.sort_unstable();
        rows.dedup();
        assert_eq!(rows.len(), 6 * EVERYWHERE.split('|').count());
    }
}
