//! Observation of handshakes, for metrics, logs and traces.

use cairn_tls::{Side, Summary};
use core::time::Duration;
use std::io;

/// Observes connections. An observer gets no secret. Its methods must not block.
///
/// With the feature `tracing`, `Tracing` is an observer that emits events.
pub trait Observer: Send + Sync {
    /// A handshake has ended. One that is dropped, because its future is, is not reported.
    fn handshake(&self, handshake: &ObservedHandshake<'_>) {
        let _not_needed = handshake;
    }

    /// A question was answered, or not.
    fn question(&self, question: &ObservedQuestion) {
        let _not_needed = question;
    }
}

/// The end of a handshake.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ObservedHandshake<'a> {
    /// Our role.
    pub side: Side,
    /// The time since its start, with that of all answers.
    pub time: Duration,
    /// The negotiated parameters, or the error: see
    /// [`HandshakeFailed::error`](crate::HandshakeFailed::error).
    pub result: Result<&'a Summary, &'a io::Error>,
}

/// The end of a question that an [`Answerer`](crate::Answerer) got.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ObservedQuestion {
    /// The name of the question: [`cairn_tls::Question::name`].
    pub question: &'static str,
    /// The time to the answer.
    pub time: Duration,
    /// Whether there was an answer.
    pub is_answered: bool,
}
