//! The parameters of a TLS 1.3 handshake between ServerHello and Finished.

use crate::{
    error::HandshakeErrorKind,
    flight::Out,
    negotiated::Negotiated,
    record_sizes::MAX_PLAINTEXT,
    security::{Floor, SuiteFacts},
    summary::{Summary, SummaryParameters, Tls13Summary},
    tls13::post_handshake::MainHandshake,
};
use cairn_schedule::{
    Direction,
    tls13::{Tls13Suite, Transcript},
};
use cairn_wire::Random;

/// It is boxed, so that moving a state does not move it.
pub(crate) struct Tls13Negotiated {
    /// What every version negotiates.
    pub(crate) common: Negotiated,
    pub(crate) suite: &'static Tls13Suite,
    /// ClientHello.random, which names the connection in a key log.
    pub(crate) client_random: Random,
    pub(crate) transcript: Transcript,
    /// Whether the server sent HelloRetryRequest.
    pub(crate) retried: bool,
    /// Whether the server may request a certificate after the handshake.
    pub(crate) post_handshake_auth: bool,
}

impl Tls13Negotiated {
    /// The report of the complete handshake, and what later authentications of the client need of it.
    pub(crate) fn into_summary(self) -> (Summary, Option<MainHandshake>) {
        let Self { common, suite, transcript, retried, post_handshake_auth, client_random: _ } = self;
        let client_type = common.client_certificate_type;
        let main =
            post_handshake_auth.then(|| MainHandshake::new(transcript, suite, common.evidence, client_type));
        let parameters = SummaryParameters::Tls13(Tls13Summary { suite, retried });
        (common.into_summary(parameters, None), main)
    }

    /// Checks what was negotiated against the floor of the policy.
    pub(crate) fn check_floor(&self, floor: &Floor) -> Result<(), HandshakeErrorKind> {
        self.common.check_floor(SuiteFacts::of_tls13(self.suite), floor)
    }

    /// Limits the records of a direction as record_size_limit says. RFC 8449 section 4: "The value
    /// includes the content type and padding added in TLS 1.3", so the content may have one byte less.
    pub(crate) fn limit_records(&self, direction: Direction, out: &mut Out<'_>) {
        let Some(limits) = self.common.record_size_limits else { return };
        let limit = match direction {
            Direction::Read => limits.ours,
            Direction::Write => limits.theirs,
        };
        out.limit_records(direction, limit.saturating_sub(1).min(MAX_PLAINTEXT));
    }
}
