//! A server that sends a greeting to every client.
//!
//! ```text
//! cargo run -p cairn-tls --example server -- 127.0.0.1:8443 cert.pem key.pem
//! ```
#![allow(clippy::std_instead_of_core, reason = "an example has std")]

use cairn_tls::{ServerConfig, Stream};
use std::{
    env, fs,
    io::{self, BufRead, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};

fn main() -> Result<(), Box<dyn core::error::Error>> {
    let [at, cert, key] =
        env::args().skip(1).collect::<Vec<_>>().try_into().map_err(|_| "ADDRESS CERT KEY")?;
    let config = ServerConfig::builder().credential_pem(&fs::read(cert)?, &fs::read(key)?)?.build()?;
    for tcp in TcpListener::bind(at)?.incoming() {
        let config = config.clone();
        thread::spawn(move || serve(&config, tcp).unwrap_or_else(|error| eprintln!("{error}")));
    }
    Ok(())
}

fn serve(config: &ServerConfig, tcp: io::Result<TcpStream>) -> io::Result<()> {
    let tcp = tcp?;
    tcp.set_read_timeout(Some(Duration::from_secs(10)))?;
    tcp.set_write_timeout(Some(Duration::from_secs(10)))?;
    let mut tls = Stream::server(config, tcp)?;
    // The head of a request, up to the empty line at its end, with a limit on its size.
    let mut head = Read::by_ref(&mut tls).take(16_384);
    let mut line = String::new();
    while head.read_line(&mut line)? > 2 {
        line.clear();
    }
    tls.write_all(b"HTTP/1.0 200 OK\r\n\r\nhello\n")?;
    tls.close()
}
