//! One connection of a client, from start to end.

use super::{http, slots::Slot};
use crate::{
    explain::{
        self,
        certificates::{self, Case},
        negotiation::{self, Lacking, Ours},
    },
    failure::{Code, Failure},
    files::Trusted,
    net::Transport,
    output::note,
    show::{
        count, report,
        watch::{Print, Seen, Watch},
    },
};
use alloc::sync::Arc;
use cairn_tls::{
    Connection, EarlyData, ErrorKind, Handshake, HandshakeErrorKind, Misuse, ServerConfig, Side, Stream,
    Summary, Trace, crypto::KeyKind, tls_error,
};
use core::time::Duration;
use std::{
    io::{self, BufRead, Write},
    net::TcpStream,
};

/// The time that closing the connection of a silent client may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// The common parts of all connections.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) config: ServerConfig,
    /// The configuration of the renegotiation, if the client is asked for one.
    pub(super) later: Option<ServerConfig>,
    /// The authorities trusted for client certificates.
    pub(super) trusted: Trusted,
    /// The kinds of the keys in our certificates.
    pub(super) keys: Vec<KeyKind>,
    /// Whether clients without a certificate or key are refused.
    pub(super) requires_certificate: bool,
    /// Whether clients are asked for a certificate after the handshake.
    pub(super) asks_later: bool,
    pub(super) http: bool,
    /// Whether early data is accepted.
    pub(super) early_data: bool,
    pub(super) print: Print,
    pub(super) quiet: bool,
    pub(super) timeout: Duration,
}

impl Visit {
    /// Serves a client and logs the result in one line.
    pub(super) fn serve(&self, tcp: TcpStream, slot: &Slot) -> Result<(), Code> {
        let peer = tcp.peer_addr().map_or_else(|_| "a client".into(), |address| address.to_string());
        let result = self.serve_in_words(tcp, &peer).map_err(|failure| {
            if slot.was_ended() {
                Failure::new(
                    Code::Unreachable,
                    "ended after the time of --timeout, because other clients were waiting",
                )
            } else {
                failure
            }
        });
        match result {
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
        let failed = |error: io::Error| explain::stream(&error, Side::Server);
        let mut transport = Transport::new(tcp).map_err(failed)?;
        transport.set_io_timeout(Some(self.timeout));
        transport.set_deadline(Some(self.timeout));
        let mut connection = Connection::server(&self.config);
        let watch = Watch::printing(self.print, format!("{peer} "));
        let trace: Arc<dyn Trace> = watch.clone();
        connection.set_trace(&trace);
        let mut tls = Stream::new(connection, transport).map_err(|error| failed(error.into()))?;
        let result = self.converse(&mut tls).map_err(|error| match error {
            Ended::Failed(failure) => failure,
            Ended::Broken(error) => self.explain(&error, &watch.seen()),
        });
        let is_probe = tls.transport().came == 0
            && result.as_ref().is_err_and(|failure| failure.code() == Code::Truncated);
        if result.is_err() {
            // A silent client receives close_notify; a failed connection is not written to again.
            tls.transport_mut().set_deadline(Some(GOODBYE));
            let _gone = tls.close_write();
        }
        // Our last message, perhaps an alert, must reach the client.
        tls.transport_mut().linger();
        if is_probe {
            Ok("closed without a byte, as port scanners and health checks do".into())
        } else {
            let updates = watch.seen().key_updates().map(|updates| format!(", {updates}"));
            result.map(|line| line + updates.as_deref().unwrap_or_default())
        }
    }

    fn converse(&self, tls: &mut Stream<Transport>) -> Result<String, Ended> {
        let early = if self.early_data { read_early(tls)? } else { Vec::new() };
        tls.handshake()?;
        let again = match &self.later {
            Some(later) => self.renegotiate(tls, later)?,
            None if self.asks_later => self.ask_for_certificate(tls)?,
            None => "",
        };
        // A complete handshake always has a summary.
        let summary: Summary = tls
            .summary()
            .cloned()
            .ok_or_else(|| io::Error::other("the client closed during the handshake"))?;
        let done = if self.http {
            // A client that sends its request slowly must not stay longer than a silent one.
            tls.transport_mut().set_deadline(Some(self.timeout));
            http::answer(tls, &early, &summary)?
        } else {
            tls.transport_mut().set_deadline(None);
            echo(tls, &early)?
        };
        tls.transport_mut().set_deadline(Some(GOODBYE));
        tls.close_write()?;
        let early = match summary.tls13().map(|tls13| tls13.early_data) {
            Some(EarlyData::Accepted) => format!(", early data: {}", count(early.len(), "byte")),
            Some(EarlyData::Rejected) => ", early data rejected".into(),
            Some(EarlyData::NotOffered) | None => String::new(),
        };
        Ok(format!("{}{again}{early}: {done}", report::line(&summary)))
    }

    /// Asks for a renegotiation once data has come, which is read afterwards.
    fn renegotiate(&self, tls: &mut Stream<Transport>, later: &ServerConfig) -> Result<&'static str, Ended> {
        tls.transport_mut().set_deadline(Some(self.timeout));
        if tls.fill_buf()?.is_empty() {
            return Ok("");
        }
        tls.set_server_config(later).map_err(io::Error::other)?;
        tls.renegotiate().map_err(io::Error::other)?;
        let (what, words) = match tls.handshake()? {
            Handshake::Complete => ("completed the renegotiation without a certificate", ", renegotiated"),
            Handshake::Refused => ("refused the renegotiation", ", renegotiation refused"),
            Handshake::Closed => ("closed before the renegotiation was complete", ", not renegotiated"),
            Handshake::Question(_) => {
                return Err(io::Error::other("a question of the handshake has no answer").into());
            }
        };
        // Whatever stopped the renegotiation: a client without a required certificate is not served.
        let hint = "Without --renegotiate the certificate is asked for in the first handshake.";
        self.check_certificate(tls, what, hint)?;
        Ok(words)
    }

