//! A server whose private key is in another process, which it asks over a socket. The key could also be in an
//! HSM or on another machine.
//!
//! The handshake asks for a signature, and only this connection waits for it. With a non-blocking transport,
//! one thread can drive many other connections meanwhile.
//!
//! ```text
//! cargo run -p cairn-tls --example remote_key
//! ```
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core, reason = "an example has std")]

use cairn_crypto::KeySpec;
use cairn_tls::{
    Answer, ClientConfig, Handshake, Question, ServerConfig, ServerName, Stream, wire::SignatureScheme,
    x509::Roots, x509::issue::Template,
};
use std::{
    env,
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    thread,
};

type Result<T> = core::result::Result<T, Box<dyn core::error::Error + Send + Sync>>;

fn main() -> Result<()> {
    if env::args().any(|argument| argument == "hold-key") {
        return hold_key();
    }
    // The other process prints its address, and then its certificate.
    let mut holder = Command::new(env::current_exe()?)
        .arg("hold-key")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut port = String::new();
    BufReader::new(holder.stdout.take().ok_or("no output")?).read_line(&mut port)?;
    let mut signer = TcpStream::connect(("127.0.0.1", port.trim().parse()?))?;
    let certificate = receive(&mut signer)?;
    println!("the key is with process {}, and this is process {}", holder.id(), std::process::id());

    // The certificate determines which signatures the key can make.
    let config = ServerConfig::builder().credential_elsewhere(&[&certificate])?.build()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || serve(&config, listener.accept()?.0, signer));

    let mut roots = Roots::new();
    roots.add_der(&certificate)?;
    let config = ClientConfig::builder().trust(roots).build()?;
    let mut tls = Stream::client(&config, ServerName::parse("localhost")?, TcpStream::connect(address)?)?;
    let mut received = String::new();
    tls.read_to_string(&mut received)?;
    print!("{received}");
    server.join().map_err(|_| "the server has panicked")??;
    // The other process ends when its input is closed.
    if holder.wait()?.success() { Ok(()) } else { Err("the key's process failed".into()) }
}

fn serve(config: &ServerConfig, tcp: TcpStream, mut signer: TcpStream) -> Result<()> {
    let mut tls = Stream::server(config, tcp)?;
    while let Handshake::Question(id) = tls.handshake()? {
        let Some((_, Question::Sign(sign))) = tls.question() else { return Err("another question".into()) };
        signer.write_all(&sign.scheme.0.to_be_bytes())?;
        send(&mut signer, sign.message)?;
        // A real server could process other connections while it waits.
        let signature = receive(&mut signer)?;
        // An empty signature means that there is none: the handshake ends with internal_error.
        tls.answer(id, if signature.is_empty() { Answer::Failed } else { Answer::Signature(signature) })?;
    }
    tls.write_all(b"signed elsewhere\n")?;
    tls.close()?;
    Ok(())
}

/// The other process: it generates a key, prints the certificate, and signs messages until its input is
/// closed.
fn hold_key() -> Result<()> {
    let provider = cairn_tls::default_provider();
    let template = Template::server("demo").dns("localhost").valid(0, 4_000_000_000);
    let identity = template.self_signed(&provider, KeySpec::EcP256)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?.port());
    let mut asker = listener.accept()?.0;
    send(&mut asker, identity.certificate())?;
    loop {
        let mut scheme = [0; 2];
        match asker.read_exact(&mut scheme) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            other => other?,
        }
        let message = receive(&mut asker)?;
        let scheme = SignatureScheme(u16::from_be_bytes(scheme));
        let signature = identity.signing_key().sign(scheme, &message, &mut provider.rng());
        send(&mut asker, &signature.unwrap_or_default())?;
    }
}

/// Bytes preceded by their length.
fn send(to: &mut TcpStream, bytes: &[u8]) -> Result<()> {
    to.write_all(&u32::try_from(bytes.len())?.to_be_bytes())?;
    Ok(to.write_all(bytes)?)
}

fn receive(from: &mut TcpStream) -> Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u64::from(u32::from_be_bytes(length));
    let mut bytes = Vec::new();
    // Reads no more than has arrived, whatever the length is.
    from.take(length).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len())? == length { Ok(bytes) } else { Err("cut off".into()) }
}
