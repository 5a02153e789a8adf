//! The random value of a hello.

use core::fmt;

use crate::codec::{Decode, Encode};
use crate::error::{DecodeError, EncodeError};
use crate::hex::Hex;
use crate::reader::Reader;
use crate::writer::Writer;

/// The 32-byte random value of a ClientHello or ServerHello (RFC 5246 section 7.4.1.2).
///
/// RFC 5246 divides them into `gmt_unix_time` and `random_bytes`; RFC 9846 does not, and neither does this
/// type.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Random(pub [u8; 32]);

impl Random {
    /// The size in bytes.
    pub const LEN: usize = 32;

    /// The random of a ServerHello that is a HelloRetryRequest: the SHA-256 of "HelloRetryRequest" (RFC 9846
    /// section 4.2.3).
    pub const HELLO_RETRY_REQUEST: Self = Self([
        0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
        0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
    ]);

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl AsRef<[u8]> for Random {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Random({})", Hex(&self.0))
    }
}

impl<'a> Decode<'a> for Random {
    const SIZE: Option<usize> = Some(Self::LEN);

    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        r.array("random").map(Self)
    }
}

impl Encode for Random {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.bytes(&self.0)
    }
}
