//! The part of an offer of any version that determines the choice of a credential.

use super::offer::Offer;
use super::tls13_offer::Tls13Offer;
use crate::credential::Credential;
use cairn_wire::{ProtocolVersion, SignatureScheme};

/// The client's offer, of the version that was chosen.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AnyOfferRef<'a> {
    Tls12(&'a Offer),
    Tls13(&'a Tls13Offer),
}

/// As [`AnyOfferRef`], without borrowing.
#[derive(Clone, Debug)]
pub(crate) enum AnyOffer {
    Tls12(Offer),
    Tls13(Tls13Offer),
}

impl<'a> AnyOfferRef<'a> {
    pub(crate) const fn version(self) -> ProtocolVersion {
        match self {
            Self::Tls12(_) => ProtocolVersion::TLS_1_2,
            Self::Tls13(_) => ProtocolVersion::TLS_1_3,
        }
    }

    pub(crate) fn certificate_schemes(self) -> &'a [SignatureScheme] {
        match self {
            Self::Tls12(offer) => offer.schemes.for_certificates(),
            Self::Tls13(offer) => offer.schemes.for_certificates(),
        }
    }

    pub(crate) fn suits(self, credential: &Credential) -> bool {
        match self {
            Self::Tls12(offer) => offer.suits(credential),
            Self::Tls13(offer) => offer.scheme_for(credential).is_some(),
        }
    }

    pub(crate) fn to_owned(self) -> AnyOffer {
        match self {
            Self::Tls12(offer) => AnyOffer::Tls12(offer.clone()),
            Self::Tls13(offer) => AnyOffer::Tls13(offer.clone()),
        }
    }
}

impl AnyOffer {
    pub(crate) const fn as_ref(&self) -> AnyOfferRef<'_> {
        match self {
            Self::Tls12(offer) => AnyOfferRef::Tls12(offer),
            Self::Tls13(offer) => AnyOfferRef::Tls13(offer),
        }
    }
}
