//! What the machine asks. A question is a view into the machine's state; [`Question::into_owned`] makes it independent.

mod owned;

pub use owned::OwnedQuestion;

use crate::{
    CertificateChain, Credential, Endpoint, Session, Stapled,
    ext::{ClientExtensions, server_name},
    security::strength::is_legacy,
    server::offer::Offer,
};
use alloc::sync::Arc;
use cairn_crypto::{KeyKind, Secret};
use cairn_schedule::Side;
use cairn_wire::{
    CertificateRequest, CertificateType, ClientCertificateType, ClientHello, SessionId, SignatureScheme,
};

/// Everything that could ever wait on something slow.
#[derive(Debug)]
#[non_exhaustive]
pub enum Question<'a> {
    /// Under which policy shall this client be served? Say so with [`crate::Machine::set_server_policy`], or leave it as it
    /// is, and go on with the answer [`crate::Answer::Configured`].
    ChooseConfiguration(ChooseConfiguration<'a>),
    /// Is there a session to resume? Answer: [`crate::Answer::Session`].
    FindSession(FindSession<'a>),
    /// Seal this session into a ticket. Answer: [`crate::Answer::Ticket`].
    SealTicket(SealTicket<'a>),
    /// Which credential shall this client see? Answer: [`crate::Answer::Credential`].
    ChooseServerCredential(ChooseServerCredential<'a>),
    /// Which credential shall this server see? Answer: [`crate::Answer::Credential`].
    ChooseClientCredential(ChooseClientCredential<'a>),
    /// Sign this. Answer: [`crate::Answer::Signature`].
    Sign(Sign<'a>),
    /// Decrypt a premaster secret. Answer: [`crate::Answer::Premaster`].
    DecryptPremaster(DecryptPremaster<'a>),
    /// Which key have both sides? Answer: [`crate::Answer::Psk`].
    FindPsk(FindPsk<'a>),
    /// Is this chain good? Answer: [`crate::Answer::PeerVerified`], [`crate::Answer::PeerRejected`] or
    /// [`crate::Answer::PeerNotChecked`].
    VerifyPeer(VerifyPeer<'a>),
}

impl Question<'_> {
    /// Its name, for errors and traces.
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
            Self::VerifyPeer(_) => "VerifyPeer",
        }
    }
}

/// Which session is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindSession<'a> {
    /// A client looks for one with the server it is about to talk to.
    ForServer {
        /// The host name that server_name will carry, if any.
        server_name: Option<&'a [u8]>,
        /// Whom the connection is to, as far as that was said.
        endpoint: Option<&'a Endpoint>,
    },
    /// A server looks for the one that the client named.
    ById {
        /// ClientHello.session_id.
        session_id: &'a SessionId,
    },
    /// A server looks for the one in the client's ticket (RFC 5077). One that does not open is no error: there is no
    /// session then (section 3.1).
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
    /// The ClientHello, whole and in its order. It is well-formed, and nothing in it was judged yet.
    #[must_use]
    pub fn client_hello(&self) -> Option<ClientHello<'a>> {
        cairn_wire::Decode::decode_exact(self.client_hello_bytes()).ok()
    }

    /// The body of the ClientHello as it came.
    #[must_use]
    pub fn client_hello_bytes(&self) -> &'a [u8] {
        self.client_hello.get(crate::RawMessage::HEADER_LEN..).unwrap_or_default()
    }

    /// The host name that the client asks for (RFC 6066 section 3), if it does and it can be one.
    #[must_use]
    pub fn server_name(&self) -> Option<Arc<[u8]>> {
        let hello = self.client_hello()?;
        server_name::requested(&ClientExtensions::read(hello.extensions.as_ref())).ok()?
    }
}

/// A server chooses a credential.
#[derive(Clone, Copy, Debug)]
pub struct ChooseServerCredential<'a> {
    pub(crate) client_hello: &'a [u8],
    pub(crate) server_name: Option<&'a [u8]>,
    pub(crate) offer: &'a Offer,
}

impl<'a> ChooseServerCredential<'a> {
    /// The ClientHello, whole and in its order.
    #[must_use]
    pub fn client_hello(&self) -> Option<ClientHello<'a>> {
        cairn_wire::Decode::decode_exact(self.client_hello.get(crate::RawMessage::HEADER_LEN..)?).ok()
    }

    /// The body of the ClientHello as it came.
    #[must_use]
    pub fn client_hello_bytes(&self) -> &'a [u8] {
        self.client_hello.get(crate::RawMessage::HEADER_LEN..).unwrap_or_default()
    }

    /// The host name that the client asks for (RFC 6066 section 3).
    #[must_use]
    pub fn server_name(&self) -> Option<&'a [u8]> {
        self.server_name
    }

    /// The schemes that the client takes in the signatures of certificates, as far as they have a name, its favourite
    /// first: those of signature_algorithms_cert or, without it, of signature_algorithms (RFC 8446 section 4.2.3, RFC 5246
    /// section 7.4.2). Empty when it sent neither.
    ///
    /// [`ChooseServerCredential::suits`] looks at keys alone. A caller that can read chains uses this list to choose
    /// between them.
    #[must_use]
    pub fn certificate_schemes(&self) -> &'a [SignatureScheme] {
        &self.offer.certificate_schemes
    }

    /// Whether suites, groups and signature schemes let this credential serve this client.
    #[must_use]
    pub fn suits(&self, credential: &Credential) -> bool {
        self.offer.suits(credential)
    }
}

