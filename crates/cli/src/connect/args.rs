//! The command line of `cairn connect`.

use super::{crlf::Crlf, outcome::Patience, pipe::Input, via::ProxyArgument};
use crate::{
    destination::Destination,
    failure::{Code, Failure},
    files,
    names::{self, NamedPsk, Protocol},
    versions::Choice,
};
use alloc::sync::Arc;
use cairn_tls::{
    CertificateCompression, Floor, MaxFragmentLength, Policy, Renegotiation, Stapling, Versions,
    wire::{CipherSuite, NamedGroup},
};
use core::time::Duration;
use std::{io, path::PathBuf};

/// Connect to a server: standard input goes to the server, its data goes to standard output.
///
/// The negotiated parameters and the identity of the server go to standard error. The end of standard input
/// is not announced to the server, because many servers would stop answering: the answer is read until the
/// server closes or is silent for the time of --wait. The exit code distinguishes an answer that ended with
/// close_notify (0) from one that was cut off (6) and one that was given up on (9).
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) destination: Destination,
    /// Connect through this proxy: http://HOST:PORT (CONNECT), socks5://HOST:PORT or socks5h://HOST:PORT.
    /// With socks5h the proxy finds the server's address. USER:PASSWORD@ may precede HOST; other users can
    /// see it on the command line of a running program. Environment variables name no proxy.
    #[arg(long, value_name = "URL")]
    #[cfg_attr(feature = "http3", arg(conflicts_with = "http3"))]
    pub(super) proxy: Option<ProxyArgument>,
    /// Trust the certificates in this file, and not those of the platform.
    #[arg(long, value_name = "FILE")]
    pub(super) ca: Vec<PathBuf>,
    /// Trust exactly the certificates in this file (PEM), but not certificates that they have issued, nor the
    /// roots of the platform.
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    pub(super) trust_cert: Vec<PathBuf>,
    /// Trust servers that present one of the public keys in this file (PEM) in place of a certificate.
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    pub(super) trust_key: Vec<PathBuf>,
    /// Refuse servers whose certificates are revoked by the CRL in this file (PEM or DER). Also refuse those
    /// whose certificates no given CRL covers, or only an outdated one.
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    pub(super) crl: Vec<PathBuf>,
    /// Accept any certificate: an attacker on the network can read and change all data of this connection.
    #[arg(long, conflicts_with = "ca")]
    pub(super) insecure: bool,
    /// OCSP responses that servers staple to their certificates: ignore them, check those that
    /// come, or require one. The default is check.
    #[arg(long, value_name = "HOW", value_parser = names::stapling, conflicts_with = "insecure")]
    pub(super) ocsp: Option<Stapling>,
    /// Accept delegated credentials in TLS 1.3: keys that the server's certificate has issued for at most 7
    /// days (RFC 9345).
    #[arg(long)]
    pub(super) delegated_credentials: bool,
    /// Ask for signed certificate timestamps, and print their number; they are not checked.
    #[arg(long)]
    pub(super) sct: bool,
    /// Application protocols to offer, most preferred first.
    #[arg(long, value_name = "PROTOCOLS", value_delimiter = ',')]
    pub(super) alpn: Vec<String>,
    /// A certificate chain in PEM for servers that ask for one, in TLS 1.3 also after the handshake.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(super) cert: Option<PathBuf>,
    /// Its private key, in PEM.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(super) key: Option<PathBuf>,
    #[command(flatten)]
    pub(super) passphrases: files::Passphrases,
    /// Present the certificate of --cert whatever authorities the server names; by default only if one of
    /// them issued it.
    #[arg(long, requires = "cert")]
    pub(super) any_authority: bool,
    /// A private key in PEM whose public half is presented in place of a certificate, to servers that accept
    /// that.
    #[arg(long, value_name = "FILE")]
    pub(super) raw_key: Option<PathBuf>,
    /// Cipher suites to offer, by their IANA names, most preferred first.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = names::suite)]
    pub(super) suites: Vec<CipherSuite>,
    /// The versions of TLS to speak: 1.2, 1.3 or both. By default both, or those of the suites that are
    /// named; 1.2 with --renegotiate.
    #[arg(long, value_name = "VERSIONS", value_parser = names::versions)]
    pub(super) tls: Option<Versions>,
    /// The policy that selects the suites if they are not named: modern, compatible or legacy.
    #[arg(long, value_name = "POLICY", value_parser = names::policy, conflicts_with = "suites")]
    pub(super) policy: Option<Policy>,
    /// The minimum security, separated by commas: authenticated (the server must be), forward-secrecy, a
    /// number of bits, and psk=BITS for the length of external PSKs (128 by default).
    #[arg(long, value_name = "FLOOR", value_parser = names::floor)]
    pub(super) floor: Option<Floor>,
    /// Show the channel bindings tls-unique, tls-server-end-point and tls-exporter, in hex.
    #[arg(long)]
    pub(super) channel_bindings: bool,
    /// A pre-shared key in hex digits, and its identity, for TLS 1.2 or 1.3 as --tls says; for both only with
    /// --psk-import. Without --ca, servers with certificates are not accepted then. Other users can see the
    /// key on the command line of a running program.
    #[arg(long, value_name = "IDENTITY:HEX")]
    pub(super) psk: Option<NamedPsk>,
    /// Import the key of --psk for TLS 1.3 (RFC 9258), with this context, which is empty by default. The peer
    /// must do the same. By default TLS 1.3 uses the key directly, with SHA-256.
    #[arg(long, value_name = "CONTEXT", num_args = 0..=1, require_equals = true, requires = "psk")]
    #[arg(default_missing_value = "")]
    pub(super) psk_import: Option<String>,
    /// Use --psk only together with certificates in TLS 1.3 (RFC 8773): they authenticate, and the traffic
    /// stays secret unless both the key exchange is broken and the key is known. Servers without both are
    /// refused.
    #[arg(long, requires = "psk")]
    pub(super) psk_with_certificates: bool,
    /// Algorithms for compressed certificates in TLS 1.3, most preferred first: brotli, zlib and zstd. By
    /// default these three, in this order.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = names::compression)]
    pub(super) compress_certificates: Vec<Arc<dyn CertificateCompression>>,
    /// Groups to offer, by their IANA names, most preferred first.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = names::group)]
    pub(super) groups: Vec<NamedGroup>,
    /// Ask for records of at most 512, 1024, 2048 or 4096 bytes of plaintext, in both directions
    /// (max_fragment_length).
    #[arg(long, value_name = "BYTES", value_parser = names::max_fragment_length)]
    pub(super) max_fragment_length: Option<MaxFragmentLength>,
    /// Ask for records from the server of at most this many bytes of plaintext, from 64 to 16384
    /// (record_size_limit).
    #[arg(long, value_name = "BYTES")]
    pub(super) record_size_limit: Option<u16>,
    /// Add reserved values to the hello, which servers must ignore (GREASE).
    #[arg(long)]
    pub(super) grease: bool,
    /// Also connect to servers without secure renegotiation (RFC 5746). On such connections an attacker on
    /// the network can insert data before ours.
    #[arg(long)]
    pub(super) legacy_server_connect: bool,
    /// Do not use session tickets: resume by session ID in TLS 1.2, and not at all in TLS 1.3.
    #[arg(long)]
    pub(super) no_tickets: bool,
    /// Whether another handshake on the connection is permitted: never, if this side asks for it (requested),
    /// or also if the server does (allowed).
    #[arg(long, value_name = "WHEN", value_parser = names::renegotiation, default_value = "never")]
    pub(super) renegotiation: Renegotiation,
    /// Ask for another handshake as soon as the first is complete.
    #[arg(long)]
    pub(super) renegotiate: bool,
    /// Send a KeyUpdate that asks for one of the server, in TLS 1.3: after the handshake (start), or then and
    /// whenever data has come from the server (data). With --http3, update the keys after the answer, and
    /// send the request once more.
    #[arg(long, value_name = "WHEN", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "start", conflicts_with = "reconnect")]
    pub(super) key_update: Option<KeyUpdates>,
    /// Send this text instead of standard input.
    #[arg(long, value_name = "TEXT")]
    pub(super) send: Option<String>,
    /// Connect N more times, and print whether each session was resumed; standard input is not used, and only
    /// the text of --send goes over each connection.
    #[arg(long, value_name = "N")]
    pub(super) reconnect: Option<u32>,
    /// Keep sessions in this file between runs, to resume them in the next. A new file is created for its
    /// owner alone. It is not encrypted: a program that can read it can resume the sessions.
    #[arg(long, value_name = "FILE")]
    pub(super) session_file: Option<PathBuf>,
    /// Send the contents of this file as early data on each connection of --reconnect, in TLS 1.3. Data that
    /// the server does not accept is sent after the handshake. An attacker on the network can send early
    /// data to the server again.
    #[arg(long, value_name = "FILE", requires = "reconnect")]
    pub(super) early_data: Option<PathBuf>,
    /// Use HTTP/3 over QUIC: send a GET request for the path of the URL, and print the answer. Standard input
    /// is not used.
    #[cfg(feature = "http3")]
    #[arg(long, conflicts_with_all = ["starttls", "send", "renegotiate", "early_data", "trace"])]
    #[arg(conflicts_with_all = ["channel_bindings", "max_fragment_length", "record_size_limit"])]
    pub(super) http3: bool,
    /// With --http3 and --reconnect, send the request as early data if a ticket permits it. An attacker on
    /// the network can send it to the server again.
    #[cfg(feature = "http3")]
    #[arg(long, requires = "http3", requires = "reconnect")]
    pub(super) early_request: bool,
    /// Send each line of the input with a carriage return and a line feed at its end, as SMTP, IMAP, HTTP and
    /// other protocols need it.
    #[arg(long)]
    #[cfg_attr(feature = "http3", arg(conflicts_with = "http3"))]
    pub(super) crlf: bool,
    /// Write the certificates of the server to this file in PEM, in its order, also if they are not accepted.
    #[arg(long, value_name = "FILE")]
    pub(super) save_chain: Option<PathBuf>,
    /// Print the report as one JSON object on standard output, and end the connection. No data goes either
    /// way. If the connection fails, the object has the error.
    #[arg(long, conflicts_with_all = ["send", "reconnect", "crlf"])]
    #[cfg_attr(feature = "http3", arg(conflicts_with = "http3"))]
    pub(super) json: bool,
    /// Print every certificate of the server in full: names, dates, key, extensions, timestamps and
    /// fingerprints.
    #[arg(long)]
    pub(super) show_cert: bool,
    /// Print each message; given twice, with its contents.
    #[arg(long, short, action = clap::ArgAction::Count)]
    pub(super) trace: u8,
    /// Write the secrets of the connection to the file that the environment variable SSLKEYLOGFILE names.
    #[arg(long)]
    pub(super) key_log: bool,
    /// Write the secrets of the connection to the end of this file, for programs such as Wireshark. With
    /// these secrets, a recording of the connection can be decrypted.
    #[arg(long, value_name = "FILE", visible_alias = "keylog", conflicts_with = "key_log")]
    pub(super) key_log_file: Option<PathBuf>,
    /// Time limit in seconds for connecting and the handshake; with --http3 also for the silence of the
    /// server during its answer.
    #[arg(long, value_name = "SECONDS", default_value_t = 15)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) timeout: u64,
    /// Seconds of silence after which to give up, once standard input has ended: by default 30, or half a
    /// second if neither side has sent anything, as with </dev/null. With 0, close_notify is sent at once,
    /// and many servers then stop answering.
    #[arg(long, value_name = "SECONDS")]
    pub(super) wait: Option<u64>,
    /// Print errors only.
    #[arg(long, short)]
    pub(super) quiet: bool,
}

