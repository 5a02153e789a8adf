//! The command line of `cairn serve`.

use super::log::{Log, LogFormat};
use crate::{
    failure::Failure,
    files,
    names::{self, NamedPsk},
    versions::Choice,
};
use alloc::sync::Arc;
use cairn_tls::{
    CertificateCompression, Floor, Policy, Renegotiation, Versions,
    wire::{CipherSuite, NamedGroup},
};
use core::num::NonZeroUsize;
use std::path::PathBuf;

/// Serve: answer with a page about the connection, or echo.
///
/// The first line on standard output is the address that the server listens on; with port 0 the system
/// chooses a port. Each connection has a line on standard error when it ends.
/// Certificates that have expired or will expire soon are reported at the start.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
#[command(
    group = clap::ArgGroup::new("client_trust").multiple(true)
        .args(["client_ca", "trust_client_cert", "trust_key"])
)]
pub(crate) struct Args {
    /// The address and port to listen on; :PORT means all addresses of this machine.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8443", value_parser = names::listen)]
    pub(super) listen: String,
    /// A certificate chain, in PEM. Several may be given, each with its key; the client's hello decides which
    /// is sent.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["psk", "suites", "raw_key"])]
    pub(super) cert: Vec<PathBuf>,
    /// The private key of the certificate, in PEM.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(super) key: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) passphrases: files::Passphrases,
    /// An OCSP response in DER to staple to the certificate of the first --cert, of the second, and so on.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(super) ocsp: Vec<PathBuf>,
    /// A list of signed certificate timestamps as TLS has it (RFC 6962 section 3.3), for the certificate of
    /// the first --cert, of the second, and so on.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(super) sct: Vec<PathBuf>,
    /// Issue a delegated credential for each certificate at the start, with a new key, for a day (RFC
    /// 9345). It authenticates to clients of TLS 1.3 that accept it; others get the certificate's own key.
    /// The certificates need the extension DelegationUsage.
    #[arg(long, requires = "cert")]
    pub(super) delegate: bool,
    /// A private key in PEM whose public half is presented in place of a certificate, to clients that accept
    /// that.
    #[arg(long, value_name = "FILE")]
    pub(super) raw_key: Option<PathBuf>,
    /// Answer any GET with a page about the connection; without this option, echo.
    #[arg(long)]
    pub(super) http: bool,
    /// Serve the page also over HTTP/3, on the UDP port with the same number, and announce that in answers
    /// over TCP (Alt-Svc).
    #[cfg(feature = "http3")]
    #[arg(long, requires = "http", conflicts_with_all = ["ask_later", "renegotiate"])]
    pub(super) http3: bool,
    /// Let each client of HTTP/3 prove its address before the handshake (a Retry packet of QUIC).
    #[cfg(feature = "http3")]
    #[arg(long, requires = "http3")]
    pub(super) retry: bool,
    /// Ask clients for certificates issued by the authorities in this file.
    #[arg(long, value_name = "FILE")]
    pub(super) client_ca: Option<PathBuf>,
    /// Refuse clients whose certificates are revoked by the CRL in this file (PEM or DER). Also refuse those
    /// whose certificates no given CRL covers, or only an outdated one.
    #[arg(long, value_name = "FILE", requires = "client_ca")]
    pub(super) crl: Vec<PathBuf>,
    /// Ask clients for certificates, and accept exactly those in this file (PEM), but none that they have
    /// issued.
    #[arg(long, value_name = "FILE")]
    pub(super) trust_client_cert: Vec<PathBuf>,
    /// Ask clients for certificates, and accept one of the public keys in this file (PEM) in place of one.
    #[arg(long, value_name = "FILE")]
    pub(super) trust_key: Option<PathBuf>,
    /// Refuse clients that present neither a certificate nor a key.
    #[arg(long, requires = "client_trust")]
    pub(super) require_client_cert: bool,
    /// Application protocols to accept, most preferred first; with --http only http/1.1 and http/1.0 are
    /// possible.
    #[arg(long, value_name = "PROTOCOLS", value_delimiter = ',')]
    pub(super) alpn: Vec<String>,
    /// Cipher suites to accept, by their IANA names, most preferred first.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = names::suite)]
    pub(super) suites: Vec<CipherSuite>,
    /// The versions of TLS to speak: 1.2, 1.3 or both. By default both, or those of the suites that are
    /// named; 1.2 with --renegotiate.
    #[arg(long, value_name = "VERSIONS", value_parser = names::versions)]
    pub(super) tls: Option<Versions>,
    /// The policy that selects the suites if they are not named: modern, compatible or legacy.
    #[arg(long, value_name = "POLICY", value_parser = names::policy, conflicts_with = "suites")]
    pub(super) policy: Option<Policy>,
    /// The minimum security, separated by commas: authenticated (the client must be), forward-secrecy, a
    /// number of bits, and psk=BITS for the length of external PSKs (128 by default).
    #[arg(long, value_name = "FLOOR", value_parser = names::floor)]
    pub(super) floor: Option<Floor>,
    /// A pre-shared key in hex digits, and its identity, for TLS 1.2 or 1.3 as --tls says; for both only with
    /// --psk-import. Several may be given, and then no certificate is needed. Other users can see
    /// the keys on the command line of a running program.
    #[arg(long, value_name = "IDENTITY:HEX")]
    pub(super) psk: Vec<NamedPsk>,
    /// Import the keys of --psk for TLS 1.3 (RFC 9258), with this context, which is empty by default. The
    /// peer must do the same. By default TLS 1.3 uses the keys directly, with SHA-256.
    #[arg(long, value_name = "CONTEXT", num_args = 0..=1, require_equals = true, requires = "psk")]
    #[arg(default_missing_value = "")]
    pub(super) psk_import: Option<String>,
    /// Use --psk only together with certificates in TLS 1.3 (RFC 8773): they authenticate. Clients that do
    /// not do so get a handshake with certificates alone.
    #[arg(long, requires = "psk")]
    pub(super) psk_with_certificates: bool,
    /// In TLS 1.2, hide which PSK identities exist: continue with a random key for an unknown one, and fail
    /// as with a wrong key.
    #[arg(long, requires = "psk")]
    pub(super) psk_hide_identities: bool,
    /// Algorithms for compressed certificates in TLS 1.3, most preferred first: brotli, zlib and zstd. By
    /// default these three, in this order.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = names::compression)]
    pub(super) compress_certificates: Vec<Arc<dyn CertificateCompression>>,
    /// Groups to accept, by their IANA names, most preferred first.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = names::group)]
    pub(super) groups: Vec<NamedGroup>,
    /// Ask for records from clients of at most this many bytes of plaintext, from 64 to 16384
    /// (record_size_limit); clients that do not support it may send longer ones.
    #[arg(long, value_name = "BYTES")]
    pub(super) record_size_limit: Option<u16>,
    /// Also issue session tickets, sealed with keys of this run; without this option, sessions are stored,
    /// and resumed by their IDs or by tickets that name them (TLS 1.3). N is the number of tickets after each
    /// handshake of TLS 1.3, by default 2, and 1 after a resumption.
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, conflicts_with = "no_resumption")]
    pub(super) tickets: Option<Option<u8>>,
    /// Accept up to this many bytes of early data in TLS 1.3. With --http, early requests with other methods
    /// than GET, HEAD and OPTIONS, or with a body, are answered with 425 Too Early. With --tickets, none is
    /// accepted in the first 20 seconds.
    #[arg(long, value_name = "BYTES", conflicts_with = "no_resumption")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) early_data: Option<u32>,
    /// Make every handshake a full one.
    #[arg(long)]
    pub(super) no_resumption: bool,
    /// Whether another handshake on a connection is permitted: never, if this side asks for it (requested),
    /// or also if the client does (allowed).
    #[arg(long, value_name = "WHEN", value_parser = names::renegotiation, default_value = "never")]
    pub(super) renegotiation: Renegotiation,
    /// Ask each client for another handshake when it has sent data; with --client-ca only that one asks for a
    /// certificate.
    #[arg(long)]
    pub(super) renegotiate: bool,
    /// Ask each client for a certificate not in the handshake, but when it has sent data: in TLS 1.3, and
    /// only clients that permit it (post_handshake_auth).
    #[arg(long, requires = "client_trust", conflicts_with = "renegotiate")]
    pub(super) ask_later: bool,
    /// Print each message; given twice, with its contents.
    #[arg(long, short, action = clap::ArgAction::Count)]
    pub(super) trace: u8,
    /// Stop after this many connections; the exit code is that of the first that failed.
    #[arg(long, value_name = "N")]
    pub(super) once: Option<NonZeroUsize>,
    /// Maximum number of simultaneous connections. If another client comes, the oldest connection is ended,
    /// once it is older than --timeout.
    #[arg(long, value_name = "N", default_value = "256")]
    pub(super) max_connections: NonZeroUsize,
    /// Time limit in seconds for a handshake, for an HTTP request with its answer, and for the silence of a
    /// client.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) timeout: u64,
    /// Write the secrets of the connections to the file that the environment variable SSLKEYLOGFILE names.
    #[arg(long)]
    pub(super) key_log: bool,
    /// Print nothing about connections that succeed.
    #[arg(long, short)]
    pub(super) quiet: bool,
    /// The form of the lines on standard error: text, or json for one object each.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(super) log_format: LogFormat,
}

const AFTER_HELP: &str = "\
Examples:
  cairn cert issue localhost
  cairn serve --cert localhost.pem --key localhost.key --http
  curl --cacert localhost.pem https://localhost:8443/
  cairn serve --listen 0.0.0.0:443 --cert rsa.pem --key rsa.key --cert ec.pem --key ec.key \\
      --alpn http/1.1 --http
  cairn serve --cert cert.pem --key key.pem --client-ca ca.pem --require-client-cert
  cairn serve --cert cert.pem --key key.pem --tls 1.3 --client-ca ca.pem --ask-later";

impl Args {
    /// The versions of TLS to speak.
    pub(super) fn versions(&self) -> Result<Versions, Failure> {
        Choice { tls: self.tls, suites: &self.suites, renegotiate: self.renegotiate }.versions()
    }

    /// The log of connections.
    pub(super) const fn log(&self) -> Log {
        Log { format: self.log_format, quiet: self.quiet }
    }

    /// Whether clients are asked for a certificate or key, in any handshake.
    pub(super) fn asks_for_certificates(&self) -> bool {
        self.client_ca.is_some() || !self.trust_client_cert.is_empty() || self.trust_key.is_some()
    }
}
