//! Writes PEM (RFC 7468 section 3).

use alloc::string::String;
use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

/// A certificate as a PEM block.
#[must_use]
pub fn encode_certificate(der: &[u8]) -> String {
    encode("CERTIFICATE", der)
}

/// A public key, a `SubjectPublicKeyInfo` in DER, as a PEM block.
#[must_use]
pub fn encode_public_key(spki: &[u8]) -> String {
    encode("PUBLIC KEY", spki)
}

/// A certificate request in DER as a PEM block (RFC 7468 section 7).
#[must_use]
pub fn encode_request(der: &[u8]) -> String {
    encode("CERTIFICATE REQUEST", der)
}

/// An encrypted private key, an `EncryptedPrivateKeyInfo` in DER, as a PEM block (RFC 7468 section 11).
#[must_use]
pub fn encode_encrypted_private_key(der: &[u8]) -> String {
    encode("ENCRYPTED PRIVATE KEY", der)
}

/// A PEM block.
pub(super) fn encode(label: &str, der: &[u8]) -> String {
    /// Characters on a line (RFC 7468 section 2).
    const LINE: usize = 64;
    let body = Zeroizing::new(Base64::encode_string(der));
    // Full capacity from the start: a growing string would leave copies of a key behind.
    let room = body.len().saturating_add(body.len() / LINE).saturating_add(label.len() * 2 + 40);
    let mut pem = String::with_capacity(room);
    pem.push_str("-----BEGIN ");
    pem.push_str(label);
    pem.push_str("-----\n");
    let mut rest: &str = &body;
    while !rest.is_empty() {
        let (line, after) = rest.split_at_checked(LINE).unwrap_or((rest, ""));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem.push_str("-----END ");
    pem.push_str(label);
    pem.push_str("-----\n");
    pem
}