/// When to send KeyUpdate (RFC 9846 section 4.7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum KeyUpdates {
    /// After the handshake.
    Start,
    /// Then, and after each piece of data from the server.
    Data,
}

const AFTER_HELP: &str = "\
Examples:
  printf 'GET / HTTP/1.0\\r\\nHost: example.com\\r\\n\\r\\n' | cairn connect example.com:443
  cairn connect 127.0.0.1:8443 --ca ca.pem --name localhost --trace
  cairn connect https://example.com/ --send $'GET / HTTP/1.0\\r\\n\\r\\n'
  cairn connect example.com --suites TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 --groups secp384r1
  cairn connect example.com --reconnect 5
  cairn connect example.com --reconnect 1 --send $'GET / HTTP/1.0\\r\\n\\r\\n'
  cairn connect example.com --tls 1.3 --key-update
  cairn connect example.com --tls 1.3 --reconnect 1 --early-data request.txt
  cairn connect example.com --policy compatible --floor forward-secrecy,128
  SSLKEYLOGFILE=keys.log cairn connect example.com --key-log
  cairn connect --starttls smtp mail.example.com:587
  cairn connect postgres://db.example.com --show-cert </dev/null
  cairn connect --http3 https://example.com/";

impl Args {
    /// Whether the connection uses HTTP/3.
    pub(super) const fn uses_http3(&self) -> bool {
        #[cfg(feature = "http3")]
        let uses = self.http3;
        #[cfg(not(feature = "http3"))]
        let uses = false;
        uses
    }

