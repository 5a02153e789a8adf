//! One connection of a client: the handshake, and the explanation of a failure.

use super::{
    args::{Args, KeyUpdates},
    chain,
    config::config,
    early::{self, Early},
    outcome::Asked,
    pipe,
    pipe::Input,
    session_file::{SessionFile, Usable},
    starttls,
    via::{self, ProxyArgument, ProxyUrl},
    withheld,
};
use crate::{
    explain::{self, certificates, plain},
    failure::{Code, Failure},
    files::Trusted,
    names::{self, Protocol},
    net::{self, Transport},
    output::note,
    show::{
        certificate, report,
        watch::{Print, Seen, Watch},
    },
};
use alloc::sync::Arc;
use cairn_tls::{
    ClientConfig, Connection, ErrorKind, Handshake, HandshakeErrorKind, NotResumed, Policy, Renegotiation,
    Resumption, ServerName, Side, Stream, Trace, tls_error,
    wire::{AlertDescription, KeyUpdateRequest},
    x509::CertificateFacts,
};
use core::{cell::Cell, fmt, time::Duration};
use std::io::{self, Read, Write};

/// The minimum size of RSA keys for verifying signatures, in bits.
const LEAST_RSA_BITS: usize = 2048;

const NEEDS_TLS13: &str = "Only TLS 1.3 has KeyUpdate: --tls 1.3 speaks no other version.";

/// The common parts of all connections of a run.
pub(super) struct Client<'a> {
    pub(super) args: &'a Args,
    pub(super) config: ClientConfig,
    trusted: Trusted,
    pub(super) name: ServerName,
    /// The port of the server.
    pub(super) port: u16,
    /// The protocol before TLS.
    pub(super) starttls: Option<Protocol>,
    /// The proxy of `--proxy`.
    pub(super) proxy: Option<ProxyUrl>,
    is_chain_saved: Cell<bool>,
    /// The sessions of `--session-file`.
    sessions: Option<Arc<SessionFile>>,
}

/// A connection after its handshake, with the recorded messages.
pub(super) struct Opened {
    pub(super) tls: Stream<Transport>,
    watch: Arc<Watch>,
    pub(super) early: Early,
}

/// Whether a connection resumed a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Session {
    /// It did.
    Resumed,
    /// It did not: the reason, or `None` if there was no session.
    New(Option<NotResumed>),
}

impl Session {
    /// That of a connection after its handshake.
    pub(super) fn of(tls: &Stream<Transport>) -> Self {
        match tls.summary().map(|summary| summary.resumption) {
            Some(Resumption::Full(reason)) => Self::New(reason),
            Some(_) => Self::Resumed,
            None => Self::New(None),
        }
    }
}

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resumed => f.write_str("resumed"),
            Self::New(None) => f.write_str("not resumed"),
            Self::New(Some(reason)) => write!(f, "not resumed: {reason}"),
        }
    }
}

impl<'a> Client<'a> {
    pub(super) fn new(args: &'a Args) -> Result<Self, Failure> {
        let name = args.destination.name()?;
        let starttls = args.starttls()?;
        let sessions = match &args.session_file {
            Some(path) => {
                let usable = Usable { versions: args.versions()?, suites: args.suites.clone() };
                Some(Arc::new(SessionFile::open(path, usable)?))
            }
            None => None,
        };
        let (config, trusted) = config(args, &name, sessions.clone())?;
        Ok(Self {
            args,
            config,
            trusted,
            name,
            port: args.destination.target.port(starttls),
            starttls,
            proxy: args.proxy.as_ref().map(ProxyArgument::url).transpose()?,
            is_chain_saved: Cell::new(false),
            sessions,
        })
    }

    /// Whether the sessions of `--session-file` could be written.
    pub(super) fn sessions_written(&self) -> Result<(), Failure> {
        self.sessions.as_ref().map_or(Ok(()), |sessions| sessions.result())
    }

    pub(super) fn timeout(&self) -> Duration {
        Duration::from_secs(self.args.timeout)
    }

