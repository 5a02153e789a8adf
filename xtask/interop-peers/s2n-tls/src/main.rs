//! A peer of the interop suite: s2n-tls, with TLS 1.3. See `../README.md` for the arguments.

#[path = "../../peer.rs"]
mod peer;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use std::{fs, io};

use s2n_tls::callbacks::{SessionTicket, SessionTicketCallback, VerifyHostNameCallback};
use s2n_tls::cert_chain::Builder as ChainBuilder;
use s2n_tls::config::Config;
use s2n_tls::connection::{Builder, Connection};
use s2n_tls::enums::{ClientAuthType, Mode, PskHmac, Version};
use s2n_tls::psk::Psk;
use s2n_tls::security::Policy;
use s2n_tls_tokio::{TlsAcceptor, TlsConnector, TlsStream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder as Runtime;
use tokio::time::timeout;

use peer::{Outcome, PATIENCE, Words, report};

/// The cipher suites of TLS 1.3, and the suite with which TLS 1.2 is negotiated.
const SUITES: [&str; 4] = [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
];
/// The identity of the pre-shared key.
const PSK_IDENTITY: &[u8] = b"client";

/// The last ticket of a connection.
#[derive(Clone, Default)]
struct Ticket(Arc<Mutex<Option<Vec<u8>>>>);

impl Ticket {
    fn take(&self) -> Option<Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl SessionTicketCallback for Ticket {
    fn on_session_ticket(&self, _: &mut Connection, ticket: &SessionTicket) {
        let mut data = vec![0; ticket.len().unwrap_or(0)];
        if ticket.data(&mut data).is_ok() {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(data);
        }
    }
}

/// Accepts each name of a client. Its chain is verified.
struct AnyName;

impl VerifyHostNameCallback for AnyName {
    fn verify_host_name(&self, _: &str) -> bool {
        true
    }
}

/// A configuration, and what belongs to one connection.
#[derive(Clone)]
struct Prepared {
    config: Config,
    ticket: Option<Vec<u8>>,
    psk: Option<Vec<u8>>,
}

impl Builder for Prepared {
    type Output = Connection;

    fn build_connection(&self, mode: Mode) -> Result<Connection, s2n_tls::error::Error> {
        let mut connection = self.config.build_connection(mode)?;
        if let Some(ticket) = &self.ticket {
            connection.set_session_ticket(ticket)?;
        }
        if let Some(key) = &self.psk {
            let mut psk = Psk::builder()?;
            psk.set_identity(PSK_IDENTITY)?.set_secret(key)?.set_hmac(PskHmac::SHA256)?;
            connection.append_psk(&psk.build()?)?;
        }
        Ok(connection)
    }
}

/// The external pre-shared key of a connection without certificates.
fn psk(words: &Words) -> Outcome<Option<Vec<u8>>> {
    if words.get("external-psk").is_none() {
        return Ok(None);
    }
    let digits = words.get("psk").unwrap_or_default();
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2).unwrap_or_default(), 16);
    Ok(Some((0..digits.len()).step_by(2).map(byte).collect::<Result<_, _>>()?))
}

/// The policy with the versions: TLS 1.2 alone, or both.
fn policy(words: &Words) -> Outcome<Policy> {
    Ok(Policy::from_version(if words.get("tls") == Some("1.2") { "20190214" } else { "default_pq" })?)
}

/// A client's configuration.
fn client_config(words: &Words, ticket: &Ticket) -> Outcome<Config> {
    let mut config = Config::builder();
    config.set_security_policy(&policy(words)?)?;
    config.with_system_certs(false)?;
    config.trust_pem(&fs::read(words.get("ca").unwrap_or_default())?)?;
    for (cert, key) in words.list("cert").into_iter().zip(words.list("key")) {
        config.load_pem(&fs::read(cert)?, &fs::read(key)?)?;
    }
    if words.get("resume").is_some() {
        config.enable_session_tickets(true)?;
        config.set_session_ticket_callback(ticket.clone())?;
    }
    Ok(config.build()?)
}

