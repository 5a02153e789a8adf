//! What a server sends along with its certificate.

use alloc::vec::Vec;
use core::fmt;

/// What a server sends along with its certificate, for the client to judge it by.
///
/// The machine carries it and reads nothing in it. It belongs to one certificate: a server has it in its
/// [`crate::Credential`], a client gets it with the question whether the chain is good, and once more with the
/// [`crate::Summary`]. A session does not keep it, and a resumed one brings none: the chain was judged in the session's
/// first handshake.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Stapled {
    /// An OCSP response in DER (RFC 6960 section 4.2.1, RFC 6066 section 8); at most 2^24 - 1 bytes, and an empty one is
    /// none.
    pub ocsp_response: Option<Vec<u8>>,
    /// Signed certificate timestamps, each a `SerializedSCT` (RFC 6962 section 3.3); of 1 to 65,535 bytes, and together
    /// with two more bytes for each no more than that.
    pub signed_certificate_timestamps: Vec<Vec<u8>>,
}

impl Stapled {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.response().is_none() && self.signed_certificate_timestamps.is_empty()
    }

    /// The OCSP response, if there is one to speak of.
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
