//! The part of a TLS 1.3 ClientHello that a credential is chosen from.

use crate::{
    credential::Credential,
    ext::{
        certificate_type::Types,
        signature_algorithms::{ClientSchemes, Schemes},
    },
    tls13::verify,
};
use cairn_wire::SignatureScheme;

/// The signature schemes and certificate types that the client accepts.
#[derive(Clone, Debug)]
pub(crate) struct Tls13Offer {
    pub(crate) schemes: ClientSchemes,
    /// The schemes that the client accepts under a delegated credential; none if it accepts no credential.
    pub(crate) delegated: Schemes,
    /// The type of certificate that the client accepts from us.
    pub(crate) server_types: Types,
    /// The type that the client can present.
    pub(crate) client_types: Types,
}

impl Tls13Offer {
    /// The scheme with which this credential can serve this client; `None` if it cannot.
    pub(crate) fn scheme_for(&self, credential: &Credential) -> Option<SignatureScheme> {
        if !self.server_types.contain(credential.chain.certificate_type()) {
            return None;
        }
        verify::scheme_for(credential, self.schemes.for_signing(), &self.delegated)
    }
}
