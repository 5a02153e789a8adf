//! The questions of the machine. A question borrows from the machine's state; [`Question::into_owned`] makes
//! it independent.

mod owned;
mod psk;

pub use owned::OwnedQuestion;
pub use psk::{ChoosePsk, ConsumePsk};

use crate::{
    certificate_chain::CertificateChain,
    credential::Credential,
    delegated_credential::DelegatedCredential,
    ext::{ClientExtensions, server_name},
    raw_message::RawMessage,
    requested_certificate::{RequestMismatch, RequestedCertificate},
    server::any_offer::AnyOfferRef,
    session::{Endpoint, Session},
    stapled::Stapled,
};
use alloc::sync::Arc;
use cairn_crypto::Secret;
use cairn_schedule::Side;
use cairn_wire::{CertificateType, ClientHello, HandshakeType, ProtocolVersion, SessionId, SignatureScheme};

/// Every operation that may take time or needs outside information.
#[derive(Debug)]
#[non_exhaustive]
pub enum Question<'a> {
    /// Choose the policy for this client: call [`crate::Machine::set_server_policy`] or keep the current one.
    /// Then answer [`crate::Answer::Configured`].
    ChooseConfiguration(ChooseConfiguration<'a>),
    /// Find a session to resume. Answer: [`crate::Answer::Session`].
    FindSession(FindSession<'a>),
    /// Seal this session into a ticket. Answer: [`crate::Answer::Ticket`].
    SealTicket(SealTicket<'a>),
    /// Choose the credential for this client. Answer: [`crate::Answer::Credential`].
    ChooseServerCredential(ChooseServerCredential<'a>),
    /// Choose the credential for this server. Answer: [`crate::Answer::Credential`].
    ChooseClientCredential(ChooseClientCredential<'a>),
    /// Sign a message. Answer: [`crate::Answer::Signature`].
    Sign(Sign<'a>),
    /// Decrypt a premaster secret. Answer: [`crate::Answer::Premaster`].
    DecryptPremaster(DecryptPremaster<'a>),
    /// Find the pre-shared key. Answer: [`crate::Answer::Psk`].
    FindPsk(FindPsk<'a>),
    /// Choose one of the PSKs of a TLS 1.3 client. Answer: [`crate::Answer::PskChoice`].
    ChoosePsk(ChoosePsk<'a>),
    /// Use up a ticket of TLS 1.3. Answer: [`crate::Answer::PskUse`].
    ConsumePsk(ConsumePsk<'a>),
    /// Verify the peer's chain. Answer: [`crate::Answer::PeerVerified`], [`crate::Answer::PeerRejected`] or
    /// [`crate::Answer::PeerNotChecked`].
    VerifyPeer(VerifyPeer<'a>),
}

impl Question<'_> {
    /// The name of the question, for errors and traces.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ChooseConfiguration(_) => "ChooseConfiguration",
            Self::FindSession(_) => "FindSession",
            Self::SealTicket(_) => "SealTicket",
            Self::ChooseServerCredential(_) => "ChooseServerCredential",
            Self::ChooseClientCredential(_) => "ChooseClientCredential",
            Self::Sign(_) => "Sign",
            Self::DecryptPremaster(_) => "DecryptPremaster",
            Self::FindPsk(_) => "FindPsk",
            Self::ChoosePsk(_) => "ChoosePsk",
            Self::ConsumePsk(_) => "ConsumePsk",
            Self::VerifyPeer(_) => "VerifyPeer",
        }
    }
}

/// The key of a session lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindSession<'a> {
    /// A client looks for a session with its server.
    ForServer {
        /// The host name for server_name, if any.
        server_name: Option<&'a [u8]>,
        /// The endpoint of the connection, if it is known.
        endpoint: Option<&'a Endpoint>,
    },
    /// A server looks for the session with the client's session ID.
    ById {
        /// ClientHello.session_id.
        session_id: &'a SessionId,
    },
    /// A server opens the client's ticket (RFC 5077). A ticket that cannot be opened is not an error; the
    /// answer has no session then (section 3.1).
    ByTicket {
        /// The ticket.
        ticket: &'a [u8],
    },
}

/// A session to seal into a ticket.
#[derive(Clone, Copy, Debug)]
pub struct SealTicket<'a> {
    /// The session. Its ID is empty.
    pub session: &'a Session,
}

/// A server chooses its policy for a client.
#[derive(Clone, Copy, Debug)]
pub struct ChooseConfiguration<'a> {
    pub(crate) client_hello: &'a [u8],
}

impl<'a> ChooseConfiguration<'a> {
    /// The complete ClientHello in its original order. It is well-formed but not checked otherwise.
    #[must_use]
    pub fn client_hello(&self) -> Option<ClientHello<'a>> {
        cairn_wire::Decode::decode_exact(self.client_hello_bytes()).ok()
    }

    /// The body of the ClientHello as received.
    #[must_use]
    pub fn client_hello_bytes(&self) -> &'a [u8] {
        self.client_hello.get(RawMessage::HEADER_LEN..).unwrap_or_default()
    }

    /// The host name that the client requests (RFC 6066 section 3), if it is valid.
    #[must_use]
    pub fn server_name(&self) -> Option<Arc<[u8]>> {
        let message = RawMessage { msg_type: HandshakeType::CLIENT_HELLO, bytes: self.client_hello };
        let mut extensions = ClientExtensions::default();
        extensions.read(message).ok()?;
        server_name::requested(&extensions).ok()?
    }
}

/// A server chooses a credential.
#[derive(Clone, Copy, Debug)]
pub struct ChooseServerCredential<'a> {
    pub(crate) client_hello: &'a [u8],
    pub(crate) server_name: Option<&'a [u8]>,
    pub(crate) offer: AnyOfferRef<'a>,
}

impl<'a> ChooseServerCredential<'a> {
    /// The complete ClientHello in its original order.
    #[must_use]
    pub fn client_hello(&self) -> Option<ClientHello<'a>> {
        cairn_wire::Decode::decode_exact(self.client_hello.get(RawMessage::HEADER_LEN..)?).ok()
    }

    /// The body of the ClientHello as received.
    #[must_use]
    pub fn client_hello_bytes(&self) -> &'a [u8] {
        self.client_hello.get(RawMessage::HEADER_LEN..).unwrap_or_default()
    }

    /// The host name that the client requests (RFC 6066 section 3).
    #[must_use]
    pub fn server_name(&self) -> Option<&'a [u8]> {
        self.server_name
    }

    /// The registered signature schemes that the client accepts in certificates, most preferred first: those
    /// of signature_algorithms_cert, or without that extension those of signature_algorithms (RFC 9846
    /// section 4.3.3, RFC 5246 section 7.4.2). Empty if the client sent neither.
    ///
    /// [`ChooseServerCredential::suits`] checks keys only. A caller that can parse chains uses this list to
    /// choose among them.
    #[must_use]
    pub fn certificate_schemes(&self) -> &'a [SignatureScheme] {
        self.offer.certificate_schemes()
    }

    /// The version that was chosen.
    #[must_use]
    pub const fn version(&self) -> ProtocolVersion {
        self.offer.version()
    }

    /// Whether this credential can serve this client, by suites, groups and signature schemes.
    #[must_use]
    pub fn suits(&self, credential: &Credential) -> bool {
        self.offer.suits(credential)
    }
}

