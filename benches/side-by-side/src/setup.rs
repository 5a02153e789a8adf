//! What is measured, and the keys and certificates that all stacks share.

use crate::measure::Sides;
use cairn_crypto::KeySpec;
use cairn_tls::x509::issue::{Identity, Template};
use std::{any::Any, fmt};

/// From long ago to far ahead, in seconds since 1970.
const VALID: (u64, u64) = (1_600_000_000, 4_000_000_000);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suite {
    /// AES-128-GCM, SHA-256.
    Aes128,
    /// AES-256-GCM, SHA-384.
    Aes256,
    /// ChaCha20-Poly1305, SHA-256.
    Chacha,
}

/// The key that the server proves itself with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// P-256.
    Ecdsa,
    /// 2048 bits, signing with PSS.
    Rsa,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resume {
    No,
    Id,
    Ticket,
}

/// A handshake: always X25519, always over SHA-256 where something is signed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) suite: Suite,
    pub(crate) key: Key,
    pub(crate) mutual: bool,
    pub(crate) resume: Resume,
    /// Memory is given back where a stack has to be asked for that.
    pub(crate) frugal: bool,
}

impl Setup {
    /// A handshake in full, with AES-128-GCM and an ECDSA key.
    pub(crate) const FULL: Self =
        Self { suite: Suite::Aes128, key: Key::Ecdsa, mutual: false, resume: Resume::No, frugal: false };
}

/// Records to send: so many, of so many bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Work {
    pub(crate) bulk: Bulk,
    pub(crate) length: usize,
    pub(crate) count: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bulk {
    /// From the caller's buffer into a buffer to send; from what came to the caller's buffer.
    Copied,
    /// In the buffer where it lies.
    InPlace,
}

/// Chains and keys.
pub(crate) struct Material {
    pub(crate) authority: Identity,
    pub(crate) server: Identity,
    pub(crate) client: Identity,
}

impl Material {
    pub(crate) fn new(key: Key) -> Self {
        let provider = cairn_tls::default_provider();
        let authority = Template::authority("Benchmark CA")
            .valid(VALID.0, VALID.1)
            .self_signed(&provider, KeySpec::EcP256)
            .expect("authority");
        let spec = match key {
            Key::Ecdsa => KeySpec::EcP256,
            Key::Rsa => KeySpec::Rsa { bits: 2048 },
        };
        let server = Template::server("localhost")
            .dns("localhost")
            .valid(VALID.0, VALID.1)
            .issue(&provider, spec, &authority)
            .expect("server certificate");
        let client = Template::client("client")
            .valid(VALID.0, VALID.1)
            .issue(&provider, KeySpec::EcP256, &authority)
            .expect("client certificate");
        Self { authority, server, client }
    }
}

/// What went over the wire in a handshake.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wire {
    pub(crate) from_client: Vec<u8>,
    pub(crate) from_server: Vec<u8>,
}

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}", self.from_client.len(), self.from_server.len())
    }
}

/// A handshake that was done.
pub(crate) struct Shaken {
    pub(crate) times: Sides,
    pub(crate) wire: Wire,
}

/// One of the two ends of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Client,
    Server,
}

impl End {
    /// This one of two; the other is dropped.
    pub(crate) fn of<C: Any, S: Any>(self, client: C, server: S) -> Box<dyn Any> {
        match self {
            Self::Client => Box::new(client),
            Self::Server => Box::new(server),
        }
    }
}

/// What the caller gives for bytes on their way: enough for any handshake here, so that nobody has to make it grow.
pub(crate) fn wire_buffer() -> Vec<u8> {
    Vec::with_capacity(16 * 1024)
}

/// A stack, configured.
pub(crate) trait Stack {
    /// One handshake between new ends, from the making of the ends to their dropping. It panics when the outcome is not
    /// what the setup says: in full or resumed.
    fn shake(&mut self) -> Shaken;

    /// One end of a new connection after its handshake, with nothing under way: as small as the stack's interface can make
    /// it. The chain of the peer may go if the stack can part with it, unless it is to be kept.
    fn keep(&mut self, end: End, chain: bool) -> Box<dyn Any>;

    /// A connection for this work; `None` where the stack's interface has no such thing.
    fn channel(&mut self, work: Work) -> Option<Box<dyn Channel>>;
}

/// A connection between two ends, which are past the handshake.
pub(crate) trait Channel {
    /// Sends the records of the work from the client, opens them at the server, and checks how much came.
    fn transfer(&mut self) -> Sides;
}
