//! The tree of a stream of handshake messages.

use core::fmt;

use super::hello;
use super::negotiated::Negotiated;
use super::printer::{Code, Describe, DescribeCertificate, Printer};
use crate::bounds::MAX_24;
use crate::codec::Decode;
use crate::codes::HandshakeType;
use crate::error::DecodeError;
use crate::handshake::{
    AnyServerHello, ClientKeyExchange, HandshakeMessage, ServerKeyExchange, Tls13HandshakeMessage,
};
use crate::reader::Reader;

/// A sequence of encoded handshake messages; its `Display` prints their tree.
///
/// The version and the key exchange are taken from ServerHello. If it is in another stream,
/// [`after`](Self::after) states them; without that, the first message that only one version has determines
/// the version, and ServerKeyExchange and ClientKeyExchange are printed as bytes.
#[derive(Clone, Debug)]
pub struct HandshakeTree<'a> {
    stream: Reader<'a>,
    before: Negotiated,
    certificates: Option<DescribeCertificate>,
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
        Self { stream: Reader::at(offset, stream), before: Negotiated::Unknown, certificates: None }
    }

    /// States the parameters that were negotiated before this stream.
    #[must_use]
    pub const fn after(mut self, before: Negotiated) -> Self {
        self.before = before;
        self
    }

    /// Prints the description of each certificate below its bytes.
    #[must_use]
    pub const fn describing_certificates(mut self, describe: DescribeCertificate) -> Self {
        self.certificates = Some(describe);
        self
    }

    /// The negotiated parameters at the end of the stream, or at its first error.
    #[must_use]
    pub fn negotiated(&self) -> Negotiated {
        self.run(&mut Printer::new(&mut Nowhere)).0
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

    fn run(&self, p: &mut Printer<'_>) -> (Negotiated, Result<(), Fault>) {
        let mut negotiated = self.before;
        let mut r = self.stream.clone();
        while !r.is_empty() {
            if let Err(fault) = message(&mut r, &mut negotiated, p) {
                return (negotiated, Err(fault));
            }
        }
        (negotiated, Ok(()))
    }
}

impl fmt::Display for HandshakeTree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.run(&mut Printer::with(f, self.certificates)).1 {
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
pub(super) fn message(
    r: &mut Reader<'_>,
    negotiated: &mut Negotiated,
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
        Ok(body) => p.nest(|p| content(msg_type, body, negotiated, p)),
        Err(error) => {
            p.nest(|p| hello::broken(msg_type, header, p))?;
            fail(error, p)
        }
    }
}

fn content(
    msg_type: HandshakeType,
    mut body: Reader<'_>,
    negotiated: &mut Negotiated,
    p: &mut Printer<'_>,
) -> Result<(), Fault> {
    let start = body.clone();
    let offset = body.offset();
    *negotiated = negotiated.after(msg_type, body.peek());
    let described = match (msg_type, *negotiated) {
        (HandshakeType::SERVER_KEY_EXCHANGE, Negotiated::Tls12(Some(algorithm))) => {
            ServerKeyExchange::decode(algorithm, &mut body)
                .and_then(|message| body.finish("ServerKeyExchange").map(|()| message.describe(p)))
        }
        (HandshakeType::CLIENT_KEY_EXCHANGE, Negotiated::Tls12(Some(algorithm))) => {
            ClientKeyExchange::decode(algorithm, &mut body)
                .and_then(|message| body.finish("ClientKeyExchange").map(|()| message.describe(p)))
        }
        (HandshakeType::SERVER_HELLO, _) => AnyServerHello::decode(&mut body).and_then(|hello| {
            body.finish("ServerHello")?;
            *negotiated = Negotiated::by_server_hello(&hello);
            Ok(hello.describe(p))
        }),
        (_, Negotiated::Tls13) => Tls13HandshakeMessage::decode_body(msg_type, body.rest(), offset)
            .map(|message| message.describe(p)),
        (_, Negotiated::Tls12(_)) => {
            HandshakeMessage::decode_body(msg_type, body.rest(), offset).map(|message| message.describe(p))
        }
        (_, Negotiated::Unknown) => {
            of_either_version(msg_type, body.rest(), offset).map(|message| message.describe(p))
        }
    };
    match described {
        Ok(result) => Ok(result?),
        Err(error) => {
            hello::broken(msg_type, start, p)?;
            fail(error, p)
        }
    }
}

/// Decodes a message whose version is not known. If it is malformed in both, the error is that of the version
/// in which more of it can be read.
fn of_either_version(
    msg_type: HandshakeType,
    body: &[u8],
    offset: usize,
) -> Result<HandshakeMessage<'_>, DecodeError> {
    HandshakeMessage::decode_body(msg_type, body, offset).map_err(|error| {
        match Tls13HandshakeMessage::decode_body(msg_type, body, offset) {
            Err(other) if other.offset > error.offset => other,
            _ => error,
        }
    })
}

/// A sink that discards its input.
pub(super) struct Nowhere;

impl fmt::Write for Nowhere {
    fn write_str(&mut self, _: &str) -> fmt::Result {
        Ok(())
    }
}
