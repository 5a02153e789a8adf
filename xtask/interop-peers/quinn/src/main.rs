//! A peer of the suite http3: quinn with rustls. See `../README.md` for the arguments.

#[path = "../../peer.rs"]
#[expect(dead_code, reason = "this peer has no requests and reports of HTTP/1.0")]
mod peer;

use std::error::Error;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{Connection, ConnectionError, Endpoint, Incoming, VarInt};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{
    NoServerSessionStorage, ServerSessionMemoryCache, StoresServerSessions, WebPkiClientVerifier,
};
use rustls::{ClientConfig, NamedGroup, RootCertStore, ServerConfig};

use peer::{Outcome, PATIENCE, Words};

/// H3_NO_ERROR.
const NO_ERROR: VarInt = VarInt::from_u32(0x100);

/// The reason why this peer lacks a feature.
#[derive(Debug)]
struct Absent(&'static str);

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Absent {}

fn group(name: &str) -> Option<NamedGroup> {
    Some(match name {
        "x25519" => NamedGroup::X25519,
        "secp256r1" => NamedGroup::secp256r1,
        "secp384r1" => NamedGroup::secp384r1,
        "X25519MLKEM768" => NamedGroup::X25519MLKEM768,
        "SecP256r1MLKEM768" => NamedGroup::secp256r1MLKEM768,
        _ => return None,
    })
}

/// The cryptography with the suite and the groups in the arguments.
fn provider(words: &Words) -> Outcome<Arc<CryptoProvider>> {
    let mut provider = aws_lc_rs::default_provider();
    if let Some(wanted) = words.get("suite") {
        let name = wanted.replace("TLS_", "TLS13_");
        // The keys of Initial packets need this suite.
        let needed = "TLS13_AES_128_GCM_SHA256";
        let all = provider.cipher_suites.clone();
        provider.cipher_suites.retain(|suite| suite.suite().as_str() == Some(&name));
        if provider.cipher_suites.is_empty() {
            return Err(Absent("rustls does not have this suite").into());
        }
        if name != needed {
            provider.cipher_suites.extend(all.into_iter().filter(|one| one.suite().as_str() == Some(needed)));
        }
    }
    let wanted = words.list("group");
    if !wanted.is_empty() {
        let all = aws_lc_rs::ALL_KX_GROUPS;
        let known = |name: &&str| all.iter().copied().find(|one| Some(one.name()) == group(name));
        provider.kx_groups = wanted.iter().filter_map(known).collect();
        if provider.kx_groups.len() < wanted.len() {
            return Err(Absent("rustls with AWS-LC does not have this group").into());
        }
    }
    Ok(Arc::new(provider))
}

fn roots(words: &Words) -> Outcome<Arc<RootCertStore>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(words.get("ca").unwrap_or_default())? {
        roots.add(certificate?)?;
    }
    Ok(Arc::new(roots))
}

fn chain(file: &str) -> Outcome<Vec<CertificateDer<'static>>> {
    Ok(CertificateDer::pem_file_iter(file)?.collect::<Result<_, _>>()?)
}

fn protocols(words: &Words) -> Vec<Vec<u8>> {
    vec![words.get("alpn").unwrap_or("h3").as_bytes().to_vec()]
}

/// The configuration of a server. `early` is the limit of early data, in new tickets and in hellos.
fn server_config(
    words: &Words,
    sessions: &Arc<dyn StoresServerSessions>,
    early: u32,
) -> Outcome<quinn::ServerConfig> {
    let provider = provider(words)?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&rustls::version::TLS13])?;
    let builder = if words.get("client-auth").is_some() {
        let verifier = WebPkiClientVerifier::builder_with_provider(roots(words)?, provider).build()?;
        builder.with_client_cert_verifier(verifier)
    } else {
        builder.with_no_client_auth()
    };
    let key = PrivateKeyDer::from_pem_file(words.get("key").unwrap_or_default())?;
    let mut config = builder.with_single_cert(chain(words.get("cert").unwrap_or_default())?, key)?;
    config.alpn_protocols = protocols(words);
    config.max_early_data_size = early;
    config.session_storage = Arc::clone(sessions);
    if words.get("resume") == Some("ticket") {
        config.ticketer = aws_lc_rs::Ticketer::new()?;
    }
    let config = QuicServerConfig::try_from(config)?;
    Ok(quinn::ServerConfig::with_crypto(Arc::new(config)))
}

