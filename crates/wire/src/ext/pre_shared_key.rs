//! `pre_shared_key` and `psk_key_exchange_modes` (RFC 9846 sections 4.3.11 and 4.3.9).

use crate::bounds::{MAX_8, MAX_16};
use crate::codec::{Decode, Encode, opaque_vector};
use crate::codes::PskKeyExchangeMode;
use crate::error::{DecodeError, EncodeError};
use crate::list::{List, element_vector};
use crate::reader::Reader;
use crate::writer::Writer;

element_vector! {
    /// The modes in which the client uses pre-shared keys (RFC 9846 section 4.3.9).
    pub struct PskKeyExchangeModes {
        /// The modes: `<1..255>` bytes.
        ke_modes: PskKeyExchangeMode
    },
    vec8, 1, MAX_8, "PskKeyExchangeModes.ke_modes"
}

/// A label for a pre-shared key (RFC 9846 section 4.3.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PskIdentity<'a> {
    /// The label, such as a ticket: `<1..2^16-1>` bytes.
    pub identity: &'a [u8],
    /// The age of the ticket in milliseconds plus its `ticket_age_add`, modulo 2^32; 0 for an external key
    /// (RFC 9846 section 4.3.11.1).
    pub obfuscated_ticket_age: u32,
}

const IDENTITY: &str = "PskIdentity.identity";

impl<'a> Decode<'a> for PskIdentity<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            identity: r.vec16(1, MAX_16, IDENTITY)?.rest(),
            obfuscated_ticket_age: r.u32("PskIdentity.obfuscated_ticket_age")?,
        })
    }
}

impl Encode for PskIdentity<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.vec16(1, MAX_16, IDENTITY, |w| w.bytes(self.identity))?;
        w.u32(self.obfuscated_ticket_age)
    }
}

opaque_vector! {
    /// A MAC that proves possession of a pre-shared key: `opaque PskBinderEntry<32..255>` (RFC 9846 section
    /// 4.3.11.2).
    pub struct PskBinderEntry, vec8, 32, MAX_8, "PskBinderEntry"
}

/// The pre-shared keys that a client offers (RFC 9846 section 4.3.11).
///
/// Decoding does not check that there is one binder for each identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferedPsks<'a> {
    /// The identities in order of preference: `<7..2^16-1>` bytes.
    pub identities: List<'a, PskIdentity<'a>>,
    /// One binder for each identity, in the same order: `<33..2^16-1>` bytes.
    pub binders: List<'a, PskBinderEntry<'a>>,
}

const IDENTITIES: &str = "OfferedPsks.identities";
const BINDERS: &str = "OfferedPsks.binders";

impl OfferedPsks<'_> {
    /// The size of the encoded `binders` with their length prefix, in bytes.
    ///
    /// The transcript of a binder ends before them: it covers "a partial ClientHello up to and including the
    /// PreSharedKeyExtension.identities field" (RFC 9846 section 4.3.11.2), and they are the end of the
    /// ClientHello.
    #[must_use]
    pub fn binders_size(&self) -> usize {
        self.binders.iter().fold(2, |size, binder| size.saturating_add(binder.0.len().saturating_add(1)))
    }
}

impl<'a> Decode<'a> for OfferedPsks<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            identities: List::decode(&mut r.vec16(7, MAX_16, IDENTITIES)?)?,
            binders: List::decode(&mut r.vec16(33, MAX_16, BINDERS)?)?,
        })
    }
}

impl Encode for OfferedPsks<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.vec16(7, MAX_16, IDENTITIES, |w| self.identities.encode(w))?;
        w.vec16(33, MAX_16, BINDERS, |w| self.binders.encode(w))
    }
}
