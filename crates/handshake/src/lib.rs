//! The TLS handshake as a pure machine: who says what when, negotiation, and policy (RFC 5246 sections 7.3 and 7.4).
//!
//! A [`Machine`] takes one [`Input`] at a time and answers with an ordered [`Flight`] of things to do and a [`Next`]:
//!
//! ```text
//!  Start | Message | ChangeCipherSpec | Alert | Answer | Abort
//!        │
//!   (state, input) ─▶ one transition table ─▶ new state
//!        │
//!  Send | SendChangeCipherSpec | Keys | Event(…), in order
//!  then one of: AwaitPeer | Ask(question) | Failed(error with its alert)
//! ```
//!
//! It performs no effect of its own: no I/O, no clock, no cache look-up, no private-key operation, no certificate
//! check. What it needs from outside it *asks* ([`Question`]), and goes on when the [`Answer`] comes, be it at once
//! or a minute later. So the same inputs give the same outputs, and a handshake can be recorded, replayed and fuzzed.
//!
//! It knows no records either: [`Joiner`] makes messages of whatever pieces a transport brings, and QUIC or DTLS can
//! drive the machine as a stream of TLS records does.
//!
//! # Reading the code
//!
//! The transition tables are in `client` and `server`: a hello stage, before a version is known, and `tls12`. Each is
//! one screen, in the RFC's order; whatever is not in the table is `unexpected_message`. [`transitions`] gives them
//! as data.
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod client;
mod credential;
mod error;
mod established;
mod ext;
mod flight;
mod input;
mod joiner;
mod machine;
mod negotiated;
mod policy;
mod policy_check;
mod question;
mod secured;
mod server;
mod session;
mod summary;

mod table;
mod trigger;
mod verify;

pub use credential::{CertificateChain, Credential};
pub use error::{ErrorKind, HandshakeError, Misuse};
pub use flight::{Event, Flight, Item, KeyLogLine};
pub use input::{Answer, Input, PeerKey, QuestionId, RawMessage, SessionAnswer, UnixTime};
pub use joiner::Joiner;
pub use machine::{Machine, Next};
pub use policy::{ClientAuthentication, ClientPolicy, Limits, Requirement, ServerPolicy, SuiteOrder};
pub use policy_check::PolicyError;
pub use question::{ChooseClientCredential, ChooseServerCredential, FindSession, Question, Sign, VerifyPeer};
pub use session::Session;
pub use summary::Summary;
pub use table::{Row, Table, transitions};
