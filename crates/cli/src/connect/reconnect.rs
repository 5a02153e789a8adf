//! One connection, then more that resume its session.

use super::client::{Client, Opened, Session};
use crate::{
    explain,
    failure::{Code, Failure},
    net,
    output::print,
};
use cairn_tls::Side;
use std::io;

/// Connects once, then `times` more, and prints for each connection whether the session was resumed.
pub(super) fn run(client: &Client<'_>, times: u32) -> Result<(), Failure> {
    visit(client)?;
    let mut resumed = 0;
    for number in 1..=times {
        let session = visit(client)?;
        print(format_args!("reconnect {number} of {times}: {session}\n"))?;
        resumed += u32::from(session == Session::Resumed);
    }
    if resumed == times {
        Ok(())
    } else {
        Err(Failure::new(Code::NotResumed, format!("{resumed} of {times} connections were resumed"))
            .hint("The server may keep no sessions, or not on every machine behind its name.")
            .hint("TLS 1.2 resumes only sessions with the extended master secret (RFC 7627 section 5.3)."))
    }
}

/// One connection.
fn visit(client: &Client<'_>) -> Result<Session, Failure> {
    if let Some(input) = client.args.text_to_send() {
        return client.converse(input);
    }
    let Opened { mut tls, .. } = client.handshake()?;
    let session = Session::of(&tls);
    // Tickets of TLS 1.3 follow the handshake, so this reads to the server's end.
    tls.transport_mut().set_deadline(Some(net::LINGER));
    match tls.close() {
        // The server may end an unused connection first.
        Err(error) if matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) => {}
        other => other.map_err(|error| explain::stream(&error, Side::Client))?,
    }
    tls.transport_mut().linger();
    Ok(session)
}
