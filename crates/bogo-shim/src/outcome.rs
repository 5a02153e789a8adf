//! The reasons why a test ends unsuccessfully.

use core::fmt;
use std::{io, process::ExitCode};

use cairn_tls::{ConfigError, Error, ErrorKind, Misuse};

/// The reason why a test ends.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The flags need a feature that this stack lacks.
    Unimplemented(String),
    /// The connection failed.
    Tls(Error),
    /// The connection over QUIC failed.
    Quic(cairn_quic::Error),
    /// A call that the connection refuses in its state.
    Misuse(Misuse),
    /// The flags do not form a valid configuration.
    Config(ConfigError),
    /// The socket failed.
    Io(io::Error),
    /// The result is not what the flags expect.
    Check(String),
    /// The stack violated its own contract.
    Broken(String),
    /// A failure, and the number of the connection.
    InConnection(u32, Box<Self>),
}

impl Failure {
    pub(crate) fn check(what: impl Into<String>) -> Self {
        Self::Check(what.into())
    }

    pub(crate) fn in_connection(self, number: u32) -> Self {
        Self::InConnection(number, Box::new(self))
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Unimplemented(_) => ExitCode::from(89),
            Self::Broken(_) => ExitCode::from(90),
            Self::Tls(_)
            | Self::Quic(_)
            | Self::Misuse(_)
            | Self::Config(_)
            | Self::Io(_)
            | Self::Check(_) => ExitCode::FAILURE,
            Self::InConnection(_, failure) => failure.exit_code(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unimplemented(what) => write!(f, "unimplemented: {what}"),
            // First the name in config.json, then the message.
            Self::Tls(error) => write!(f, "error {}: {error}", Name(&error.kind)),
            Self::Quic(error) => write!(f, "error {}: {error}", QuicName(&error.kind)),
            Self::Misuse(misuse) => write!(f, "error misuse:{misuse:?}: {misuse}"),
            Self::Config(error) => write!(f, "error config:{error:?}: {error}"),
            Self::Io(error) => write!(f, "socket: {error}"),
            Self::Check(what) => write!(f, "unexpected: {what}"),
            Self::Broken(what) => write!(f, "BROKEN: {what}"),
            Self::InConnection(number, failure) => write!(f, "connection {number}: {failure}"),
        }
    }
}

/// The name of an error, by layer, for example `handshake:UnexpectedMessage { got: "Finished" }`.
struct Name<'a>(&'a ErrorKind);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ErrorKind::Handshake(error) => write!(f, "handshake:{:?}", error.kind),
            ErrorKind::Certificate(error) => write!(f, "certificate:{:?}", error.reason),
            ErrorKind::Record(error) => write!(f, "record:{error:?}"),
            other => write!(f, "connection:{other:?}"),
        }
    }
}

/// The same for QUIC, for example `quic:CryptoInEarlyData`.
struct QuicName<'a>(&'a cairn_quic::ErrorKind);

impl fmt::Display for QuicName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            cairn_quic::ErrorKind::Handshake(error) => write!(f, "handshake:{:?}", error.kind),
            cairn_quic::ErrorKind::Certificate(error) => write!(f, "certificate:{:?}", error.reason),
            other => write!(f, "quic:{other:?}"),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Tls(error)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
