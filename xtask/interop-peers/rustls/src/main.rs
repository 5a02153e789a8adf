//! A peer of the interop suite: rustls. See `../README.md` for the arguments.

#[path = "../../peer.rs"]
mod peer;

use std::error::Error;
use std::fmt;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::compress::{self, CertCompressor, CertDecompressor};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{
    ClientHello, NoServerSessionStorage, ResolvesServerCert, ServerSessionMemoryCache, WebPkiClientVerifier,
};
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{
    CipherSuite, ClientConfig, ClientConnection, HandshakeKind, NamedGroup, ProtocolVersion, RootCertStore,
    ServerConfig, ServerConnection, SignatureAlgorithm, SignatureScheme, StreamOwned,
    SupportedProtocolVersion, version,
};

use peer::{Outcome, PATIENCE, Words, report};

/// The reason why this peer lacks a feature.
#[derive(Debug)]
struct Absent(&'static str);

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Absent {}

fn group(name: &str) -> NamedGroup {
    match name {
        "secp256r1" => NamedGroup::secp256r1,
        "secp384r1" => NamedGroup::secp384r1,
        "secp521r1" => NamedGroup::secp521r1,
        "X25519MLKEM768" => NamedGroup::X25519MLKEM768,
        "SecP256r1MLKEM768" => NamedGroup::secp256r1MLKEM768,
        "SecP384r1MLKEM1024" => NamedGroup::Unknown(0x11ed),
        _ => NamedGroup::X25519,
    }
}

fn scheme(name: &str) -> SignatureScheme {
    match name {
        "rsa_pkcs1_sha256" => SignatureScheme::RSA_PKCS1_SHA256,
        "rsa_pkcs1_sha384" => SignatureScheme::RSA_PKCS1_SHA384,
        "rsa_pkcs1_sha512" => SignatureScheme::RSA_PKCS1_SHA512,
        "rsa_pss_rsae_sha256" => SignatureScheme::RSA_PSS_SHA256,
        "rsa_pss_rsae_sha384" => SignatureScheme::RSA_PSS_SHA384,
        "rsa_pss_rsae_sha512" => SignatureScheme::RSA_PSS_SHA512,
        "ecdsa_secp256r1_sha256" => SignatureScheme::ECDSA_NISTP256_SHA256,
        "ecdsa_secp384r1_sha384" => SignatureScheme::ECDSA_NISTP384_SHA384,
        "ecdsa_secp521r1_sha512" => SignatureScheme::ECDSA_NISTP521_SHA512,
        "ed25519" => SignatureScheme::ED25519,
        _ => SignatureScheme::Unknown(0),
    }
}

/// The IANA name of a cipher suite. rustls names those of TLS 1.3 differently.
fn suite_name(suite: CipherSuite) -> String {
    suite.as_str().unwrap_or_default().replace("TLS13_", "TLS_")
}

/// IANA names of the cipher suites.
fn suites(provider: &CryptoProvider) -> Vec<String> {
    provider.cipher_suites.iter().map(|suite| suite_name(suite.suite())).collect()
}

/// The versions to speak.
fn versions(words: &Words) -> Vec<&'static SupportedProtocolVersion> {
    match words.get("tls") {
        Some("1.3") => vec![&version::TLS13],
        Some("both") => vec![&version::TLS13, &version::TLS12],
        _ => vec![&version::TLS12],
    }
}

/// A crypto provider with these cipher suites, and with the groups and schemes in the arguments.
fn provider(words: &Words, suites: &[&str]) -> Outcome<Arc<CryptoProvider>> {
    let mut provider = aws_lc_rs::default_provider();
    provider.cipher_suites.retain(|suite| suites.contains(&suite_name(suite.suite()).as_str()));
    let groups: Vec<NamedGroup> = words.list("group").into_iter().map(group).collect();
    if !groups.is_empty() {
        let all = aws_lc_rs::ALL_KX_GROUPS;
        let known = |wanted: &NamedGroup| all.iter().copied().find(|one| one.name() == *wanted);
        provider.kx_groups = groups.iter().filter_map(known).collect();
        if provider.kx_groups.len() < groups.len() {
            return Err(Absent("rustls with AWS-LC does not have this group").into());
        }
    }
    let wanted: Vec<SignatureScheme> = words.list("scheme").into_iter().map(scheme).collect();
    if !wanted.is_empty() {
        let all = provider.signature_verification_algorithms;
        let mapping: Vec<_> =
            all.mapping.iter().copied().filter(|(scheme, _)| wanted.contains(scheme)).collect();
        if mapping.len() < wanted.len() {
            return Err(Absent("rustls with AWS-LC does not have this scheme").into());
        }
        provider.signature_verification_algorithms =
            WebPkiSupportedAlgorithms { all: all.all, mapping: Box::leak(mapping.into_boxed_slice()) };
    }
    Ok(Arc::new(provider))
}

