//! An observer that emits events of the crate `tracing`.

use crate::observe::{ObservedHandshake, ObservedQuestion, Observer};
use cairn_tls::{Side, tls_error};
use core::time::Duration;
use tracing::{debug, trace, warn};

/// An [`Observer`] that emits events of the crate `tracing`: a handshake at the level `DEBUG`, a failed one
/// at `WARN`, and a question at `TRACE`. Their target is `cairn_tokio`.
///
/// The events are in the span of the task that performs the handshake, so a program that enters a span for
/// each connection finds them there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tracing;

const TARGET: &str = "cairn_tokio";

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

impl Observer for Tracing {
    fn handshake(&self, handshake: &ObservedHandshake<'_>) {
        let role = match handshake.side {
            Side::Client => "client",
            Side::Server => "server",
        };
        let micros = micros(handshake.time);
        match handshake.result {
            Ok(summary) => debug!(
                target: TARGET,
                role,
                version = %summary.version(),
                suite = %summary.suite().id(),
                group = summary.group().map(tracing::field::display),
                resumed = summary.is_resumed(),
                micros,
                "handshake complete"
            ),
            Err(error) => warn!(
                target: TARGET,
                role,
                alert = tls_error(error).and_then(|error| error.alert).map(tracing::field::display),
                micros,
                error = %error,
                "handshake failed"
            ),
        }
    }

    fn question(&self, question: &ObservedQuestion) {
        trace!(
            target: TARGET,
            question = question.question,
            answered = question.is_answered,
            micros = micros(question.time),
            "question"
        );
    }
}
