//! signature_algorithms (RFC 5246 section 7.4.1.4.1).

use super::{ClientExtensions, Codes};
use crate::security::strength::is_legacy;
use cairn_wire::{ClientExtension, List, SignatureScheme};
use smallvec::SmallVec;

/// The client's offer.
pub(crate) fn offer(schemes: &[SignatureScheme]) -> Option<ClientExtension<'_>> {
    (!schemes.is_empty()).then(|| ClientExtension::SignatureAlgorithms(List::from_items(schemes)))
}

/// The schemes of a client that omits the extension. RFC 5246 section 7.4.1.4.1: with an RSA certificate
/// "behave as if client had sent the value {sha1,rsa}", with ECDSA "{sha1,ecdsa}".
const IMPLIED: [SignatureScheme; 2] = [SignatureScheme::RSA_PKCS1_SHA1, SignatureScheme::ECDSA_SHA1];

/// Registered schemes without duplicates. The lists of common peers fit without an allocation.
pub(crate) type Schemes = SmallVec<[SignatureScheme; 24]>;

/// The client's list.
pub(crate) fn listed(extensions: &ClientExtensions<'_>) -> Option<Codes<SignatureScheme>> {
    extensions.signature_algorithms.map(|schemes| schemes.iter().collect())
}

/// The schemes of a client.
#[derive(Clone, Debug)]
pub(crate) struct ClientSchemes {
    /// Those for signatures in certificates.
    for_certificates: Schemes,
    /// Those that the server may sign with, if they differ.
    for_signing: Option<Schemes>,
}

impl ClientSchemes {
    /// Judges the lists of both extensions. The server may sign with the schemes that the client lists, or
    /// those that it
    /// implies. Schemes with SHA-1 and SHA-224, explicit or implied, count only if our policy has them too.
    ///
    /// "If no "signature_algorithms_cert" extension is present, then the "signature_algorithms" extension
    /// also
    /// applies to signatures appearing in certificates" (RFC 9846 section 4.3.3).
    pub(crate) fn new(
        ours: &[SignatureScheme],
        listed: Option<&[SignatureScheme]>,
        for_certificates: Option<&[SignatureScheme]>,
    ) -> Self {
        let may_sign = |scheme: &SignatureScheme| !is_legacy(*scheme) || ours.contains(scheme);
        match (listed.map(registered), for_certificates.map(registered)) {
            (Some(listed), None) if listed.iter().all(may_sign) => {
                Self { for_certificates: listed, for_signing: None }
            }
            (Some(listed), for_certificates) => Self {
                for_signing: Some(listed.iter().copied().filter(may_sign).collect()),
                for_certificates: for_certificates.unwrap_or(listed),
            },
            (None, for_certificates) => Self {
                for_signing: Some(IMPLIED.into_iter().filter(may_sign).collect()),
                for_certificates: for_certificates.unwrap_or_default(),
            },
        }
    }

    /// The registered schemes that the client accepts in certificates.
    pub(crate) fn for_certificates(&self) -> &[SignatureScheme] {
        &self.for_certificates
    }

    /// The schemes that the server may sign with.
    pub(crate) fn for_signing(&self) -> &[SignatureScheme] {
        self.for_signing.as_ref().unwrap_or(&self.for_certificates)
    }
}

/// A position for each scheme of 64. Those of the schemes of RFC 9846 all differ.
const fn position(scheme: SignatureScheme) -> u8 {
    let [high, low] = scheme.0.to_be_bytes();
    (high << 3 ^ low) & 0x3f
}

/// The registered schemes by position, as far as the positions differ. No scheme is 0.
const KNOWN: [u16; 64] = {
    let mut known = [0; 64];
    let mut rest = SignatureScheme::KNOWN;
    while let [scheme, others @ ..] = rest {
        #[allow(clippy::indexing_slicing, clippy::as_conversions, reason = "in a constant; below 64")]
        {
            known[position(*scheme) as usize] = scheme.0;
        }
        rest = others;
    }
    known
};

/// The registered schemes of a list, in its order. The result is bounded by the size of the registry,
/// although the list may have 32,767 entries.
pub(super) fn registered(schemes: &[SignatureScheme]) -> Schemes {
    let mut registered = Schemes::new();
    // One bit for each position seen so far: only a scheme whose position was seen can be a duplicate.
    let mut met = 0_u64;
    for scheme in schemes.iter().copied() {
        let position = position(scheme);
        let bit = 1_u64 << position;
        let is_known = KNOWN.get(usize::from(position)) == Some(&scheme.0) || scheme.name().is_some();
        if is_known && (met & bit == 0 || !registered.contains(&scheme)) {
            met |= bit;
            registered.push(scheme);
        }
    }
    registered
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn lists_keep_registered_schemes_in_order_without_duplicates() {
        for known in SignatureScheme::KNOWN {
            assert_eq!(registered(&[*known, *known]).as_slice(), [*known]);
        }
        let all: Vec<_> = (0..=u16::MAX).map(SignatureScheme).collect();
        let mut expected = SignatureScheme::KNOWN.to_vec();
        expected.sort_unstable();
        for part in all.chunks(30_000) {
            let kept: Vec<_> = registered(part).into_iter().collect();
            assert_eq!(
                kept,
                expected.iter().copied().filter(|scheme| part.contains(scheme)).collect::<Vec<_>>()
            );
        }
    }
}
