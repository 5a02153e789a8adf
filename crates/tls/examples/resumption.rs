//! Resumption: the second connection to a server needs no certificate, no signature and one round trip less.
//!
//! A client resumes sessions automatically if it uses one configuration for all connections, because the
//! configuration stores them. A server stores its sessions in memory, or seals them into tickets that the
//! clients store, as here.
//!
//! ```text
//! cargo run -p cairn-tls --example resumption
//! ```
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core, reason = "an example has std")]

use cairn_crypto::KeySpec;
use cairn_tls::{
    ClientConfig, ServerConfig, ServerName, Stream,
    session::ClientCache,
    x509::{Roots, issue::Template},
};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::Duration,
};

type Result<T> = core::result::Result<T, Box<dyn core::error::Error + Send + Sync>>;

const PATIENCE: Duration = Duration::from_secs(10);

fn main() -> Result<()> {
    let provider = cairn_tls::default_provider();
    let identity = Template::server("localhost").dns("localhost").valid(0, 4_000_000_000);
    let identity = identity.self_signed(&provider, KeySpec::EcP256)?;
    let config = ServerConfig::builder()
        .credential_pem(identity.chain_pem().as_bytes(), identity.key().to_pem().as_bytes())?
        .own_tickets()
        .session_lifetime(3_600)
        .build()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || -> Result<()> {
        for _ in 0..4 {
            serve(&config, listener.accept()?.0)?;
        }
        Ok(())
    });

    let mut roots = Roots::new();
    roots.add_der(identity.certificate())?;
    // The default is a cache of 1024 sessions. A crawler needs a larger one.
    let config = ClientConfig::builder().trust(roots).sessions(Arc::new(ClientCache::new(10_000))).build()?;
    let mut resumed = Vec::new();
    for config in [&config, &config, &config, &config.with_full_handshakes()] {
        resumed.push(connect(config, address)?);
    }
    println!("resumed: {resumed:?}");
    server.join().map_err(|_| "the server has panicked")??;
    if resumed == [false, true, true, false] { Ok(()) } else { Err("not what was expected".into()) }
}

fn serve(config: &ServerConfig, tcp: TcpStream) -> Result<()> {
    tcp.set_read_timeout(Some(PATIENCE))?;
    let mut tls = Stream::server(config, tcp)?;
    tls.write_all(b"hello\n")?;
    Ok(tls.close()?)
}

/// Whether the connection resumed a session.
fn connect(config: &ClientConfig, address: SocketAddr) -> Result<bool> {
    let tcp = TcpStream::connect(address)?;
    tcp.set_read_timeout(Some(PATIENCE))?;
    let mut tls = Stream::client(config, ServerName::parse("localhost")?, tcp)?;
    tls.read_to_end(&mut Vec::new())?;
    tls.close()?;
    let summary = tls.summary().ok_or("no handshake")?;
    println!("{}, resumed: {}", summary.suite().id(), summary.is_resumed());
    Ok(summary.is_resumed())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_example_runs() -> super::Result<()> {
        super::main()
    }
}
