//! One connection of a client, from start to end.

use super::{
    http,
    log::{Entry, Log},
    slots::Ended,
};
use crate::{
    explain::{
        self,
        certificates::{self, Case},
        negotiation::{self, Lacking, Ours},
    },
    failure::{Code, Failure},
    files::Trusted,
    net::{LINGER, LINGER_BYTES},
    show::{
        count, report,
        watch::{Print, Seen, Watch},
    },
};
use alloc::sync::Arc;
use cairn_tls::{
    EarlyData, ErrorKind, Handshake, HandshakeErrorKind, Misuse, ServerConfig, Side, Summary,
    crypto::KeyKind, tls_error,
};
use cairn_tokio::{HandshakeFailed, TlsAcceptor, TlsStream};
use core::{future::Future, time::Duration};
use std::{io, time::Instant};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
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
    /// The port of HTTP/3, if the server speaks it.
    pub(super) http3: Option<u16>,
    /// Whether early data is accepted.
    pub(super) early_data: bool,
    pub(super) print: Print,
    pub(super) log: Log,
    pub(super) timeout: Duration,
}

impl Visit {
    /// Serves a client and logs the result in one line.
    pub(super) async fn serve(&self, tcp: TcpStream, ended: Ended) -> Result<(), Code> {
        let peer = tcp.peer_addr().map_or_else(|_| "a client".into(), |address| address.to_string());
        let mut entry = Entry::new(peer, "tcp");
        let watch = Watch::printing(self.print, format!("{} ", entry.client()));
        let result = tokio::select! {
            result = self.serve_in_words(tcp, &watch, &mut entry) => result,
            () = ended.wait() => Err(Failure::new(
                Code::Unreachable,
                "ended after the time of --timeout, because other clients were waiting",
            )),
        };
        entry.fingerprints = watch.seen().fingerprints;
        self.log.connection(&entry, result)
    }

    async fn serve_in_words(
        &self,
        tcp: TcpStream,
        watch: &Arc<Watch>,
        entry: &mut Entry,
    ) -> Result<String, Failure> {
        let begun = Instant::now();
        tcp.set_nodelay(true).map_err(|error| explain::stream(&error, Side::Server))?;
        if let Ok(Ok(0) | Err(_)) = timeout(self.timeout, tcp.peek(&mut [0])).await {
            return Ok("closed without a byte, as port scanners and health checks do".into());
        }
        let acceptor = TlsAcceptor::new(self.config.clone())
            .handshake_timeout(Some(self.timeout.saturating_sub(begun.elapsed())))
            .trace(watch.clone());
        let (mut tls, early) = match self.accept(&acceptor, tcp).await {
            Ok(accepted) => accepted,
            Err(failed) => {
                // The alert must reach the client.
                linger(failed.transport).await;
                entry.note_alert(&failed.error);
                return Err(self.explain_handshake(&failed.error, &watch.seen()));
            }
        };
        let result = self.converse(&mut tls, &early, watch, entry).await.map_err(|error| match error {
            Broken::Refused(failure) => failure,
            Broken::Failed(error) => {
                entry.note_alert(&error);
                self.explain(&error, &watch.seen())
            }
        });
        if result.is_err() {
            // A silent client receives close_notify; a failed connection is not written to again.
            let _gone = timeout(GOODBYE, tls.shutdown()).await;
        }
        linger(tls.into_inner()).await;
        let updates = watch.seen().key_updates().map(|updates| format!(", {updates}"));
        result.map(|line| line + updates.as_deref().unwrap_or_default())
    }

    /// Performs the handshake, and returns the early data, whose size the configuration limits. It may be a
    /// replay.
    async fn accept(
        &self,
        acceptor: &TlsAcceptor,
        tcp: TcpStream,
    ) -> Result<(TlsStream<TcpStream>, Vec<u8>), HandshakeFailed<TcpStream>> {
        let mut stream = acceptor.accept_early(tcp)?;
        let mut early = Vec::new();
        if self.early_data {
            let mut buffer = vec![0; 1 << 14];
            // After an error the handshake cannot be completed, and reports it.
            while let Ok(came @ 1..) = stream.read_early(&mut buffer).await {
                early.extend_from_slice(buffer.get(..came).unwrap_or_default());
            }
        }
        Ok((stream.complete().await?, early))
    }

    async fn converse(
        &self,
        tls: &mut TlsStream<TcpStream>,
        early: &[u8],
        watch: &Watch,
        entry: &mut Entry,
    ) -> Result<String, Broken> {
        entry.summary = tls.summary().cloned();
        entry.early_bytes = early.len();
        let again = match &self.later {
            Some(later) => self.in_time(self.renegotiate(tls, later)).await?,
            None if self.asks_later => self.in_time(self.ask_for_certificate(tls)).await?,
            None => "",
        };
        // A complete handshake always has a summary.
        let summary: Summary =
            tls.summary().cloned().ok_or_else(|| io::Error::other("the handshake is not complete"))?;
        entry.summary = Some(summary.clone());
        let done = if self.http {
            // A client that sends its request slowly must not stay longer than a silent one.
            let client = watch.seen().fingerprints;
            let about = http::About { summary: &summary, client: client.as_ref(), http3: self.http3 };
            let answer = async { Ok(http::answer(tls, early, &about).await?) };
            let answered = self.in_time(answer).await?;
            entry.bytes = Some((length(answered.received), length(answered.sent)));
            entry.requests = Some(answered.request.into());
            answered.line
        } else {
            self.echo(tls, early, entry).await?
        };
        timeout(GOODBYE, tls.shutdown()).await.unwrap_or_else(|_| Err(silent()))?;
        let early = match summary.tls13().map(|tls13| tls13.early_data) {
            Some(EarlyData::Accepted) => format!(", early data: {}", count(early.len(), "byte")),
            Some(EarlyData::Rejected) => ", early data rejected".into(),
            Some(EarlyData::NotOffered) | None => String::new(),
        };
        Ok(format!("{}{again}{early}: {done}", report::line(&summary)))
    }

