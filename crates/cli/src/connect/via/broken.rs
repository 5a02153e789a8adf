//! Errors of the transport to a proxy.

use crate::{
    explain,
    failure::{Code, Failure},
};
use cairn_tls::Side;
use std::io;

/// The failure for an error of the transport to the proxy.
pub(super) fn broken(error: &io::Error) -> Failure {
    match error.kind() {
        // A server that has not read all of its input resets the connection as it closes.
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => Failure::new(Code::Unreachable, "it closed the connection")
            .hint("--proxy must name a proxy and its kind: http://, socks5:// or socks5h://."),
        _ => explain::stream(error, Side::Client).with_code(Code::Unreachable),
    }
}
