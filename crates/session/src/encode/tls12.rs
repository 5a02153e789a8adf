//! The encoding of the part for TLS 1.2.

use super::field::flag;
use crate::error::SessionError;
use cairn_handshake::{MaxFragmentLength, Tls12Session};
use cairn_schedule::{MasterSecret, Protection, Tls12Suite};
use cairn_wire::{Decode, Encode, EncodeError, Reader, SessionId, Writer};

const EXTENDED_MASTER_SECRET: u8 = 1;
const ENCRYPT_THEN_MAC: u8 = 2;
const ALL_FLAGS: u8 = EXTENDED_MASTER_SECRET | ENCRYPT_THEN_MAC;

/// Length without the session ID.
pub(super) const FIXED_LEN: usize = 1 + MasterSecret::LEN + 1 + 1;

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
    session_id: &SessionId,
    w: &mut Writer<'_>,
) -> Result<(), EncodeError> {
    w.u8(flag(session.extended_master_secret, EXTENDED_MASTER_SECRET)
        | flag(session.protection.is_encrypt_then_mac(), ENCRYPT_THEN_MAC))?;
    w.bytes(session.master_secret.expose())?;
    session_id.encode(w)?;
    w.u8(session.max_fragment_length.map_or(0, |length| length.code().into()))
}

/// Reads what follows the suite.
pub(super) fn decode(suite: &'static Tls12Suite, r: &mut Reader<'_>) -> Result<Tls12Session, SessionError> {
    let flags = r.u8("flags of the TLS 1.2 part")?;
    let protection = protection(suite, flags).ok_or(SessionError::UnknownFlags(flags))?;
    // Read directly into its final place, without a copy on the stack.
    let secret = r.bytes(MasterSecret::LEN, "master_secret")?;
    let master_secret = MasterSecret::try_from(secret)?;
    Ok(Tls12Session {
        session_id: SessionId::decode(r)?,
        suite,
        protection,
        master_secret,
        extended_master_secret: flags & EXTENDED_MASTER_SECRET != 0,
        max_fragment_length: max_fragment_length(r.u8("max_fragment_length")?)?,
        ticket: None,
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
