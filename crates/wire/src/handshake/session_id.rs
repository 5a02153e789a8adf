//! Session IDs.

use core::fmt;
use core::hash::{Hash, Hasher};

use crate::codec::{Decode, Encode};
use crate::error::{DecodeError, EncodeError};
use crate::hex::Hex;
use crate::reader::Reader;
use crate::writer::Writer;

/// A session ID of 0 to 32 bytes: `opaque SessionID<0..32>` (RFC 5246 section 7.4.1.2).
#[derive(Clone, Copy)]
pub struct SessionId {
    length: u8,
    bytes: [u8; Self::MAX],
}

impl SessionId {
    /// The maximum length, in bytes.
    pub const MAX: usize = 32;

    /// The empty session ID, which identifies no session.
    pub const EMPTY: Self = Self { length: 0, bytes: [0; Self::MAX] };

    /// Creates a session ID from `bytes`.
    ///
    /// # Errors
    ///
    /// [`EncodeError::TooLong`] for more than 32 bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, EncodeError> {
        let mut id = Self::EMPTY;
        match (id.bytes.get_mut(..bytes.len()), u8::try_from(bytes.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(bytes);
                id.length = length;
                Ok(id)
            }
            _ => Err(EncodeError::TooLong { what: "session_id", length: bytes.len(), max: Self::MAX }),
        }
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// The length, in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::from(self.length)
    }

    /// Returns `true` if the ID is empty and thus identifies no session.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }
}

impl Default for SessionId {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl AsRef<[u8]> for SessionId {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl PartialEq for SessionId {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for SessionId {}

impl Hash for SessionId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({})", Hex(self.as_bytes()))
    }
}

impl<'a> Decode<'a> for SessionId {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let bytes = r.vec8(0, Self::MAX, "session_id")?.rest();
        // `vec8` has checked the length, so `new` cannot fail.
        Ok(Self::new(bytes).unwrap_or_default())
    }
}

impl Encode for SessionId {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.vec8(0, Self::MAX, "session_id", |w| w.bytes(self.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_id_has_at_most_32_bytes() {
        let id = SessionId::new(&[7; 32]).unwrap();
        assert_eq!(id.as_bytes(), [7; 32]);
        assert_eq!(SessionId::new(&[]).unwrap(), SessionId::EMPTY);
        assert!(SessionId::EMPTY.is_empty());
        assert_ne!(SessionId::new(&[0]).unwrap(), SessionId::EMPTY);
        let long = EncodeError::TooLong { what: "session_id", length: 33, max: 32 };
        assert_eq!(SessionId::new(&[0; 33]).unwrap_err(), long);
        assert!(SessionId::decode_exact(&[33; 34]).is_err());
    }
}
