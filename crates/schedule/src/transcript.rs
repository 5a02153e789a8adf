//! The transcript: all handshake messages so far, as bytes, as a hash, or both (RFC 5246 section 7.4.9).

#[cfg(test)]
mod tests;

use crate::ScheduleError;
use alloc::{boxed::Box, vec::Vec};
use cairn_crypto::{Hash, HashAlgorithm, HashContext, HashOutput};
use core::fmt;

/// What both sides have said in this handshake, HelloRequest left out (RFC 5246 section 7.4.1.1).
///
/// The hash is known only once a suite is chosen, and CertificateVerify signs under a hash of its own (or, with
/// Ed25519, under none), so the raw bytes are kept until [`Transcript::let_go`] says that nobody needs them.
pub struct Transcript {
    raw: Option<Vec<u8>>,
    hash: Option<(HashAlgorithm, Box<dyn HashContext>)>,
}

/// Bytes of room at first: both hellos go into it, so that a resumption needs no more.
const ROOM: usize = 768;

impl Transcript {
    /// An empty transcript that keeps raw bytes.
    #[must_use]
    pub fn new() -> Self {
        Self { raw: Some(Vec::new()), hash: None }
    }

    /// Adds a message, header included.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] when the provider fails.
    pub fn add(&mut self, message: &[u8]) -> Result<(), ScheduleError> {
        self.add_parts(&[message])
    }

    /// Adds a message that lies in parts, such as header and body.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] when the provider fails.
    pub fn add_parts(&mut self, parts: &[&[u8]]) -> Result<(), ScheduleError> {
        for part in parts {
            if let Some(raw) = &mut self.raw {
                if raw.capacity() == 0 {
                    raw.reserve(part.len().max(ROOM));
                }
                raw.extend_from_slice(part);
            }
            if let Some((_, context)) = &mut self.hash {
                context.update(part)?;
            }
        }
        Ok(())
    }

    /// Chooses the hash, and feeds it what came before.
    ///
    /// # Errors
    /// [`ScheduleError::TranscriptLetGo`] when the bytes are gone; [`ScheduleError::HashNotChosen`] when another
    /// hash was chosen before; [`ScheduleError::Crypto`] when the provider fails.
    pub fn choose_hash(&mut self, hash: &dyn Hash) -> Result<(), ScheduleError> {
        match &self.hash {
            Some((chosen, _)) if *chosen == hash.algorithm() => return Ok(()),
            Some(_) => return Err(ScheduleError::HashNotChosen),
            None => {}
        }
        let raw = self.raw.as_ref().ok_or(ScheduleError::TranscriptLetGo)?;
        let mut context = hash.start()?;
        context.update(raw)?;
        self.hash = Some((hash.algorithm(), context));
        Ok(())
    }

    /// Lets go of the raw bytes: from here on only the hash goes on.
    pub fn let_go(&mut self) {
        self.raw = None;
    }

    /// All messages so far, one after the other.
    ///
    /// # Errors
    /// [`ScheduleError::TranscriptLetGo`] when they were let go.
    pub fn messages(&self) -> Result<&[u8], ScheduleError> {
        self.raw.as_deref().ok_or(ScheduleError::TranscriptLetGo)
    }

    /// The hash of all messages so far; more may follow.
    ///
    /// # Errors
    /// [`ScheduleError::HashNotChosen`] before [`Transcript::choose_hash`]; [`ScheduleError::Crypto`] when the
    /// provider fails.
    pub fn hash(&self) -> Result<HashOutput, ScheduleError> {
        let (_, context) = self.hash.as_ref().ok_or(ScheduleError::HashNotChosen)?;
        Ok(context.so_far()?)
    }

    /// The hash of all messages; none follows.
    ///
    /// # Errors
    /// As [`Transcript::hash`].
    pub fn finish(self) -> Result<HashOutput, ScheduleError> {
        let (_, context) = self.hash.ok_or(ScheduleError::HashNotChosen)?;
        Ok(context.finish()?)
    }

    /// A second transcript with the same messages so far.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] when the provider fails.
    pub fn fork(&self) -> Result<Self, ScheduleError> {
        let hash = match &self.hash {
            Some((algorithm, context)) => Some((*algorithm, context.fork()?)),
            None => None,
        };
        Ok(Self { raw: self.raw.clone(), hash })
    }
}

impl Default for Transcript {
    /// As [`Transcript::new`]: the raw bytes are kept.
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
