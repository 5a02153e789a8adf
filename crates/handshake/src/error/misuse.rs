//! What a caller does that the contract does not have.

use super::HandshakeError;
use cairn_schedule::ScheduleError;
use core::fmt;

/// The caller did what the machine's contract forbids. Nothing has happened, and nothing is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misuse {
    /// [`crate::Input::Start`] a second time, or another input before it.
    NotStartedOnce,
    /// A message or ChangeCipherSpec of the peer while a question is pending.
    QuestionPending,
    /// An answer to a question that is not pending.
    StaleAnswer,
    /// An answer of another kind than the pending question's.
    WrongAnswer {
        /// The question's name.
        question: &'static str,
    },
    /// The machine has failed before; it takes nothing more.
    Failed(HandshakeError),
    /// The handshake is not complete yet.
    NotComplete,
    /// The policy has no renegotiation.
    NoRenegotiation,
    /// The peer does not do secure renegotiation (RFC 5746).
    NoSecureRenegotiation,
    /// As many renegotiations as the limit allows are through.
    TooManyRenegotiations {
        /// The limit.
        limit: u8,
    },
    /// Where the policy has renegotiation there is no tls-exporter (RFC 9266 section 2).
    NotWithRenegotiation,
    /// Without the extended master secret neither an exporter nor tls-unique binds the handshake (RFC 7627 sections 1
    /// and 5.4): an attacker in between can bring two connections to the same secrets.
    NoExtendedMasterSecret,
    /// The key schedule refused.
    Schedule(ScheduleError),
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStartedOnce => f.write_str("a machine must be started, once"),
            Self::QuestionPending => f.write_str("a question is pending: nothing of the peer's can be taken but an alert"),
            Self::StaleAnswer => f.write_str("the answer is to a question that is not pending"),
            Self::WrongAnswer { question } => write!(f, "the answer is not of the kind that {question} asks for"),
            Self::Failed(error) => write!(f, "the handshake has failed before: {error}"),
            Self::NotComplete => f.write_str("the handshake is not complete"),
            Self::NoRenegotiation => f.write_str("the policy has no renegotiation"),
            Self::NotWithRenegotiation => f.write_str(
                "tls-exporter is not defined for a connection that may renegotiate (RFC 9266 section 2)",
            ),
            Self::NoSecureRenegotiation => {
                f.write_str("the peer does not do secure renegotiation (RFC 5746)")
            }
            Self::TooManyRenegotiations { limit } => {
                write!(f, "there have been {limit} renegotiations, as many as the limit allows")
            }
            Self::NoExtendedMasterSecret => {
                f.write_str("without the extended master secret neither exporters nor tls-unique bind the handshake (RFC 7627 section 5.4)")
            }
            Self::Schedule(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for Misuse {}
