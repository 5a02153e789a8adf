//! `compress_certificate` (RFC 8879 section 3).

use crate::codes::CertificateCompressionAlgorithm;
use crate::list::element_vector;

element_vector! {
    /// The algorithms in which the sender accepts a CompressedCertificate (RFC 8879 section 3).
    pub struct CertificateCompressionAlgorithms {
        /// The algorithms: `<2..2^8-2>` bytes.
        algorithms: CertificateCompressionAlgorithm
    },
    vec8, 2, 254, "CertificateCompressionAlgorithms.algorithms"
}
