//! The transcript of the handshake messages (RFC 5246 section 7.4.9).

#[cfg(test)]
mod tests;

use crate::error::ScheduleError;
use alloc::{boxed::Box, vec::Vec};
use cairn_crypto::{Hash, HashAlgorithm, HashContext, HashOutput};
use core::fmt;

/// The messages of a handshake, except HelloRequest, as bytes and as a running hash.
///
/// RFC 5246 section 7.4.9: "All of the data from all messages in this handshake (not including any
/// HelloRequest messages) up to, but not including, this message."
///
/// The hash function is known only after the cipher suite has been chosen, and CertificateVerify may use
/// another one (or, with Ed25519, none). Therefore the transcript keeps the messages until
/// [`Transcript::discard_messages`] is called.
pub struct Transcript {
    raw: Option<Vec<u8>>,
    hash: Option<(HashAlgorithm, Box<dyn HashContext>)>,
}

/// The initial capacity in bytes. Both hellos fit, so an abbreviated handshake needs no second allocation.
const ROOM: usize = 768;

impl Transcript {
    /// Creates an empty transcript that keeps the messages.
    #[must_use]
    pub fn new() -> Self {
        Self { raw: Some(Vec::new()), hash: None }
    }

    /// Adds a message with its header.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn add(&mut self, message: &[u8]) -> Result<(), ScheduleError> {
        self.add_part(message)
    }

    /// Adds a message that consists of several parts, such as header and body.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn add_parts(&mut self, parts: &[&[u8]]) -> Result<(), ScheduleError> {
        parts.iter().try_for_each(|part| self.add_part(part))
    }

    fn add_part(&mut self, part: &[u8]) -> Result<(), ScheduleError> {
        if let Some(raw) = &mut self.raw {
            if raw.capacity() == 0 {
                raw.reserve(part.len().max(ROOM));
            }
            raw.extend_from_slice(part);
        }
        if let Some((_, context)) = &mut self.hash {
            context.update(part)?;
        }
        Ok(())
    }

    /// Chooses the hash function and hashes the messages so far. Choosing the same hash function again has no
    /// effect.
    ///
    /// # Errors
    /// [`ScheduleError::MessagesDiscarded`] if the messages have been discarded;
    /// [`ScheduleError::OtherHashChosen`] if another hash function has been chosen before;
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn choose_hash(&mut self, hash: &dyn Hash) -> Result<(), ScheduleError> {
        match &self.hash {
            Some((chosen, _)) if *chosen == hash.algorithm() => return Ok(()),
            Some((chosen, _)) => return Err(ScheduleError::OtherHashChosen(*chosen)),
            None => {}
        }
        let raw = self.raw.as_ref().ok_or(ScheduleError::MessagesDiscarded)?;
        let mut context = hash.start()?;
        context.update(raw)?;
        self.hash = Some((hash.algorithm(), context));
        Ok(())
    }

    /// Discards the messages so far and does not keep later ones. The hash is still updated.
    pub fn discard_messages(&mut self) {
        self.raw = None;
    }

    /// The concatenation of all messages so far.
    ///
    /// # Errors
    /// [`ScheduleError::MessagesDiscarded`] after [`Transcript::discard_messages`].
    pub fn messages(&self) -> Result<&[u8], ScheduleError> {
        self.raw.as_deref().ok_or(ScheduleError::MessagesDiscarded)
    }

    /// As [`Transcript::messages`], without a copy. The transcript ends.
    ///
    /// # Errors
    /// [`ScheduleError::MessagesDiscarded`] after [`Transcript::discard_messages`].
    pub fn into_messages(self) -> Result<Vec<u8>, ScheduleError> {
        self.raw.ok_or(ScheduleError::MessagesDiscarded)
    }

    /// The hash of all messages so far. More messages may follow.
    ///
    /// # Errors
    /// [`ScheduleError::HashNotChosen`] before [`Transcript::choose_hash`]; [`ScheduleError::Crypto`] if the
    /// provider fails.
    pub fn hash(&self) -> Result<HashOutput, ScheduleError> {
        let (_, context) = self.hash.as_ref().ok_or(ScheduleError::HashNotChosen)?;
        Ok(context.so_far()?)
    }

    /// The hash of all messages.
    ///
    /// # Errors
    /// As [`Transcript::hash`].
    pub fn finish(self) -> Result<HashOutput, ScheduleError> {
        let (_, context) = self.hash.ok_or(ScheduleError::HashNotChosen)?;
        Ok(context.finish()?)
    }

    /// Clones the transcript.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn fork(&self) -> Result<Self, ScheduleError> {
        let hash = match &self.hash {
            Some((algorithm, context)) => Some((*algorithm, context.fork()?)),
            None => None,
        };
        Ok(Self { raw: self.raw.clone(), hash })
    }
}

impl Default for Transcript {
    /// As [`Transcript::new`].
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transcript")
            .field("bytes_kept", &self.raw.as_ref().map(Vec::len))
            .field("hash", &self.hash.as_ref().map(|(algorithm, _)| algorithm))
            .finish()
    }
}
