//! The parameters of a TLS 1.3 handshake between ServerHello and Finished.

use crate::{
    delegated_credential::DelegatedCredential,
    error::HandshakeErrorKind,
    input::KnownPsk,
    negotiated::Negotiated,
    out::Out,
    record_sizes::MAX_PLAINTEXT,
    resumption::Resumption,
    security::{Floor, SuiteFacts, strength},
    session::{Session, SessionState, Tls13Session},
    summary::{EarlyData, Summary, SummaryParameters, Tls13Summary},
    tls13::post_handshake::MainHandshake,
};
use alloc::{sync::Arc, vec::Vec};
use cairn_schedule::{
    Direction,
    tls13::{Tls13Suite, Transcript},
};
use cairn_wire::{CertificateCompressionAlgorithm, NamedGroup, PskKeyExchangeMode, Random};

/// It is boxed, so that moving a state does not move it.
pub(crate) struct Tls13Negotiated {
    /// The parameters that every version negotiates.
    pub(crate) common: Negotiated,
    pub(crate) suite: &'static Tls13Suite,
    /// ClientHello.random, which names the connection in a key log.
    pub(crate) client_random: Random,
    pub(crate) transcript: Transcript,
    /// Whether the server sent HelloRetryRequest.
    pub(crate) retried: bool,
    /// Whether the server may request a certificate after the handshake.
    pub(crate) post_handshake_auth: bool,
    /// The mode of the PSK, if one is in use.
    pub(crate) psk: Option<PskKeyExchangeMode>,
    /// The length in bits of the external PSK that is used together with certificates, which authenticate
    /// (RFC 8773). It is no part of the evidence, because it does not authenticate a side.
    pub(crate) certificate_with_psk: Option<u16>,
    /// The identity of the external PSK, of this handshake or of that of the resumed session.
    pub(crate) psk_identity: Option<Vec<u8>>,
    /// The delegated credential in the peer's Certificate.
    pub(crate) peer_delegation: Option<Arc<DelegatedCredential>>,
    /// The algorithms in which the certificates are compressed (RFC 8879).
    pub(crate) compression: Compression,
    pub(crate) early_data: EarlyData,
}

/// The algorithms in which the two sides have compressed their certificates.
#[derive(Clone, Copy, Default)]
pub(crate) struct Compression {
    pub(crate) client: Option<CertificateCompressionAlgorithm>,
    pub(crate) server: Option<CertificateCompressionAlgorithm>,
}

impl Tls13Negotiated {
    /// The report of the complete handshake, and the part of it that later authentications of the client
    /// need.
    pub(crate) fn into_summary(self) -> (Summary, Option<MainHandshake>) {
        let Self { common, suite, transcript, retried, psk, psk_identity, compression, early_data, .. } =
            self;
        let client_type = common.client_certificate_type;
        let certificate_with_psk = self.certificate_with_psk.is_some();
        // RFC 9846 section 4.4.2: "servers which are authenticating with an external PSK MUST NOT send the
        // CertificateRequest message in the main handshake or request post-handshake authentication."
        // RFC 8773 section 5.2: "This restriction is removed when the "tls_cert_with_extern_psk" extension is
        // negotiated".
        let is_possible = self.post_handshake_auth && (psk_identity.is_none() || certificate_with_psk);
        let main = is_possible.then(|| MainHandshake::new(transcript, suite, common.evidence, client_type));
        let parameters = SummaryParameters::Tls13(Tls13Summary {
            suite,
            retried,
            psk,
            certificate_with_psk,
            early_data,
            server_certificate_compression: compression.server,
            client_certificate_compression: compression.client,
        });
        (common.into_summary(parameters, psk_identity), main)
    }

    /// The group of the key exchange, if there is one.
    pub(crate) fn set_group(&mut self, group: Option<NamedGroup>) {
        if let Some(group) = group {
            let evidence = &mut self.common.evidence;
            evidence.group = Some(group);
            evidence.key_exchange_bits = strength::of_group(group);
        }
    }

    /// A PSK is part of the secrets. Unless certificates are used too, it authenticates both sides.
    pub(crate) fn use_psk(
        &mut self,
        psk: &KnownPsk,
        identity: Vec<u8>,
        mode: PskKeyExchangeMode,
        with_certificate: bool,
    ) {
        self.psk = Some(mode);
        match psk {
            KnownPsk::Session(session) => {
                // The key exchange of this handshake counts, if there is one.
                let group = self.common.evidence.group;
                self.common.resume(session);
                self.set_group(group);
                self.common.resumption = Resumption::ByPsk;
                self.psk_identity.clone_from(&session.psk_identity);
            }
            // RFC 8773 section 7: "When this extension is used, authentication is based on certificates,
            // not the external PSK."
            KnownPsk::External(psk) if with_certificate => {
                self.certificate_with_psk = Some(strength::of_psk(psk.base_len()));
                self.psk_identity = Some(identity);
            }
            KnownPsk::External(psk) => {
                let alone = mode == PskKeyExchangeMode::PSK_KE;
                self.common.evidence.set_psk(psk.base_len(), alone);
                self.psk_identity = Some(identity);
            }
        }
    }

    /// The session of a ticket.
    pub(crate) fn session(&self, state: Tls13Session) -> Session {
        self.common.session(self.psk_identity.clone(), SessionState::Tls13(state))
    }

    /// Checks the negotiated parameters against the floor of the policy.
    pub(crate) fn check_floor(&self, floor: &Floor) -> Result<(), HandshakeErrorKind> {
        floor.check_external_psk(self.certificate_with_psk).map_err(HandshakeErrorKind::BelowFloor)?;
        self.common.check_floor(SuiteFacts::of_tls13(self.suite, self.psk), floor)
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