    /// Asks for a certificate once data has come, which is read afterwards.
    fn ask_for_certificate(&self, tls: &mut Stream<Transport>) -> Result<&'static str, Ended> {
        tls.transport_mut().set_deadline(Some(self.timeout));
        if tls.fill_buf()?.is_empty() {
            return Ok("");
        }
        let (what, words) = match tls.request_client_certificate() {
            Ok(()) => match tls.handshake()? {
                Handshake::Complete => ("is authenticated", ", authenticated later"),
                Handshake::Refused => ("presented no certificate", ", not authenticated later"),
                Handshake::Closed => ("closed instead of presenting a certificate", ", closed instead"),
                Handshake::Question(_) => {
                    return Err(io::Error::other("a question of the handshake has no answer").into());
                }
            },
            Err(Misuse::NoPostHandshakeAuthentication) => {
                ("permits no request after the handshake", ", permits no later request")
            }
            Err(misuse) => return Err(io::Error::other(misuse).into()),
        };
        let hint = "Without --ask-later the certificate is asked for in the handshake.";
        self.check_certificate(tls, what, hint)?;
        Ok(words)
    }

    /// Ends the connection with a client that has not presented a required certificate.
    fn check_certificate(&self, tls: &Stream<Transport>, what: &str, hint: &str) -> Result<(), Ended> {
        let has_shown = tls.summary().is_some_and(|summary| summary.peer_chain.is_some());
        if has_shown || !self.requires_certificate {
            return Ok(());
        }
        let failure =
            Failure::new(Code::Tls, format!("the client {what}, and a certificate of it is required"));
        Err(Ended::Failed(failure.hint(hint)))
    }

    /// Explains what the client of this ClientHello and the server do not have in common.
    fn lacking(&self, lacking: Lacking, hello: &[u8]) -> Vec<String> {
        let policy = self.config.policy();
        let (tls12, tls13) = (&policy.tls12.suites, &policy.tls13.suites);
        let ours = Ours { tls12, tls13, groups: &policy.groups, keys: &self.keys };
        negotiation::nothing_shared(lacking, hello, &ours)
    }

    /// Explains a failure by the messages received.
    fn explain(&self, error: &io::Error, seen: &Seen) -> Failure {
        let failure = explain::stream(error, Side::Server);
        let Some(error) = tls_error(error) else { return failure };
        let hints = match error.kind {
            ErrorKind::Certificate(refused) => {
                let chain = &seen.peer_chain;
                let case = Case { side: Side::Server, chain, name: None, trusted: &self.trusted };
                certificates::hints(&refused, &case)
            }
            ErrorKind::Handshake(handshake) => match (handshake.kind, &seen.client_hello) {
                (HandshakeErrorKind::NoSharedCipherSuite, Some(hello)) => self.lacking(Lacking::Suite, hello),
                (HandshakeErrorKind::NoSharedGroup, Some(hello)) => self.lacking(Lacking::Group, hello),
                (HandshakeErrorKind::NoSharedSignatureScheme, Some(hello)) => {
                    self.lacking(Lacking::SignatureScheme, hello)
                }
                (HandshakeErrorKind::NoCredential, _) if self.config.policy().tls13.external_psks => {
                    vec!["The client offered none of the keys of --psk, and there is no --cert.".into()]
                }
                (HandshakeErrorKind::WrongBinder, _) if self.config.policy().tls13.only_psks.is_some() => {
                    let words = "The client offered none of the keys of --psk, or has another key for an \
                                 identity. Without --cert both get the same answer, so that nobody can find \
                                 out which identities exist.";
                    vec![words.into()]
                }
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        hints.into_iter().fold(failure, Failure::hint)
    }
}

/// The reason why a connection ended early.
enum Ended {
    /// The connection failed.
    Broken(io::Error),
    /// We ended it.
    Failed(Failure),
}

impl From<io::Error> for Ended {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

/// Reads the early data of a client, whose size the configuration limits. It may be a replay.
fn read_early(tls: &mut Stream<Transport>) -> io::Result<Vec<u8>> {
    let (mut early, mut buffer) = (Vec::new(), vec![0; 1 << 14]);
    loop {
        let came = tls.read_early(&mut buffer)?;
        match buffer.get(..came) {
            None | Some([]) => return Ok(early),
            Some(data) => early.extend_from_slice(data),
        }
    }
}

/// Echoes the early data, which does no harm if it is a replay, and then data until the client closes.
fn echo(tls: &mut Stream<Transport>, early: &[u8]) -> io::Result<String> {
    tls.write_all(early)?;
    let mut bytes = u64::try_from(early.len()).unwrap_or(u64::MAX);
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
