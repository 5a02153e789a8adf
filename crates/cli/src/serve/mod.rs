//! `cairn serve`: a server for people and for tests.

mod http;
mod session;
mod slots;

use crate::{
    errors::{Code, Failure},
    files,
    names::{self, NamedPsk},
    output::{note, print},
    provider::provider_for,
    show::watch::Print,
};
use alloc::sync::Arc;
use cairn_tls::{
    Policy, Renegotiation, ServerConfig, ServerConfigBuilder,
    wire::{CipherSuite, Decode, List, NamedGroup, Reader, SerializedSct},
    x509::Roots,
};
use core::{num::NonZeroUsize, time::Duration};
use session::Visit;
use slots::Slots;
use std::{io, net::TcpListener, path::PathBuf, sync::mpsc, thread};

/// Serve: answer with a page about the connection, or echo.
///
/// The first line on standard output is the address that it listens on; port 0 has the system choose one. Each
/// connection has a thread of its own, and a line on standard error when it is over.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
#[command(group = clap::ArgGroup::new("client_trust").multiple(true).args(["client_ca", "trust_key"]))]
pub(crate) struct Args {
    /// The address and port to listen on.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8443")]
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
    /// Ask clients for certificates, and take one of the public keys in this file (PEM) in place of one.
    #[arg(long, value_name = "FILE")]
    trust_key: Option<PathBuf>,
    /// Refuse clients that show nothing.
    #[arg(long, requires = "client_trust")]
    require_client_cert: bool,
    /// Application protocols to accept, most preferred first.
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
    /// Connections at one time; more of them wait.
    #[arg(long, value_name = "N", default_value = "256")]
    max_connections: NonZeroUsize,
    /// Seconds that a handshake may take in all, and that a client may be silent.
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

/// Runs it.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let visit = Arc::new(Visit {
        config: config(args, !args.renegotiate)?,
        later: if args.renegotiate { Some(config(args, true)?) } else { None },
        http: args.http,
        print: Print::times(args.trace),
        quiet: args.quiet,
        timeout: Duration::from_secs(args.timeout),
    });
    let cannot_listen =
        |error: io::Error| Failure::new(Code::Local, format!("cannot listen on {}: {error}", args.listen));
    let listener = TcpListener::bind(&args.listen).map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    print(format_args!("listening on {address}\n"))?;

    let slots = Slots::new(args.max_connections);
    let (results, done) = mpsc::channel();
    let mut accepted = 0;
    while args.once.is_none_or(|once| accepted < once.get()) {
        let slot = slots.take();
        let tcp = match listener.accept() {
            Ok((tcp, _)) => tcp,
            Err(error) => {
                // A client that has gone already, or too many open files: either passes.
                note(format_args!("cairn: no connection: {error}"));
                thread::sleep(Duration::from_millis(20));
                continue;
            }
        };
        accepted += 1;
        let (visit, results) = (Arc::clone(&visit), args.once.map(|_| results.clone()));
        let spawned = thread::Builder::new().name("connection".into()).spawn(move || {
            let result = visit.serve(tcp);
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

/// The configuration, which asks clients for certificates or not yet.
/// Adds a `SignedCertificateTimestampList`.
fn with_timestamps(builder: ServerConfigBuilder, file: &[u8]) -> Result<ServerConfigBuilder, String> {
    let mut reader = Reader::new(file);
    let list = reader
        .vec16(1, u16::MAX.into(), "SignedCertificateTimestampList")
        .and_then(|mut list| List::<SerializedSct<'_>>::decode(&mut list));
    let list = list.and_then(|list| reader.finish("end of the list").map(|()| list));
    let timestamps: Vec<&[u8]> =
        list.map_err(|error| error.to_string())?.iter().map(|timestamp| timestamp.0).collect();
    builder.certificate_timestamps(&timestamps).map_err(|error| error.to_string())
}

fn config(args: &Args, asks_for_certificates: bool) -> Result<ServerConfig, Failure> {
    let mut builder = ServerConfig::builder_with(provider_for(args.policy)?);
    if args.cert.len() != args.key.len() {
        return Err(Failure::new(Code::Local, "each --cert needs a --key, in the same order"));
    }
    for (option, files) in [("--ocsp", &args.ocsp), ("--sct", &args.sct)] {
        if files.len() > args.cert.len() {
            let words = format!("each {option} belongs to a --cert, in the same order");
            return Err(Failure::new(Code::Local, words));
        }
    }
    for (number, (cert, key)) in args.cert.iter().zip(&args.key).enumerate() {
        builder = builder
            .credential_pem(&files::read(cert)?, &files::read(key)?)
            .map_err(|error| files::about(cert, format_args!("with {}: {error}", key.display())))?;
        if let Some(path) = args.sct.get(number) {
            builder =
                with_timestamps(builder, &files::read(path)?).map_err(|error| files::about(path, error))?;
        }
        if let Some(path) = args.ocsp.get(number) {
            builder =
                builder.ocsp_response(&files::read(path)?).map_err(|error| files::about(path, error))?;
        }
    }
    if let Some(path) = &args.raw_key {
        builder =
            builder.raw_public_key_pem(&files::read(path)?).map_err(|error| files::about(path, error))?;
    }
    if asks_for_certificates && (args.client_ca.is_some() || args.trust_key.is_some()) {
        let mut roots = Roots::new();
        if let Some(path) = &args.client_ca {
            roots.add_pem(&files::read(path)?).map_err(|error| files::about(path, error))?;
        }
        if let Some(path) = &args.trust_key {
            builder = builder
                .trust_client_raw_public_keys_pem(&files::read(path)?)
                .map_err(|error| files::about(path, error))?;
        }
        builder = if args.require_client_cert {
            builder.require_client_certificates(roots)
        } else {
            builder.request_client_certificates(roots)
        };
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
    for psk in &args.psk {
        builder = builder.psk(psk.identity.as_bytes(), psk.key.expose())?;
    }
    if args.psk_hide_identities {
        builder = builder.hide_psk_identities();
    }
    if !args.groups.is_empty() {
        builder = builder.groups(&args.groups);
    }
    if let Some(bytes) = args.record_size_limit {
        builder = builder.record_size_limit(bytes);
    }
    if args.tickets {
        builder = builder.own_tickets();
    }
    if args.no_resumption {
        builder = builder.no_resumption();
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
