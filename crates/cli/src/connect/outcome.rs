//! The outcome of a connection: a complete answer, a truncated one, or one that was given up on.

use crate::failure::{Code, Failure};
use core::time::Duration;

/// The end of the transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The server sent close_notify.
    Closed,
    /// The transport ended without close_notify, or failed.
    Cut,
    /// We ended the transport, because the server did not answer our close_notify.
    Stopped,
    /// An alert or a protocol error of the server ended the connection.
    Failed,
}

/// The time limits for a silent server after the end of the input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// The limit while neither side has sent data.
    pub(super) at_first: Duration,
    /// The limit otherwise.
    pub(super) for_more: Duration,
}

impl Patience {
    /// The limit that applies now.
    pub(super) const fn with(self, course: &Course) -> Duration {
        if course.is_idle() { self.at_first } else { self.for_more }
    }

    /// The time for which the server may be silent after our close_notify. If no data flowed, nothing can be
    /// missing.
    pub(super) fn goodbye(self, course: &Course) -> Duration {
        const GOODBYE: Duration = Duration::from_secs(5);
        if course.is_idle() { GOODBYE.min(self.at_first) } else { GOODBYE }
    }
}

/// The state of sending our input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Sending {
    /// All input read so far is sent; more may follow.
    #[default]
    Idle,
    /// A piece of the input is being sent.
    Busy,
    /// The input could not be read to its end, for this reason.
    Unreadable(String),
    /// All input is sent.
    Done,
}

/// The course of the connection until its end.
#[derive(Clone, Debug, Default)]
pub(super) struct Course {
    pub(super) sending: Sending,
    /// Bytes of input sent.
    pub(super) sent: u64,
    /// Bytes of data received.
    pub(super) came: u64,
    /// The time for which the server was silent before we closed for that reason.
    pub(super) silence: Option<Duration>,
    /// We have sent close_notify.
    pub(super) closed: bool,
}

impl Course {
    /// Whether neither side sent data, so that nothing can be missing.
    const fn is_idle(&self) -> bool {
        self.sent == 0 && self.came == 0
    }
}

/// Whether the server asked for a renegotiation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Nothing,
    /// The server asked, and was refused, as is the default.
    AndRefused,
}

/// The result of the command. `failure` describes how the connection was cut off or failed.
pub(super) fn verdict(
    course: &Course,
    end: End,
    asked: Asked,
    failure: Option<Failure>,
) -> Result<(), Failure> {
    let renegotiation = |failure: Failure| match asked {
        Asked::Nothing => failure,
        Asked::AndRefused => failure.hint(
            "The server asked for a renegotiation, often to ask for a certificate, and it was refused; \
            --renegotiation allowed agrees to it.",
        ),
    };
    if let Sending::Unreadable(error) = &course.sending {
        return Err(Failure::new(Code::Local, format!("the input could not be read to its end: {error}")));
    }
    if end == End::Failed {
        return failure.map_or(Ok(()), |failure| Err(renegotiation(failure)));
    }
    let is_idle = course.is_idle();
    if let Some(silence) = course.silence
        && (!is_idle || asked == Asked::AndRefused)
    {
        return Err(renegotiation(given_up(course, silence)));
    }
    match end {
        End::Closed if course.sending == Sending::Busy => Err(renegotiation(Failure::new(
            Code::Truncated,
            "the server closed the connection while input was still being sent to it",
        ))),
        End::Closed if asked == Asked::AndRefused && course.came == 0 => {
            Err(renegotiation(Failure::new(Code::Tls, "the server closed the connection without an answer")))
        }
        End::Closed => Ok(()),
        // RFC 5246 section 7.2.1: the initiator of the close need not wait for the answer.
        End::Cut | End::Stopped if course.closed && is_idle => Ok(()),
        End::Cut => Err(renegotiation(
            failure.unwrap_or_else(|| Failure::new(Code::Truncated, "the connection was cut off")).hint(
                "Some servers never send close_notify. Then the protocol above TLS must say whether the \
                answer is complete, as Content-Length does in HTTP.",
            ),
        )),
        End::Stopped | End::Failed => Err(renegotiation(
            Failure::new(
                Code::GaveUp,
                "the server did not answer our close_notify: whether its answer is complete is unknown",
            )
            .hint("--wait SECONDS leaves the connection open for so long after the input has ended."),
        )),
    }
}

fn given_up(course: &Course, silence: Duration) -> Failure {
    let seconds = silence.as_secs_f32();
    let what = if course.came == 0 { "no answer was received" } else { "the answer may be incomplete" };
    Failure::new(
        Code::GaveUp,
        format!("gave up: the server was silent for {seconds} s and did not close the connection; {what}"),
    )
    .hint(
        "--wait SECONDS waits longer. --wait 0 closes as soon as the input has ended, for servers that \
    wait for that.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(course: &Course, end: End) -> Option<Code> {
        verdict(course, end, Asked::Nothing, None).err().map(|failure| failure.code())
    }

    fn course(sent: u64, came: u64, silence: Option<u64>) -> Course {
        let silence = silence.map(Duration::from_secs);
        Course { sending: Sending::Done, sent, came, silence, closed: true }
    }

    #[test]
    fn answer_is_complete_if_the_server_closes_before_we_give_up() {
        assert_eq!(code(&course(1, 1, None), End::Closed), None);
        assert_eq!(code(&Course { closed: false, ..course(1, 1, None) }, End::Closed), None);
        assert_eq!(code(&course(1, 1, Some(5)), End::Closed), Some(Code::GaveUp));
        assert_eq!(code(&course(1, 0, Some(5)), End::Closed), Some(Code::GaveUp));
        assert_eq!(code(&course(0, 1, Some(5)), End::Closed), Some(Code::GaveUp));
    }

    #[test]
    fn truncation_after_our_close_notify_is_a_failure() {
        assert_eq!(code(&course(1, 0, None), End::Cut), Some(Code::Truncated));
        assert_eq!(code(&course(0, 1, None), End::Cut), Some(Code::Truncated));
        assert_eq!(code(&course(1, 1, None), End::Stopped), Some(Code::GaveUp));
    }

    #[test]
    fn without_data_nothing_is_missing() {
        for silence in [None, Some(5)] {
            for end in [End::Closed, End::Cut, End::Stopped] {
                assert_eq!(code(&course(0, 0, silence), end), None, "{end:?}");
            }
        }
        assert_eq!(code(&Course::default(), End::Cut), Some(Code::Truncated));
    }

    #[test]
    fn unsent_input_is_reported() {
        let busy = Course { sending: Sending::Busy, ..course(1, 1, None) };
        assert_eq!(code(&busy, End::Closed), Some(Code::Truncated));
        let unreadable = Course { sending: Sending::Unreadable("why".into()), ..course(1, 1, None) };
        assert_eq!(code(&unreadable, End::Closed), Some(Code::Local));
    }

    #[test]
    fn refused_renegotiation_is_reported() {
        for (end, came) in [(End::Closed, 0), (End::Cut, 0), (End::Cut, 1), (End::Stopped, 1)] {
            let failure = verdict(&course(1, came, None), end, Asked::AndRefused, None);
            let hints = failure.expect_err("a failure").hints().join(" ");
            assert!(hints.contains("--renegotiation allowed"), "{end:?}: {hints}");
        }
    }
}
