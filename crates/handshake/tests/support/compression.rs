//! An algorithm for the compression of certificates.

use cairn_handshake::{CertificateCompression, DecompressionError};
use cairn_wire::CertificateCompressionAlgorithm;
use std::sync::Arc;

/// Its code point, for experimental use (RFC 8879 section 7.3).
pub const WORDS: CertificateCompressionAlgorithm = CertificateCompressionAlgorithm(0x4001);

/// The words of the tests' certificates.
const KNOWN: [&[u8]; 4] = [b"end entity", b"intermediate", b"a certificate in DER", b"its issuer"];

/// Before the number of a word, or before itself.
const ESCAPE: u8 = 0xff;

/// Replaces known words by two bytes.
#[derive(Debug)]
pub struct Words(pub CertificateCompressionAlgorithm);

/// The algorithm in the form of a policy's list.
pub fn words() -> Vec<Arc<dyn CertificateCompression>> {
    vec![Arc::new(Words(WORDS))]
}

/// Compresses with [`Words`].
pub fn compress(mut input: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let [first, rest @ ..] = input {
        if let Some(place) = KNOWN.iter().position(|word| input.starts_with(word)) {
            out.extend([ESCAPE, u8::try_from(place).unwrap()]);
            input = &input[KNOWN[place].len()..];
        } else {
            out.push(*first);
            if *first == ESCAPE {
                out.push(ESCAPE);
            }
            input = rest;
        }
    }
    out
}

impl CertificateCompression for Words {
    fn algorithm(&self) -> CertificateCompressionAlgorithm {
        self.0
    }

    fn compress(&self, certificate: &[u8]) -> Option<Arc<[u8]>> {
        Some(compress(certificate).into())
    }

    fn decompress(&self, compressed: &[u8], certificate: &mut [u8]) -> Result<(), DecompressionError> {
        let mut out = Vec::new();
        let mut bytes = compressed.iter().copied();
        while let Some(byte) = bytes.next() {
            match (byte, if byte == ESCAPE { bytes.next() } else { None }) {
                (ESCAPE, Some(ESCAPE)) => out.push(ESCAPE),
                (ESCAPE, place) => {
                    let word = place.and_then(|place| KNOWN.get(usize::from(place)));
                    out.extend_from_slice(word.ok_or(DecompressionError::Malformed)?);
                }
                (byte, _) => out.push(byte),
            }
            if out.len() > certificate.len() {
                return Err(DecompressionError::WrongLength);
            }
        }
        if out.len() != certificate.len() {
            return Err(DecompressionError::WrongLength);
        }
        certificate.copy_from_slice(&out);
        Ok(())
    }
}
