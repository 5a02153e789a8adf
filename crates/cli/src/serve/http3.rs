//! `cairn serve --http3`: the page about the connection over QUIC.

use super::{
    http::{MAX_HEAD, Page, refusal, rows},
    log::{Entry, Log},
    slots::Ended,
};
use crate::{
    failure::{Code, Failure},
    http3::{NO_ERROR, endpoint, failure, summary},
    show::{count, report},
};
use ::http::{Method, Request, Response, StatusCode, header};
use alloc::sync::Arc;
use bytes::Bytes;
use cairn_quinn::{QuicServerConfig, server_config};
use cairn_tls::{EarlyData, ServerConfig, Summary};
use core::{future::Future, net::SocketAddr, time::Duration};
use h3::server::RequestResolver;
use quinn::{
    Connection, ConnectionError, Endpoint, IdleTimeout, Incoming, TransportConfig, TransportErrorCode, VarInt,
};
use std::net::UdpSocket;
use tokio::time::timeout;

/// A listener for HTTP/3.
pub(super) struct Listener {
    endpoint: Endpoint,
    /// Whether each client proves its address first.
    retries: bool,
    timeout: Duration,
    log: Log,
}

impl Listener {
    /// Listens on the UDP port with the number of the TCP port.
    pub(super) fn new(
        config: &ServerConfig,
        address: SocketAddr,
        (retries, time, log): (bool, Duration, Log),
    ) -> Result<Self, Failure> {
        let local = |error: &dyn core::fmt::Display| Failure::new(Code::Local, error.to_string());
        let provider = config.provider();
        let quic = QuicServerConfig::new(config.clone()).map_err(|error| local(&error))?;
        let mut server = server_config(Arc::new(quic), provider).map_err(|error| local(&error))?;
        let mut transport = TransportConfig::default();
        transport.max_idle_timeout(IdleTimeout::try_from(time).ok());
        // Requests are short, and bodies are not read.
        transport.stream_receive_window(VarInt::from_u32(1 << 16)).receive_window(VarInt::from_u32(1 << 18));
        server.transport_config(Arc::new(transport));
        let socket = UdpSocket::bind(address).map_err(|error| {
            Failure::new(Code::Local, format!("cannot listen on UDP port {}: {error}", address.port()))
        })?;
        Ok(Self { endpoint: endpoint(provider, Some(server), socket)?, retries, timeout: time, log })
    }

    /// The next connection. A client whose address is not proved gets a Retry packet, if that is wanted.
    pub(super) async fn accept(&self) -> Option<Incoming> {
        loop {
            let incoming = self.endpoint.accept().await?;
            if !self.retries || incoming.remote_address_validated() {
                return Some(incoming);
            }
            let _sent = incoming.retry();
        }
    }

    /// Waits until the peers know that all connections are closed.
    pub(super) async fn finish(&self) {
        self.endpoint.close(VarInt::from_u32(NO_ERROR), b"");
        let _over = timeout(self.timeout, self.endpoint.wait_idle()).await;
    }

    /// Serves a client and logs the result in one line.
    pub(super) fn serve(
        &self,
        incoming: Incoming,
        ended: Ended,
    ) -> impl Future<Output = Result<(), Code>> + use<> {
        let (time, log) = (self.timeout, self.log);
        let mut entry = Entry::new(incoming.remote_address(), "quic");
        async move {
            let result = tokio::select! {
                result = in_words(incoming, time, &mut entry) => result,
                () = ended.wait() => Err(Failure::new(
                    Code::Unreachable,
                    "ended after the time of --timeout, because other clients were waiting",
                )),
            };
            log.connection(&entry, result)
        }
    }
}

/// Serves a client. Requests in early data are answered after the handshake, so a replay gets no answer.
async fn in_words(incoming: Incoming, time: Duration, entry: &mut Entry) -> Result<String, Failure> {
    let connecting = incoming.accept().map_err(|error| failure(&error))?;
    let connection = timeout(time, connecting)
        .await
        .map_err(|_| {
            let words = "timed out: the handshake was not complete within the time of --timeout";
            Failure::new(Code::Unreachable, words)
        })?
        .map_err(|error| failure(&error))?;
    let Some(summary) = summary(&connection) else {
        return Err(Failure::new(Code::Tls, "the handshake is not complete"));
    };
    entry.summary = Some(summary.clone());
    let requests = answer_all(&connection, &summary, time).await?;
    entry.requests = Some(requests.clone().into());
    let early = match summary.tls13().map(|tls13| tls13.early_data) {
        Some(EarlyData::Accepted) => ", early data accepted",
        Some(EarlyData::Rejected) => ", early data rejected",
        Some(EarlyData::NotOffered) | None => "",
    };
    Ok(format!("{}, HTTP/3{early}: {requests}", report::line(&summary)))
}

