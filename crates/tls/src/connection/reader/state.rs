//! Queries about the state of the connection.

use super::{End, Notice, Reader};
use crate::{error::Error, trace::Trace};
use alloc::{boxed::Box, sync::Arc};
use cairn_config::CertificateWithheld;
#[cfg(doc)]
use cairn_handshake::RenegotiationLimits;
use cairn_handshake::{Misuse, Question, QuestionId, Summary};
use cairn_schedule::Side;
use core::time::Duration;

impl Reader {
    /// The pending question that the configuration does not answer.
    #[must_use]
    pub fn question(&self) -> Option<(QuestionId, Question<'_>)> {
        self.asked?;
        self.machine.question()
    }

    /// The next event for the caller. There are none unless the caller stores sessions, requests
    /// renegotiations, or uses authentication after the handshake.
    pub fn next_notice(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }

    /// Passes each received message to `trace`.
    pub fn set_trace(&mut self, trace: Option<Arc<dyn Trace>>) {
        self.trace = trace;
    }

    /// The role of this side.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.machine.side()
    }

    /// The handshake state, as named in the transition tables.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        self.machine.state()
    }

    /// Whether the first handshake is complete and the connection has not failed. A premature end of the
    /// peer's transport does not count as a failure.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.machine.is_complete()
    }

    /// Whether a renegotiation is in progress or requested.
    #[must_use]
    pub const fn is_renegotiating(&self) -> bool {
        self.machine.is_renegotiating()
    }

    /// Whether the last handshake that [`Reader::renegotiate`] requested was refused or not started in time.
    #[must_use]
    pub const fn is_renegotiation_refused(&self) -> bool {
        self.refused
    }

    /// Whether the client has not yet answered a request of [`Reader::request_client_certificate`].
    #[must_use]
    pub fn awaits_client_certificate(&self) -> bool {
        self.machine.outstanding_certificate_requests() > 0
    }

    /// Whether the client of this server has an identity that it did not have at the last call.
    #[cfg(feature = "std")]
    pub(crate) fn take_identified(&mut self) -> bool {
        core::mem::take(&mut self.identified)
    }

    /// Whether the client's last answer to a request of [`Reader::request_client_certificate`] was an empty
    /// Certificate message. `false` on a client.
    #[must_use]
    pub const fn is_certificate_declined(&self) -> bool {
        self.declined
    }

    /// The inputs that the handshake state accepts, as named in the transition tables.
    pub fn expected(&self) -> impl Iterator<Item = &'static str> {
        self.machine.expected()
    }

    /// The time limit of a renegotiation: [`RenegotiationLimits::max_duration`].
    #[must_use]
    pub fn renegotiation_time_limit(&self) -> Duration {
        Duration::from_secs(self.config.renegotiation_limits().max_duration.into())
    }

    /// The number of renegotiations by either side, complete or not.
    #[must_use]
    pub const fn renegotiations(&self) -> u8 {
        self.machine.renegotiations()
    }

    /// Whether the peer has sent close_notify, so that it sends nothing more. Whether our side is then closed
    /// too depends on the version: see [`Reader::set_half_close`].
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self.end, Some(End::Closed))
    }

    /// Whether the peer has sent close_notify, and our side does not answer it by itself.
    pub(crate) const fn is_half_closed(&self) -> bool {
        !matches!(self.half_close, Some(false)) && self.is_closed() && self.machine.is_tls13()
    }

    /// Sets whether our side stays open when the peer sends close_notify. It does by default.
    ///
    /// In TLS 1.3 close_notify closes only the direction of its sender, which continues to read (RFC 9846
    /// section 6.1). So the caller can still write its response, and must close our side in the end:
    /// [`Writer::close`](crate::Writer::close). With `false`, close_notify is ordered as soon as that of the
    /// peer has been received, after everything that was written before.
    ///
    /// In TLS 1.2 this has no effect. Our side is always closed then, because RFC 5246 section 7.2.1 demands
    /// it.
    pub const fn set_half_close(&mut self, permitted: bool) {
        self.half_close = Some(permitted);
    }

    /// Answers close_notify at once, as a stream does by default, unless the caller has chosen.
    #[cfg(feature = "std")]
    pub(crate) const fn answer_close_notify_by_default(&mut self) {
        if self.half_close.is_none() {
            self.half_close = Some(false);
        }
    }

    /// The error that ended the connection.
    #[must_use]
    pub const fn error(&self) -> Option<&Error> {
        match &self.end {
            Some(End::Failed(error)) => Some(error),
            _ => None,
        }
    }

    /// The negotiated parameters of the latest complete handshake.
    #[must_use]
    pub fn summary(&self) -> Option<&Summary> {
        self.summary.as_deref()
    }

    /// The reason why this client sent an empty Certificate message, if the configuration decided so. It is
    /// available as soon as the message is generated, also if the server then ends the handshake.
    #[must_use]
    pub const fn certificate_withheld(&self) -> Option<CertificateWithheld> {
        self.withheld
    }

    /// Removes and returns the negotiated parameters with the peer's chain, so that an idle connection needs
    /// less memory.
    pub fn take_summary(&mut self) -> Option<Box<Summary>> {
        self.summary.take()
    }

    /// Fills `out` with keying material (RFC 5705). An empty context differs from no context.
    ///
    /// # Errors
    /// [`Misuse::NotComplete`], [`Misuse::NoExtendedMasterSecret`] (RFC 7627 section 5.4), or
    /// [`Misuse::Schedule`] if the label is reserved for TLS.
    pub fn export_keying_material(
        &self,
        label: &[u8],
        context: Option<&[u8]>,
        out: &mut [u8],
    ) -> Result<(), Misuse> {
        self.machine.export_keying_material(label, context, out)
    }

    /// Fills `out` with keying material of early data (RFC 9846 section 7.5). A replay has the same.
    ///
    /// # Errors
    /// [`Misuse::NoEarlyData`], or [`Misuse::Schedule`] if the label is reserved for TLS.
    pub fn export_early_keying_material(
        &self,
        label: &[u8],
        context: &[u8],
        out: &mut [u8],
    ) -> Result<(), Misuse> {
        self.machine.export_early_keying_material(label, context, out)
    }
}