/// A client chooses a credential, or none.
#[derive(Clone, Copy, Debug)]
pub struct ChooseClientCredential<'a> {
    pub(crate) request: &'a RequestedCertificate,
    pub(crate) certificate_type: Option<CertificateType>,
    /// The signature schemes of the client's policy.
    pub(crate) ours: &'a [SignatureScheme],
}

impl<'a> ChooseClientCredential<'a> {
    /// The content of the server's CertificateRequest.
    #[must_use]
    pub const fn request(&self) -> &'a RequestedCertificate {
        self.request
    }

    /// The requested certificate type: X.509 or raw public key (RFC 7250). `None` if the client did not offer
    /// to present that type.
    #[must_use]
    pub const fn certificate_type(&self) -> Option<CertificateType> {
        self.certificate_type
    }

    /// Whether this credential satisfies the certificate types and signature algorithms of the request. The
    /// caller must check whether one of the acceptable authorities issued the chain.
    #[must_use]
    pub fn suits(&self, credential: &Credential) -> bool {
        self.mismatch(credential).is_none()
    }

    /// The reason why this credential does not satisfy the request; `None` if
    /// [`ChooseClientCredential::suits`] is `true`.
    #[must_use]
    pub fn mismatch(&self, credential: &Credential) -> Option<RequestMismatch> {
        self.request.scheme_for(credential, self.certificate_type, self.ours).err()
    }
}

/// A message to sign.
#[derive(Clone, Copy, Debug)]
pub struct Sign<'a> {
    /// The credential whose key signs.
    pub credential: &'a Arc<Credential>,
    /// The signature scheme.
    pub scheme: SignatureScheme,
    /// The complete message, not its hash.
    pub message: &'a [u8],
}

/// A premaster secret to decrypt (RFC 5246 section 7.4.7.1).
#[derive(Clone, Copy, Debug)]
pub struct DecryptPremaster<'a> {
    /// The credential whose key decrypts.
    pub credential: &'a Arc<Credential>,
    /// The encrypted premaster secret.
    pub ciphertext: &'a [u8],
    /// ClientHello.client_version, the first two bytes of a valid premaster secret.
    pub client_version: [u8; 2],
    /// The answer if the version differs or the ciphertext is invalid. The difference must not be observable,
    /// not even by timing: see [`cairn_crypto::DecryptingKey::decrypt_premaster`].
    pub fallback: &'a Secret<48>,
}

/// The key of a PSK lookup (RFC 4279).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindPsk<'a> {
    /// A client chooses a pre-shared key for this server.
    ByHint {
        /// The host name that was sent in server_name, if any.
        server_name: Option<&'a [u8]>,
        /// The server's PSK identity hint.
        hint: Option<&'a [u8]>,
    },
    /// A server looks for the key with the client's identity. If there is none, the handshake ends with
    /// `unknown_psk_identity`, which reveals that the identity is unknown. To hide that, answer with a random
    /// key (section 2).
    ByIdentity {
        /// The identity.
        identity: &'a [u8],
    },
}

/// A peer's chain to verify.
#[derive(Clone, Copy, Debug)]
pub struct VerifyPeer<'a> {
    /// The role of the peer.
    pub peer: Side,
    /// The chain as received, with the end-entity certificate first; never empty.
    pub chain: &'a Arc<CertificateChain>,
    /// The OCSP response and timestamps that a server sent, not parsed. The answer decides whether they are
    /// required and valid.
    pub stapled: &'a Stapled,
    /// The delegated credential that the peer presents (RFC 9345). If there is one, the answer has its key
    /// and not that of the certificate; after the chain, the credential must be verified with the time, the
    /// role and the end-entity certificate: `cairn_x509::delegated_credential::verify`. One that is not
    /// valid is rejected with `illegal_parameter`. There is none unless the policy accepts them.
    pub delegated: Option<&'a Arc<DelegatedCredential>>,
}
