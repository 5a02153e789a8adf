//! Mutual TLS: the server requires a certificate from each client and identifies clients by it.
//!
//! Server and clients are threads of this program, with certificates that it generates.
//!
//! ```text
//! cargo run -p cairn-tls --example mutual_tls
//! ```
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core, reason = "an example has std")]

use cairn_crypto::KeySpec;
use cairn_tls::{
    ClientConfig, ServerConfig, ServerName, Stream,
    x509::{
        CertificateFacts, Roots,
        issue::{Identity, Template},
    },
};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::Duration,
};

type Result<T> = core::result::Result<T, Box<dyn core::error::Error + Send + Sync>>;

const PATIENCE: Duration = Duration::from_secs(10);
/// The end of the validity of all certificates, in seconds since 1970.
const LATER: u64 = 4_000_000_000;

fn main() -> Result<()> {
    let provider = cairn_tls::default_provider();
    let authority = Template::authority("Example CA").valid(0, LATER);
    let authority = authority.self_signed(&provider, KeySpec::EcP256)?;
    let issue = |template: Template| template.valid(0, LATER).issue(&provider, KeySpec::EcP256, &authority);
    let server = issue(Template::server("server").dns("localhost"))?;
    let alice = issue(Template::client("alice"))?;

    // Both sides trust the same authority here, but they may trust different ones.
    let mut roots = Roots::new();
    roots.add_der(authority.certificate())?;
    let config = ServerConfig::builder()
        .credential_pem(server.chain_pem().as_bytes(), server.key().to_pem().as_bytes())?
        .require_client_certificates(roots.clone())
        .build()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || -> Result<()> {
        for _ in 0..2 {
            // An error of one client must not stop the server.
            if let Err(error) = serve(&config, listener.accept()?.0) {
                println!("server: {error}");
            }
        }
        Ok(())
    });

    let known = connect(&client_config(roots.clone(), Some(&alice))?, address)?;
    println!("with a certificate: {known}");
    let unknown = connect(&client_config(roots, None)?, address);
    println!("without one: {}", unknown.as_ref().err().ok_or("the server let a stranger in")?);
    server.join().map_err(|_| "the server has panicked")??;
    if known == "hello CN=alice" {
        Ok(())
    } else {
        Err("the server took the client for somebody else".into())
    }
}

fn client_config(roots: Roots, identity: Option<&Identity>) -> Result<ClientConfig> {
    let mut builder = ClientConfig::builder().trust(roots);
    if let Some(identity) = identity {
        let (chain, key) = (identity.chain_pem(), identity.key().to_pem());
        builder = builder.credential_pem(chain.as_bytes(), key.as_bytes())?;
    }
    Ok(builder.build()?)
}

fn serve(config: &ServerConfig, tcp: TcpStream) -> Result<()> {
    tcp.set_read_timeout(Some(PATIENCE))?;
    let mut tls = Stream::server(config, tcp)?;
    tls.handshake()?;
    // The chain has been verified at this point, so the client's identity can be relied on.
    let summary = tls.summary().ok_or("no handshake")?;
    let certificate = summary.peer_certificate().ok_or("no certificate")?;
    let client = CertificateFacts::from_der(certificate)?;
    write!(tls, "hello {}", client.subject)?;
    Ok(tls.close()?)
}

/// The server's response.
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