    /// Runs a part of the conversation within the time limit.
    async fn in_time<T>(&self, part: impl Future<Output = Result<T, Broken>>) -> Result<T, Broken> {
        timeout(self.timeout, part).await.unwrap_or_else(|_| Err(silent().into()))
    }

    /// Echoes the early data, which does no harm if it is a replay, and then data until the client closes.
    async fn echo(
        &self,
        tls: &mut TlsStream<TcpStream>,
        early: &[u8],
        entry: &mut Entry,
    ) -> Result<String, Broken> {
        let mut bytes = length(early.len());
        entry.bytes = Some((bytes, 0));
        let mut chunk = early.to_vec();
        loop {
            self.in_time(async { Ok(tls.write_all(&chunk).await?) }).await?;
            entry.bytes = Some((bytes, bytes));
            chunk.clear();
            let read = async {
                chunk.extend_from_slice(tls.fill_buf().await?);
                Ok(())
            };
            self.in_time(read).await?;
            if chunk.is_empty() {
                self.in_time(async { Ok(tls.flush().await?) }).await?;
                return Ok(format!("{bytes} bytes echoed"));
            }
            tls.consume(chunk.len());
            let sent = bytes;
            bytes = bytes.saturating_add(length(chunk.len()));
            entry.bytes = Some((bytes, sent));
        }
    }

    /// Asks for a renegotiation once data has come, which is read afterwards.
    async fn renegotiate(
        &self,
        tls: &mut TlsStream<TcpStream>,
        later: &ServerConfig,
    ) -> Result<&'static str, Broken> {
        if tls.fill_buf().await?.is_empty() {
            return Ok("");
        }
        tls.set_server_config(later).map_err(io::Error::other)?;
        tls.renegotiate().map_err(io::Error::other)?;
        let (what, words) = match tls.handshake().await? {
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
    async fn ask_for_certificate(&self, tls: &mut TlsStream<TcpStream>) -> Result<&'static str, Broken> {
        if tls.fill_buf().await?.is_empty() {
            return Ok("");
        }
        let (what, words) = match tls.request_client_certificate() {
            Ok(()) => match tls.handshake().await? {
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
    fn check_certificate(&self, tls: &TlsStream<TcpStream>, what: &str, hint: &str) -> Result<(), Broken> {
        let has_shown = tls.summary().is_some_and(|summary| summary.peer_chain.is_some());
        if has_shown || !self.requires_certificate {
            return Ok(());
        }
        let failure =
            Failure::new(Code::Tls, format!("the client {what}, and a certificate of it is required"));
        Err(Broken::Refused(failure.hint(hint)))
    }

    /// Explains what the client of this ClientHello and the server do not have in common.
    fn lacking(&self, lacking: Lacking, hello: &[u8]) -> Vec<String> {
        let policy = self.config.policy();
        let (tls12, tls13) = (&policy.tls12.suites, &policy.tls13.suites);
        let ours = Ours { tls12, tls13, groups: &policy.groups, keys: &self.keys };
        negotiation::nothing_shared(lacking, hello, &ours)
    }

    /// Explains the failure of a handshake.
    fn explain_handshake(&self, error: &io::Error, seen: &Seen) -> Failure {
        if error.kind() == io::ErrorKind::TimedOut {
            let words = "timed out: the handshake was not complete within the time of --timeout";
            return Failure::new(Code::Unreachable, words);
        }
        self.explain(error, seen)
    }

    /// Explains a failure by the messages received.
    fn explain(&self, error: &io::Error, seen: &Seen) -> Failure {
        let failure = explain::stream(error, Side::Server);
        let Some(error) = tls_error(error) else { return failure };
        let hints = match error.kind {
            ErrorKind::Certificate(refused) => {
                let chain = &seen.peer_chain;
                let trusted = &self.trusted;
                let case = Case { side: Side::Server, chain, name: None, trusted, is_connected: true };
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
enum Broken {
    /// The connection failed.
    Failed(io::Error),
    /// We ended it.
    Refused(Failure),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

/// A number of bytes.
fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

fn silent() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the client is silent")
}

/// Shuts down sending, and waits briefly for the client to do the same, as [`Transport::linger`] does.
///
/// [`Transport::linger`]: crate::net::Transport::linger
async fn linger(mut tcp: TcpStream) {
    let _gone = tcp.shutdown().await;
    let limit = u64::try_from(LINGER_BYTES).unwrap_or(u64::MAX);
    let _over = timeout(LINGER, tokio::io::copy(&mut tcp.take(limit), &mut tokio::io::sink())).await;
}