fn listen(words: &Words) -> Outcome<()> {
    tokio::runtime::Runtime::new()?.block_on(serve(words))
}

async fn serve(words: &Words) -> Outcome<()> {
    let sessions: Arc<dyn StoresServerSessions> = match words.get("resume") {
        // It accepts early data only for sessions that it stores.
        Some("id") => ServerSessionMemoryCache::new(64),
        _ => Arc::new(NoServerSessionStorage {}),
    };
    let early = words.get("early-data").map_or(0, |_| u32::MAX);
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, words.get("port").unwrap_or_default().parse()?));
    let mut config = server_config(words, &sessions, early)?;
    let endpoint = Endpoint::server(config.clone(), address)?;
    println!("listening on {address}");
    let page = Bytes::from(std::fs::read(words.get("page").unwrap_or_default())?);
    while let Some(incoming) = endpoint.accept().await {
        if words.get("retry").is_some() && !incoming.remote_address_validated() {
            incoming.retry().map_err(|_| "no Retry packet")?;
            println!("retry: sent");
            continue;
        }
        let done =
            tokio::time::timeout(PATIENCE * 3, serve_one(words, incoming, config.clone(), &page)).await;
        if let Err(error) = done.unwrap_or_else(|_| Err("timed out".into())) {
            tell_error(&*error);
        }
        if words.get("early-data") == Some("rejected") {
            config = server_config(words, &sessions, 0)?;
        }
    }
    Ok(())
}

/// Serves a connection with this configuration. That of the endpoint would be the one from the time when the
/// first packet came, which may be before the previous connection ended.
async fn serve_one(
    words: &Words,
    incoming: Incoming,
    config: quinn::ServerConfig,
    page: &Bytes,
) -> Outcome<()> {
    let connection = incoming.accept_with(Arc::new(config))?.await?;
    let served = async {
        let mut requests = h3::server::Connection::new(h3_quinn::Connection::new(connection.clone())).await?;
        while let Some(request) = requests.accept().await? {
            let (_, mut stream) = request.resolve_request().await?;
            if words.get("key-update") == Some("server") {
                connection.force_key_update();
                println!("keys updated");
            }
            stream.send_response(http::Response::new(())).await?;
            stream.send_data(page.clone()).await?;
            stream.finish().await?;
        }
        Outcome::Ok(())
    };
    let served = served.await;
    tell(&connection);
    match connection.closed().await {
        ConnectionError::ApplicationClosed(close) if close.error_code == NO_ERROR => Ok(()),
        error => {
            Err(served.err().filter(|_| error == ConnectionError::LocallyClosed).unwrap_or(error.into()))
        }
    }
}

/// Prints what is known of a connection.
fn tell(connection: &Connection) {
    let Some(data) = connection.handshake_data() else { return };
    if let Ok(data) = data.downcast::<quinn::crypto::rustls::HandshakeData>() {
        println!("protocol: {}", String::from_utf8_lossy(&data.protocol.unwrap_or_default()));
    }
    if connection.peer_identity().is_some() {
        println!("peer: has a certificate");
    }
}

/// Prints the error code of QUIC, if that is the error.
fn tell_error(error: &(dyn Error + 'static)) {
    let code = match error.downcast_ref::<ConnectionError>() {
        Some(ConnectionError::ConnectionClosed(close)) => u64::from(close.error_code),
        Some(ConnectionError::TransportError(error)) => u64::from(error.code),
        _ => 0,
    };
    println!("a connection failed: code {code:#x}: {error}");
}

fn connect(words: &Words) -> Outcome<String> {
    // With one thread, the streams of an early request are open before the answer of the server is processed.
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let visits = tokio::time::timeout(PATIENCE * 2, visits(words)).await;
        visits.unwrap_or_else(|_| Err("timed out".into())).inspect_err(|error| tell_error(&**error))
    })
}

