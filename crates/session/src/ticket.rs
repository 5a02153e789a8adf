//! Sealing a session into a ticket, and opening it (RFC 5077 section 4).
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
//! The format is the one that RFC 5077 recommends, with a salt instead of the IV, and an AEAD instead of CBC
//! and HMAC. A random nonce of 96 bits would not suffice: after about 2^32 tickets under one key, collisions
//! are too likely; servers that share a key would have to coordinate counters; and a nonce collision in GCM
//! reveals the key that authenticates every ticket. Instead, each ticket has its own key that is used once,
//! so its nonce can be constant. Two tickets have the same key only if 256 bits collide, which no realistic
//! number of tickets causes.
//!
//! The salt is not merely random, but a MAC over random bytes and the session. If the random number generator
//! repeats itself (for example in a virtual machine that was cloned or restored), the worst result is equal
//! tickets for equal sessions; different sessions still have different salts.

use crate::encode::{self, decode_session};
use crate::error::SessionError;
use crate::ticket_key::{TicketKey, TicketKeyName};
use alloc::{boxed::Box, vec::Vec};
use cairn_crypto::{AeadKey, CryptoError, HashAlgorithm, HmacKey, Provider, Secret, SecretBytes};
use cairn_handshake::Session;

/// The version of the construction. It is not part of the ticket, but it is authenticated. Any change of the
/// construction must change it, so that tickets of another version do not open.
const VERSION: u8 = 1;

const SALT_LEN: usize = 32;
const TAG_LEN: usize = 16;
const CONTEXT_LEN: usize = 1 + 2 + TicketKeyName::LEN;

/// The nonce of every ticket; each key is used once.
const NONCE: [u8; 12] = [0; 12];

const OVERHEAD: usize = TicketKeyName::LEN + SALT_LEN + TAG_LEN;
const MIN_TICKET_LEN: usize = *encode::LEN_IN_TICKET.start() + OVERHEAD;

/// The maximum length of a ticket from [`seal_ticket`], in bytes. Longer tickets are not processed. Without a
/// client's chain, a ticket has less than 900 bytes, and typically 160.
pub const MAX_TICKET_LEN: usize = *encode::LEN_IN_TICKET.end() + OVERHEAD;

/// Seals a session into a ticket under this key.
///
/// The number of tickets per key is not limited, because each ticket is sealed with its own key, derived from
/// the secret of the ticket key and a 256-bit salt. Equal sessions have different tickets, and a ticket
/// reveals only the length of its session. The session ID is not included: the client that presents the
/// ticket chooses one (RFC 5077 section 3.4).
///
/// # Errors
/// [`SessionError::Crypto`] if the provider fails, or lacks HMAC-SHA-256 or the AEAD of the key;
/// [`SessionError::ClientSession`]; those of
/// [`encode_session`](crate::encode_session) if the session cannot be encoded.
pub fn seal_ticket(provider: &Provider, key: &TicketKey, session: &Session) -> Result<Vec<u8>, SessionError> {
    let session = encode::encode_in_ticket(session)?;
    let context = context(key);
    let hmac = hmac(provider, key)?;
    let random = Secret::<SALT_LEN>::try_with(|out| provider.random.fill(out))?;
    let mut salt = [0; SALT_LEN];
    hmac.sign(&[b"cairn ticket salt", &context, random.expose(), session.expose()], &mut salt)?;
    let one_time_key = one_time_key(provider, key, &*hmac, &context, &salt)?;
    let mut tag = [0; TAG_LEN];
    // The buffer is secret until it is sealed, so it must be zeroized if sealing fails.
    let sealed = SecretBytes::try_with(session.len(), |in_out| {
        in_out.copy_from_slice(session.expose());
        one_time_key.seal(&NONCE, &context, in_out, &mut tag)
    })?;
    Ok([&key.name().0[..], &salt, sealed.expose(), &tag].concat())
}

/// Opens a ticket of this key and returns its session, which has no ID.
///
/// A ticket that does not open is not an error, whatever the reason: it was modified or truncated, or belongs
/// to another key or version. The result is `None`, and a full handshake follows (RFC 5077 section 3.1). The
/// reason is not returned, so that it cannot leak to the peer. The caller checks the age of the session; the
/// handshake and [`Tickets::open`](crate::Tickets::open) do so.
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

/// Returns the name of the key that is needed to open this ticket, or `None` if no ticket of this crate has
/// this length.
///
/// The name is not authenticated, so an unknown name is not an anomaly.
#[must_use]
pub fn ticket_key_name(ticket: &[u8]) -> Option<TicketKeyName> {
    if !(MIN_TICKET_LEN..=MAX_TICKET_LEN).contains(&ticket.len()) {
        return None;
    }
    ticket.first_chunk().copied().map(TicketKeyName)
}

/// The public data to which a ticket is bound in addition to its secret.
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

/// The key of one ticket: the first and only block of HKDF-Expand (RFC 5869 section 2.3). HKDF-Extract is not
/// needed, because the secret is uniformly random (RFC 5869 section 3.3).
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
