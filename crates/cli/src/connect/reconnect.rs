//! One connection, then more that resume its session.

use super::{
    client::{Client, Opened, Session},
    early::Early,
};
use crate::{
    explain,
    failure::{Code, Failure},
    files,
    net::{self, Transport},
    output::print,
};
use cairn_tls::{Side, Stream};
use std::io;

/// Connects once, then `times` more, and prints for each connection whether the session was resumed.
pub(super) fn run(client: &Client<'_>, times: u32) -> Result<(), Failure> {
    let early_data = client.args.early_data.as_deref().map(files::read).transpose()?;
    visit(client, None)?;
    let mut resumed = 0;
    for number in 1..=times {
        let (session, early) = visit(client, early_data.as_deref())?;
        match early_data {
            Some(_) => print(format_args!("reconnect {number} of {times}: {session}, {early}\n"))?,
            None => print(format_args!("reconnect {number} of {times}: {session}\n"))?,
        }
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

/// One connection, with early data if there is any to send.
fn visit(client: &Client<'_>, early_data: Option<&[u8]>) -> Result<(Session, Early), Failure> {
    match (client.args.text_to_send(), early_data) {
        (Some(input), early_data) => return client.converse(input, early_data.unwrap_or_default()),
        (None, Some(early_data)) => return client.converse(Box::new(io::empty()), early_data),
        (None, None) => {}
    }
    let Opened { mut tls, early, .. } = client.handshake(&[])?;
    let session = Session::of(&tls);
    close(&mut tls)?;
    Ok((session, early))
}

/// Ends a connection without data.
pub(super) fn close(tls: &mut Stream<Transport>) -> Result<(), Failure> {
    // Tickets of TLS 1.3 follow the handshake, so this reads to the server's end.
    tls.transport_mut().set_deadline(Some(net::LINGER));
    match tls.close() {
        // The server may end an unused connection first.
        Err(error) if matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) => {}
        other => other.map_err(|error| explain::stream(&error, Side::Client))?,
    }
    tls.transport_mut().linger();
    Ok(())
}
