//! A peer of the interop suite: BoringSSL. See `../README.md` for the arguments.
#![forbid(unsafe_code)]

#[path = "../../peer.rs"]
mod peer;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use boring::ssl::{
    SslAcceptor, SslConnector, SslContextBuilder, SslFiletype, SslMethod, SslRef, SslSessionCacheMode,
    SslSignatureAlgorithm, SslStream, SslVerifyMode, SslVersion,
};

use peer::{Outcome, PATIENCE, Words, report};

/// The cipher suites of TLS 1.3, which cannot be chosen, and the suite with which TLS 1.2 is negotiated.
const SUITES: [&str; 4] = [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
];

/// BoringSSL's name of a group.
fn group(name: &str) -> &str {
    match name {
        "x25519" => "X25519",
        "secp256r1" => "P-256",
        "secp384r1" => "P-384",
        "secp521r1" => "P-521",
        other => other,
    }
}

/// Applies the configuration that both sides have in common.
fn configure(context: &mut SslContextBuilder, words: &Words) -> Outcome<()> {
    let (least, greatest) = match words.get("tls") {
        Some("1.2") => (SslVersion::TLS1_2, SslVersion::TLS1_2),
        Some("1.3") => (SslVersion::TLS1_3, SslVersion::TLS1_3),
        _ => (SslVersion::TLS1_2, SslVersion::TLS1_3),
    };
    context.set_min_proto_version(Some(least))?;
    context.set_max_proto_version(Some(greatest))?;
    context.set_cipher_list("ECDHE-RSA-AES128-GCM-SHA256")?;
    context.set_ca_file(words.get("ca").unwrap_or_default())?;
    let groups: Vec<&str> = words.list("group").into_iter().map(group).collect();
    if !groups.is_empty() {
        context.set_curves_list(&groups.join(":"))?;
    }
    let schemes = words.list("scheme");
    if !schemes.is_empty() {
        context.set_sigalgs_list(&schemes.join(":"))?;
    }
    // One of the credentials; the first has an RSA key, if there are several.
    if let (Some(cert), Some(key)) = (words.list("cert").first(), words.list("key").first()) {
        context.set_certificate_chain_file(cert)?;
        context.set_private_key_file(key, SslFiletype::PEM)?;
    }
    if words.get("resume").is_none() {
        context.set_session_cache_mode(SslSessionCacheMode::OFF);
    }
    Ok(())
}

/// Prints what was negotiated.
fn tell(ssl: &SslRef, server: bool) {
    let suite = ssl.current_cipher().and_then(|cipher| cipher.standard_name()).unwrap_or_default();
    report(ssl.version2() == Some(SslVersion::TLS1_3), suite, ssl.session_reused());
    if server && ssl.peer_certificate().is_some() {
        println!("the client is authenticated");
    }
}

fn listen(words: &Words) -> Outcome<()> {
    let mut context = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls())?;
    configure(&mut context, words)?;
    context.set_session_id_context(b"interop")?;
    if words.get("client-auth").is_some() {
        context.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
        // Its default lacks the last two.
        context.set_verify_algorithm_prefs(&[
            SslSignatureAlgorithm::ECDSA_SECP256R1_SHA256,
            SslSignatureAlgorithm::RSA_PSS_RSAE_SHA256,
            SslSignatureAlgorithm::ECDSA_SECP384R1_SHA384,
            SslSignatureAlgorithm::ECDSA_SECP521R1_SHA512,
            SslSignatureAlgorithm::ED25519,
        ])?;
    }
    let acceptor = context.build();
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    println!("listening on {}", listener.local_addr()?);
    for tcp in listener.incoming() {
        if let Err(error) = tcp.map_err(Into::into).and_then(|tcp| echo(tcp, &acceptor)) {
            println!("a connection failed: {error}");
        }
    }
    Ok(())
}

fn echo(tcp: TcpStream, acceptor: &SslAcceptor) -> Outcome<()> {
    tcp.set_read_timeout(Some(PATIENCE))?;
    let mut tls = acceptor.accept(tcp).map_err(|error| error.to_string())?;
    let (mut said, mut chunk) = (Vec::new(), vec![0; 16_384]);
    while !said.ends_with(b"\r\n\r\n") {
        match tls.read(&mut chunk)? {
            0 => return Ok(()),
            count => said.extend_from_slice(&chunk[..count]),
        }
    }
    tls.write_all(&said)?;
    tell(tls.ssl(), true);
    tls.shutdown()?;
    Ok(())
}

fn connect(words: &Words) -> Outcome<String> {
    let mut context = SslConnector::builder(SslMethod::tls())?;
    configure(&mut context, words)?;
    let tcp = TcpStream::connect(("127.0.0.1", words.get("port").unwrap_or_default().parse()?))?;
    tcp.set_read_timeout(Some(PATIENCE))?;
    let connected: Result<SslStream<TcpStream>, _> = context.build().connect("localhost", tcp);
    let mut tls = connected.map_err(|error| error.to_string())?;
    tls.write_all(words.request().as_bytes())?;
    let mut page = String::new();
    tls.read_to_string(&mut page)?;
    tell(tls.ssl(), false);
    let _gone = tls.shutdown();
    Ok(page)
}

fn main() {
    peer::run(SUITES, listen, connect, |_| "failed");
}
