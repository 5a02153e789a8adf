//! `cairn connect`: a client for people.

mod pipe;
mod reconnect;

use crate::{
    errors::{Code, Failure, Role},
    files,
    names::{self, NamedPsk, Target},
    net::{self, Transport},
    output::note,
    provider::provider_for,
    show::{
        report,
        watch::{Print, Watch},
    },
};
use alloc::sync::Arc;
use cairn_tls::{
    CertificateError, ClientConfig, Connection, ErrorKind, Floor, Handshake, Policy, Renegotiation,
    ServerName, Stapling, Stream, Trace, tls_error,
    wire::{CipherSuite, NamedGroup},
    x509::Roots,
};
use core::time::Duration;
use pipe::Input;
use std::{io, path::PathBuf};

/// Connect to a server; standard input goes to it, what it sends goes to standard output.
///
/// What was negotiated and who the server is goes to standard error. When standard input ends, nothing is said to the
/// server yet, for many would stop answering: its answer is read until it closes, or is silent for the time of --wait.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// Where to: a host or an address, and a port (443 if there is none).
    #[arg(value_name = "HOST:PORT")]
    target: Target,
    /// Trust the certificates in this file, and not those of the platform.
    #[arg(long, value_name = "FILE")]
    ca: Vec<PathBuf>,
    /// Trust servers that show one of the public keys in this file (PEM) in place of a certificate.
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    trust_key: Vec<PathBuf>,
    /// Accept any certificate: anybody in between can read and change what goes over this connection.
    #[arg(long, conflicts_with = "ca")]
    insecure: bool,
    /// The name of the server, where it is not that of HOST.
    #[arg(long, value_parser = names::server)]
    name: Option<ServerName>,
    /// What to make of OCSP responses that servers staple to their certificates: ignore, check those that come, or
    /// require one. By default check.
    #[arg(long, value_name = "HOW", value_parser = names::stapling, conflicts_with = "insecure")]
    ocsp: Option<Stapling>,
    /// Ask for signed certificate timestamps, and say how many came; they are not checked.
    #[arg(long)]
    sct: bool,
    /// Application protocols to offer, most preferred first.
    #[arg(long, value_name = "PROTOCOLS", value_delimiter = ',')]
    alpn: Vec<String>,
    /// A certificate chain in PEM for servers that ask for one.
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// Its private key, in PEM.
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// A private key in PEM whose public half is shown in place of a certificate, to servers that take that.
    #[arg(long, value_name = "FILE")]
    raw_key: Option<PathBuf>,
    /// Cipher suites to offer, by their IANA names, most preferred first.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = names::suite)]
    suites: Vec<CipherSuite>,
    /// Which suites, where they are not named: modern, compatible or legacy.
    #[arg(long, value_name = "POLICY", value_parser = names::policy, conflicts_with = "suites")]
    policy: Option<Policy>,
    /// The least to take, between commas: authenticated (the server must be), forward-secrecy, and a number of bits.
    #[arg(long, value_name = "FLOOR", value_parser = names::floor)]
    floor: Option<Floor>,
    /// Show the channel bindings tls-unique, tls-server-end-point and tls-exporter, in hex.
    #[arg(long)]
    channel_bindings: bool,
    /// A key that the server has too, in hex digits, and its identity; without --ca no server is known by a certificate
    /// then. Others can see the key on the command line of a running program.
    #[arg(long, value_name = "IDENTITY:HEX")]
    psk: Option<NamedPsk>,
    /// Groups to offer, by their IANA names, most preferred first.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = names::group)]
    groups: Vec<NamedGroup>,
    /// Ask that no record hold more than 512, 1024, 2048 or 4096 bytes of plaintext, in either direction
    /// (max_fragment_length).
    #[arg(long, value_name = "BYTES")]
    max_fragment_length: Option<u16>,
    /// Have the server send no record with more plaintext than so many bytes, from 64 to 16384 (record_size_limit).
    #[arg(long, value_name = "BYTES")]
    record_size_limit: Option<u16>,
    /// Send values that mean nothing among those that do, which no server should mind (GREASE).
    #[arg(long)]
    grease: bool,
    /// Do without session tickets, and resume by session ID alone.
    #[arg(long)]
    no_tickets: bool,
    /// Whether there may be another handshake on the connection: never, where this side asks for it (requested), or where
    /// the server does too (allowed).
    #[arg(long, value_name = "WHEN", value_parser = names::renegotiation, default_value = "never")]
    renegotiation: Renegotiation,
    /// Ask for another handshake as soon as the first is complete.
    #[arg(long)]
    renegotiate: bool,
    /// Send this text, and nothing of standard input.
    #[arg(long, value_name = "TEXT")]
    send: Option<String>,
    /// Connect once more N times, and say of each whether the session was resumed; nothing is piped, and only the text of
    /// --send goes over each connection.
    #[arg(long, value_name = "N")]
    reconnect: Option<u32>,
    /// Show each message; twice: with its contents.
    #[arg(long, short, action = clap::ArgAction::Count)]
    trace: u8,
    /// Write the secrets of the connection to the file that the environment variable SSLKEYLOGFILE names.
    #[arg(long)]
    key_log: bool,
    /// Seconds that connecting and the handshake may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
    /// Seconds of silence after which to close when standard input has ended; 0 closes right then.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    wait: u64,
    /// Say nothing but errors.
    #[arg(long, short)]
    quiet: bool,
}

