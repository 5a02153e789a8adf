//! The trees of hellos, including the readable part of malformed ones.

use core::fmt;

use super::extensions::{block, heading};
use super::printer::{Describe, Printer, display};
use crate::bounds::{MAX_8, MAX_16};
use crate::codec::Decode;
use crate::codes::{CipherSuite, CompressionMethod, HandshakeType, ProtocolVersion};
use crate::error::DecodeError;
use crate::ext::{
    ClientExtension, Extension, HelloRetryExtension, RawExtension, ServerExtension, Tls13ServerExtension,
};
use crate::handshake::{ClientHello, Random, ServerHello, ServerHelloForm, SessionId};
use crate::list::List;
use crate::reader::Reader;

impl Describe for ClientHello<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.code("client_version", self.client_version)?;
        p.bytes("random", &self.random.0)?;
        p.bytes("session_id", self.session_id.as_bytes())?;
        p.codes("cipher_suites", &self.cipher_suites)?;
        p.codes("compression_methods", &self.compression_methods)?;
        block(self.extensions.as_ref(), p)
    }
}

impl Describe for ServerHello<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.code("server_version", self.server_version)?;
        p.bytes("random", &self.random.0)?;
        p.bytes("session_id", self.session_id.as_bytes())?;
        p.code("cipher_suite", self.cipher_suite)?;
        p.code("compression_method", self.compression_method)?;
        block(self.extensions.as_ref(), p)
    }
}

display!(ClientHello<'_>, ServerHello<'_>);

/// The reason why printing a malformed hello stopped.
enum Stop {
    Output,
    Input,
}

impl From<fmt::Error> for Stop {
    fn from(_: fmt::Error) -> Self {
        Self::Output
    }
}

impl From<DecodeError> for Stop {
    fn from(_: DecodeError) -> Self {
        Self::Input
    }
}

/// Prints the readable part of a message that does not decode. The caller prints the error.
pub(super) fn broken(msg_type: HandshakeType, body: Reader<'_>, p: &mut Printer<'_>) -> fmt::Result {
    let read = match msg_type {
        HandshakeType::CLIENT_HELLO => broken_client_hello(body, p),
        HandshakeType::SERVER_HELLO => broken_server_hello(body, p),
        _ => Ok(()),
    };
    match read {
        Err(Stop::Output) => Err(fmt::Error),
        Err(Stop::Input) | Ok(()) => Ok(()),
    }
}

fn broken_client_hello(mut r: Reader<'_>, p: &mut Printer<'_>) -> Result<(), Stop> {
    p.code("client_version", ProtocolVersion::decode(&mut r)?)?;
    p.bytes("random", &Random::decode(&mut r)?.0)?;
    p.bytes("session_id", SessionId::decode(&mut r)?.as_bytes())?;
    let cipher_suites: List<'_, CipherSuite> = List::decode(&mut r.vec16(0, MAX_16, "")?)?;
    p.codes("cipher_suites", &cipher_suites)?;
    let compression_methods: List<'_, CompressionMethod> = List::decode(&mut r.vec8(0, MAX_8, "")?)?;
    p.codes("compression_methods", &compression_methods)?;
    broken_block::<ClientExtension<'_>>(r, p)
}

fn broken_server_hello(mut r: Reader<'_>, p: &mut Printer<'_>) -> Result<(), Stop> {
    let form = ServerHelloForm::of(r.peek());
    let [version, session_id, compression_method] = match form {
        ServerHelloForm::Tls12 => ["server_version", "session_id", "compression_method"],
        ServerHelloForm::Tls13 | ServerHelloForm::HelloRetryRequest => {
            ["legacy_version", "legacy_session_id_echo", "legacy_compression_method"]
        }
    };
    p.code(version, ProtocolVersion::decode(&mut r)?)?;
    p.bytes("random", &Random::decode(&mut r)?.0)?;
    p.bytes(session_id, SessionId::decode(&mut r)?.as_bytes())?;
    p.code("cipher_suite", CipherSuite::decode(&mut r)?)?;
    p.code(compression_method, CompressionMethod::decode(&mut r)?)?;
    match form {
        ServerHelloForm::Tls12 => broken_block::<ServerExtension<'_>>(r, p),
        ServerHelloForm::Tls13 => broken_block::<Tls13ServerExtension<'_>>(r, p),
        ServerHelloForm::HelloRetryRequest => broken_block::<HelloRetryExtension<'_>>(r, p),
    }
}

fn broken_block<'a, E: Extension<'a> + Describe>(mut r: Reader<'a>, p: &mut Printer<'_>) -> Result<(), Stop> {
    let length = usize::from(r.u16("")?);
    let mut r = Reader::at(r.offset(), r.bytes(length.min(r.remaining()), "")?);
    p.line(format_args!("extensions:"))?;
    p.nest(|p| {
        while !r.is_empty() {
            let raw = RawExtension::decode(&mut r)?;
            heading(&raw, p)?;
            let extension = E::decode_data(raw.extension_type, &mut Reader::at(raw.offset, raw.data))?;
            p.nest(|p| extension.describe(p))?;
        }
        Ok(())
    })
}
