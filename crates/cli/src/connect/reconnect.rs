//! One connection, then more that resume its session.

use super::{Client, pipe};
use crate::{
    errors::{Code, Failure, Role},
    output::print,
};
use core::time::Duration;
use std::io;

/// Connects once, then `times` more, and says of each whether the session was resumed.
pub(super) fn run(client: &Client<'_>, times: u32) -> Result<(), Failure> {
    visit(client)?;
    let mut resumed = 0;
    for number in 1..=times {
        let was_resumed = visit(client)?;
        print(format_args!(
            "reconnect {number} of {times}: {}\n",
            if was_resumed { "resumed" } else { "not resumed" }
        ))?;
        resumed += u32::from(was_resumed);
    }
    if resumed == times {
        Ok(())
    } else {
        Err(Failure::new(Code::NotResumed, format!("{resumed} of {times} connections were resumed"))
            .hint("the server may keep no sessions, or not on every machine behind its name")
            .hint("only sessions with the extended master secret are resumed (RFC 7627 section 5.3)"))
    }
}

/// One connection: whether it was resumed.
fn visit(client: &Client<'_>) -> Result<bool, Failure> {
    let mut tls = client.handshake()?;
    let resumed = tls.summary().is_some_and(|summary| summary.resumed);
    if let Some(input) = client.args.text_to_send() {
        pipe::run(tls, input, Duration::from_secs(client.args.wait))?;
        return Ok(resumed);
    }
    match tls.close_write() {
        // The server was quicker to end a connection that brings it nothing.
        Err(error) if matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) => {}
        other => other.map_err(|error| Failure::of_stream(&error, Role::Client))?,
    }
    tls.transport_mut().linger();
    Ok(resumed)
}
