//! The requests for a certificate after the handshake (RFC 9846 section 4.7.2).

use super::super::context::Cx;
use super::certificate_request::send_certificate_request;
use crate::certificate_chain::CertificateChain;
use crate::certificate_compression::CertificateCompression;
use crate::error::HandshakeErrorKind;
use crate::policy::ServerPolicy;
use crate::post_handshake_authentication::ClientIdentity;
use crate::security::{Basis, SuiteFacts};
use crate::tls13::post_handshake::MainHandshake;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use cairn_crypto::{HashOutput, Provider};
use cairn_schedule::Side;
use cairn_schedule::tls13::{Tls13Suite, Transcript};
use cairn_wire::CertificateCompressionAlgorithm;

/// The requests on a connection that permits them.
pub(crate) struct Requests {
    pub(super) main: MainHandshake,
    /// The identity of the client, if it has authenticated.
    client: Option<Fingerprint>,
    /// The number of requests so far.
    count: u32,
    outstanding: Vec<Request>,
}

/// A request that is not answered yet.
pub(crate) struct Request {
    /// Its number on this connection, from 0.
    pub(super) number: u32,
    pub(super) context: Vec<u8>,
    /// The messages of the handshake, CertificateRequest, and those of the response so far.
    pub(super) transcript: Transcript,
    /// The policy that the response must satisfy.
    pub(super) policy: Arc<ServerPolicy>,
}

impl Request {
    /// Checks that the client may compress its response in this algorithm. A request that another policy has
    /// made may list others.
    pub(super) fn check_compression(
        &self,
        algorithm: CertificateCompressionAlgorithm,
    ) -> Result<(), HandshakeErrorKind> {
        let mut ours = self.policy.tls13.certificate_compression.iter();
        match ours.any(|each| each.algorithm() == algorithm) {
            true => Ok(()),
            false => Err(HandshakeErrorKind::CertificateCompressionNotOffered(algorithm)),
        }
    }
}

/// The random bytes of a context.
const RANDOM: usize = 28;

impl Requests {
    pub(super) fn new(main: MainHandshake, client: Option<Fingerprint>) -> Box<Self> {
        Box::new(Self { main, client, count: 0, outstanding: Vec::new() })
    }

    /// The number of requests whose response has not begun.
    pub(crate) const fn outstanding(&self) -> usize {
        self.outstanding.len()
    }

    /// Sends CertificateRequest.
    pub(super) fn send(&mut self, cx: &mut Cx<'_>) -> Result<(), HandshakeErrorKind> {
        let (number, policy) = (self.count, cx.policy);
        self.count = number.saturating_add(1);
        // RFC 9846 section 4.4.2: "The certificate_request_context MUST be unique within the scope of this
        // connection", and "the server SHOULD make the context unpredictable to the client".
        let mut random = [0; RANDOM];
        policy.provider.random.fill(&mut random)?;
        let context = [&number.to_be_bytes()[..], &random].concat();
        let mut transcript = self.main.transcript()?;
        let authentication = &policy.tls13.post_handshake_authentication;
        send_certificate_request(&mut transcript, &context, authentication, policy, &mut cx.out)?;
        let policy = Arc::clone(policy);
        self.outstanding.push(Request { number, context, transcript, policy });
        Ok(())
    }

    /// The algorithms in which the client may compress its certificate.
    pub(super) fn compressions(&self) -> impl Iterator<Item = &Arc<dyn CertificateCompression>> {
        self.outstanding.iter().flat_map(|request| &request.policy.tls13.certificate_compression)
    }

    /// Whether the client may compress its certificate.
    pub(crate) fn offer_compression(&self) -> bool {
        self.compressions().next().is_some()
    }

    /// Removes the request with this context, which the client answers.
    pub(super) fn take(&mut self, context: &[u8]) -> Result<Request, HandshakeErrorKind> {
        let place = self.outstanding.iter().position(|request| request.context == context);
        Ok(self.outstanding.remove(place.ok_or(HandshakeErrorKind::WrongRequestContext)?))
    }

    /// The client has proved this identity, which the policy's floor must admit. As in TLS 1.2, a client that
    /// has authenticated keeps its identity, because the application relies on it.
    pub(super) fn identify(
        &mut self,
        identity: &ClientIdentity,
        policy: &ServerPolicy,
    ) -> Result<(), HandshakeErrorKind> {
        let Self { main: MainHandshake { suite, evidence, .. }, client, .. } = self;
        let fingerprint = Fingerprint::of(&identity.chain, suite, &policy.provider)?;
        if client.as_ref().is_some_and(|known| *known != fingerprint) {
            return Err(HandshakeErrorKind::PeerIdentityChanged);
        }
        *client = Some(fingerprint);
        evidence.client_proof = Some(identity.proof);
        evidence.peer_verified = identity.verified;
        // The handshake has checked the mode of a PSK.
        let suite = SuiteFacts::of_tls13(suite, None);
        let basis = Basis { side: Side::Server, suite, evidence, chain: Some(&identity.chain) };
        policy.floor.check(&basis).map_err(HandshakeErrorKind::BelowFloor)
    }
}

/// A hash of a client's identity, which needs less memory than its certificate.
#[derive(PartialEq, Eq)]
pub(crate) struct Fingerprint(HashOutput);

impl Fingerprint {
    pub(super) fn of(
        chain: &CertificateChain,
        suite: &Tls13Suite,
        provider: &Provider,
    ) -> Result<Self, HandshakeErrorKind> {
        let hash = provider.hash(suite.hash).ok_or(HandshakeErrorKind::NotInProvider)?;
        let (kind, name) = chain.identity();
        Ok(Self(hash.hash(&[kind, name])?))
    }
}
