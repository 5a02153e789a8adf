//! One connection, as quinn drives it.

use crate::keys::{self, Shared};
use alloc::{collections::VecDeque, sync::Arc};
use cairn_quic::{
    Connection, Error, Event, OneRttSecrets, Provider, Version, check_retry,
    handshake::{EarlyData, Summary},
    initial_keys,
};
use core::any::Any;
use quinn_proto::{
    ConnectionId, Side, TransportError, TransportErrorCode,
    crypto::{self, ExportKeyingMaterialError, KeyPair, Keys},
    transport_parameters::TransportParameters,
};
use std::io::Cursor;

/// The result of a handshake: quinn's `Connection::handshake_data` and `Connecting::handshake_data` give it,
/// as `Box<dyn Any>`, once the handshake is complete.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HandshakeData {
    /// The application protocol.
    pub protocol: Option<Vec<u8>>,
    /// The server name that the client sent.
    pub server_name: Option<String>,
    /// The report of the handshake: suite, group, certificates, security.
    pub summary: Summary,
}

/// The peer's certificate chain, its own certificate first, each in DER: quinn's `Connection::peer_identity`
/// gives it, as `Box<dyn Any>`.
pub type PeerIdentity = Vec<Vec<u8>>;

/// What is sent, in order.
enum Output {
    Bytes(Vec<u8>),
    Keys(Box<Keys>),
}

/// A connection.
pub(crate) struct Session {
    connection: Connection,
    provider: Arc<Provider>,
    output: VecDeque<Output>,
    early: Option<Shared>,
    secrets: Option<OneRttSecrets>,
    /// The transport parameters of the peer: those of now, or those that apply to early data.
    parameters: Option<Arc<[u8]>>,
    /// Whether quinn knows that the data of the handshake are available.
    is_told: bool,
    /// A failure that the connection does not know.
    failed: Option<&'static str>,
}

/// The version that quinn speaks.
pub(crate) const VERSION: Version = Version::V1;

/// The keys of Initial packets.
pub(crate) fn initial(provider: &Provider, connection_id: &[u8], side: Side) -> Keys {
    let side = match side {
        Side::Client => cairn_quic::Side::Client,
        Side::Server => cairn_quic::Side::Server,
    };
    // The configuration has checked that the provider has the algorithms.
    initial_keys(provider, VERSION, connection_id, side).map_or_else(|_| keys::unusable(), keys::of_level)
}

impl Session {
    /// Starts a connection.
    pub(crate) fn new(mut connection: Connection, provider: Arc<Provider>) -> Self {
        // The next call reports an error.
        let _remembered = connection.start();
        let mut session = Self {
            connection,
            provider,
            output: VecDeque::new(),
            early: None,
            secrets: None,
            parameters: None,
            is_told: false,
            failed: None,
        };
        session.take_events();
        session
    }

    fn take_events(&mut self) {
        while let Some(event) = self.connection.poll_event() {
            match event {
                Event::Crypto { bytes, .. } => self.output.push_back(Output::Bytes(bytes)),
                Event::EarlyDataKeys(early) => {
                    // A server has those of this connection already.
                    if let Some(remembered) = early.remembered {
                        self.parameters = Some(remembered.transport_parameters);
                    }
                    self.early = Some(early.keys.into());
                }
                Event::HandshakeKeys(level) => {
                    self.output.push_back(Output::Keys(Box::new(keys::of_level(*level))));
                }
                Event::OneRtt(secrets) => match secrets.secrets() {
                    Ok((level, secrets)) => {
                        self.secrets = Some(secrets);
                        self.output.push_back(Output::Keys(Box::new(keys::of_level(level))));
                    }
                    Err(_) => self.failed = Some("the keys of 1-RTT packets could not be derived"),
                },
                Event::TransportParameters(theirs) => self.parameters = Some(theirs),
                // quinn asks for the rest when it needs it.
                _ => {}
            }
        }
    }
}

impl crypto::Session for Session {
    fn initial_keys(&self, dst_cid: &ConnectionId, side: Side) -> Keys {
        initial(&self.provider, dst_cid, side)
    }

