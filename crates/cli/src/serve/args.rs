//! The command line of `cairn serve`.

use crate::names::{self, NamedPsk};
use cairn_tls::{
    Policy, Renegotiation,
    wire::{CipherSuite, NamedGroup},
};
use core::num::NonZeroUsize;
use std::path::PathBuf;

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
    pub(super) listen: String,
    /// A certificate chain, in PEM. Several may be given, each with its key: which is shown depends on the client.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["psk", "suites", "raw_key"])]
    pub(super) cert: Vec<PathBuf>,
    /// The private key of the certificate, in PEM.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(super) key: Vec<PathBuf>,
    /// An OCSP response in DER to staple to the certificate of the first --cert, of the second, and so on.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(super) ocsp: Vec<PathBuf>,
    /// A list of signed certificate timestamps as TLS has it (RFC 6962 section 3.3), for the certificate of the first
    /// --cert, of the second, and so on.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(super) sct: Vec<PathBuf>,
    /// A private key in PEM whose public half is shown in place of a certificate, to clients that take that.
    #[arg(long, value_name = "FILE")]
    pub(super) raw_key: Option<PathBuf>,
    /// Answer any GET with a page about the connection; without this, echo.
    #[arg(long)]
    pub(super) http: bool,
    /// Ask clients for certificates that lead to those in this file.
    #[arg(long, value_name = "FILE")]
    pub(super) client_ca: Option<PathBuf>,
    /// Refuse clients whose certificates are revoked by the CRL in this file (PEM or DER), or that no CRL given this way
    /// covers, or only one that is out of date.
    #[arg(long, value_name = "FILE", requires = "client_ca")]
    pub(super) crl: Vec<PathBuf>,
    /// Ask clients for certificates, and accept exactly those in this file (PEM), but none that they have issued.
    #[arg(long, value_name = "FILE")]
    pub(super) trust_client_cert: Vec<PathBuf>,
    /// Ask clients for certificates, and take one of the public keys in this file (PEM) in place of one.
    #[arg(long, value_name = "FILE")]
    pub(super) trust_key: Option<PathBuf>,
    /// Refuse clients that show nothing.
    #[arg(long, requires = "client_trust")]
    pub(super) require_client_cert: bool,
    /// Application protocols to accept, most preferred first; with --http only http/1.1 and http/1.0 can be.
    #[arg(long, value_name = "PROTOCOLS", value_delimiter = ',')]
    pub(super) alpn: Vec<String>,
    /// Cipher suites to accept, by their IANA names, most preferred first.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = names::suite)]
    pub(super) suites: Vec<CipherSuite>,
    /// Which suites, where they are not named: modern, compatible or legacy.
    #[arg(long, value_name = "POLICY", value_parser = names::policy, conflicts_with = "suites")]
    pub(super) policy: Option<Policy>,
    /// A key that a client has too, in hex digits, and its identity; several may be given, and then no certificate is
    /// needed. Others can see the keys on the command line of a running program.
    #[arg(long, value_name = "IDENTITY:HEX")]
    pub(super) psk: Vec<NamedPsk>,
    /// Hide which PSK identities there are: go on with a random key for an unknown one, and fail as with a wrong key.
    #[arg(long, requires = "psk")]
    pub(super) psk_hide_identities: bool,
    /// Groups to accept, by their IANA names, most preferred first.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = names::group)]
    pub(super) groups: Vec<NamedGroup>,
    /// Have clients send no record with more plaintext than so many bytes, from 64 to 16384 (record_size_limit); those
    /// that do not know of it may send any.
    #[arg(long, value_name = "BYTES")]
    pub(super) record_size_limit: Option<u16>,
    /// Give out session tickets too, sealed with keys of this run; without this, sessions are resumed by their IDs.
    #[arg(long, conflicts_with = "no_resumption")]
    pub(super) tickets: bool,
    /// Make every handshake a full one.
    #[arg(long)]
    pub(super) no_resumption: bool,
    /// Whether there may be another handshake on a connection: never, where this side asks for it (requested), or where the
    /// client does too (allowed).
    #[arg(long, value_name = "WHEN", value_parser = names::renegotiation, default_value = "never")]
    pub(super) renegotiation: Renegotiation,
    /// Ask each client for another handshake when it has sent something; with --client-ca it is only this one that asks
    /// for a certificate.
    #[arg(long)]
    pub(super) renegotiate: bool,
    /// Show each message; twice: with its contents.
    #[arg(long, short, action = clap::ArgAction::Count)]
    pub(super) trace: u8,
    /// Stop after so many connections; the exit code is that of the first that failed.
    #[arg(long, value_name = "N")]
    pub(super) once: Option<NonZeroUsize>,
    /// Connections at one time. When there are so many and another client comes, the oldest is ended, once it is older than
    /// --timeout.
    #[arg(long, value_name = "N", default_value = "256")]
    pub(super) max_connections: NonZeroUsize,
    /// Seconds that a handshake may take in all, a request of HTTP and its answer too, and that a client may be silent.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) timeout: u64,
    /// Write the secrets of the connections to the file that the environment variable SSLKEYLOGFILE names.
    #[arg(long)]
    pub(super) key_log: bool,
    /// Say nothing of connections that go well.
    #[arg(long, short)]
    pub(super) quiet: bool,
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
    pub(super) fn asks_for_certificates(&self) -> bool {
        self.client_ca.is_some() || !self.trust_client_cert.is_empty() || self.trust_key.is_some()
    }
}
