//! The TLS handshake as a state machine without I/O: message order, negotiation and policy (RFC 5246
//! sections 7.3 and 7.4, RFC 9846 section 4).
//!
//! A [`Machine`] takes one [`Input`] at a time and returns an ordered [`Flight`] of things to do and a
//! [`Next`]:
//!
//! ```text
//!  Start | Message | ChangeCipherSpec | Alert | Renegotiate | Answer | Abort | NotJoined
//!        │
//!   (state, input) ─▶ one transition table ─▶ new state
//!        │
//!  Send | SendChangeCipherSpec | SendAlert | Keys | LimitRecords | ApplicationData | Event(…), in order
//!  then one of: AwaitPeer | Ask(question) | Failed(error with its alert)
//! ```
//!
//! The machine has no side effects: no I/O, no clock, no cache lookup, no private key operation, no
//! certificate verification. For these it asks a [`Question`] and continues when the [`Answer`] arrives,
//! immediately or much later. The same inputs always give the same outputs, so a handshake can be recorded,
//! replayed and fuzzed.
//!
//! The machine is independent of records. [`Joiner`] reassembles messages from the fragments of any
//! transport, so QUIC or DTLS can drive the machine just as TLS records do.
//!
//! # Example
//!
//! Both sides in memory, without records: the messages in the flight of one side are the next inputs of the
//! other.
//!
//! ```
//! use cairn_crypto::{KeySpec, PrivateKeyDer, PublicKey};
//! use cairn_handshake::*;
//! use std::{collections::VecDeque, error::Error, sync::Arc};
//!
//! const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);
//!
//! /// Takes a step, answers questions, and queues the messages for the peer.
//! fn step(
//!     machine: &mut Machine,
//!     input: Input<'_>,
//!     (credential, trusted): (&Arc<Credential>, &PublicKey),
//!     queue: &mut VecDeque<Option<Vec<u8>>>,
//! ) -> Result<(), Box<dyn Error>> {
//!     let mut flight = Flight::new();
//!     let mut next = machine.step(input, &mut flight)?;
//!     while let Next::Ask(id) = next {
//!         let (_, question) = machine.question().ok_or("nothing is asked")?;
//!         let answer = match question {
//!             Question::FindSession(_) => Answer::Session(SessionAnswer { session: None, now: NOW }),
//!             Question::ChooseServerCredential(_) => Answer::Credential(Some(Arc::clone(credential))),
//!             Question::Sign(sign) => {
//!                 let key = sign.credential.key.as_ref().ok_or("the key is elsewhere")?;
//!                 let provider = cairn_provider_aws_lc::provider();
//!                 Answer::Signature(key.sign(sign.scheme, sign.message, &mut provider.rng())?)
//!             }
//!             // A real program verifies the chain here and takes the key from its first certificate.
//!             Question::VerifyPeer(_) => {
//!                 let public_key = trusted.clone();
//!                 let key = PeerKey { public_key, may_sign: true, may_encrypt: true, only_scheme: None };
//!                 Answer::PeerVerified(key.into())
//!             }
//!             _ => Answer::Failed,
//!         };
//!         next = machine.step(Input::Answer(id, answer), &mut flight)?;
//!     }
//!     let (bytes, items) = flight.drain();
//!     for item in items {
//!         match item {
//!             Item::Send { bytes: range, .. } => queue.push_back(Some(bytes[range].to_vec())),
//!             Item::SendChangeCipherSpec { .. } => queue.push_back(None),
//!             // Item::Keys would go to the record layer, Event::SaveSession to the cache, …
//!             _ => {}
//!         }
//!     }
//!     if let Next::Failed(error) = next { Err(error.into()) } else { Ok(()) }
//! }
//!
//! # fn main() -> Result<(), Box<dyn Error>> {
//! let provider = cairn_provider_aws_lc::provider();
//! let pkcs8 = provider.keys.generate(KeySpec::EcP256, &mut provider.rng())?;
//! let key = provider.keys.load(PrivateKeyDer::Pkcs8(pkcs8.expose()))?;
//! let trusted = key.public_key().clone();
//! let credential = Arc::new(Credential::new(CertificateChain::new(&[b"a certificate in DER"])?, key));
//!
//! let mut client = ClientPolicy::modern(provider.clone());
//! client.alpn_protocols = vec![b"h2".to_vec()];
//! // Without records there is no middlebox to imitate TLS 1.2 for.
//! client.tls13.middlebox_compatibility = false;
//! client.check()?;
//! let mut server = ServerPolicy::modern(provider);
//! server.alpn_protocols = vec![b"h2".to_vec()];
//! server.check()?;
//!
//! let client = Machine::client(Arc::new(client), Some("cairn.example".into()), None);
//! let mut ends = [client, Machine::server(Arc::new(server))];
//! let mut queues = [VecDeque::new(), VecDeque::new()];
//! for (end, queue) in ends.iter_mut().zip(&mut queues) {
//!     step(end, Input::Start { now: NOW }, (&credential, &trusted), queue)?;
//! }
//! while !ends.iter().all(Machine::is_established) {
//!     let from = usize::from(queues[0].is_empty());
//!     let said = queues[from].pop_front().ok_or("both wait for the other")?;
//!     let end = &mut ends[1 - from];
//!     let input = match &said {
//!         Some(bytes) => {
//!             let message = RawMessage { msg_type: cairn_wire::HandshakeType(bytes[0]), bytes };
//!             Input::Message { epoch: end.read_epoch(), message }
//!         }
//!         // Part of TLS 1.2 alone.
//!         None => Input::ChangeCipherSpec,
//!     };
//!     step(end, input, (&credential, &trusted), &mut queues[1 - from])?;
//! }
//!
//! let mut exported = [[0; 32]; 2];
//! for (end, out) in ends.iter().zip(&mut exported) {
//!     end.export_keying_material(b"EXPERIMENTAL example", None, out)?;
//! }
//! assert_eq!(exported[0], exported[1]);
//! # Ok(()) }
//! ```
//!
//! # Reading the code
//!
//! The transition tables are in `client` and `server`: the hello stage, before the version is chosen, and
//! `tls12`. Each table follows the RFC's order. A message without a row is `unexpected_message`.
//! [`transitions`] returns the tables as data. Alerts, and HelloRequest in a client, may come at any time;
//! their table is in `interrupt` ([`interrupts`]).
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod binding;
mod certificate_chain;
mod certificate_compression;
mod client;
mod client_hello_len;
mod connection;
mod credential;
mod curves;
mod delegated_credential;
mod error;
mod expected;
mod ext;
mod flight;
mod input;
mod interrupt;
mod joiner;
mod kx;
mod machine;
mod negotiated;
mod out;
mod phase;
mod policy;
mod post_handshake_authentication;
mod question;
mod quic;
mod raw_message;
mod record_sizes;
mod requested_certificate;
mod resumption;
mod role;
mod security;
mod server;
mod session;
mod stapled;
mod summary;