const AFTER_HELP: &str = "\
Examples:
  printf 'GET / HTTP/1.0\\r\\nHost: example.com\\r\\n\\r\\n' | cairn connect example.com:443
  cairn connect 127.0.0.1:8443 --ca ca.pem --name localhost --trace
  cairn connect example.com --suites TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 --groups secp384r1
  cairn connect example.com --reconnect 5
  cairn connect example.com --reconnect 1 --send $'GET / HTTP/1.0\\r\\n\\r\\n'
  cairn connect example.com --policy compatible --floor forward-secrecy,128
  SSLKEYLOGFILE=keys.log cairn connect example.com --key-log";

/// Runs it.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let client = Client::new(args)?;
    match args.reconnect {
        Some(times) => reconnect::run(&client, times),
        None => {
            let input = args.text_to_send().unwrap_or_else(|| Box::new(io::stdin()));
            pipe::run(client.handshake()?, input, Duration::from_secs(args.wait))
        }
    }
}

impl Args {
    /// What is sent in place of standard input, if anything is.
    fn text_to_send(&self) -> Option<Input> {
        Some(Box::new(io::Cursor::new(self.send.clone()?)))
    }
}

/// What all connections of one run have in common.
struct Client<'a> {
    args: &'a Args,
    config: ClientConfig,
    name: ServerName,
}

impl<'a> Client<'a> {
    fn new(args: &'a Args) -> Result<Self, Failure> {
        let name = match &args.name {
            Some(name) => name.clone(),
            None => names::server(&args.target.host).map_err(|error| {
                Failure::new(Code::Local, format!("{}: {error}", args.target.host))
                    .hint("--name gives another name")
            })?,
        };
        Ok(Self { args, config: config(args)?, name })
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(self.args.timeout)
    }

    /// Connects and shakes hands; tells of it unless it is to be quiet.
    fn handshake(&self) -> Result<Stream<Transport>, Failure> {
        let Self { args, config, name } = self;
        let mut transport = net::connect(&args.target, self.timeout())?;
        if !args.quiet
            && let Ok(address) = transport.tcp().peer_addr()
        {
            note(format_args!("connected to {address}"));
        }
        transport.finish_within(Some(self.timeout()));
        let mut connection = Connection::client(config, name.clone());
        let watch = Watch::printing(Print::times(args.trace), "");
        let trace: Arc<dyn Trace> = watch.clone();
        connection.set_trace(&trace);
        let mut tls = Stream::new(connection, transport)
            .map_err(|error| Failure::of_stream(&error.into(), Role::Client))?;
        if let Err(error) = tls.handshake() {
            let failure = self.explain(&error, &watch.peer_chain());
            tls.transport_mut().linger();
            return Err(failure);
        }
        if args.renegotiate {
            self.renegotiate(&mut tls)?;
        }
        tls.transport_mut().finish_within(None);
        if !args.quiet
            && let Some(summary) = tls.summary()
        {
            note(report::text(&report::rows(summary, "server"), "  ").trim_end());
            if args.channel_bindings {
                note(report::text(&report::channel_bindings(tls.reader()), "  ").trim_end());
            }
            if let Some(chain) = summary.peer_chain.as_ref().filter(|chain| chain.end_entity().is_some()) {
                note(format_args!("the server's certificate\n{}", report::chain(chain.iter()).trim_end()));
            }
            if args.insecure {
                note("  not checked: --insecure accepts any");
            }
        }
        Ok(tls)
    }