    fn handshake_data(&self) -> Option<Box<dyn Any>> {
        let summary = self.connection.summary()?;
        let name =
            summary.server_name.as_deref().filter(|_| self.connection.side() == cairn_quic::Side::Server);
        Some(Box::new(HandshakeData {
            protocol: summary.alpn.as_deref().map(<[u8]>::to_vec),
            server_name: name.and_then(|name| String::from_utf8(name.to_vec()).ok()),
            summary: summary.clone(),
        }))
    }

    fn peer_identity(&self) -> Option<Box<dyn Any>> {
        let chain = self.connection.summary()?.peer_chain.as_ref()?;
        let identity: PeerIdentity = chain.iter().map(<[u8]>::to_vec).collect();
        Some(Box::new(identity))
    }

    fn early_crypto(&self) -> Option<(Box<dyn crypto::HeaderKey>, Box<dyn crypto::PacketKey>)> {
        let keys = self.early.as_ref()?;
        Some((keys.header(), keys.packet()))
    }

    fn early_data_accepted(&self) -> Option<bool> {
        if self.connection.side() == cairn_quic::Side::Server {
            return None;
        }
        let tls13 = self.connection.summary().and_then(Summary::tls13);
        Some(tls13.is_some_and(|tls13| tls13.early_data == EarlyData::Accepted))
    }

    fn is_handshaking(&self) -> bool {
        !self.connection.is_complete()
    }

    fn read_handshake(&mut self, buf: &[u8]) -> Result<bool, TransportError> {
        // quinn checks that the bytes are of the level that is in use.
        let level = self.connection.read_level();
        let outcome = self.connection.read_crypto(level, buf);
        self.take_events();
        outcome.map_err(transport_error)?;
        if let Some(reason) = self.failed {
            return Err(internal(reason));
        }
        // A configuration that asks nothing was replaced by one that asks.
        if self.connection.question().is_some() {
            return Err(internal(
                "the configuration leaves a question to the caller, which quinn cannot answer",
            ));
        }
        let tells = !self.is_told && self.connection.is_complete();
        self.is_told |= tells;
        Ok(tells)
    }

    fn transport_parameters(&self) -> Result<Option<TransportParameters>, TransportError> {
        let Some(parameters) = &self.parameters else { return Ok(None) };
        let side = match self.connection.side() {
            cairn_quic::Side::Client => Side::Client,
            cairn_quic::Side::Server => Side::Server,
        };
        Ok(Some(TransportParameters::read(side, &mut Cursor::new(parameters))?))
    }

    fn write_handshake(&mut self, buf: &mut Vec<u8>) -> Option<Keys> {
        while let Some(output) = self.output.pop_front() {
            match output {
                Output::Bytes(bytes) => buf.extend_from_slice(&bytes),
                Output::Keys(keys) => return Some(*keys),
            }
        }
        None
    }

    fn next_1rtt_keys(&mut self) -> Option<KeyPair<Box<dyn crypto::PacketKey>>> {
        self.secrets.as_mut()?.next_keys().ok().map(keys::of_update)
    }

    fn is_valid_retry(&self, orig_dst_cid: &ConnectionId, header: &[u8], payload: &[u8]) -> bool {
        check_retry(&self.provider, VERSION, orig_dst_cid, &[header, payload].concat()).unwrap_or(false)
    }

    fn export_keying_material(
        &self,
        output: &mut [u8],
        label: &[u8],
        context: &[u8],
    ) -> Result<(), ExportKeyingMaterialError> {
        self.connection.export_keying_material(label, context, output).map_err(|_| ExportKeyingMaterialError)
    }
}

pub(crate) fn internal(reason: &str) -> TransportError {
    TransportError { code: TransportErrorCode::INTERNAL_ERROR, frame: None, reason: reason.into() }
}

/// An error with its code. Its words are sent to the peer too, as the reason phrase of CONNECTION_CLOSE.
#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn transport_error(error: Error) -> TransportError {
    let code = match (error.alert(), error.code()) {
        (Some(alert), _) => TransportErrorCode::crypto(alert.0),
        (None, 0x0a) => TransportErrorCode::PROTOCOL_VIOLATION,
        (None, 0x0d) => TransportErrorCode::CRYPTO_BUFFER_EXCEEDED,
        (None, _) => TransportErrorCode::INTERNAL_ERROR,
    };
    TransportError { code, frame: None, reason: error.to_string() }
}