fn roots(words: &Words) -> Outcome<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(words.get("ca").unwrap_or_default())? {
        roots.add(certificate?)?;
    }
    Ok(roots)
}

fn chain(file: &str) -> Outcome<Vec<CertificateDer<'static>>> {
    Ok(CertificateDer::pem_file_iter(file)?.collect::<Result<_, _>>()?)
}

/// A signing key restricted to some signature schemes.
#[derive(Debug)]
struct Choosy {
    key: Arc<dyn SigningKey>,
    schemes: Vec<SignatureScheme>,
}

impl SigningKey for Choosy {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let both: Vec<_> = offered
            .iter()
            .copied()
            .filter(|one| self.schemes.is_empty() || self.schemes.contains(one))
            .collect();
        self.key.choose_scheme(&both)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.key.algorithm()
    }
}

/// Resolves to the first credential that can sign with a scheme of the client, in an offered cipher suite.
#[derive(Debug)]
struct Credentials(Vec<Arc<CertifiedKey>>);

impl ResolvesServerCert for Credentials {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let names: Vec<&str> = hello.cipher_suites().iter().filter_map(|suite| suite.as_str()).collect();
        let fits = |key: &&Arc<CertifiedKey>| {
            let kind = if key.key.algorithm() == SignatureAlgorithm::RSA { "_RSA_" } else { "_ECDSA_" };
            names.iter().any(|name| name.starts_with("TLS13_") || name.contains(kind))
                && key.key.choose_scheme(hello.signature_schemes()).is_some()
        };
        self.0.iter().find(fits).cloned()
    }
}

fn absent_in_both(words: &Words) -> Outcome<()> {
    if words.get("limit").is_some() {
        return Err(Absent("rustls does not support max_fragment_length").into());
    }
    if words.get("renegotiate").is_some() {
        return Err(Absent("rustls does not renegotiate").into());
    }
    let unknown = words.list("cert").iter().any(|file| file.contains("rsa-pss"));
    if unknown { Err(Absent("rustls with AWS-LC does not have such keys").into()) } else { Ok(()) }
}

fn server_config(words: &Words) -> Outcome<ServerConfig> {
    absent_in_both(words)?;
    let provider = provider(words, &words.list("suites"))?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&versions(words))?;
    let builder = if words.get("client-auth").is_some() {
        builder.with_client_cert_verifier(
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots(words)?), Arc::clone(&provider))
                .build()?,
        )
    } else {
        builder.with_no_client_auth()
    };
    let mut credentials = Vec::new();
    for (cert, key) in words.list("cert").into_iter().zip(words.list("key")) {
        let key = provider.key_provider.load_private_key(PrivateKeyDer::from_pem_file(key)?)?;
        let schemes = words.list("scheme").first().map(|name| scheme(name)).into_iter().collect();
        credentials.push(Arc::new(CertifiedKey::new(chain(cert)?, Arc::new(Choosy { key, schemes }))));
    }
    let mut config = builder.with_cert_resolver(Arc::new(Credentials(credentials)));
    if let Some((compressor, decompressor)) = compression(words) {
        config.cert_compressors = vec![compressor];
        config.cert_decompressors = vec![decompressor];
    }
    if words.get("early-data").is_some() {
        config.max_early_data_size = 16_384;
    }
    config.session_storage = match words.get("resume") {
        // It accepts early data only for sessions that it stores.
        _ if words.get("early-data").is_some() => ServerSessionMemoryCache::new(64),
        Some("id") => ServerSessionMemoryCache::new(64),
        _ => Arc::new(NoServerSessionStorage {}),
    };
    if words.get("resume") == Some("ticket") && words.get("early-data").is_none() {
        config.ticketer = aws_lc_rs::Ticketer::new()?;
    }
    Ok(config)
}

/// The algorithm of certificate compression.
fn compression(words: &Words) -> Option<(&'static dyn CertCompressor, &'static dyn CertDecompressor)> {
    match words.get("compression")? {
        "zlib" => Some((compress::ZLIB_COMPRESSOR, compress::ZLIB_DECOMPRESSOR)),
        _ => Some((compress::BROTLI_COMPRESSOR, compress::BROTLI_DECOMPRESSOR)),
    }
}

fn tell(conn: &rustls::CommonState, kind: Option<HandshakeKind>) {
    let is_tls13 = conn.protocol_version() == Some(ProtocolVersion::TLSv1_3);
    let suite = conn.negotiated_cipher_suite().map(|suite| suite_name(suite.suite())).unwrap_or_default();
    report(is_tls13, &suite, kind == Some(HandshakeKind::Resumed));
}