async fn visits(words: &Words) -> Outcome<String> {
    if words.get("key-update") == Some("server") {
        return Err(Absent("quinn does not tell whether the peer has updated its keys").into());
    }
    let builder = ClientConfig::builder_with_provider(provider(words)?)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots(words)?);
    let mut config = match (words.get("cert"), words.get("key")) {
        (Some(cert), Some(key)) => {
            builder.with_client_auth_cert(chain(cert)?, PrivateKeyDer::from_pem_file(key)?)?
        }
        _ => builder.with_no_client_auth(),
    };
    config.alpn_protocols = protocols(words);
    config.enable_early_data = words.get("early-data").is_some();
    let config = quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(config)?));
    let mut endpoint = Endpoint::client(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    endpoint.set_default_client_config(config);
    let mut page = visit(words, &endpoint).await?;
    if words.get("resume").is_some() {
        page = visit(words, &endpoint).await?;
    }
    endpoint.wait_idle().await;
    Ok(page)
}

async fn visit(words: &Words, endpoint: &Endpoint) -> Outcome<String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, words.get("port").unwrap_or_default().parse()?));
    let connecting = endpoint.connect(address, "localhost")?;
    let connecting = if words.get("early-data").is_some() { connecting.into_0rtt() } else { Err(connecting) };
    let connection = match connecting {
        Ok((connection, accepted)) => {
            // Nothing else reads from the connection until the answer of the server is known.
            let request = open(words, &connection).await;
            let is_accepted = accepted.await;
            println!("early data: {}", if is_accepted { "accepted" } else { "rejected" });
            if is_accepted {
                return finish(words, &connection, request?).await;
            }
            connection
        }
        Err(connecting) => connecting.await?,
    };
    let request = open(words, &connection).await?;
    finish(words, &connection, request).await
}

type Driver = h3::client::Connection<h3_quinn::Connection, Bytes>;
type Requests = h3::client::SendRequest<h3_quinn::OpenStreams, Bytes>;
type Stream = h3::client::RequestStream<h3_quinn::BidiStream<Bytes>, Bytes>;

/// Opens HTTP/3 and sends the request.
async fn open(words: &Words, connection: &Connection) -> Outcome<(Driver, Requests, Stream)> {
    let (driver, mut requests) = h3::client::new(h3_quinn::Connection::new(connection.clone())).await?;
    let stream = request(words, &mut requests).await?;
    Ok((driver, requests, stream))
}

async fn request(words: &Words, requests: &mut Requests) -> Outcome<Stream> {
    let uri = format!("https://localhost{}", words.get("path").unwrap_or_default());
    let mut stream = requests.send_request(http::Request::get(uri).body(())?).await?;
    stream.finish().await?;
    Ok(stream)
}

/// Receives the answer and closes the connection.
async fn finish(
    words: &Words,
    connection: &Connection,
    (mut driver, mut requests, stream): (Driver, Requests, Stream),
) -> Outcome<String> {
    let exchange = async {
        let mut page = receive(stream).await?;
        if words.get("key-update") == Some("client") {
            connection.force_key_update();
            println!("keys updated");
            page = receive(request(words, &mut requests).await?).await?;
        }
        if words.get("resume").is_some() {
            // For the ticket.
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Outcome::Ok(page)
    };
    let page = tokio::select! {
        page = exchange => page,
        error = driver.wait_idle() => Err(error.into()),
    };
    tell(connection);
    connection.close(NO_ERROR, b"");
    page
}

async fn receive(mut stream: Stream) -> Outcome<String> {
    stream.recv_response().await?;
    let mut page = Vec::new();
    while let Some(mut chunk) = stream.recv_data().await? {
        page.extend_from_slice(&chunk.copy_to_bytes(chunk.remaining()));
    }
    Ok(String::from_utf8_lossy(&page).into_owned())
}

fn main() {
    peer::run([""; 0], listen, connect, |error| if error.is::<Absent>() { "absent" } else { "failed" });
}
