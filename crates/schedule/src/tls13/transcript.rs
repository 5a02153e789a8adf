//! The transcript hash (RFC 9846 section 4.1).

use super::kdf::Kdf;
use super::truncated::TruncatedHello;
use crate::error::ScheduleError;
use alloc::{boxed::Box, vec::Vec};
use cairn_crypto::{HashContext, HashOutput};
use core::fmt;

/// The handshake type of the synthetic message in place of the first ClientHello (RFC 9846 section 4.1).
const MESSAGE_HASH: u8 = 254;

/// The transcript of the first ClientHello, before the hash of the connection is known. The message is kept,
/// because the PSKs that it offers may have several hashes.
pub struct ClientHelloTranscript {
    hello: Vec<u8>,
}

impl ClientHelloTranscript {
    /// Takes the first ClientHello with its header.
    #[must_use]
    pub const fn new(client_hello: Vec<u8>) -> Self {
        Self { hello: client_hello }
    }

    /// The ClientHello with its header.
    #[must_use]
    pub fn client_hello(&self) -> &[u8] {
        &self.hello
    }

    /// `Transcript-Hash(ClientHello)`, for the secrets of early data.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn hash(&self, kdf: &Kdf) -> Result<HashOutput, ScheduleError> {
        kdf.hash(&[&self.hello])
    }

    /// The transcript with the hash of the chosen cipher suite. ServerHello follows.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn into_transcript(self, kdf: &Kdf) -> Result<Transcript, ScheduleError> {
        let mut context = kdf.start_hash()?;
        context.update(&self.hello)?;
        Ok(Transcript { context })
    }

    /// The transcript with the hash of the cipher suite that `hello_retry_request` chooses. The ClientHello
    /// becomes `message_hash`, and the second ClientHello follows.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn into_retry(self, kdf: &Kdf, hello_retry_request: &[u8]) -> Result<RetryTranscript, ScheduleError> {
        RetryTranscript::new(kdf, &self.hash(kdf)?, hello_retry_request)
    }
}

impl TruncatedHello<'_> {
    /// `Transcript-Hash(Truncate(ClientHello1))` for the binder of a PSK. RFC 9846 section 4.3.11.2: "this
    /// hash will be computed using the hash associated with the PSK".
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn hash(self, kdf: &Kdf) -> Result<HashOutput, ScheduleError> {
        kdf.hash(&[self.as_bytes()])
    }

    /// As [`TruncatedHello::hash`], and the transcript of the whole ClientHello, in one pass.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn hash_and_transcript(self, kdf: &Kdf) -> Result<(HashOutput, Transcript), ScheduleError> {
        let mut context = kdf.start_hash()?;
        context.update(self.as_bytes())?;
        let hash = context.so_far()?;
        context.update(self.binders)?;
        Ok((hash, Transcript { context }))
    }
}

impl fmt::Debug for ClientHelloTranscript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientHelloTranscript").field("bytes", &self.hello.len()).finish()
    }
}

/// The transcript of the first ClientHello and HelloRetryRequest, before the second ClientHello.
pub struct RetryTranscript {
    context: Box<dyn HashContext>,
}

impl RetryTranscript {
    /// Starts from the hash of the first ClientHello, for example from a cookie. RFC 9846 section 4.1: "a
    /// stateless HelloRetryRequest by storing just the hash of ClientHello1 in the cookie".
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the hash of the ClientHello has the length of another hash, or if the
    /// provider fails.
    pub fn new(
        kdf: &Kdf,
        client_hello_1: &HashOutput,
        hello_retry_request: &[u8],
    ) -> Result<Self, ScheduleError> {
        let hash = client_hello_1.as_bytes();
        kdf.check_len(hash.len())?;
        // No hash is longer than 64 bytes.
        let len = u8::try_from(hash.len()).unwrap_or_default();
        let mut context = kdf.start_hash()?;
        context.update(&[MESSAGE_HASH, 0, 0, len])?;
        context.update(hash)?;
        context.update(hello_retry_request)?;
        Ok(Self { context })
    }

    /// `Transcript-Hash(ClientHello1, HelloRetryRequest, Truncate(ClientHello2))`, for the binders of the
    /// second ClientHello.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn truncated_hash(&self, client_hello_2: TruncatedHello<'_>) -> Result<HashOutput, ScheduleError> {
        let mut context = self.context.fork()?;
        context.update(client_hello_2.as_bytes())?;
        Ok(context.finish()?)
    }

    /// Adds the second ClientHello. ServerHello follows.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn into_transcript(mut self, client_hello_2: &[u8]) -> Result<Transcript, ScheduleError> {
        self.context.update(client_hello_2)?;
        Ok(Transcript { context: self.context })
    }
}

impl fmt::Debug for RetryTranscript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RetryTranscript")
    }
}

/// The running hash of the handshake messages. RFC 9846 section 4.1: "implementations can implement the
/// transcript by keeping a running transcript hash value based on the negotiated hash".
pub struct Transcript {
    context: Box<dyn HashContext>,
}

impl Transcript {
    /// Adds a message with its header.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn add(&mut self, message: &[u8]) -> Result<(), ScheduleError> {
        Ok(self.context.update(message)?)
    }

    /// Adds a message that consists of several parts, such as header and body.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn add_parts(&mut self, parts: &[&[u8]]) -> Result<(), ScheduleError> {
        parts.iter().try_for_each(|part| self.add(part))
    }

    /// The hash of all messages so far. More messages may follow.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn hash(&self) -> Result<HashOutput, ScheduleError> {
        Ok(self.context.so_far()?)
    }

    /// The hash of all messages.
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn finish(self) -> Result<HashOutput, ScheduleError> {
        Ok(self.context.finish()?)
    }

    /// Clones the transcript. RFC 9846 section 4.1: "subsequent post-handshake authentications do not include
    /// each other, just the messages through the end of the main handshake."
    ///
    /// # Errors
    /// [`ScheduleError::Crypto`] if the provider fails.
    pub fn fork(&self) -> Result<Self, ScheduleError> {
        Ok(Self { context: self.context.fork()? })
    }
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transcript")
    }
}
