//! A connection, and the parts that both sides share.

use std::error::Error;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

use quiche::{Config, Connection, RecvInfo, h3};

use super::peer::{Outcome, Words};

/// H3_NO_ERROR.
pub const NO_ERROR: u64 = 0x100;
/// The longest packet.
pub const LARGEST: usize = 1350;
/// The length of the connection IDs of this peer.
pub const ID_LENGTH: usize = 16;
/// The longest wait for a packet; a connection may have set a shorter one.
const TICK: Duration = Duration::from_millis(50);

/// The reason why this peer lacks a feature.
#[derive(Debug)]
pub struct Absent(pub &'static str);

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Absent {}

/// The name of a group in BoringSSL.
fn group(name: &str) -> Option<&'static str> {
    Some(match name {
        "x25519" => "X25519",
        "secp256r1" => "P-256",
        "secp384r1" => "P-384",
        "secp521r1" => "P-521",
        "X25519MLKEM768" => "X25519MLKEM768",
        _ => return None,
    })
}

/// The configuration of either side.
pub fn config(words: &Words) -> Outcome<Config> {
    let mut config = Config::new(quiche::PROTOCOL_VERSION)?;
    let groups = words.list("group");
    if !groups.is_empty() {
        let known: Option<Vec<&str>> = groups.iter().map(|name| group(name)).collect();
        let known = known.ok_or(Absent("BoringSSL does not have this group"))?;
        config.set_curves_list(&known.join(":"))?;
    }
    if let (Some(cert), Some(key)) = (words.get("cert"), words.get("key")) {
        config.load_cert_chain_from_pem_file(cert)?;
        config.load_priv_key_from_pem_file(key)?;
    }
    config.set_application_protos(&[words.get("alpn").unwrap_or("h3").as_bytes()])?;
    config.set_max_idle_timeout(30_000);
    config.set_max_recv_udp_payload_size(LARGEST);
    config.set_max_send_udp_payload_size(LARGEST);
    config.set_initial_max_data(10_000_000);
    config.set_initial_max_stream_data_bidi_local(1_000_000);
    config.set_initial_max_stream_data_bidi_remote(1_000_000);
    config.set_initial_max_stream_data_uni(1_000_000);
    config.set_initial_max_streams_bidi(100);
    config.set_initial_max_streams_uni(100);
    Ok(config)
}

/// A connection ID.
pub fn random_id() -> [u8; ID_LENGTH] {
    let part = || RandomState::new().hash_one(0).to_be_bytes();
    let mut id = [0; ID_LENGTH];
    id[..8].copy_from_slice(&part());
    id[8..].copy_from_slice(&part());
    id
}

/// A connection, and HTTP/3 on it once that can start.
pub struct Link {
    pub connection: Connection,
    pub http: Option<h3::Connection>,
    is_reported: bool,
}

impl Link {
    pub fn new(connection: Connection) -> Self {
        Self { connection, http: None, is_reported: false }
    }

    /// Starts HTTP/3 if streams can be opened, and prints what was negotiated, once.
    pub fn advance(&mut self) -> Outcome<()> {
        let is_ready = self.connection.is_established() || self.connection.is_in_early_data();
        if self.http.is_none() && is_ready && !self.connection.is_closed() {
            let config = h3::Config::new()?;
            self.http = Some(h3::Connection::with_transport(&mut self.connection, &config)?);
        }
        if self.connection.is_established() && !self.is_reported {
            self.is_reported = true;
            println!("protocol: {}", String::from_utf8_lossy(self.connection.application_proto()));
            if self.connection.peer_cert().is_some() {
                println!("peer: has a certificate");
            }
        }
        Ok(())
    }

    /// Sends all packets that are ready.
    pub fn flush(&mut self, socket: &UdpSocket) -> Outcome<()> {
        let mut packet = [0; LARGEST];
        loop {
            match self.connection.send(&mut packet) {
                Ok((length, to)) => drop(socket.send_to(&packet[..length], to.to)?),
                Err(quiche::Error::Done) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Prints the error code of the peer, and returns an error if this side has one.
    pub fn ended(&self) -> Outcome<()> {
        if let Some(error) = self.connection.peer_error().filter(|error| error.error_code != NO_ERROR) {
            let reason = String::from_utf8_lossy(&error.reason).into_owned();
            println!("a connection failed: code {:#x}: {reason}", error.error_code);
            return Err(format!("the peer has closed with {:#x}", error.error_code).into());
        }
        match self.connection.local_error() {
            Some(error) if error.error_code != NO_ERROR => {
                Err(format!("closed with {:#x}", error.error_code).into())
            }
            _ if self.connection.is_timed_out() => Err("timed out".into()),
            _ => Ok(()),
        }
    }
}

/// Waits for a packet until this time at most. The packet is in `buffer`, with its length and origin.
pub fn receive(
    socket: &UdpSocket,
    wait: Option<Duration>,
    buffer: &mut [u8],
) -> Outcome<Option<(usize, RecvInfo)>> {
    let wait = wait.unwrap_or(TICK).clamp(Duration::from_millis(1), TICK);
    socket.set_read_timeout(Some(wait))?;
    match socket.recv_from(buffer) {
        Ok((length, from)) => Ok(Some((length, RecvInfo { from, to: socket.local_addr()? }))),
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Ok(None),
        // A packet to a port without a listener was reported.
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether this instant has passed.
pub fn is_past(instant: Instant) -> bool {
    Instant::now() >= instant
}
