//! The encoding of the part for TLS 1.2.

use super::field::flag;
use crate::error::SessionError;
use cairn_handshake::{MaxFragmentLength, Tls12Reference, Tls12Session, Tls12Ticket, UnixTime};
use cairn_schedule::{MasterSecret, Protection, Tls12Suite};
use cairn_wire::{Decode, Encode, EncodeError, Reader, SessionId, Writer};

const EXTENDED_MASTER_SECRET: u8 = 1;
const ENCRYPT_THEN_MAC: u8 = 2;
const ALL_FLAGS: u8 = EXTENDED_MASTER_SECRET | ENCRYPT_THEN_MAC;

const BY_SESSION_ID: u8 = 0;
const BY_TICKET: u8 = 1;
const BY_EXPIRING_TICKET: u8 = 2;
const IN_TICKET: u8 = 3;

/// Length without the data after the type of the reference.
pub(super) const FIXED_LEN: usize = 1 + MasterSecret::LEN + 1 + 1;

/// The maximum length of a ticket (RFC 5077 section 3.3).
const MAX_TICKET: usize = 0xffff;

/// Length of the time when a ticket expires.
const EXPIRES_LEN: usize = 8;

/// Length of the data after the type of the reference.
pub(super) fn reference_len(reference: &Tls12Reference) -> usize {
    match reference {
        Tls12Reference::SessionId(id) => 1 + id.len(),
        Tls12Reference::Ticket(Tls12Ticket { ticket, session_id, expires }) => {
            1 + session_id.len() + expires.map_or(0, |_| EXPIRES_LEN) + 2 + ticket.len()
        }
        Tls12Reference::InTicket => 0,
    }
}

/// Checks that the suite can have this record protection, because the encoding has only the suite and a flag.
pub(super) fn check(session: &Tls12Session) -> Result<(), SessionError> {
    let Tls12Session { suite, protection, .. } = session;
    if *protection == suite.protection || suite.protection.with_encrypt_then_mac() == Some(*protection) {
        Ok(())
    } else {
        Err(SessionError::ProtectionOfAnotherSuite(suite.id))
    }
}

/// Writes all but the suite.
pub(super) fn encode(
    session: &Tls12Session,
    reference: &Tls12Reference,
    w: &mut Writer<'_>,
) -> Result<(), EncodeError> {
    w.u8(flag(session.extended_master_secret, EXTENDED_MASTER_SECRET)
        | flag(session.protection.is_encrypt_then_mac(), ENCRYPT_THEN_MAC))?;
    w.bytes(session.master_secret.expose())?;
    w.u8(session.max_fragment_length.map_or(0, |length| length.code().into()))?;
    match reference {
        Tls12Reference::SessionId(id) => {
            w.u8(BY_SESSION_ID)?;
            id.encode(w)
        }
        Tls12Reference::Ticket(Tls12Ticket { ticket, session_id, expires }) => {
            w.u8(if expires.is_some() { BY_EXPIRING_TICKET } else { BY_TICKET })?;
            session_id.encode(w)?;
            if let Some(expires) = expires {
                w.u64(expires.as_millis())?;
            }
            w.vec16(0, MAX_TICKET, "ticket", |w| w.bytes(ticket))
        }
        Tls12Reference::InTicket => w.u8(IN_TICKET),
    }
}

/// Reads the data after the suite.
pub(super) fn decode(suite: &'static Tls12Suite, r: &mut Reader<'_>) -> Result<Tls12Session, SessionError> {
    let flags = r.u8("flags of the TLS 1.2 part")?;
    let protection = protection(suite, flags).ok_or(SessionError::UnknownFlags(flags))?;
    // Read directly into its final place, without a copy on the stack.
    let secret = r.bytes(MasterSecret::LEN, "master_secret")?;
    let master_secret = MasterSecret::try_from(secret)?;
    Ok(Tls12Session {
        suite,
        protection,
        master_secret,
        extended_master_secret: flags & EXTENDED_MASTER_SECRET != 0,
        max_fragment_length: max_fragment_length(r.u8("max_fragment_length")?)?,
        reference: reference(r)?,
    })
}

fn reference(r: &mut Reader<'_>) -> Result<Tls12Reference, SessionError> {
    Ok(match r.u8("reference")? {
        BY_SESSION_ID => Tls12Reference::SessionId(SessionId::decode(r)?),
        kind @ (BY_TICKET | BY_EXPIRING_TICKET) => Tls12Reference::Ticket(Tls12Ticket {
            session_id: SessionId::decode(r)?,
            expires: match kind {
                BY_EXPIRING_TICKET => Some(UnixTime::from_millis(r.u64("expires")?)),
                _ => None,
            },
            ticket: r.vec16(0, MAX_TICKET, "ticket")?.rest().to_vec(),
        }),
        IN_TICKET => Tls12Reference::InTicket,
        unknown => return Err(SessionError::UnknownReference(unknown)),
    })
}

/// The record protection. `None` if a flag is undefined, or demands encrypt-then-MAC of a suite that is not
/// CBC (RFC 7366 section 3).
const fn protection(suite: &Tls12Suite, flags: u8) -> Option<Protection> {
    match flags & (!ALL_FLAGS | ENCRYPT_THEN_MAC) {
        0 => Some(suite.protection),
        ENCRYPT_THEN_MAC => suite.protection.with_encrypt_then_mac(),
        _ => None,
    }
}

/// 0 is not a code of RFC 6066 section 4.
fn max_fragment_length(code: u8) -> Result<Option<MaxFragmentLength>, SessionError> {
    match MaxFragmentLength::from_code(code.into()) {
        None if code != 0 => Err(SessionError::MaxFragmentLengthCode(code)),
        length => Ok(length),
    }
}