/// Answers the requests of a client until it closes, each within the time limit, and describes them.
async fn answer_all(connection: &Connection, summary: &Summary, time: Duration) -> Result<String, Failure> {
    let mut settings = h3::server::builder();
    settings.max_field_section_size(u64::try_from(MAX_HEAD).unwrap_or(u64::MAX));
    let mut server = match settings.build(h3_quinn::Connection::new(connection.clone())).await {
        Ok(server) => server,
        Err(error) => return ended(connection, &error, 0),
    };
    let mut answered = 0;
    loop {
        match server.accept().await {
            Ok(Some(resolver)) => {
                // A request that fails or takes too long ends its stream, and not the connection.
                if let Ok(Ok(())) = timeout(time, answer(resolver, summary)).await {
                    answered += 1;
                }
            }
            Ok(None) => return Ok(count(answered, "request")),
            Err(error) => return ended(connection, &error, answered),
        }
    }
}

/// The end of a connection: in order, or by an error.
fn ended(
    connection: &Connection,
    error: &dyn core::fmt::Display,
    answered: usize,
) -> Result<String, Failure> {
    let is_orderly = is_orderly(connection.close_reason().as_ref(), answered);
    match connection.close_reason() {
        _ if is_orderly => Ok(count(answered, "request")),
        Some(reason) if reason != ConnectionError::LocallyClosed => Err(failure(&reason)),
        // If h3 has closed the connection, its error says why.
        _ => Err(Failure::new(Code::Tls, format!("HTTP/3: {error}"))),
    }
}

/// Whether a connection has ended in order. A client that has what it wants may just go, or close the
/// connection of QUIC in place of that of HTTP/3, as browsers do.
fn is_orderly(reason: Option<&ConnectionError>, answered: usize) -> bool {
    match reason {
        Some(ConnectionError::ApplicationClosed(close)) => {
            close.error_code == VarInt::from_u32(NO_ERROR) || close.error_code == VarInt::from_u32(0)
        }
        Some(ConnectionError::ConnectionClosed(close)) => {
            answered > 0 && close.error_code == TransportErrorCode::NO_ERROR
        }
        Some(ConnectionError::TimedOut) => answered > 0,
        _ => false,
    }
}

async fn answer(
    resolver: RequestResolver<h3_quinn::Connection, Bytes>,
    summary: &Summary,
) -> Result<(), h3::error::StreamError> {
    let (request, mut stream) = resolver.resolve_request().await?;
    let (response, body) = respond(&request, summary);
    stream.send_response(response).await?;
    if request.method() != Method::HEAD {
        stream.send_data(body.into()).await?;
    }
    stream.finish().await
}

/// The answer to a request.
fn respond(request: &Request<()>, summary: &Summary) -> (Response<()>, String) {
    let accept = request.headers().get_all(header::ACCEPT).iter();
    let wants_html = accept.filter_map(|value| value.to_str().ok()).any(|value| value.contains("text/html"));
    let is_known = matches!(*request.method(), Method::GET | Method::HEAD);
    let page = if is_known {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let mut rows = rows(summary, request.method().as_str(), path);
        rows.push(("transport", "HTTP/3 over QUIC version 1".into()));
        Page::of(&rows, wants_html)
    } else {
        Page::text(refusal("405 Method Not Allowed"))
    };
    let mut response = Response::new(());
    *response.status_mut() = if is_known { StatusCode::OK } else { StatusCode::METHOD_NOT_ALLOWED };
    let headers = response.headers_mut();
    headers.insert(header::SERVER, header::HeaderValue::from_static("cairn"));
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(page.kind));
    headers.insert(header::CONTENT_LENGTH, header::HeaderValue::from(page.body.len()));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    if !is_known {
        headers.insert(header::ALLOW, header::HeaderValue::from_static("GET, HEAD"));
    }
    (response, page.body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quinn::ConnectionClose;

    #[test]
    fn close_of_quic_without_an_error_is_orderly_after_an_answer() {
        let closed = |error_code| {
            ConnectionError::ConnectionClosed(ConnectionClose {
                error_code,
                frame_type: None,
                reason: Bytes::new(),
            })
        };
        assert!(is_orderly(Some(&closed(TransportErrorCode::NO_ERROR)), 1));
        assert!(!is_orderly(Some(&closed(TransportErrorCode::NO_ERROR)), 0), "nothing was answered");
        assert!(!is_orderly(Some(&closed(TransportErrorCode::PROTOCOL_VIOLATION)), 1));
    }
}
