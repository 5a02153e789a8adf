//! Queries about the state of a machine.

use super::Machine;
use crate::{
    error::Misuse,
    input::QuestionId,
    phase::Phase,
    policy::Limits,
    question::Question,
    role::Role,
    tls12::established::{BothVerifyData, Tls12Established},
};
use cairn_crypto::Provider;
use cairn_schedule::{Epoch, Side, VERIFY_DATA_LEN};
use cairn_wire::ProtocolVersion;
use core::fmt;

impl Machine {
    /// The role of this side.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.role.side()
    }

    pub(crate) const fn role(&self) -> &Role {
        &self.role
    }

    /// The name of the current state, as in the transition tables.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        self.role.place().0
    }

    /// The phase of the connection.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.role.phase()
    }

    /// Whether a handshake is complete, no other is in progress, and the connection has not failed.
    #[must_use]
    pub const fn is_established(&self) -> bool {
        matches!(self.phase(), Phase::Established)
    }

    /// Whether the first handshake is complete and the connection has not failed. A renegotiation may be in
    /// progress.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.connection.is_complete()
    }

    /// Whether a renegotiation is in progress or requested. It costs little, because a transport may ask
    /// before each record.
    #[must_use]
    #[inline]
    pub const fn is_renegotiating(&self) -> bool {
        self.connection.is_renegotiating()
    }

    /// As [`Machine::is_renegotiating`], computed from the state, which the connection has to learn.
    pub(super) const fn is_after_first_handshake(&self) -> bool {
        self.is_complete() && (!self.is_established() || self.role.awaits_handshake())
    }

    /// The number of requests for a certificate after the handshake
    /// ([`crate::Input::RequestCertificate`]) that the client has not answered yet.
    #[must_use]
    pub fn outstanding_certificate_requests(&self) -> usize {
        match &self.role {
            Role::Server { state, .. } => state.outstanding_requests().unwrap_or_default(),
            Role::Client { .. } | Role::Failed { .. } => 0,
        }
    }

    /// The number of renegotiations by either side, complete or not.
    #[must_use]
    pub const fn renegotiations(&self) -> u8 {
        match self.connection.tls12() {
            Some(connection) => connection.renegotiations.count,
            None => 0,
        }
    }

    /// Whether the version has been chosen. Before that, records may have any version (RFC 5246 appendix
    /// E.1).
    #[must_use]
    pub const fn version_is_chosen(&self) -> bool {
        self.is_complete() || matches!(self.phase(), Phase::Handshake(_))
    }

    /// Whether TLS 1.3 has been chosen, by ServerHello or HelloRetryRequest.
    #[must_use]
    pub const fn is_tls13(&self) -> bool {
        self.role.is_tls13()
    }

    /// The version in use. `None` before it is chosen.
    #[must_use]
    pub const fn version(&self) -> Option<ProtocolVersion> {
        self.role.place().1.version
    }

    /// The epoch of the keys for reading: the `epoch` of [`crate::Input::Message`] must equal it.
    #[must_use]
    pub const fn read_epoch(&self) -> Epoch {
        self.epochs.read
    }

    /// The inputs that the current state accepts, as named in the transition tables.
    pub fn expected(&self) -> impl Iterator<Item = &'static str> {
        let (state, table) = self.role.place();
        table.expected(state)
    }

    /// The pending question.
    #[must_use]
    pub fn question(&self) -> Option<(QuestionId, Question<'_>)> {
        Some((self.pending?, self.role.question()?))
    }

    /// Whether a question is pending.
    pub(crate) const fn is_asking(&self) -> bool {
        self.pending.is_some()
    }

    /// The limits of the policy; `None` after a failure.
    pub(crate) fn limits(&self) -> Option<&Limits> {
        self.role.limits()
    }

    /// The result of the last complete handshake, if it was one of TLS 1.2, and the provider.
    fn established(&self) -> Result<(&Tls12Established, &Provider), Misuse> {
        let provider = self.role.provider().ok_or(Misuse::NotComplete)?;
        let established = self.connection.last_tls12().ok_or(Misuse::NotComplete)?;
        Ok((established, provider))
    }

    /// Fills `out` with keying material of the last complete handshake (RFC 5705). An empty context differs
    /// from no context.
    ///
    /// # Errors
    /// [`Misuse::NotComplete`], [`Misuse::NoExtendedMasterSecret`], or [`Misuse::Schedule`] if the label is
    /// reserved for TLS or the provider fails.
    pub fn export_keying_material(
        &self,
        label: &[u8],
        context: Option<&[u8]>,
        out: &mut [u8],
    ) -> Result<(), Misuse> {
        if let Some(connection) = self.connection.tls13() {
            return connection.export(label, context.unwrap_or_default(), out);
        }
        let (established, provider) = self.established()?;
        established.export(provider, label, context, out)
    }

    /// Fills `out` with keying material of early data (RFC 9846 section 7.5), which a server has as soon as
    /// it accepts early data, and a client as soon as it offers it. It depends on the ClientHello alone, so a
    /// replay has the same.
    ///
    /// # Errors
    /// [`Misuse::NoEarlyData`] without early data, or if it was rejected; [`Misuse::Schedule`] if the label
    /// is reserved for TLS or the provider fails.
    pub fn export_early_keying_material(
        &self,
        label: &[u8],
        context: &[u8],
        out: &mut [u8],
    ) -> Result<(), Misuse> {
        let exporter = self.connection.early_exporter.as_ref().ok_or(Misuse::NoEarlyData)?;
        exporter.export_early(label, context, out).map_err(Misuse::Schedule)
    }

    /// The channel binding `tls-unique`: the first Finished message of the latest handshake (RFC 5929 section
    /// 3).
    ///
    /// # Errors
    /// [`Misuse::NotComplete`]; [`Misuse::NoTlsUnique`] in TLS 1.3, where the binding is not defined (RFC
    /// 9846 appendix F.1); or [`Misuse::NoExtendedMasterSecret`]: without that extension a man in the middle
    /// can give two connections the same master secret and resume both, and then both have the same Finished
    /// messages (the triple handshake attack, RFC 7627 section 1).
    pub fn tls_unique(&self) -> Result<[u8; VERIFY_DATA_LEN], Misuse> {
        if self.connection.tls13().is_some() {
            return Err(Misuse::NoTlsUnique);
        }
        self.established()?.0.tls_unique()
    }

    /// The channel binding `tls-exporter` (RFC 9266 section 2): 32 bytes of keying material with the label
    /// `EXPORTER-Channel-Binding` and an empty context.
    ///
    /// # Errors
    /// As [`Machine::export_keying_material`], and [`Misuse::NotWithRenegotiation`] if the connection can
    /// renegotiate, because the binding is not defined then.
    pub fn tls_exporter(&self) -> Result<[u8; 32], Misuse> {
        if let Some(connection) = self.connection.tls13() {
            let mut out = [0; 32];
            connection.export(b"EXPORTER-Channel-Binding", &[], &mut out)?;
            return Ok(out);
        }
        let (established, provider) = self.established()?;
        established.tls_exporter(provider)
    }

    /// The client's and the server's verify_data of the last complete handshake, as renegotiation_info uses
    /// them (RFC 5746).
    #[must_use]
    pub fn verify_data(&self) -> Option<&BothVerifyData> {
        Some(self.established().ok()?.0.verify_data())
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("side", &self.side())
            .field("state", &self.state())
            .field("question", &self.question().map(|(_, question)| question.name()))
            .finish_non_exhaustive()
    }
}
