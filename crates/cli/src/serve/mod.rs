//! `cairn serve`: a server for people and for tests.

mod config;
mod http;
mod slots;
mod visit;

use crate::{
    failure::{Code, Failure},
    names::{self, NamedPsk},
    output::{note, print},
    show::watch::Print,
};
use alloc::sync::Arc;
use cairn_tls::{
    Policy, Renegotiation,
    wire::{CipherSuite, NamedGroup},
};
use config::Configs;
use core::{num::NonZeroUsize, time::Duration};
use slots::Slots;
use std::{io, net::TcpListener, path::PathBuf, sync::mpsc, thread};
use visit::Visit;

/// How long to wait before the next attempt to accept a connection when one has failed, at first and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// Serve: answer with a page about the connection, or echo.
///
/// The first line on standard output is the address that it listens on; port 0 has the system choose one. Each
/// connection has a thread of its own, and a line on standard error when it is over. Certificates that have expired or
/// will soon are named at the start.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
#[command(group = clap::ArgGroup::new("client_trust").multiple(true).args(["client_ca", "trust_client_cert", "trust_key"]))]
pub(crate) struct Args {
    /// The address and port to listen on; :PORT is all addresses of this machine.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8443", value_parser = names::listen)]
    listen: String,
    /// A certificate chain, in PEM. Several may be given, each with its key: which is shown depends on the client.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["psk", "suites", "raw_key"])]
    cert: Vec<PathBuf>,
    /// The private key of the certificate, in PEM.
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Vec<PathBuf>,
    /// An OCSP response in DER to staple to the certificate of the first --cert, of the second, and so on.
    #[arg(long, value_name = "FILE", requires = "cert")]
    ocsp: Vec<PathBuf>,
    /// A list of signed certificate timestamps as TLS has it (RFC 6962 section 3.3), for the certificate of the first
    /// --cert, of the second, and so on.
    #[arg(long, value_name = "FILE", requires = "cert")]
    sct: Vec<PathBuf>,
    /// A private key in PEM whose public half is shown in place of a certificate, to clients that take that.
    #[arg(long, value_name = "FILE")]
    raw_key: Option<PathBuf>,
    /// Answer any GET with a page about the connection; without this, echo.
    #[arg(long)]
    http: bool,
    /// Ask clients for certificates that lead to those in this file.
    #[arg(long, value_name = "FILE")]
    client_ca: Option<PathBuf>,
    /// Ask clients for certificates, and accept exactly those in this file (PEM), but none that they have issued.
    #[arg(long, value_name = "FILE")]
    trust_client_cert: Vec<PathBuf>,
    /// Ask clients for certificates, and take one of the public keys in this file (PEM) in place of one.
    #[arg(long, value_name = "FILE")]
    trust_key: Option<PathBuf>,
    /// Refuse clients that show nothing.
    #[arg(long, requires = "client_trust")]
    require_client_cert: bool,
    /// Application protocols to accept, most preferred first; with --http only http/1.1 and http/1.0 can be.
    #[arg(long, value_name = "PROTOCOLS", value_delimiter = ',')]
    alpn: Vec<String>,
    /// Cipher suites to accept, by their IANA names, most preferred first.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = names::suite)]
    suites: Vec<CipherSuite>,
    /// Which suites, where they are not named: modern, compatible or legacy.
    #[arg(long, value_name = "POLICY", value_parser = names::policy, conflicts_with = "suites")]
    policy: Option<Policy>,
    /// A key that a client has too, in hex digits, and its identity; several may be given, and then no certificate is
    /// needed. Others can see the keys on the command line of a running program.
    #[arg(long, value_name = "IDENTITY:HEX")]
    psk: Vec<NamedPsk>,
    /// Hide which PSK identities there are: go on with a random key for an unknown one, and fail as with a wrong key.
    #[arg(long, requires = "psk")]
    psk_hide_identities: bool,
    /// Groups to accept, by their IANA names, most preferred first.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = names::group)]
    groups: Vec<NamedGroup>,
    /// Have clients send no record with more plaintext than so many bytes, from 64 to 16384 (record_size_limit); those
    /// that do not know of it may send any.
    #[arg(long, value_name = "BYTES")]
    record_size_limit: Option<u16>,
    /// Give out session tickets too, sealed with keys of this run; without this, sessions are resumed by their IDs.
    #[arg(long, conflicts_with = "no_resumption")]
    tickets: bool,
    /// Make every handshake a full one.
    #[arg(long)]
    no_resumption: bool,
    /// Whether there may be another handshake on a connection: never, where this side asks for it (requested), or where the
    /// client does too (allowed).
    #[arg(long, value_name = "WHEN", value_parser = names::renegotiation, default_value = "never")]
    renegotiation: Renegotiation,
    /// Ask each client for another handshake when it has sent something; with --client-ca it is only this one that asks
    /// for a certificate.
    #[arg(long)]
    renegotiate: bool,
    /// Show each message; twice: with its contents.
    #[arg(long, short, action = clap::ArgAction::Count)]
    trace: u8,
    /// Stop after so many connections; the exit code is that of the first that failed.
    #[arg(long, value_name = "N")]
    once: Option<NonZeroUsize>,
    /// Connections at one time. When there are so many and another client comes, the oldest is ended, once it is older than
    /// --timeout.
    #[arg(long, value_name = "N", default_value = "256")]
    max_connections: NonZeroUsize,
    /// Seconds that a handshake may take in all, a request of HTTP and its answer too, and that a client may be silent.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
    /// Write the secrets of the connections to the file that the environment variable SSLKEYLOGFILE names.
    #[arg(long)]
    key_log: bool,
    /// Say nothing of connections that go well.
    #[arg(long, short)]
    quiet: bool,
}