    /// Connects, sends the early data and the input, and prints the answer.
    pub(super) fn converse(&self, input: Input, early_data: &[u8]) -> Result<(Session, Early), Failure> {
        let Opened { tls, watch, early } = self.handshake(early_data)?;
        let session = Session::of(&tls);
        let arrived = early.arrived();
        let late = early_data.get(arrived..).unwrap_or_default().to_vec();
        let input: Input = if late.is_empty() { input } else { Box::new(io::Cursor::new(late).chain(input)) };
        let refuses = self.args.renegotiation != Renegotiation::Allowed;
        let asked = || if refuses && watch.seen().hello_request { Asked::AndRefused } else { Asked::Nothing };
        let updates = self.args.key_update == Some(KeyUpdates::Data);
        let done = pipe::run(tls, (arrived, input), self.args.patience(), asked, updates, self.args.quiet);
        let seen = watch.seen();
        if !self.args.quiet
            && let Some(updates) = seen.key_updates()
        {
            note(updates);
        }
        done.map_err(|failure| self.with_client_certificate(failure, &seen))?;
        Ok((session, early))
    }

    /// An observer of a connection, which prints what `--trace` asks for.
    pub(super) fn watch(&self) -> Arc<Watch> {
        Watch::printing(Print::times(self.args.trace), "")
    }

    /// Connects, sends early data if it can, and completes the handshake. Prints a report unless `--quiet` is
    /// given.
    pub(super) fn handshake(&self, early_data: &[u8]) -> Result<Opened, Failure> {
        self.handshake_with(early_data, &self.watch())
    }

    /// As [`Client::handshake`], with this observer. Writes the file of `--save-chain`, whether the handshake
    /// is successful or not.
    pub(super) fn handshake_with(&self, early_data: &[u8], watch: &Arc<Watch>) -> Result<Opened, Failure> {
        let opened = self.open(early_data, watch);
        let chain = watch.seen().peer_chain;
        let saved = match &opened {
            Err(_) if chain.is_empty() => Ok(()),
            Ok(opened) if chain.is_empty() => {
                // A resumed session has the chain of its first connection.
                let chain = opened.tls.summary().and_then(|summary| summary.peer_chain.as_deref());
                let chain = chain.filter(|chain| chain.end_entity().is_some());
                self.save_chain(chain.into_iter().flat_map(|chain| chain.iter()))
            }
            _ => self.save_chain(chain.iter().map(Vec::as_slice)),
        };
        match (opened, saved) {
            (Ok(opened), saved) => saved.map(|()| opened),
            (Err(failure), Ok(())) => Err(failure),
            // The failure of the connection matters more.
            (Err(failure), Err(unsaved)) => Err(failure.hint(unsaved.message())),
        }
    }

