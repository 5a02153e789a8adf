//! The auto traits of public types. Users rely on them to move values between threads and to catch panics.
#![cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
#![allow(clippy::std_instead_of_core, reason = "a test has std")]

use cairn_tls::{
    Answer, CertificateChain, ClientConfig, ClientConfigBuilder, ConfigError, Connection, Credential, Error,
    Provider, Reader, ServerConfig, ServerConfigBuilder, ServerName, Session, Summary, Writer, x509::Roots,
};
use core::panic::{RefUnwindSafe, UnwindSafe};

const fn shared<T: Send + Sync + UnwindSafe + RefUnwindSafe + 'static>() {}
const fn owned<T: Send + UnwindSafe + 'static>() {}
const fn sent<T: Send + 'static>() {}

/// Fails to compile if a type lacks a trait.
#[test]
fn values_are_send_sync_and_unwind_safe() {
    shared::<Provider>();
    shared::<ClientConfig>();
    shared::<ServerConfig>();
    shared::<ClientConfigBuilder>();
    shared::<ServerConfigBuilder>();
    shared::<Credential>();
    shared::<CertificateChain>();
    shared::<Roots>();
    shared::<ServerName>();
    shared::<Session>();
    shared::<Summary>();
    shared::<Error>();
    shared::<Connection>();
    shared::<Reader>();
    shared::<Writer>();
    owned::<Answer>();
    owned::<cairn_tls::OwnedQuestion>();
    // They contain an `io::Error`, which is not unwind safe.
    sent::<ConfigError>();
}

#[cfg(feature = "std")]
#[test]
fn streams_are_send_and_unwind_safe() {
    use cairn_tls::{ReadHalf, Stream, WriteHalf};
    use std::net::TcpStream;

    owned::<Stream<TcpStream>>();
    // It contains a closure of the caller.
    sent::<ReadHalf<TcpStream>>();
    owned::<WriteHalf<TcpStream>>();
}