fn listen(words: &Words) -> Outcome<()> {
    let config = Arc::new(server_config(words)?);
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    println!("listening on {}", listener.local_addr()?);
    for tcp in listener.incoming() {
        if let Err(error) = tcp.map_err(Into::into).and_then(|tcp| echo(tcp, &config, words)) {
            println!("a connection failed: {error}");
        }
    }
    Ok(())
}

fn echo(tcp: TcpStream, config: &Arc<ServerConfig>, words: &Words) -> Outcome<()> {
    tcp.set_read_timeout(Some(PATIENCE))?;
    let mut tls = StreamOwned::new(ServerConnection::new(Arc::clone(config))?, tcp);
    let (mut said, mut chunk) = (Vec::new(), vec![0; 16_384]);
    if words.get("early-data").is_some() {
        while tls.conn.is_handshaking() {
            tls.conn.complete_io(&mut tls.sock)?;
        }
        if let Some(mut early) = tls.conn.early_data() {
            early.read_to_end(&mut said)?;
        }
    }
    // A client with early data sends its request once more after the handshake.
    let early = said.len();
    while said.len() == early || !said.ends_with(b"\r\n\r\n") {
        match tls.read(&mut chunk)? {
            0 => return Ok(()),
            count => said.extend_from_slice(&chunk[..count]),
        }
    }
    if words.get("key-update") == Some("server") {
        tls.conn.refresh_traffic_keys()?;
    }
    tls.write_all(&said)?;
    tls.flush()?;
    if words.get("key-update") == Some("server") {
        // The client answers before its next data.
        let mut line = Vec::new();
        while !line.ends_with(b"\n") {
            match tls.read(&mut chunk)? {
                0 => break,
                count => line.extend_from_slice(&chunk[..count]),
            }
        }
        print!("{}", String::from_utf8_lossy(&line));
    }
    tell(&tls.conn, tls.conn.handshake_kind());
    tls.conn.send_close_notify();
    tls.flush()?;
    Ok(())
}

fn connect(words: &Words) -> Outcome<String> {
    absent_in_both(words)?;
    let mut suites = words.list("suite");
    if words.get("tls") == Some("both") {
        suites.extend(["TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]);
    }
    let provider = provider(words, &suites)?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions(words))?
        .with_root_certificates(roots(words)?);
    let mut config = match (words.get("cert"), words.get("key")) {
        (Some(cert), Some(key)) => {
            builder.with_client_auth_cert(chain(cert)?, PrivateKeyDer::from_pem_file(key)?)?
        }
        _ => builder.with_no_client_auth(),
    };
    config.resumption = match words.get("resume") {
        None => Resumption::disabled(),
        Some("id") => {
            Resumption::in_memory_sessions(4).tls12_resumption(rustls::client::Tls12Resumption::SessionIdOnly)
        }
        Some(_) => Resumption::in_memory_sessions(4),
    };
    if let Some((compressor, decompressor)) = compression(words) {
        config.cert_compressors = vec![compressor];
        config.cert_decompressors = vec![decompressor];
    }
    config.enable_early_data = words.get("early-data").is_some();
    let config = Arc::new(config);
    let page = visit(words, &config)?;
    if words.get("resume").is_some() { visit(words, &config) } else { Ok(page) }
}

fn visit(words: &Words, config: &Arc<ClientConfig>) -> Outcome<String> {
    let tcp = TcpStream::connect(("127.0.0.1", words.get("port").unwrap_or_default().parse()?))?;
    tcp.set_read_timeout(Some(PATIENCE))?;
    let mut tls =
        StreamOwned::new(ClientConnection::new(Arc::clone(config), ServerName::try_from("localhost")?)?, tcp);
    let request = words.request();
    let mut is_early = false;
    if let Some(mut early) = tls.conn.early_data() {
        early.write_all(request.as_bytes())?;
        is_early = true;
    }
    if is_early || words.get("key-update") == Some("client") {
        while tls.conn.is_handshaking() {
            tls.conn.complete_io(&mut tls.sock)?;
        }
    }
    if words.get("key-update") == Some("client") {
        tls.conn.refresh_traffic_keys()?;
    }
    if !is_early || !tls.conn.is_early_data_accepted() {
        tls.write_all(request.as_bytes())?;
    }
    let mut page = String::new();
    tls.read_to_string(&mut page)?;
    tell(&tls.conn, tls.conn.handshake_kind());
    tls.conn.send_close_notify();
    let _gone = tls.flush();
    Ok(page)
}

fn main() {
    peer::run(suites(&aws_lc_rs::default_provider()), listen, connect, |error| {
        if error.is::<Absent>() { "absent" } else { "failed" }
    });
}
