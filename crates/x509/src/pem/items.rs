//! Everything in a file, for display.

use super::{
    block::Blocks,
    content::{Content, Wanted},
    error::PemError,
    is_der,
};
use alloc::{string::String, vec, vec::Vec};
use der::{AnyRef, Decode};

/// A block of a file in PEM, or a file in DER.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Item {
    /// What it is. `None` for an unknown label, or for DER that is not recognized.
    pub content: Option<Content>,
    /// The label of the block, as in `CERTIFICATE`. Empty for DER.
    pub label: String,
    /// The number of its first line, counted from 1. `None` for DER.
    pub line: Option<usize>,
    /// Its DER if it is a certificate, public key, request or CRL. Keys and unknown blocks may be secret.
    pub der: Option<Vec<u8>>,
}

/// All blocks of a file in their order, of any kind.
///
/// # Errors
/// The fault of a block, or [`PemError::BadDer`].
pub fn items(file: &[u8]) -> Result<Vec<Item>, PemError> {
    if is_der(file) {
        AnyRef::from_der(file).map_err(|_| PemError::BadDer)?;
        let content = Content::of_der(file);
        let der = content.filter(|content| content.is_public()).map(|_| file.to_vec());
        return Ok(vec![Item { content, label: String::new(), line: None, der }]);
    }
    Blocks::new(file, Wanted::Certificate)
        .map(|block| {
            let block = block?;
            let content = Content::of_label(block.label);
            let der = match content {
                Some(content) if content.is_public() => Some(block.decode()?.expose().to_vec()),
                _ => None,
            };
            let label = String::from_utf8_lossy(block.label).into_owned();
            Ok(Item { content, label, line: Some(block.line), der })
        })
        .collect()
}

impl Content {
    /// Whether it is shown in full: a certificate, public key, request or CRL.
    const fn is_public(self) -> bool {
        matches!(self, Self::Certificate | Self::PublicKey | Self::CertificateRequest | Self::RevocationList)
    }
}