    /// Whether requests of HTTP/3 go as early data.
    pub(super) const fn sends_early_requests(&self) -> bool {
        #[cfg(feature = "http3")]
        let sends = self.early_request;
        #[cfg(not(feature = "http3"))]
        let sends = false;
        sends
    }

    /// The protocol that is spoken before TLS.
    pub(super) fn starttls(&self) -> Result<Option<Protocol>, Failure> {
        if self.destination.target.starttls.is_some() && self.uses_http3() {
            return Err(Failure::new(Code::Local, "--http3 needs an https:// URL or HOST:PORT"));
        }
        self.destination.starttls()
    }

    /// The versions of TLS to speak.
    pub(super) fn versions(&self) -> Result<Versions, Failure> {
        Choice { tls: self.tls, suites: &self.suites, renegotiate: self.renegotiate }.versions()
    }

    /// The data to send in place of standard input, if there is any.
    pub(super) fn text_to_send(&self) -> Option<Input> {
        Some(self.with_line_ends(io::Cursor::new(self.send.clone()?)))
    }

    /// The data to send: the text, or standard input.
    pub(super) fn input(&self) -> Input {
        self.text_to_send().unwrap_or_else(|| self.with_line_ends(io::stdin()))
    }

    /// An input with the line ends that are asked for.
    fn with_line_ends(&self, input: impl io::Read + Send + 'static) -> Input {
        if self.crlf { Box::new(Crlf::new(input)) } else { Box::new(input) }
    }

    /// The time limits for a silent server.
    pub(super) fn patience(&self) -> Patience {
        const AT_FIRST: Duration = Duration::from_millis(500);
        const FOR_MORE: Duration = Duration::from_secs(30);
        let time = |by_default| self.wait.map_or(by_default, Duration::from_secs);
        Patience { at_first: time(AT_FIRST), for_more: time(FOR_MORE) }
    }
}
