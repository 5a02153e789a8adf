//! The extensions that guide the choice of a certificate: `certificate_authorities` and `oid_filters` (RFC
//! 9846 sections 4.3.4 and 4.3.5).

use crate::bounds::{MAX_8, MAX_16};
use crate::codec::{Decode, Encode};
use crate::error::{DecodeError, EncodeError};
use crate::handshake::DistinguishedName;
use crate::list::element_vector;
use crate::reader::Reader;
use crate::writer::Writer;

element_vector! {
    /// The certificate authorities that the sender supports (RFC 9846 section 4.3.4).
    pub struct CertificateAuthorities {
        /// Their names: `<3..2^16-1>` bytes.
        authorities: DistinguishedName<'a>
    },
    vec16, 3, MAX_16, "CertificateAuthoritiesExtension.authorities"
}

/// A certificate extension that the client's certificate must have (RFC 9846 section 4.3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OidFilter<'a> {
    /// The object identifier of the certificate extension, in DER: `<1..2^8-1>` bytes.
    pub certificate_extension_oid: &'a [u8],
    /// The required values, in DER: `<0..2^16-1>` bytes; empty if any value will do.
    pub certificate_extension_values: &'a [u8],
}

const OID: &str = "OIDFilter.certificate_extension_oid";
const VALUES: &str = "OIDFilter.certificate_extension_values";

impl<'a> Decode<'a> for OidFilter<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            certificate_extension_oid: r.vec8(1, MAX_8, OID)?.rest(),
            certificate_extension_values: r.vec16(0, MAX_16, VALUES)?.rest(),
        })
    }
}

impl Encode for OidFilter<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.vec8(1, MAX_8, OID, |w| w.bytes(self.certificate_extension_oid))?;
        w.vec16(0, MAX_16, VALUES, |w| w.bytes(self.certificate_extension_values))
    }
}

element_vector! {
    /// The certificate extensions that the client's certificate must have (RFC 9846 section 4.3.5).
    pub struct OidFilters {
        /// At most one filter for each object identifier: `<0..2^16-1>` bytes. Decoding does not check that
        /// they differ.
        filters: OidFilter<'a>
    },
    vec16, 0, MAX_16, "OIDFilterExtension.filters"
}
