//! The expected error of a handshake whose messages were changed on the way.

use crate::support::{End, Wire, run};
use cairn_handshake::HandshakeErrorKind as Kind;
use cairn_schedule::Side;
use cairn_wire::{AlertDescription, ExtensionFault, ExtensionMessage, ExtensionType};

/// How a message is refused.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Refusal {
    /// With this error and alert.
    As(Kind, AlertDescription),
    /// While it is decoded, with this alert.
    Decode(AlertDescription),
}

/// It is malformed.
pub(crate) const MALFORMED: Refusal = Refusal::Decode(AlertDescription::DECODE_ERROR);

/// It has an extension that is known and belongs elsewhere (RFC 9846 section 4.3).
pub(crate) const MISPLACED: Refusal = Refusal::Decode(AlertDescription::ILLEGAL_PARAMETER);

/// It is well-formed and wrong.
pub(crate) const fn illegal(kind: Kind) -> Refusal {
    Refusal::As(kind, AlertDescription::ILLEGAL_PARAMETER)
}

/// It has an extension that was not requested.
pub(crate) const fn unsolicited(extension_type: ExtensionType, message: ExtensionMessage) -> Refusal {
    let fault = ExtensionFault::Unsolicited { extension_type, message };
    Refusal::As(Kind::Extension(fault), AlertDescription::UNSUPPORTED_EXTENSION)
}

impl Refusal {
    /// Checks that this side has ended its handshake in this way.
    pub(crate) fn check(self, end: &End, what: &str) {
        let kind = end.kind().unwrap_or_else(|| panic!("{what}: accepted, {:?}", end.log));
        let alert = match self {
            Self::As(expected, alert) => {
                assert_eq!(kind, expected, "{what}");
                alert
            }
            Self::Decode(alert) => {
                assert!(matches!(kind, Kind::Decode(_)), "{what}: {kind:?}");
                alert
            }
        };
        assert_eq!(kind.alert(), Some(alert), "{what}: {kind:?}");
        assert!(end.complete.is_none(), "{what}");
    }
}

/// Runs a handshake and changes what this side receives. Returns this side.
pub(crate) fn receiving(
    side: Side,
    (mut client, mut server): (End, End),
    mut change: impl FnMut(&mut Wire),
) -> End {
    run(&mut client, &mut server, |from_client, wire| {
        if from_client == (side == Side::Server) {
            change(wire);
        }
    });
    if side == Side::Client { client } else { server }
}
