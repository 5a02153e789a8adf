//! A stream of handshake messages as a tree.

use core::fmt;

use super::hello;
use super::printer::{Code, Describe, Printer};
use crate::codec::MAX_24;
use crate::{
    CipherSuite, ClientKeyExchange, DecodeError, ExtensionType, HandshakeMessage, HandshakeType,
    KeyExchangeAlgorithm, ProtocolVersion, Reader, ServerExtension, ServerHello, ServerKeyExchange,
};

/// The bytes of handshake messages, one after the other, as a tree with `Display`.
///
/// The key exchange is taken from the ServerHello, so that ServerKeyExchange and ClientKeyExchange are shown with their
/// fields. Where the ServerHello is in another stream, [`with_key_exchange`](Self::with_key_exchange) tells it.
/// Messages are read as TLS 1.2 lays them out.
#[derive(Clone, Debug)]
pub struct HandshakeTree<'a> {
    stream: Reader<'a>,
    key_exchange: Option<KeyExchangeAlgorithm>,
}

impl<'a> HandshakeTree<'a> {
    /// The tree of these messages.
    #[must_use]
    pub const fn new(stream: &'a [u8]) -> Self {
        Self::at(0, stream)
    }

    /// The tree of these messages, which stand `offset` bytes behind the start of the outermost input.
    #[must_use]
    pub const fn at(offset: usize, stream: &'a [u8]) -> Self {
        Self { stream: Reader::at(offset, stream), key_exchange: None }
    }

    /// With the key exchange that was agreed before this stream.
    #[must_use]
    pub const fn with_key_exchange(mut self, key_exchange: Option<KeyExchangeAlgorithm>) -> Self {
        self.key_exchange = key_exchange;
        self
    }

    /// The key exchange that is agreed at the end of the stream, or at its first error.
    #[must_use]
    pub fn key_exchange(&self) -> Option<KeyExchangeAlgorithm> {
        self.run(&mut Printer::new(&mut Nowhere)).0
    }

    /// Walks through the stream.
    ///
    /// # Errors
    ///
    /// The first error in it, which is also the last line of the tree.
    pub fn check(&self) -> Result<(), DecodeError> {
        match self.run(&mut Printer::new(&mut Nowhere)).1 {
            Err(Fault::Input(error)) => Err(error),
            Err(Fault::Output) | Ok(()) => Ok(()),
        }
    }

    fn run(&self, p: &mut Printer<'_>) -> (Option<KeyExchangeAlgorithm>, Result<(), Fault>) {
        let mut key_exchange = self.key_exchange;
        let mut r = self.stream.clone();
        while !r.is_empty() {
            if let Err(fault) = message(&mut r, &mut key_exchange, p) {
                return (key_exchange, Err(fault));
            }
        }
        (key_exchange, Ok(()))
    }
}

impl fmt::Display for HandshakeTree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.run(&mut Printer::new(f)).1 {
            Err(Fault::Output) => Err(fmt::Error),
            // Printed where it happened.
            Err(Fault::Input(_)) | Ok(()) => Ok(()),
        }
    }
}

/// Why a walk through a stream ended early.
pub(super) enum Fault {
    /// The output failed.
    Output,
    /// The input is malformed; the error has been printed.
    Input(DecodeError),
}

impl From<fmt::Error> for Fault {
    fn from(_: fmt::Error) -> Self {
        Self::Output
    }
}

/// Prints an error of the input and makes it the end of the walk.
pub(super) fn fail<T>(error: DecodeError, p: &mut Printer<'_>) -> Result<T, Fault> {
    p.line(format_args!("error: {error}"))?;
    Err(Fault::Input(error))
}

/// Prints the next message of a stream.
pub(super) fn message(
    r: &mut Reader<'_>,
    key_exchange: &mut Option<KeyExchangeAlgorithm>,
    p: &mut Printer<'_>,
) -> Result<(), Fault> {
    let place = r.offset();
    let msg_type = match r.u8("Handshake.msg_type") {
        Ok(code) => HandshakeType(code),
        Err(error) => return fail(error, p),
    };
    let mut header = r.clone();
    let length = match header.u24("Handshake.length") {
        Ok(length) => length,
        Err(error) => return fail(error, p),
    };
    p.line(format_args!("{} @{place}, {length} bytes", Code(msg_type)))?;
    match r.vec24(0, MAX_24, "Handshake.body") {
        Ok(body) => p.nest(|p| content(msg_type, body, key_exchange, p)),
        Err(error) => {
            p.nest(|p| hello::broken(msg_type, header, p))?;
            fail(error, p)
        }
    }
}

fn content(
    msg_type: HandshakeType,
    mut body: Reader<'_>,
    key_exchange: &mut Option<KeyExchangeAlgorithm>,
    p: &mut Printer<'_>,
) -> Result<(), Fault> {
    let start = body.clone();
    let offset = body.offset();
    let described = match (msg_type, *key_exchange) {
        (HandshakeType::SERVER_KEY_EXCHANGE, Some(algorithm)) => {
            ServerKeyExchange::decode(algorithm, &mut body)
                .and_then(|message| body.finish("ServerKeyExchange").map(|()| message.describe(p)))
        }
        (HandshakeType::CLIENT_KEY_EXCHANGE, Some(algorithm)) => {
            ClientKeyExchange::decode(algorithm, &mut body)
                .and_then(|message| body.finish("ClientKeyExchange").map(|()| message.describe(p)))
        }
        _ => HandshakeMessage::decode_body(msg_type, body.rest(), offset).map(|message| {
            if let HandshakeMessage::ServerHello(hello) = &message {
                *key_exchange = agreed(hello);
            }
            message.describe(p)
        }),
    };
    match described {
        Ok(result) => Ok(result?),
        Err(error) => {
            hello::broken(msg_type, start, p)?;
            fail(error, p)
        }
    }
}

/// The key exchange that a ServerHello agrees to, if it agrees to one whose messages can be shown.
fn agreed(hello: &ServerHello<'_>) -> Option<KeyExchangeAlgorithm> {
    let version = match hello.extensions.and_then(|block| block.get(ExtensionType::SUPPORTED_VERSIONS)) {
        Some(ServerExtension::SupportedVersions(version)) => version,
        _ => hello.server_version,
    };
    let suite: CipherSuite = hello.cipher_suite;
    if version == ProtocolVersion::TLS_1_3 { None } else { suite.key_exchange() }
}

/// Output that nobody reads.
pub(super) struct Nowhere;

impl fmt::Write for Nowhere {
    fn write_str(&mut self, _: &str) -> fmt::Result {
        Ok(())
    }
}
