//! The tree of a stream of handshake messages.

use core::fmt;

use super::hello;
use super::printer::{Code, Describe, Printer};
use crate::bounds::MAX_24;
use crate::codec::Decode;
use crate::codes::{HandshakeType, KeyExchangeAlgorithm};
use crate::error::DecodeError;
use crate::handshake::{
    AnyServerHello, ClientKeyExchange, HandshakeMessage, ServerKeyExchange, Tls13HandshakeMessage,
};
use crate::reader::Reader;

/// A sequence of encoded handshake messages; its `Display` prints their tree.
///
/// The key exchange is taken from ServerHello, so that ServerKeyExchange and ClientKeyExchange are printed
/// with their fields. If ServerHello is in another stream, use
/// [`with_key_exchange`](Self::with_key_exchange). Messages are decoded as TLS 1.2 messages, and as TLS 1.3
/// messages after a ServerHello or HelloRetryRequest of TLS 1.3, or [`with_tls13`](Self::with_tls13).
#[derive(Clone, Debug)]
pub struct HandshakeTree<'a> {
    stream: Reader<'a>,
    agreed: Agreed,
}

/// What was negotiated before a message.
#[derive(Clone, Copy, Debug)]
pub(super) enum Agreed {
    /// Nothing, or a TLS 1.2 suite whose key exchange is not known.
    Nothing,
    /// TLS 1.2 with this key exchange.
    Tls12(KeyExchangeAlgorithm),
    /// TLS 1.3.
    Tls13,
}

impl Agreed {
    pub(super) const fn new(key_exchange: Option<KeyExchangeAlgorithm>) -> Self {
        match key_exchange {
            Some(key_exchange) => Self::Tls12(key_exchange),
            None => Self::Nothing,
        }
    }

    pub(super) const fn key_exchange(self) -> Option<KeyExchangeAlgorithm> {
        match self {
            Self::Tls12(key_exchange) => Some(key_exchange),
            Self::Nothing | Self::Tls13 => None,
        }
    }
}

impl<'a> HandshakeTree<'a> {
    /// Creates the tree of the messages in `stream`.
    #[must_use]
    pub const fn new(stream: &'a [u8]) -> Self {
        Self::at(0, stream)
    }

    /// Creates the tree of the messages in `stream`, which starts at `offset` in the outermost input.
    #[must_use]
    pub const fn at(offset: usize, stream: &'a [u8]) -> Self {
        Self { stream: Reader::at(offset, stream), agreed: Agreed::Nothing }
    }

    /// Sets the key exchange that was negotiated before this stream.
    #[must_use]
    pub const fn with_key_exchange(mut self, key_exchange: Option<KeyExchangeAlgorithm>) -> Self {
        self.agreed = Agreed::new(key_exchange);
        self
    }

    /// States that TLS 1.3 was negotiated before this stream.
    #[must_use]
    pub const fn with_tls13(mut self) -> Self {
        self.agreed = Agreed::Tls13;
        self
    }

    /// The negotiated key exchange at the end of the stream, or at its first error.
    #[must_use]
    pub fn key_exchange(&self) -> Option<KeyExchangeAlgorithm> {
        self.run(&mut Printer::new(&mut Nowhere)).0.key_exchange()
    }

    /// Decodes the stream without printing it.
    ///
    /// # Errors
    ///
    /// The first error in the stream, which is also the last line of the tree.
    pub fn check(&self) -> Result<(), DecodeError> {
        match self.run(&mut Printer::new(&mut Nowhere)).1 {
            Err(Fault::Input(error)) => Err(error),
            Err(Fault::Output) | Ok(()) => Ok(()),
        }
    }

    fn run(&self, p: &mut Printer<'_>) -> (Agreed, Result<(), Fault>) {
        let mut agreed = self.agreed;
        let mut r = self.stream.clone();
        while !r.is_empty() {
            if let Err(fault) = message(&mut r, &mut agreed, p) {
                return (agreed, Err(fault));
            }
        }
        (agreed, Ok(()))
    }
}

impl fmt::Display for HandshakeTree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.run(&mut Printer::new(f)).1 {
            Err(Fault::Output) => Err(fmt::Error),
            // Already printed.
            Err(Fault::Input(_)) | Ok(()) => Ok(()),
        }
    }
}

/// The reason why printing a stream ended early.
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

/// Prints an input error and returns it.
pub(super) fn fail<T>(error: DecodeError, p: &mut Printer<'_>) -> Result<T, Fault> {
    p.line(format_args!("error: {error}"))?;
    Err(Fault::Input(error))
}

/// Prints the next message of the stream.
pub(super) fn message(r: &mut Reader<'_>, agreed: &mut Agreed, p: &mut Printer<'_>) -> Result<(), Fault> {
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
        Ok(body) => p.nest(|p| content(msg_type, body, agreed, p)),
        Err(error) => {
            p.nest(|p| hello::broken(msg_type, header, p))?;
            fail(error, p)
        }
    }
}

fn content(
    msg_type: HandshakeType,
    mut body: Reader<'_>,
    agreed: &mut Agreed,
    p: &mut Printer<'_>,
) -> Result<(), Fault> {
    let start = body.clone();
    let offset = body.offset();
    let described = match (msg_type, *agreed) {
        (HandshakeType::SERVER_KEY_EXCHANGE, Agreed::Tls12(algorithm)) => {
            ServerKeyExchange::decode(algorithm, &mut body)
                .and_then(|message| body.finish("ServerKeyExchange").map(|()| message.describe(p)))
        }
        (HandshakeType::CLIENT_KEY_EXCHANGE, Agreed::Tls12(algorithm)) => {
            ClientKeyExchange::decode(algorithm, &mut body)
                .and_then(|message| body.finish("ClientKeyExchange").map(|()| message.describe(p)))
        }
        (HandshakeType::SERVER_HELLO, _) => AnyServerHello::decode(&mut body).and_then(|hello| {
            body.finish("ServerHello")?;
            *agreed = chosen(&hello);
            Ok(hello.describe(p))
        }),
        (_, Agreed::Tls13) => Tls13HandshakeMessage::decode_body(msg_type, body.rest(), offset)
            .map(|message| message.describe(p)),
        _ => HandshakeMessage::decode_body(msg_type, body.rest(), offset).map(|message| message.describe(p)),
    };
    match described {
        Ok(result) => Ok(result?),
        Err(error) => {
            hello::broken(msg_type, start, p)?;
            fail(error, p)
        }
    }
}

/// What ServerHello selects.
fn chosen(hello: &AnyServerHello<'_>) -> Agreed {
    match hello {
        AnyServerHello::Tls12(hello) => Agreed::new(hello.cipher_suite.key_exchange()),
        AnyServerHello::Tls13(_) | AnyServerHello::HelloRetryRequest(_) => Agreed::Tls13,
    }
}

/// A sink that discards its input.
pub(super) struct Nowhere;

impl fmt::Write for Nowhere {
    fn write_str(&mut self, _: &str) -> fmt::Result {
        Ok(())
    }
}