const AFTER_HELP: &str = "\
Examples:
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \\
      -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem
  cairn serve --cert cert.pem --key key.pem --http
  curl --cacert cert.pem https://localhost:8443/
  cairn serve --listen 0.0.0.0:443 --cert rsa.pem --key rsa.key --cert ec.pem --key ec.key --alpn http/1.1 --http
  cairn serve --cert cert.pem --key key.pem --client-ca ca.pem --require-client-cert";

impl Args {
    /// Whether clients are to show something, in one handshake or another.
    fn asks_for_certificates(&self) -> bool {
        self.client_ca.is_some() || !self.trust_client_cert.is_empty() || self.trust_key.is_some()
    }
}

/// Runs it.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let timeout = Duration::from_secs(args.timeout);
    let Configs { first, later, trusted, keys } = config::configs(args)?;
    let visit = Arc::new(Visit {
        config: first,
        later,
        trusted,
        keys,
        requires_certificate: args.require_client_cert,
        http: args.http,
        print: Print::times(args.trace),
        quiet: args.quiet,
        timeout,
    });
    let listener = listen(&args.listen)?;
    let slots = Slots::new(args.max_connections, timeout);
    let (results, done) = mpsc::channel();
    let (mut accepted, mut pause) = (0, PAUSES.0);
    while args.once.is_none_or(|once| accepted < once.get()) {
        let tcp = match listener.accept() {
            Ok((tcp, _)) => tcp,
            Err(error) => {
                // A client that has gone already, or too many open files: either passes.
                note(format_args!("cairn: no connection: {error}"));
                thread::sleep(pause);
                pause = pause.saturating_mul(2).min(PAUSES.1);
                continue;
            }
        };
        pause = PAUSES.0;
        accepted += 1;
        let slot = slots.take(&tcp);
        let (visit, results) = (Arc::clone(&visit), args.once.map(|_| results.clone()));
        let spawned = thread::Builder::new().name("connection".into()).spawn(move || {
            let result = visit.serve(tcp, &slot);
            drop(slot);
            if let Some(results) = results {
                let _nobody_waits = results.send(result);
            }
        });
        if let Err(error) = spawned {
            note(format_args!("cairn: no thread for a connection: {error}"));
        }
    }
    drop(results);
    // Only those that went wrong are of interest, and the first of them decides.
    match done.iter().find_map(Result::err) {
        Some(code) => {
            let failure = Failure::silent(code);
            done.iter().for_each(drop);
            Err(failure)
        }
        None => Ok(()),
    }
}

/// Listens, and says where.
fn listen(address: &str) -> Result<TcpListener, Failure> {
    let cannot_listen = |error: io::Error| {
        let failure = Failure::new(Code::Local, format!("cannot listen on {address}: {error}"));
        match error.kind() {
            io::ErrorKind::AddrInUse => {
                failure.hint("Another program listens there; --listen ADDRESS:0 takes a free port.")
            }
            io::ErrorKind::PermissionDenied => {
                failure.hint("Ports below 1024 are for privileged programs; --listen names another.")
            }
            _ => failure,
        }
    };
    let listener = TcpListener::bind(address).or_else(|error| {
        // A machine without IPv6.
        match address.strip_prefix("[::]") {
            Some(port) if error.kind() != io::ErrorKind::AddrInUse => {
                TcpListener::bind(format!("0.0.0.0{port}"))
            }
            _ => Err(error),
        }
    });
    let listener = listener.map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    print(format_args!("listening on {address}\n"))?;
    Ok(listener)
}
