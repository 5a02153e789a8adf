//! Application protocols (ALPN, RFC 7301): both sides list their protocols, and the handshake selects one.
//!
//! ```text
//! cargo run -p cairn-tls --example alpn
//! ```
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core, reason = "an example has std")]

use cairn_crypto::KeySpec;
use cairn_tls::{
    ClientConfig, ErrorKind, HandshakeErrorKind, ServerConfig, ServerName, Stream, tls_error,
    wire::AlertDescription,
    x509::{Roots, issue::Template},
};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

type Result<T> = core::result::Result<T, Box<dyn core::error::Error + Send + Sync>>;

const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> Result<()> {
    let provider = cairn_tls::default_provider();
    let identity = Template::server("localhost").dns("localhost").valid(0, 4_000_000_000);
    let identity = identity.self_signed(&provider, KeySpec::EcP256)?;
    // The server's order of preference decides. List only protocols that the server implements.
    let config = ServerConfig::builder()
        .credential_pem(identity.chain_pem().as_bytes(), identity.key().to_pem().as_bytes())?
        .alpn(["echo/2", "echo/1"])
        .build()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || -> Result<()> {
        for _ in 0..4 {
            if let Err(error) = serve(&config, listener.accept()?.0) {
                println!("server: {error}");
            }
        }
        Ok(())
    });

    let mut roots = Roots::new();
    roots.add_der(identity.certificate())?;
    let config = ClientConfig::builder().trust(roots).alpn(["echo/1", "echo/2"]).build()?;
    let both = connect(&config, address)?;
    let old = connect(&config.with_alpn(["echo/1"])?, address)?;
    // A client without ALPN is served without a protocol; a client that offers only other protocols is
    // rejected.
    let silent = connect(&config.with_alpn::<&str>([])?, address)?;
    let foreign = connect(&config.with_alpn(["chargen"])?, address);
    let error = foreign.err().ok_or("a client that speaks something else was let in")?;
    println!("both: {both}; old: {old}; silent: {silent}; foreign: {error}");
    server.join().map_err(|_| "the server has panicked")??;
    let right = [both, old, silent] == ["echo/2", "echo/1", "none"];
    if right && is_refusal(&*error) { Ok(()) } else { Err("not what was expected".into()) }
}

/// Whether the server has sent `no_application_protocol`.
fn is_refusal(error: &(dyn core::error::Error + 'static)) -> bool {
    let error = error.downcast_ref().and_then(tls_error);
    error.is_some_and(|error| match error.kind {
        ErrorKind::Handshake(error) => {
            error.kind == HandshakeErrorKind::PeerAlert(AlertDescription::NO_APPLICATION_PROTOCOL)
        }
        _ => false,
    })
}

fn serve(config: &ServerConfig, tcp: TcpStream) -> Result<()> {
    tcp.set_read_timeout(Some(PATIENCE))?;
    let mut tls = Stream::server(config, tcp)?;
    tls.handshake()?;
    // A real server now passes the connection to the implementation of the protocol.
    let agreed = tls.summary().and_then(|summary| summary.alpn.clone());
    tls.write_all(agreed.as_deref().unwrap_or(b"none"))?;
    Ok(tls.close()?)
}

/// The protocol that the server has selected.
fn connect(config: &ClientConfig, address: SocketAddr) -> Result<String> {
    let tcp = TcpStream::connect(address)?;
    tcp.set_read_timeout(Some(PATIENCE))?;
    let mut tls = Stream::client(config, ServerName::parse("localhost")?, tcp)?;
    let mut received = String::new();
    tls.read_to_string(&mut received)?;
    tls.close()?;
    Ok(received)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_example_runs() -> super::Result<()> {
        super::main()
    }
}
