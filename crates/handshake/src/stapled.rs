//! OCSP responses and signed certificate timestamps.

use alloc::vec::Vec;
use core::fmt;

/// The OCSP response and the timestamps that a server sends for its certificate.
///
/// The machine does not parse them. They belong to one certificate: a server has them in its
/// [`crate::Credential`]; a client gets them with [`crate::Question::VerifyPeer`] and with the
/// [`crate::Summary`]. They are not part of a session, and a resumption has none, because the chain was
/// verified in the full handshake.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Stapled {
    /// An OCSP response in DER (RFC 6960 section 4.2.1, RFC 6066 section 8), at most 2^24 - 1 bytes. An empty
    /// one counts as none.
    pub ocsp_response: Option<Vec<u8>>,
    /// Signed certificate timestamps, each a `SerializedSCT` of 1 to 65,535 bytes (RFC 6962 section 3.3).
    /// Their total length, with two more bytes for each, is at most 65,535 bytes.
    pub signed_certificate_timestamps: Vec<Vec<u8>>,
}

impl Stapled {
    /// Whether there is neither a response nor a timestamp.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.response().is_none() && self.signed_certificate_timestamps.is_empty()
    }

    /// The OCSP response, if there is one and it is not empty.
    pub(crate) fn response(&self) -> Option<&[u8]> {
        self.ocsp_response.as_deref().filter(|response| !response.is_empty())
    }
}

impl fmt::Debug for Stapled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.ocsp_response.as_ref().map_or(0, Vec::len);
        let timestamps = self.signed_certificate_timestamps.len();
        write!(f, "Stapled(OCSP response of {length} bytes, {timestamps} timestamps)")
    }
}
