//! A server with a certificate for each of its names. The certificates are replaced while it runs.
//!
//! A configuration never changes. To renew a certificate, create another configuration and replace the first
//! one: open connections keep theirs, and new connections use the new one.
//!
//! ```text
//! cargo run -p cairn-tls --example certificates_by_name
//! ```
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core, reason = "an example has std")]

use cairn_crypto::{KeySpec, Provider};
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
    sync::{Arc, PoisonError, RwLock},
    thread,
    time::Duration,
};

type Result<T> = core::result::Result<T, Box<dyn core::error::Error + Send + Sync>>;

const PATIENCE: Duration = Duration::from_secs(10);
/// The end of the validity of all certificates, in seconds since 1970.
const LATER: u64 = 4_000_000_000;
const NAMES: [&str; 2] = ["a.example", "b.example"];

/// The current configuration.
#[derive(Clone)]
struct Current(Arc<RwLock<ServerConfig>>);

impl Current {
    fn get(&self) -> ServerConfig {
        // A configuration is always complete: a thread that panicked has left nothing half done.
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, config: ServerConfig) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = config;
    }
}

fn main() -> Result<()> {
    let provider = cairn_tls::default_provider();
    let authority = Template::authority("Example CA").valid(0, LATER);
    let authority = authority.self_signed(&provider, KeySpec::EcP256)?;
    let current = Current(Arc::new(RwLock::new(load(&provider, &authority)?)));

    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let running = current.clone();
    let server = thread::spawn(move || -> Result<()> {
        for _ in 0..4 {
            let (tcp, _) = listener.accept()?;
            // Only now: the certificates may have been replaced while this call waited.
            serve(&running.get(), tcp)?;
        }
        Ok(())
    });

    let mut roots = Roots::new();
    roots.add_der(authority.certificate())?;
    // Without sessions, because a server presents no certificate when it resumes one.
    let client = ClientConfig::builder().trust(roots).no_resumption().build()?;
    let mut serials = Vec::new();
    for round in ["at first", "after the renewal"] {
        for name in NAMES {
            let certificate = connect(&client, name, address)?;
            println!("{round}, {name}: serial number {:02x?}", certificate.serial);
            if certificate.dns_names != [name] {
                return Err("that is the certificate of another name".into());
            }
            serials.push(certificate.serial);
        }
        // For example on a signal, or when the files have changed. If a set cannot be loaded, the error is
        // reported and the server continues with the current one.
        current.replace(load(&provider, &authority)?);
    }
    server.join().map_err(|_| "the server has panicked")??;
    serials.sort();
    serials.dedup();
    if serials.len() == 4 { Ok(()) } else { Err("a certificate was not replaced".into()) }
}

/// Creates a configuration from certificates and keys in PEM. A real server reads them from files.
fn load(provider: &Provider, authority: &Identity) -> Result<ServerConfig> {
    let mut builder = ServerConfig::builder();
    for name in NAMES {
        let template = Template::server(name).dns(name).valid(0, LATER);
        let identity = template.issue(provider, KeySpec::EcP256, authority)?;
        builder =
            builder.credential_pem(identity.chain_pem().as_bytes(), identity.key().to_pem().as_bytes())?;
    }
    Ok(builder.build()?)
}

fn serve(config: &ServerConfig, tcp: TcpStream) -> Result<()> {
    tcp.set_read_timeout(Some(PATIENCE))?;
    let mut tls = Stream::server(config, tcp)?;
    tls.write_all(b"hello\n")?;
    Ok(tls.close()?)
}

/// The certificate that the server presents for this name.
fn connect(config: &ClientConfig, name: &str, address: SocketAddr) -> Result<CertificateFacts> {
    let tcp = TcpStream::connect(address)?;
    tcp.set_read_timeout(Some(PATIENCE))?;
    let mut tls = Stream::client(config, ServerName::parse(name)?, tcp)?;
    tls.read_to_end(&mut Vec::new())?;
    tls.close()?;
    let certificate = tls.summary().and_then(|summary| summary.peer_certificate()).ok_or("no certificate")?;
    Ok(CertificateFacts::from_der(certificate)?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_example_runs() -> super::Result<()> {
        super::main()
    }
}
