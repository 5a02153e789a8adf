//! Violations of the machine's contract by its caller.

use super::HandshakeError;
use cairn_schedule::ScheduleError;
use core::fmt;

/// The caller violated the machine's contract. The call had no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misuse {
    /// [`crate::Input::Start`] a second time, or another input before it.
    NotStartedOnce,
    /// A message or ChangeCipherSpec of the peer while a question is pending.
    QuestionPending,
    /// An answer to a question that is not pending.
    StaleAnswer,
    /// An answer that does not fit the pending question.
    WrongAnswer {
        /// The question's name.
        question: &'static str,
    },
    /// The machine has already failed and accepts no more input.
    Failed(HandshakeError),
    /// The handshake is not complete yet.
    NotComplete,
    /// The policy does not permit renegotiation, or the version is TLS 1.3, which has none.
    NoRenegotiation,
    /// The peer does not support secure renegotiation (RFC 5746).
    NoSecureRenegotiation,
    /// The connection has reached its limit of renegotiations.
    TooManyRenegotiations {
        /// The limit.
        limit: u8,
    },
    /// `tls-exporter` is not defined on connections that can renegotiate (RFC 9266 section 2).
    NotWithRenegotiation,
    /// Without the extended master secret, exporters and `tls-unique` do not identify the handshake (RFC 7627
    /// sections 1 and 5.4): a man in the middle can give two connections the same secrets.
    NoExtendedMasterSecret,
    /// `tls-unique` is not defined in TLS 1.3 (RFC 9266 section 3). Use `tls-exporter`.
    NoTlsUnique,
    /// Keys are updated on their own in TLS 1.3 only, after its handshake (RFC 9846 section 4.7.3).
    NoKeyUpdate,
    /// This side cannot request a certificate after the handshake (RFC 9846 section 4.7.2): it is not a
    /// server, the handshake of TLS 1.3 is not complete, the client has not sent post_handshake_auth, or
    /// [`crate::Tls13ServerPolicy::post_handshake_authentication`] does not permit it, now or in the
    /// handshake.
    NoPostHandshakeAuthentication,
    /// As many requests for a certificate as the limit permits are not answered yet.
    TooManyCertificateRequests {
        /// The limit: [`crate::Limits::max_certificate_requests`].
        limit: u8,
    },
    /// No early data was offered, or it was rejected, so it has no keying material (RFC 9846 section 7.5).
    NoEarlyData,
    /// The key schedule returned an error.
    Schedule(ScheduleError),
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStartedOnce => f.write_str("the machine must be started first, and only once"),
            Self::QuestionPending => {
                f.write_str("a question is pending: only alerts of the peer can be processed")
            }
            Self::StaleAnswer => f.write_str("the answer is for a question that is not pending"),
            Self::WrongAnswer { question } => {
                write!(f, "this kind of answer does not fit the question {question}")
            }
            Self::Failed(error) => write!(f, "the handshake has already failed: {error}"),
            Self::NotComplete => f.write_str("the handshake is not complete"),
            Self::NoRenegotiation => f.write_str(
                "the policy does not permit renegotiation, or the version is TLS 1.3, which has none",
            ),
            Self::NoEarlyData => f.write_str("there is no early data, or it was rejected"),
            Self::NotWithRenegotiation => f.write_str(
                "tls-exporter is not defined for a connection that may renegotiate (RFC 9266 section 2)",
            ),
            Self::NoSecureRenegotiation => {
                f.write_str("the peer does not support secure renegotiation (RFC 5746)")
            }
            Self::TooManyRenegotiations { limit } => {
                write!(f, "the connection has reached its limit of {limit} renegotiations")
            }
            Self::NoExtendedMasterSecret => f.write_str(
                "without the extended master secret, exporters and tls-unique do not identify the \
                     handshake (RFC 7627 section 5.4)",
            ),
            Self::NoTlsUnique => {
                f.write_str("tls-unique is not defined in TLS 1.3, use tls-exporter (RFC 9266 section 3)")
            }
            Self::NoKeyUpdate => {
                f.write_str("keys are updated only after a handshake of TLS 1.3 (RFC 9846 section 4.7.3)")
            }
            Self::NoPostHandshakeAuthentication => f.write_str(
                "no certificate can be requested now: that takes a server of TLS 1.3 after its handshake, a \
                     policy that permits it, and a client that has sent post_handshake_auth (RFC 9846 \
                     section 4.7.2)",
            ),
            Self::TooManyCertificateRequests { limit } => {
                write!(f, "{limit} requests for a certificate are not answered yet, which is the limit")
            }
            Self::Schedule(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for Misuse {}