    /// A second handshake over the first.
    fn renegotiate(&self, tls: &mut Stream<Transport>) -> Result<(), Failure> {
        let misused = |misuse| Failure::new(Code::Local, format!("no renegotiation: {misuse}"));
        tls.renegotiate().map_err(misused)?;
        let came = tls.handshake().map_err(|error| Failure::of_stream(&error, Role::Client))?;
        let words = match came {
            Handshake::Complete => "renegotiated",
            Handshake::Refused => "the server refused the renegotiation",
            Handshake::Closed => "the server closed the connection before the renegotiation was complete",
            Handshake::Question(_) => {
                return Err(Failure::new(Code::Local, "a question that nobody answers"));
            }
        };
        if !self.args.quiet {
            note(words);
        }
        Ok(())
    }

    /// A failed handshake, with a look at the chain if that is why.
    fn explain(&self, error: &io::Error, chain: &[Vec<u8>]) -> Failure {
        let failure = Failure::of_stream(error, Role::Client);
        let Some(ErrorKind::Certificate(reason)) = tls_error(error).map(|error| error.kind) else {
            return failure;
        };
        if !chain.is_empty() {
            note(format_args!(
                "the server's certificate\n{}",
                report::chain(chain.iter().map(Vec::as_slice)).trim_end()
            ));
        }
        match reason {
            CertificateError::NameMismatch => failure.hint(format!("here it was {}", self.name)),
            CertificateError::UnknownIssuer
            | CertificateError::UnknownAuthority
            | CertificateError::SelfSigned
                if self.args.ca.is_empty() =>
            {
                failure.hint("it was checked against the roots of the platform")
            }
            _ => failure,
        }
    }
}

fn config(args: &Args) -> Result<ClientConfig, Failure> {
    let mut builder = ClientConfig::builder_with(provider_for(args.policy)?);
    if args.insecure {
        builder = builder.danger_accept_any_certificate();
    } else if args.ca.is_empty() && args.psk.is_none() && args.trust_key.is_empty() {
        let mut roots = Roots::new();
        if roots.add_platform().added == 0 {
            return Err(Failure::new(Code::Local, "the platform has no trusted roots")
                .hint("--ca FILE names whom to trust"));
        }
        builder = builder.trust(roots);
    }
    for path in &args.ca {
        builder = builder.trust_pem(&files::read(path)?).map_err(|error| files::about(path, error))?;
    }
    for path in &args.trust_key {
        builder = builder
            .trust_raw_public_keys_pem(&files::read(path)?)
            .map_err(|error| files::about(path, error))?;
    }
    if let Some(path) = &args.raw_key {
        builder =
            builder.raw_public_key_pem(&files::read(path)?).map_err(|error| files::about(path, error))?;
    }
    if let (Some(cert), Some(key)) = (&args.cert, &args.key) {
        builder = builder
            .credential_pem(&files::read(cert)?, &files::read(key)?)
            .map_err(|error| files::about(cert, format_args!("with {}: {error}", key.display())))?;
    }
    if let Some(stapling) = args.ocsp {
        builder = builder.stapling(stapling);
    }
    if args.sct {
        builder = builder.ask_for_certificate_timestamps();
    }
    if !args.alpn.is_empty() {
        builder = builder.alpn(&args.alpn);
    }
    if !args.suites.is_empty() {
        builder = builder.suites(&args.suites)?;
    }
    if let Some(policy) = args.policy {
        builder = builder.policy(policy);
    }
    if let Some(floor) = args.floor {
        builder = builder.floor(floor);
    }
    if let Some(psk) = &args.psk {
        builder = builder.psk(psk.identity.as_bytes(), psk.key.expose())?;
    }
    if !args.groups.is_empty() {
        builder = builder.groups(&args.groups);
    }
    if let Some(bytes) = args.max_fragment_length {
        builder = builder.max_fragment_length(bytes);
    }
    if let Some(bytes) = args.record_size_limit {
        builder = builder.record_size_limit(bytes);
    }
    if args.grease {
        builder = builder.grease();
    }
    if args.no_tickets {
        builder = builder.no_tickets();
    }
    // Who asks for it means to have it.
    let renegotiation = match args.renegotiation {
        Renegotiation::Never if args.renegotiate => Renegotiation::Requested,
        as_said => as_said,
    };
    builder = builder.renegotiation(renegotiation);
    if args.key_log {
        builder = builder.key_log(Arc::new(files::key_log()?));
    }
    Ok(builder.build()?)
}
