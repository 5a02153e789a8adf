//! Decompression of certificates for display (RFC 8879).

use cairn_tls::{Limits, certificate_compressions, wire::CompressedCertificate};

/// The body of the Certificate message in a CompressedCertificate, if this build has the algorithm and the
/// message is not longer than a handshake accepts.
pub(super) fn certificate(message: &CompressedCertificate<'_>) -> Option<Vec<u8>> {
    let algorithm =
        certificate_compressions().into_iter().find(|each| each.algorithm() == message.algorithm)?;
    let length = message.uncompressed_length;
    if length > Limits::default().max_certificate_message {
        return None;
    }
    let mut certificate = vec![0; usize::try_from(length).ok()?];
    algorithm.decompress(message.compressed_certificate_message, &mut certificate).ok()?;
    Some(certificate)
}