    /// Writes the chain of the first connection, if that is asked for.
    pub(super) fn save_chain<'c>(&self, chain: impl IntoIterator<Item = &'c [u8]>) -> Result<(), Failure> {
        match &self.args.save_chain {
            Some(path) if !self.is_chain_saved.replace(true) => chain::save(path, chain, self.is_quiet()),
            _ => Ok(()),
        }
    }

    /// Whether only errors are printed.
    pub(super) const fn is_quiet(&self) -> bool {
        self.args.quiet || self.args.json
    }

    fn open(&self, early_data: &[u8], watch: &Arc<Watch>) -> Result<Opened, Failure> {
        let Self { args, config, name, .. } = self;
        let transport = self.reach()?;
        let mut connection = Connection::client(config, (name.clone(), self.port));
        let trace: Arc<dyn Trace> = watch.clone();
        connection.set_trace(&trace);
        let mut tls = Stream::new(connection, transport)
            .map_err(|error| explain::stream(&error.into(), Side::Client))?;
        let sent = early::send(&mut tls, early_data)?;
        if let Err(error) = tls.handshake() {
            let failure = self.explain(&error, &watch.seen());
            let failure = self.not_tls(failure, &error, tls.transport().heard());
            tls.transport_mut().linger();
            return Err(failure);
        }
        if args.renegotiate {
            self.renegotiate(&mut tls, watch)?;
        }
        if !self.is_quiet() {
            self.report(&tls, &watch.seen());
        }
        if args.key_update.is_some() {
            update_keys(&mut tls)?;
        }
        tls.transport_mut().set_deadline(None);
        let early = Early::of(&tls, sent, early_data);
        Ok(Opened { tls, watch: Arc::clone(watch), early })
    }

    /// A connection to the server on which TLS can start.
    fn reach(&self) -> Result<Transport, Failure> {
        let host = &self.args.destination.target.host;
        let mut transport = match &self.proxy {
            Some(proxy) => via::connect(proxy, host, self.port, self.timeout())?,
            None => net::connect(host, self.port, self.timeout())?,
        };
        if !self.is_quiet()
            && let Ok(address) = transport.tcp().peer_addr()
        {
            let name = if host.is_international() { format!(", {host}") } else { String::new() };
            match &self.proxy {
                Some(proxy) => {
                    let server = host.with_port(self.port);
                    note(format_args!("connected to {server}{name}, through the proxy {proxy}"));
                }
                None => note(format_args!("connected to {address}{name}")),
            }
        }
        transport.set_deadline(Some(self.timeout()));
        if let Some(protocol) = self.starttls {
            starttls::start(&mut transport, protocol, &self.name)?;
            if !self.is_quiet() {
                note(format_args!("{protocol}: the server starts TLS"));
            }
        }
        Ok(transport)
    }

    /// Explains the failure of a handshake with a server that does not seem to speak TLS. `heard` are its
    /// first bytes.
    fn not_tls(&self, failure: Failure, error: &io::Error, heard: &[u8]) -> Failure {
        if let Some(protocol) = self.starttls {
            return if plain::is_plain(heard) { starttls::goes_on(protocol, heard) } else { failure };
        }
        if plain::is_plain(heard) {
            return plain::failure(heard, self.port);
        }
        let is_silent = heard.is_empty()
            && match tls_error(error) {
                Some(error) => matches!(error.kind, ErrorKind::Truncated),
                None => true,
            };
        if is_silent { failure.hint(plain::silent(self.port)) } else { failure }
    }

    /// Prints the negotiated parameters and the identity of the server.
    fn report(&self, tls: &Stream<Transport>, seen: &Seen) {
        let Some(summary) = tls.summary() else { return };
        note(report::text(&report::rows(summary, "server"), "  ").trim_end());
        if self.args.channel_bindings {
            note(report::text(&report::channel_bindings(tls.reader()), "  ").trim_end());
        }
        if let Some(chain) = summary.peer_chain.as_ref().filter(|chain| chain.end_entity().is_some()) {
            note(self.certificates(chain.iter()));
        }
        if self.args.show_cert {
            let stapled = summary.stapled().map(|stapled| stapled.signed_certificate_timestamps.as_slice());
            for timestamp in stapled.unwrap_or_default() {
                note(format_args!(
                    "  timestamp beside the certificate: {}",
                    certificate::timestamp(timestamp)
                ));
            }
        }
        if self.args.insecure {
            note("  not checked: --insecure accepts any");
        }
        if summary.tls12().is_some_and(|tls12| !tls12.secure_renegotiation) {
            note("  --legacy-server-connect: the server does not protect renegotiation (RFC 5746)");
        }
        if let Some(why) = withheld::why(self.args.cert.as_deref(), seen) {
            note(format_args!("  {why}"));
        }
    }

    /// The certificates of the server, in full with `--show-cert`.
    pub(super) fn certificates<'c>(&self, chain: impl IntoIterator<Item = &'c [u8]>) -> String {
        let text = match self.args.show_cert {
            true => certificate::full_chain(chain),
            false => report::chain(chain),
        };
        format!("the server's certificate\n{}", text.trim_end())
    }

    /// Performs a renegotiation.
    fn renegotiate(&self, tls: &mut Stream<Transport>, watch: &Watch) -> Result<(), Failure> {
        let misused = |misuse| Failure::new(Code::Local, format!("no renegotiation: {misuse}"));
        tls.renegotiate().map_err(misused)?;
        let came = tls.handshake().map_err(|error| self.explain(&error, &watch.seen()))?;
        let words = match came {
            Handshake::Complete => "renegotiated",
            Handshake::Refused => "the server refused the renegotiation",
            Handshake::Closed => {
                let what = "the server closed the connection before the renegotiation was complete";
                return Err(Failure::new(Code::Tls, what));
            }
            Handshake::Question(_) => {
                return Err(Failure::new(Code::Local, "a question of the handshake has no answer"));
            }
        };
        if !self.is_quiet() {
            note(words);
        }
        Ok(())
    }

    /// Explains a failed handshake by the messages received.
    fn explain(&self, error: &io::Error, seen: &Seen) -> Failure {
        let failure = explain::stream(error, Side::Client);
        let Some(error) = tls_error(error) else { return failure };
        let failure = match error.kind {
            ErrorKind::Certificate(refused) => {
                let chain = &seen.peer_chain;
                if !chain.is_empty() && !self.args.json {
                    note(self.certificates(chain.iter().map(Vec::as_slice)));
                }
                let case = certificates::Case {
                    side: Side::Client,
                    chain,
                    name: Some(&self.name),
                    trusted: &self.trusted,
                    is_connected: true,
                };
                certificates::hints(&refused, &case).into_iter().fold(failure, Failure::hint)
            }
            ErrorKind::Handshake(handshake) => match handshake.kind {
                HandshakeErrorKind::PeerAlert(AlertDescription::HANDSHAKE_FAILURE)
                    if seen.peer_chain.is_empty() && seen.certificate_request.is_none() =>
                {
                    self.nothing_in_common(failure)
                }
                HandshakeErrorKind::PeerAlert(_) | HandshakeErrorKind::ClosedDuringHandshake => failure,
                _ => weak_key(seen, &failure).unwrap_or(failure),
            },
            _ => failure,
        };
        self.with_client_certificate(failure, seen)
    }

    /// The server answered our hello with handshake_failure, which has no reason, so the hint lists what was
    /// offered.
    fn nothing_in_common(&self, failure: Failure) -> Failure {
        let policy = self.config.policy();
        let of_tls13 = policy.tls13.suites.iter().map(|suite| suite.id);
        let suites: Vec<_> = of_tls13.chain(policy.tls12.suites.iter().map(|suite| suite.id)).collect();
        let groups = names::list(&policy.groups, ToString::to_string);
        let failure = failure.hint(format!(
            "The server found no cipher suite, group or signature scheme in common. Offered were the suites \
            {}; and the groups {groups}.",
            explain::negotiation::names(&suites)
        ));
        let other_suites = match self.args.policy.unwrap_or_default() {
            _ if !self.args.suites.is_empty() => "--suites names other suites",
            Policy::Modern => "--policy compatible offers older suites too, --policy legacy the oldest",
            Policy::Compatible => "--policy legacy offers still older suites",
            _ => "--suites names suites that are in no policy",
        };
        failure.hint(format!("{other_suites}; --groups names other groups."))
    }

    /// Adds to a failure whether the server asked for a certificate and received none.
    fn with_client_certificate(&self, failure: Failure, seen: &Seen) -> Failure {
        let is_about_that = matches!(failure.code(), Code::Tls | Code::Truncated);
        match withheld::why(self.args.cert.as_deref(), seen).filter(|_| is_about_that) {
            Some(why) => failure.hint(why),
            None => failure,
        }
    }
}

/// Sends a KeyUpdate that asks for one of the server.
fn update_keys(tls: &mut Stream<Transport>) -> Result<(), Failure> {
    tls.update_keys(KeyUpdateRequest::UpdateRequested)
        .map_err(|misuse| Failure::new(Code::Local, format!("no KeyUpdate: {misuse}")).hint(NEEDS_TLS13))?;
    tls.flush().map_err(|error| explain::stream(&error, Side::Client))
}

/// A failure that names the size of the server's key, if it is too weak to verify signatures.
fn weak_key(seen: &Seen, failure: &Failure) -> Option<Failure> {
    let facts = CertificateFacts::from_der(seen.peer_chain.first()?).ok()?;
    let bits = facts.rsa_bits().filter(|bits| *bits < LEAST_RSA_BITS)?;
    let what = format!(
        "the server's certificate has an RSA key of {bits} bits, which is too weak: the minimum is \
        {LEAST_RSA_BITS}, with --insecure too: {}",
        failure.message()
    );
    Some(Failure::new(Code::Certificate, what).hint(certificates::weak_key()))
}
