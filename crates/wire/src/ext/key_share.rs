//! `key_share` (RFC 9846 section 4.3.8). The client sends a list, the server one entry or, in
//! HelloRetryRequest, the group that it wants.

use crate::bounds::MAX_16;
use crate::codec::{Decode, Encode};
use crate::codes::NamedGroup;
use crate::error::{DecodeError, EncodeError};
use crate::list::element_vector;
use crate::reader::Reader;
use crate::writer::Writer;

/// A public value of one group (RFC 9846 section 4.3.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyShareEntry<'a> {
    /// The group.
    pub group: NamedGroup,
    /// The public value, in the encoding of the group: `<1..2^16-1>` bytes.
    pub key_exchange: &'a [u8],
}

const KEY_EXCHANGE: &str = "KeyShareEntry.key_exchange";

impl<'a> Decode<'a> for KeyShareEntry<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            group: NamedGroup(r.u16("KeyShareEntry.group")?),
            key_exchange: r.vec16(1, MAX_16, KEY_EXCHANGE)?.rest(),
        })
    }
}

impl Encode for KeyShareEntry<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        self.group.encode(w)?;
        w.vec16(1, MAX_16, KEY_EXCHANGE, |w| w.bytes(self.key_exchange))
    }
}

element_vector! {
    /// The client's shares (RFC 9846 section 4.3.8).
    pub struct KeyShareClientHello {
        /// At most one share of each group, in order of preference: `<0..2^16-1>` bytes. Decoding does not
        /// check that the groups differ. Empty if the client asks for a HelloRetryRequest.
        client_shares: KeyShareEntry<'a>
    },
    vec16, 0, MAX_16, "KeyShareClientHello.client_shares"
}
