//! One client, from its first byte to its last.

use super::http;
use crate::{
    errors::{Code, Failure, Role},
    net::Transport,
    output::note,
    show::{
        report,
        watch::{Print, Watch},
    },
};
use alloc::sync::Arc;
use cairn_tls::{Connection, Handshake, ServerConfig, Stream, Summary, Trace};
use core::time::Duration;
use std::{
    io::{self, BufRead, Write},
    net::TcpStream,
};

/// How long saying goodbye to a silent client may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// What all visits have in common.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) config: ServerConfig,
    /// The configuration of a second handshake, if the client is asked for one.
    pub(super) later: Option<ServerConfig>,
    pub(super) http: bool,
    pub(super) print: Print,
    pub(super) quiet: bool,
    pub(super) timeout: Duration,
}

impl Visit {
    /// Serves a client, and tells in one line what came of it.
    pub(super) fn serve(&self, tcp: TcpStream) -> Result<(), Code> {
        let peer = tcp.peer_addr().map_or_else(|_| "a client".into(), |address| address.to_string());
        match self.serve_in_words(tcp, &peer) {
            Ok(line) => {
                if !self.quiet {
                    note(format_args!("{peer}: {line}"));
                }
                Ok(())
            }
            Err(failure) => {
                note(format_args!("{peer}: {failure}"));
                Err(failure.code())
            }
        }
    }

    fn serve_in_words(&self, tcp: TcpStream, peer: &str) -> Result<String, Failure> {
        let failed = |error: io::Error| Failure::of_stream(&error, Role::Server);
        let mut transport = Transport::new(tcp).map_err(failed)?;
        transport.be_patient_for(Some(self.timeout));
        transport.finish_within(Some(self.timeout));
        let mut connection = Connection::server(&self.config);
        if self.print != Print::Nothing {
            let trace: Arc<dyn Trace> = Watch::printing(self.print, format!("{peer} "));
            connection.set_trace(&trace);
        }
        let mut tls = Stream::new(connection, transport).map_err(|error| failed(error.into()))?;
        let result = self.converse(&mut tls);
        if result.is_err() {
            // A silent client is told that this is the end; to a failed connection nothing more is said.
            tls.transport_mut().finish_within(Some(GOODBYE));
            let _gone = tls.close();
        }
        // Whatever it was, the last that we said, an alert perhaps, is to arrive.
        tls.transport_mut().linger();
        result.map_err(failed)
    }

    fn converse(&self, tls: &mut Stream<Transport>) -> io::Result<String> {
        tls.handshake()?;
        let again = match &self.later {
            Some(later) => match renegotiate(tls, later)? {
                Some(again) => again,
                None => return Ok("the client closed before the renegotiation was complete".into()),
            },
            None => "",
        };
        tls.transport_mut().finish_within(None);
        // Nothing complete goes without one.
        let summary: Summary = tls
            .summary()
            .cloned()
            .ok_or_else(|| io::Error::other("the client closed during the handshake"))?;
        let done = if self.http { http::answer(tls, &summary)? } else { echo(tls)? };
        tls.close_write()?;
        Ok(format!("{}{again}: {done}", report::line(&summary)))
    }
}

/// Asks for another handshake when something has come, which is read after it, and says what came of it; `None` when the
/// client closed instead. A client that must show a certificate in it, and refuses, is an error.
fn renegotiate(tls: &mut Stream<Transport>, later: &ServerConfig) -> io::Result<Option<&'static str>> {
    if tls.fill_buf()?.is_empty() {
        return Ok(Some(""));
    }
    tls.set_server_config(later).map_err(io::Error::other)?;
    tls.renegotiate().map_err(io::Error::other)?;
    Ok(match tls.handshake()? {
        Handshake::Complete => Some(", renegotiated"),
        Handshake::Refused => Some(", renegotiation refused"),
        Handshake::Closed => None,
        Handshake::Question(_) => return Err(io::Error::other("a question that nobody answers")),
    })
}

/// Sends back what comes, until the client closes.
fn echo(tls: &mut Stream<Transport>) -> io::Result<String> {
    let mut bytes: u64 = 0;
    let mut chunk = Vec::new();
    loop {
        chunk.clear();
        chunk.extend_from_slice(tls.fill_buf()?);
        if chunk.is_empty() {
            return Ok(format!("{bytes} bytes echoed"));
        }
        tls.consume(chunk.len());
        tls.write_all(&chunk)?;
        bytes = bytes.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
    }
}
