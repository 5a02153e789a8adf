//! A server whose private key lives elsewhere: here in another thread, and it might as well be an HSM or another machine.
//!
//! The handshake asks for a signature, and nothing waits for the answer but this one connection. With a transport that
//! does not block, one thread can drive any number of them meanwhile.
#![allow(clippy::std_instead_of_alloc, reason = "an example has std")]

use cairn_crypto::{KeySpec, SigningKey};
use cairn_tls::{
    Answer, CertificateChain, ClientConfig, Credential, Handshake, Question, ServerConfig, ServerName,
    Stream, wire::SignatureScheme, x509::Roots, x509::issue::Template,
};
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, mpsc},
    thread,
};

type Result<T> = core::result::Result<T, Box<dyn core::error::Error + Send + Sync>>;

/// What goes to who has the key: what to sign, under which scheme, and where the signature goes.
type Job = (SignatureScheme, Vec<u8>, mpsc::Sender<Option<Vec<u8>>>);

fn main() -> Result<()> {
    let provider = cairn_tls::default_provider();
    let template = Template::server("demo").dns("localhost").valid(0, 4_000_000_000);
    let identity = template.self_signed(&provider, KeySpec::EcP256)?;

    // The key goes to its thread; the server keeps the certificate, and what the key can do.
    let key = Arc::clone(identity.signing_key());
    let chain = CertificateChain::new(&[identity.certificate()])?;
    let credential = Credential { key: None, ..Credential::new(chain, Arc::clone(&key)) };
    let (signer, jobs) = mpsc::channel();
    thread::spawn(move || sign_all(&*key, &jobs));

    let config = ServerConfig::builder().credential_value(Arc::new(credential))?.build()?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || serve(&config, listener.accept()?.0, &signer));

    let mut roots = Roots::new();
    roots.add_der(identity.certificate())?;
    let config = ClientConfig::builder().trust(roots).build()?;
    let mut tls = Stream::client(&config, ServerName::parse("localhost")?, TcpStream::connect(address)?)?;
    let mut came = String::new();
    tls.read_to_string(&mut came)?;
    print!("{came}");
    server.join().map_err(|_| "the server has panicked")?
}

fn serve(config: &ServerConfig, tcp: TcpStream, signer: &mpsc::Sender<Job>) -> Result<()> {
    let mut tls = Stream::server(config, tcp)?;
    while let Handshake::Question(id) = tls.handshake()? {
        let Some((_, Question::Sign(sign))) = tls.question() else { return Err("another question".into()) };
        let (done, signature) = mpsc::channel();
        signer.send((sign.scheme, sign.message.to_vec(), done))?;
        // Others could be served until it is there.
        tls.answer(id, signature.recv()?.map_or(Answer::Failed, Answer::Signature))?;
    }
    tls.write_all(b"signed elsewhere\n")?;
    tls.close()?;
    Ok(())
}

/// Who has the key.
fn sign_all(key: &dyn SigningKey, jobs: &mpsc::Receiver<Job>) {
    let provider = cairn_tls::default_provider();
    for (scheme, message, done) in jobs {
        // Who asked may be gone by now.
        let _gone = done.send(key.sign(scheme, &message, &mut provider.rng()).ok());
    }
}
