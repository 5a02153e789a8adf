//! The encoding of the part for TLS 1.3.

use super::limits::MAX_8;
use crate::error::SessionError;
use cairn_crypto::SecretBytes;
use cairn_handshake::{QuicSession, Tls13Reference, Tls13Session, UnixTime};
use cairn_schedule::tls13::Tls13Suite;
use cairn_wire::{Decode, DecodeError, Encode, EncodeError, Reader, SessionId, Writer};
use core::num::NonZeroU32;

const BY_TICKET: u8 = 0;
const STORED: u8 = 1;
const IN_TICKET: u8 = 3;

/// Length without the PSK, and without the data after the type of the reference.
const FIXED_LEN: usize = 1 + 8 + 8 + 4 + 4 + 1 + 4;

/// The length of the longest hash of a suite.
const MAX_PSK: usize = 48;

/// The maximum length inside a ticket.
pub(super) const MAX_LEN_IN_TICKET: usize = FIXED_LEN + MAX_PSK + 2 + MAX_8;

/// The maximum length of an extension, such as quic_transport_parameters.
const MAX_PARAMETERS: usize = 0xffff;

/// The maximum length of a ticket (RFC 9846 section 4.7.1).
const MAX_TICKET: usize = 0xffff;

/// The maximum length of the settings of QUIC. A server's are short, because they are inside its tickets; a
/// client's are the extension of the server.
const fn max_settings(reference: &Tls13Reference) -> usize {
    match reference {
        Tls13Reference::Ticket(_) => MAX_PARAMETERS,
        Tls13Reference::Stored(_) | Tls13Reference::InTicket => MAX_8,
    }
}

/// Length of the encoding with this reference.
pub(super) fn len(session: &Tls13Session, reference: &Tls13Reference) -> usize {
    FIXED_LEN
        + session.psk.len()
        + session.quic.as_ref().map_or(0, |quic| 2 + quic.settings.len())
        + match reference {
            Tls13Reference::Ticket(ticket) => 2 + ticket.len(),
            Tls13Reference::Stored(id) => 1 + id.len(),
            Tls13Reference::InTicket => 0,
        }
}

/// Checks that the PSK is as long as the hash of the suite.
pub(super) fn check(session: &Tls13Session) -> Result<(), SessionError> {
    let length = session.psk.len();
    if length == session.hash().output_len() { Ok(()) } else { Err(SessionError::PskLength { length }) }
}

/// Writes all but the suite.
pub(super) fn encode(
    session: &Tls13Session,
    reference: &Tls13Reference,
    w: &mut Writer<'_>,
) -> Result<(), EncodeError> {
    w.vec8(1, MAX_8, "psk", |w| w.bytes(session.psk.expose()))?;
    w.u64(session.issued_at.as_millis())?;
    w.u64(session.expires.as_millis())?;
    w.u32(session.age_add)?;
    w.u32(session.max_early_data)?;
    match reference {
        Tls13Reference::Ticket(ticket) => {
            w.u8(BY_TICKET)?;
            w.vec16(1, MAX_TICKET, "ticket", |w| w.bytes(ticket))?;
        }
        Tls13Reference::Stored(id) => {
            w.u8(STORED)?;
            id.encode(w)?;
        }
        Tls13Reference::InTicket => w.u8(IN_TICKET)?,
    }
    match &session.quic {
        None => w.u32(0),
        Some(QuicSession { version, settings }) => {
            w.u32(version.get())?;
            w.vec16(0, max_settings(reference), "settings", |w| w.bytes(settings))
        }
    }
}

/// Reads the data after the suite.
pub(super) fn decode(suite: &'static Tls13Suite, r: &mut Reader<'_>) -> Result<Tls13Session, SessionError> {
    let psk = r.vec8(1, MAX_8, "psk")?.rest();
    if psk.len() != suite.hash.output_len() {
        return Err(SessionError::PskLength { length: psk.len() });
    }
    let psk = SecretBytes::try_with(psk.len(), |out| {
        out.copy_from_slice(psk);
        Ok::<_, DecodeError>(())
    })?;
    let issued_at = UnixTime::from_millis(r.u64("issued_at")?);
    let expires = UnixTime::from_millis(r.u64("expires")?);
    let age_add = r.u32("ticket_age_add")?;
    let max_early_data = r.u32("max_early_data_size")?;
    let reference = match r.u8("reference")? {
        BY_TICKET => Tls13Reference::Ticket(r.vec16(1, MAX_TICKET, "ticket")?.rest().to_vec()),
        STORED => Tls13Reference::Stored(SessionId::decode(r)?),
        IN_TICKET => Tls13Reference::InTicket,
        unknown => return Err(SessionError::UnknownReference(unknown)),
    };
    let quic = match NonZeroU32::new(r.u32("quic_version")?) {
        None => None,
        Some(version) => {
            let settings = r.vec16(0, max_settings(&reference), "settings")?.rest().into();
            Some(QuicSession { version, settings })
        }
    };
    Ok(Tls13Session { suite, psk, issued_at, expires, age_add, max_early_data, reference, quic })
}
