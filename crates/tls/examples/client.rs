//! A client that requests a page and prints it.
//!
//! ```text
//! cargo run -p cairn-tls --example client -- localhost 8443 ca.pem
//! ```
#![allow(clippy::std_instead_of_core, reason = "an example has std")]

use cairn_tls::{ClientConfig, ServerName, Stream};
use std::{
    env, fs,
    io::{self, Write},
    net::TcpStream,
    time::Duration,
};

fn main() -> Result<(), Box<dyn core::error::Error>> {
    let [host, port, ca] =
        env::args().skip(1).collect::<Vec<_>>().try_into().map_err(|_| "HOST PORT CA-FILE")?;
    let config = ClientConfig::builder().trust_pem(&fs::read(ca)?)?.build()?;
    let tcp = TcpStream::connect((host.as_str(), port.parse()?))?;
    tcp.set_read_timeout(Some(Duration::from_secs(10)))?;
    tcp.set_write_timeout(Some(Duration::from_secs(10)))?;
    let mut tls = Stream::client(&config, ServerName::parse(&host)?, tcp)?;
    write!(tls, "GET / HTTP/1.0\r\nHost: {host}\r\n\r\n")?;
    io::copy(&mut tls, &mut io::stdout())?;
    tls.close()?;
    Ok(())
}
