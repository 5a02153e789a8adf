//! ec_point_formats (RFC 8422 section 5.1.2). Only `uncompressed` is still in use, and every list must
//! include it.
//!
//! The extension applies to full handshakes only, not to resumptions (RFC 8422 section 4).

use super::{ClientExtensions, ServerExtensions};
use crate::HandshakeErrorKind;
use cairn_wire::{ClientExtension, EcPointFormat, List, NamedGroup, ServerExtension};

const UNCOMPRESSED: List<'static, EcPointFormat> = List::from_items(&[EcPointFormat::UNCOMPRESSED]);

/// The curves that RFC 8422 defines.
const CURVES_OF_RFC_8422: [NamedGroup; 5] = [
    NamedGroup::SECP256R1,
    NamedGroup::SECP384R1,
    NamedGroup::SECP521R1,
    NamedGroup::X25519,
    NamedGroup::X448,
];

/// The client's offer.
pub(crate) const fn offer() -> ClientExtension<'static> {
    ClientExtension::EcPointFormats(UNCOMPRESSED)
}

/// The client's ec_point_formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientPoints {
    /// The extension is absent, which means `uncompressed`.
    Unsaid,
    /// A list with `uncompressed`.
    Uncompressed,
    /// A list without it.
    Unfit {
        /// Whether the client nevertheless offers a curve of RFC 8422.
        offers_curves: bool,
    },
}

impl ClientPoints {
    pub(crate) fn read(extensions: &ClientExtensions<'_>) -> Self {
        match extensions.ec_point_formats {
            None => Self::Unsaid,
            Some(formats) if formats.contains(&EcPointFormat::UNCOMPRESSED) => Self::Uncompressed,
            Some(_) => Self::Unfit {
                offers_curves: extensions
                    .supported_groups
                    .is_some_and(|groups| CURVES_OF_RFC_8422.iter().any(|curve| groups.contains(curve))),
            },
        }
    }

    /// A client that offers curves must include `uncompressed`, whichever suite is chosen. RFC 8422 section
    /// 5.1.2: "If the client sends the extension and the extension does not contain the uncompressed point
    /// format, and the client has used the Supported Groups extension to indicate support for any of the
    /// curves defined in this specification, then the server MUST abort the handshake and return an
    /// illegal_parameter alert."
    pub(crate) const fn check(self) -> Result<(), HandshakeErrorKind> {
        match self {
            Self::Unfit { offers_curves: true } => Err(HandshakeErrorKind::NoUncompressedPoints),
            Self::Unsaid | Self::Uncompressed | Self::Unfit { offers_curves: false } => Ok(()),
        }
    }

    /// Whether an ECDHE suite can be negotiated.
    pub(crate) const fn allow_ecdhe(self) -> bool {
        matches!(self, Self::Unsaid | Self::Uncompressed)
    }

    /// The server's response in a full handshake with ECDHE.
    pub(crate) fn response(self) -> Option<ServerExtension<'static>> {
        (self == Self::Uncompressed).then_some(ServerExtension::EcPointFormats(UNCOMPRESSED))
    }
}

/// Checks the server's list. RFC 8422 section 5.2: "The Supported Point Formats Extension, when used, MUST
/// contain the value 0 (uncompressed) as one of the items in the list of point formats."
pub(crate) fn check_server(extensions: &ServerExtensions<'_>) -> Result<(), HandshakeErrorKind> {
    let formats = extensions.ec_point_formats;
    match formats {
        Some(formats) if !formats.contains(&EcPointFormat::UNCOMPRESSED) => {
            Err(HandshakeErrorKind::NoUncompressedPoints)
        }
        _ => Ok(()),
    }
}
