//! A session sealed into a ticket, and opened again (RFC 5077 section 4).
//!
//! ```text
//! struct {
//!     opaque key_name[16];
//!     opaque salt[32];
//!     opaque encrypted_state[..];             // the session without its ID, as encode_session has it
//!     opaque tag[16];
//! } ticket;
//!
//! context = version (uint8) | AEAD number (uint16) | key_name
//! salt    = HMAC-SHA-256(secret, "cairn ticket salt" | context | 32 random bytes | session)
//! key     = HKDF-Expand-SHA-256(secret, "cairn ticket key" | context | salt, 32)
//! AEAD(key, nonce = 0, associated data = context, session)
//! ```
//!
//! It has the shape that RFC 5077 recommends, with a salt in the place of the IV, and an AEAD in the place of CBC and
//! HMAC. Why not simply a random nonce: 96 bits of it collide after some 2^32 tickets under one key often enough to
//! matter, servers that share a key would have to count together, and where nonces do collide GCM gives away the key
//! that authenticates every ticket. Here each ticket has a key of its own, that is used once, so its nonce can stand
//! still; two tickets get the same one when 256 bits collide, which no number of tickets brings about.
//!
//! The salt is not merely random, but a MAC over randomness and the session. So a generator that repeats itself (a
//! virtual machine that was cloned or set back) does no worse than to give equal tickets to equal sessions: different
//! sessions have different salts all the same.

use crate::{SessionError, TicketKey, TicketKeyName, decode_session, encode};
use alloc::{boxed::Box, vec::Vec};
use cairn_crypto::{AeadKey, CryptoError, HashAlgorithm, HmacKey, Provider, Secret, SecretBytes};
use cairn_handshake::Session;

/// The version of the construction. It is not written into the ticket, but authenticated with it: who changes the
/// construction changes this, and a ticket of another version is one that does not open.
const VERSION: u8 = 1;

const SALT_LEN: usize = 32;
const TAG_LEN: usize = 16;
const CONTEXT_LEN: usize = 1 + 2 + TicketKeyName::LEN;

/// The nonce of every ticket: its key is used once.
const NONCE: [u8; 12] = [0; 12];

const OVERHEAD: usize = TicketKeyName::LEN + SALT_LEN + TAG_LEN;
const MIN_TICKET_LEN: usize = *encode::LEN_WITHOUT_ID.start() + OVERHEAD;

/// The longest ticket that [`seal_ticket`] makes, in bytes. Whatever is longer is not looked at. Without a client's
/// chain, a ticket has less than 900 bytes, and rather 160.
pub const MAX_TICKET_LEN: usize = *encode::LEN_WITHOUT_ID.end() + OVERHEAD;

/// A session as a ticket under this key.
///
/// No number of tickets wears a key out: each is sealed with a key of its own, derived from this one's secret and a
/// 256-bit salt. Equal sessions have different tickets, and a ticket shows nothing of its session but the length. The
/// session's ID is not in it: the client that presents the ticket chooses one (RFC 5077 section 3.4).
///
/// # Errors
/// [`SessionError::Crypto`] when the provider fails or lacks HMAC-SHA-256 or the key's AEAD; those of
/// [`encode_session`](crate::encode_session) for a session that cannot be encoded.
pub fn seal_ticket(provider: &Provider, key: &TicketKey, session: &Session) -> Result<Vec<u8>, SessionError> {
    let session = encode::encode_without_id(session)?;
    let context = context(key);
    let hmac = hmac(provider, key)?;
    let random = Secret::<SALT_LEN>::try_with(|out| provider.random.fill(out))?;
    let mut salt = [0; SALT_LEN];
    hmac.sign(&[b"cairn ticket salt", &context, random.expose(), session.expose()], &mut salt)?;
    let one_time_key = one_time_key(provider, key, &*hmac, &context, &salt)?;
    let mut tag = [0; TAG_LEN];
    // A secret until it is sealed, so that nothing stays in memory when that fails.
    let sealed = SecretBytes::try_with(session.len(), |in_out| {
        in_out.copy_from_slice(session.expose());
        one_time_key.seal(&NONCE, &context, in_out, &mut tag)
    })?;
    Ok([&key.name().0[..], &salt, sealed.expose(), &tag].concat())
}

/// The session in a ticket of this key, with an empty ID; or none.
///
/// A ticket that does not open is no error, whatever the reason: altered, cut, of another key or version. There is no
/// session then, and a full handshake follows (RFC 5077 section 3.1). The reason is not told, lest it be told on.
/// Whether the session is young enough is for the caller to say: the handshake does, and
/// [`Tickets::open`](crate::Tickets::open).
#[must_use]
pub fn open_ticket(provider: &Provider, key: &TicketKey, ticket: &[u8]) -> Option<Session> {
    if ticket_key_name(ticket)? != *key.name() {
        return None;
    }
    let (_, ticket) = ticket.split_first_chunk::<{ TicketKeyName::LEN }>()?;
    let (salt, sealed) = ticket.split_first_chunk::<SALT_LEN>()?;
    let context = context(key);
    let hmac = hmac(provider, key).ok()?;
    let one_time_key = one_time_key(provider, key, &*hmac, &context, salt).ok()?;
    let mut length = 0;
    let session = SecretBytes::try_with(sealed.len(), |in_out| {
        in_out.copy_from_slice(sealed);
        length = one_time_key.open(&NONCE, &context, in_out)?;
        Ok::<_, CryptoError>(())
    })
    .ok()?;
    decode_session(session.expose().get(..length)?).ok()
}

/// The name of the key that must be asked for to open this ticket; or none, if its length is none of a ticket of ours.
///
/// Anybody can write any name, so a key that is not found is not news.
#[must_use]
pub fn ticket_key_name(ticket: &[u8]) -> Option<TicketKeyName> {
    if !(MIN_TICKET_LEN..=MAX_TICKET_LEN).contains(&ticket.len()) {
        return None;
    }
    ticket.first_chunk().copied().map(TicketKeyName)
}

/// What a ticket is bound to besides its secret.
fn context(key: &TicketKey) -> [u8; CONTEXT_LEN] {
    let [high, low] = key.aead().number().to_be_bytes();
    let mut context = [0; CONTEXT_LEN];
    let parts = [VERSION, high, low].into_iter().chain(key.name().0);
    context.iter_mut().zip(parts).for_each(|(place, byte)| *place = byte);
    context
}

fn hmac(provider: &Provider, key: &TicketKey) -> Result<Box<dyn HmacKey>, CryptoError> {
    provider.hmac(HashAlgorithm::Sha256).ok_or(CryptoError::Unsupported)?.key(key.secret())
}

/// The key of one ticket: the first and only block of HKDF-Expand (RFC 5869 section 2.3). There is nothing to extract,
/// because the secret is random throughout (RFC 5869 section 3.3).
fn one_time_key(
    provider: &Provider,
    key: &TicketKey,
    hmac: &dyn HmacKey,
    context: &[u8],
    salt: &[u8],
) -> Result<Box<dyn AeadKey>, CryptoError> {
    let aead = provider.aead(key.aead().algorithm()).ok_or(CryptoError::Unsupported)?;
    let one_time = Secret::<32>::try_with(|out| hmac.sign(&[b"cairn ticket key", context, salt, &[1]], out))?;
    aead.key(one_time.expose())
}

#[cfg(test)]
mod tests;
