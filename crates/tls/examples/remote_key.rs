//! A server whose private key lives elsewhere: in another process, which it asks over a socket. It might as well be an HSM
//! or another machine.
//!
//! The handshake asks for a signature, and nothing waits for the answer but this one connection. With a transport that
//! does not block, one thread can drive any number of them meanwhile.
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
    // The other process says where it listens, and then what its certificate is.
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

    // The certificate says what the key can do.
    let config = ServerConfig::builder().credential_elsewhere(&[&certificate])?.build()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || serve(&config, listener.accept()?.0, signer));

    let mut roots = Roots::new();
    roots.add_der(&certificate)?;
    let config = ClientConfig::builder().trust(roots).build()?;
    let mut tls = Stream::client(&config, ServerName::parse("localhost")?, TcpStream::connect(address)?)?;
    let mut came = String::new();
    tls.read_to_string(&mut came)?;
    print!("{came}");
    server.join().map_err(|_| "the server has panicked")??;
    // Nobody asks any more, so it ends.
    if holder.wait()?.success() { Ok(()) } else { Err("the key's process failed".into()) }
}

fn serve(config: &ServerConfig, tcp: TcpStream, mut signer: TcpStream) -> Result<()> {
    let mut tls = Stream::server(config, tcp)?;
    while let Handshake::Question(id) = tls.handshake()? {
        let Some((_, Question::Sign(sign))) = tls.question() else { return Err("another question".into()) };
        signer.write_all(&sign.scheme.0.to_be_bytes())?;
        send(&mut signer, sign.message)?;
        // Others could be served until it is there.
        let signature = receive(&mut signer)?;
        // The empty one says that there is none: the handshake ends with internal_error.
        tls.answer(id, if signature.is_empty() { Answer::Failed } else { Answer::Signature(signature) })?;
    }
    tls.write_all(b"signed elsewhere\n")?;
    tls.close()?;
    Ok(())
}

/// The other process: it makes a key, tells the certificate, and signs what it is asked to until nobody asks.
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

/// Bytes with their length before them.
fn send(to: &mut TcpStream, bytes: &[u8]) -> Result<()> {
    to.write_all(&u32::try_from(bytes.len())?.to_be_bytes())?;
    Ok(to.write_all(bytes)?)
}

fn receive(from: &mut TcpStream) -> Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u64::from(u32::from_be_bytes(length));
    let mut bytes = Vec::new();
    // No more than came, whatever the length says.
    from.take(length).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len())? == length { Ok(bytes) } else { Err("cut off".into()) }
}
