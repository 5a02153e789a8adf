//! compress_certificate (RFC 8879 section 3): the algorithms in which a side accepts the peer's certificate.

use super::{ClientExtensions, Codes};
use crate::{certificate_compression::CertificateCompression, error::HandshakeErrorKind};
use alloc::sync::Arc;
use cairn_wire::CertificateCompressionAlgorithm;

/// The code points of our algorithms, most preferred first.
pub(crate) fn offered(
    ours: &[Arc<dyn CertificateCompression>],
) -> Option<Codes<CertificateCompressionAlgorithm>> {
    (!ours.is_empty()).then(|| ours.iter().map(|each| each.algorithm()).collect())
}

/// The first of our algorithms that the peer accepts.
pub(crate) fn choose(
    ours: &[Arc<dyn CertificateCompression>],
    mut accepts: impl FnMut(CertificateCompressionAlgorithm) -> bool,
) -> Option<&Arc<dyn CertificateCompression>> {
    ours.iter().find(|each| accepts(each.algorithm()))
}

/// The first of our algorithms that the client accepts. Without any of our own the extension is ignored,
/// whatever it contains.
pub(crate) fn requested(
    ours: &[Arc<dyn CertificateCompression>],
    extensions: &ClientExtensions<'_>,
) -> Result<Option<Arc<dyn CertificateCompression>>, HandshakeErrorKind> {
    let Some(theirs) = extensions.compress_certificate.filter(|_| !ours.is_empty()) else {
        return Ok(None);
    };
    let algorithms = theirs.get()?.algorithms;
    Ok(choose(ours, |algorithm| algorithms.contains(&algorithm)).cloned())
}