/// A server's configuration.
fn server_config(words: &Words) -> Outcome<Config> {
    let mut config = Config::builder();
    config.set_security_policy(&policy(words)?)?;
    config.with_system_certs(false)?;
    config.trust_pem(&fs::read(words.get("ca").unwrap_or_default())?)?;
    if words.get("external-psk").is_none() {
        for (cert, key) in words.list("cert").into_iter().zip(words.list("key")) {
            // `load_pem` takes one pair, and this one for each kind of key.
            let mut chain = ChainBuilder::new()?;
            chain.load_pem(&fs::read(cert)?, &fs::read(key)?)?;
            config.load_chain(chain.build()?)?;
        }
    }
    if words.get("client-auth").is_some() {
        config.set_client_auth_type(ClientAuthType::Required)?;
        config.set_verify_host_callback(AnyName)?;
    }
    if words.get("resume").is_some() {
        config.enable_session_tickets(true)?;
        // The key protects nothing but connections of this machine with itself.
        config.add_session_ticket_key(b"interop", &[7; 32], SystemTime::UNIX_EPOCH)?;
    }
    Ok(config.build()?)
}

/// Prints what was negotiated.
fn tell(connection: &Connection, server: bool) -> Outcome<()> {
    let is_tls13 = connection.actual_protocol_version()? == Version::TLS13;
    let suite = match connection.cipher_suite()? {
        // The name of the suite with which TLS 1.2 is negotiated.
        "ECDHE-RSA-AES128-GCM-SHA256" => "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        other => other,
    };
    // In the program's words, a handshake with a PSK of any kind.
    let by_psk = connection.negotiated_psk_identity_length().is_ok_and(|length| length > 0);
    report(is_tls13, suite, connection.resumed() || by_psk);
    if server && connection.client_cert_used() {
        println!("the client is authenticated");
    }
    Ok(())
}

async fn listen(words: &Words) -> Outcome<()> {
    let prepared = Prepared { config: server_config(words)?, ticket: None, psk: psk(words)? };
    let acceptor = TlsAcceptor::new(prepared);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (tcp, _) = listener.accept().await?;
        let served = timeout(PATIENCE, async {
            let tls = acceptor.accept(tcp).await?;
            echo(tls).await
        });
        if let Err(error) = served.await.map_err(Into::into).flatten() {
            println!("a connection failed: {error}");
        }
    }
}

async fn echo(mut tls: TlsStream<TcpStream>) -> Outcome<()> {
    let (mut said, mut chunk) = (Vec::new(), vec![0; 16_384]);
    while !said.ends_with(b"\r\n\r\n") {
        match tls.read(&mut chunk).await? {
            0 => return Ok(()),
            count => said.extend_from_slice(&chunk[..count]),
        }
    }
    tls.write_all(&said).await?;
    tls.flush().await?;
    tell(tls.as_ref(), true)?;
    tls.shutdown().await?;
    Ok(())
}

async fn connect(words: &Words) -> Outcome<String> {
    let ticket = Ticket::default();
    let mut prepared = Prepared { config: client_config(words, &ticket)?, ticket: None, psk: psk(words)? };
    let page = visit(words, &prepared).await?;
    if words.get("resume").is_none() {
        return Ok(page);
    }
    prepared.ticket = ticket.take();
    visit(words, &prepared).await
}

async fn visit(words: &Words, prepared: &Prepared) -> Outcome<String> {
    let port: u16 = words.get("port").unwrap_or_default().parse()?;
    let tcp = TcpStream::connect(("127.0.0.1", port)).await?;
    let mut tls = TlsConnector::new(prepared.clone()).connect("localhost", tcp).await?;
    let request = words.request();
    tls.write_all(request.as_bytes()).await?;
    let mut page = String::new();
    tls.read_to_string(&mut page).await?;
    tell(tls.as_ref(), false)?;
    let _gone = tls.shutdown().await;
    Ok(page)
}

fn main() -> io::Result<()> {
    let runtime = Runtime::new_current_thread().enable_all().build()?;
    let connect = |words: &Words| {
        runtime.block_on(async { timeout(PATIENCE, connect(words)).await.map_err(Into::into).flatten() })
    };
    peer::run(SUITES, |words| runtime.block_on(listen(words)), connect, |_| "failed");
    Ok(())
}