/// A client chooses a credential, or none.
#[derive(Clone, Copy, Debug)]
pub struct ChooseClientCredential<'a> {
    pub(crate) request: CertificateRequest<'a>,
    pub(crate) certificate_type: Option<CertificateType>,
    /// What the client's own policy takes.
    pub(crate) ours: &'a [SignatureScheme],
}

impl<'a> ChooseClientCredential<'a> {
    /// The server's CertificateRequest.
    #[must_use]
    pub const fn request(&self) -> &CertificateRequest<'a> {
        &self.request
    }

    /// Whether certificates are asked for or raw public keys (RFC 7250); `None` when it is something that this client said
    /// it does not have.
    #[must_use]
    pub const fn certificate_type(&self) -> Option<CertificateType> {
        self.certificate_type
    }

    /// Whether the request's certificate types and signature algorithms let this credential answer it. Whether one
    /// of its authorities issued the chain is for the caller to judge.
    #[must_use]
    pub fn suits(&self, credential: &Credential) -> bool {
        self.mismatch(credential).is_none()
    }

    /// Why this credential cannot answer the request; `None` when it can, as far as
    /// [`ChooseClientCredential::suits`] looks.
    #[must_use]
    pub fn mismatch(&self, credential: &Credential) -> Option<RequestMismatch> {
        client_scheme(&self.request, self.certificate_type, self.ours, credential).err()
    }
}

/// Why a credential cannot answer a CertificateRequest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestMismatch {
    /// It is a certificate where a raw public key is asked for, or the reverse (RFC 7250).
    CertificateType,
    /// The key signs with no scheme at all: the key usage of its certificate does not allow signatures, say.
    KeyCannotSign,
    /// Keys of its kind are not among the request's certificate_types (RFC 5246 section 7.4.4).
    KeyKind,
    /// The key signs with none of the request's supported_signature_algorithms (RFC 5246 section 7.4.4).
    SignatureSchemes,
}

/// The scheme with which a credential can answer a CertificateRequest (RFC 5246 section 7.4.4, RFC 8422 section 5.5).
/// SHA-1 and SHA-224 count only where the client's own policy has them too.
pub(crate) fn client_scheme(
    request: &CertificateRequest<'_>,
    shown: Option<CertificateType>,
    ours: &[SignatureScheme],
    credential: &Credential,
) -> Result<SignatureScheme, RequestMismatch> {
    if shown != Some(credential.chain.certificate_type()) {
        return Err(RequestMismatch::CertificateType);
    }
    if credential.schemes.is_empty() {
        return Err(RequestMismatch::KeyCannotSign);
    }
    let certificate_type = match credential.key_kind {
        KeyKind::Rsa | KeyKind::RsaPss => ClientCertificateType::RSA_SIGN,
        _ => ClientCertificateType::ECDSA_SIGN,
    };
    if !request.certificate_types.contains(&certificate_type) {
        return Err(RequestMismatch::KeyKind);
    }
    let takes = |scheme| {
        request.supported_signature_algorithms.contains(&scheme)
            && (!is_legacy(scheme) || ours.contains(&scheme))
    };
    credential.scheme_for(takes).ok_or(RequestMismatch::SignatureSchemes)
}

/// Something to sign.
#[derive(Clone, Copy, Debug)]
pub struct Sign<'a> {
    /// With whose key.
    pub credential: &'a Arc<Credential>,
    /// Under which scheme.
    pub scheme: SignatureScheme,
    /// What: the whole message, not hashed.
    pub message: &'a [u8],
}

/// A premaster secret to decrypt (RFC 5246 section 7.4.7.1).
#[derive(Clone, Copy, Debug)]
pub struct DecryptPremaster<'a> {
    /// With whose key.
    pub credential: &'a Arc<Credential>,
    /// What the client sent.
    pub ciphertext: &'a [u8],
    /// ClientHello.client_version, with which the premaster secret must begin.
    pub client_version: [u8; 2],
    /// The answer when it does not, or when anything else is wrong with the ciphertext. Nobody must be able to tell,
    /// not by time either: see [`cairn_crypto::DecryptingKey::decrypt_premaster`].
    pub fallback: &'a Secret<48>,
}

/// Which pre-shared key is looked for (RFC 4279).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindPsk<'a> {
    /// A client chooses one for this server.
    ByHint {
        /// The host name that server_name carried, if any.
        server_name: Option<&'a [u8]>,
        /// What the server said of it.
        hint: Option<&'a [u8]>,
    },
    /// A server looks for the one that the client named. There is none: the handshake ends with
    /// `unknown_psk_identity`, and the client knows then. To keep it from knowing, answer with a random key (section 2).
    ByIdentity {
        /// The identity.
        identity: &'a [u8],
    },
}

/// A peer's chain to check.
#[derive(Clone, Copy, Debug)]
pub struct VerifyPeer<'a> {
    /// Who sent it.
    pub peer: Side,
    /// The chain as it came, the end entity's certificate first; never empty.
    pub chain: &'a Arc<CertificateChain>,
    /// What a server sent along, unread: whether it is required, and whether it is good, is part of the answer.
    pub stapled: &'a Stapled,
}