mod table;
mod time;
mod tls12;
mod tls13;
mod transition;
mod trigger;
mod verify;

pub use binding::{Binding, Digest};
pub use certificate_chain::CertificateChain;
pub use certificate_compression::{CertificateCompression, DecompressionError};
pub use credential::Credential;
pub use delegated_credential::DelegatedCredential;
pub use error::{HandshakeError, HandshakeErrorKind, Misuse};
pub use ext::max_fragment_length::MaxFragmentLength;
pub use flight::{Event, Flight, Item, KeyLogLine, PeerChangeCipherSpec};
pub use input::{
    Answer, Input, KnownPsk, NewTicket, PeerKey, Psk, PskChoice, PskUse, QuestionId, SessionAnswer, Verified,
};
pub use joiner::Joiner;
pub use machine::{Machine, Next, interrupts, transitions};
pub use phase::Phase;
pub use policy::{
    ClientAuthentication, ClientPolicy, EarlyDataPolicy, ExternalPskUse, Limits, OfferedPsk, Policy,
    PolicyError, PskModes, Renegotiation, RenegotiationLimits, Requirement, ResumptionPolicy, ServerPolicy,
    SuiteOrder, TicketCounts, Tls12ClientPolicy, Tls12ServerPolicy, Tls13ClientPolicy, Tls13ServerPolicy,
    check_suite, has_group_for, is_legacy_scheme,
};
pub use post_handshake_authentication::{ClientIdentity, PostHandshakeAuthentication};
pub use question::{
    ChooseClientCredential, ChooseConfiguration, ChoosePsk, ChooseServerCredential, ConsumePsk,
    DecryptPremaster, FindPsk, FindSession, OwnedQuestion, Question, SealTicket, Sign, VerifyPeer,
};
pub use quic::QuicParameters;
pub use raw_message::RawMessage;
pub use record_sizes::RecordSizeLimits;
pub use requested_certificate::{RequestMismatch, RequestedCertificate};
pub use resumption::{NotResumed, Resumption};
pub use security::{
    Floor, Integrity, KeyExchangeEvidence, Part, PeerProof, Proof, Security, Shortfall, Strength,
};
pub use session::{
    Endpoint, QuicSession, Session, SessionSide, SessionState, Tls12Reference, Tls12Session, Tls12Ticket,
    Tls13Reference, Tls13Session,
};
pub use stapled::Stapled;
pub use summary::{EarlyData, Summary, SummaryParameters, SummarySide, Tls12Summary, Tls13Summary};
pub use time::UnixTime;
pub use tls13::write_keys::{WriteKeys, WriteKeysUpdate};
pub use transition::{InterruptRow, Row, Table};

/// Tests the examples in `README.md`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
