//! The measurements, and the keys and certificates that all stacks share.

use crate::measure::Sides;
use cairn_crypto::KeySpec;
use cairn_tls::x509::issue::{Identity, Template};
use std::{any::Any, fmt};

/// A very long validity, in seconds since 1970.
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

/// The server's key.
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
    /// By the session ID of TLS 1.2.
    Id,
    /// By the ticket of TLS 1.2.
    Ticket,
    /// By a PSK of TLS 1.3. The server issues one ticket in each handshake, for the next.
    Psk(Psk),
}

/// What a PSK is used for. Tickets contain the session, except for early data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Psk {
    /// `psk_dhe_ke`.
    KeyExchange,
    /// `psk_ke`.
    Alone,
    /// `psk_dhe_ke`, and the client sends [`EARLY_DATA`] bytes of early data. The server stores the session,
    /// and uses it once.
    EarlyData,
}

/// The length of the early data in bytes.
pub(crate) const EARLY_DATA: usize = 1024;

/// The group of the key exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    X25519,
    /// X25519MLKEM768, which only TLS 1.3 has.
    Hybrid,
}

/// How the ends find the group in TLS 1.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tls13 {
    pub(crate) group: Group,
    /// The client sends a share of P-256 only, so that the server asks for another with HelloRetryRequest.
    pub(crate) retry: bool,
}

/// A handshake: of TLS 1.2 with X25519, or of TLS 1.3; always with SHA-256 in signatures.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    /// `None` for TLS 1.2.
    pub(crate) tls13: Option<Tls13>,
    pub(crate) suite: Suite,
    pub(crate) key: Key,
    pub(crate) mutual: bool,
    pub(crate) resume: Resume,
    /// Whether to ask the stack to release memory, if it has to be asked.
    pub(crate) frugal: bool,
}

impl Setup {
    /// A full handshake of TLS 1.2 with AES-128-GCM and an ECDSA key.
    pub(crate) const FULL: Self = Self {
        tls13: None,
        suite: Suite::Aes128,
        key: Key::Ecdsa,
        mutual: false,
        resume: Resume::No,
        frugal: false,
    };

    /// The same of TLS 1.3 with X25519.
    pub(crate) const FULL13: Self =
        Self { tls13: Some(Tls13 { group: Group::X25519, retry: false }), ..Self::FULL };

    /// The group that both ends use.
    pub(crate) fn group(&self) -> Group {
        self.tls13.map_or(Group::X25519, |tls13| tls13.group)
    }

    /// The use of the PSK, if the handshake resumes a session of TLS 1.3.
    pub(crate) fn psk(&self) -> Option<Psk> {
        match self.resume {
            Resume::Psk(psk) => Some(psk),
            Resume::No | Resume::Id | Resume::Ticket => None,
        }
    }

    /// Whether the client sends early data.
    pub(crate) fn early_data(&self) -> bool {
        self.psk() == Some(Psk::EarlyData)
    }

    /// Whether the server asks for another share.
    pub(crate) fn retry(&self) -> bool {
        self.tls13.is_some_and(|tls13| tls13.retry)
    }
}

/// The number of records to send and their length in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Work {
    pub(crate) bulk: Bulk,
    pub(crate) length: usize,
    pub(crate) count: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bulk {
    /// From the caller's buffer to a send buffer, and from received bytes to the caller's buffer.
    Copied,
    /// In place.
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

/// The number of bytes on the wire in a handshake.
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

/// A completed handshake.
pub(crate) struct Shaken {
    pub(crate) times: Sides,
    pub(crate) wire: Wire,
}

/// An end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Client,
    Server,
}

impl End {
    /// Selects this end of two; the other is dropped.
    pub(crate) fn of<C: Any, S: Any>(self, client: C, server: S) -> Box<dyn Any> {
        match self {
            Self::Client => Box::new(client),
            Self::Server => Box::new(server),
        }
    }
}

/// The capacity for bytes in transit: enough for any handshake here, so that it never grows.
pub(crate) fn wire_buffer() -> Vec<u8> {
    Vec::with_capacity(16 * 1024)
}

/// A configured stack.
pub(crate) trait Stack {
    /// Performs a handshake between new ends, from their creation to their drop. It panics if the result is
    /// not as configured: full or resumed.
    fn shake(&mut self) -> Shaken;

    /// An end of a new connection after its handshake, with nothing in progress, as small as the stack's
    /// interface permits. If the chain need not be retained, it is discarded if the stack can do so.
    fn keep(&mut self, end: End, chain: bool) -> Box<dyn Any>;

    /// A connection for this work; `None` if the stack's interface does not support it.
    fn channel(&mut self, work: Work) -> Option<Box<dyn Channel>>;

    /// A connection whose client updates its keys this many times and asks the server to do so. Short records
    /// between the updates do not count. `None` if the stack's interface does not support it.
    fn key_updates(&mut self, count: usize) -> Option<Box<dyn Channel>>;
}

/// A connection between two ends after the handshake.
pub(crate) trait Channel {
    /// Sends the records from the client, opens them at the server, and checks the number of bytes received.
    fn transfer(&mut self) -> Sides;
}
