//! Keys and signatures that OpenSSL made (`fixtures/make.sh`), and groups from RFC 7919.

use crate::der;
use cairn_crypto::{KeyKind, PrivateKeyDer, PublicKey};
use cairn_wire::SignatureScheme;

/// The message of all signatures.
pub(crate) const MESSAGE: &[u8] = b"what is signed";

macro_rules! file {
    ($($name:tt)+) => {
        include_bytes!(concat!("../fixtures/", $($name)+)).as_slice()
    };
}

/// A private key in each encoding that exists for it.
pub(crate) struct Key {
    pub(crate) kind: KeyKind,
    pub(crate) name: &'static str,
    pub(crate) encodings: &'static [PrivateKeyDer<'static>],
    pub(crate) public: &'static [u8],
    /// The public key of another key pair of the same kind.
    pub(crate) other: &'static [u8],
    /// Signatures by this key, by scheme.
    pub(crate) signatures: &'static [(SignatureScheme, &'static [u8])],
}

impl Key {
    pub(crate) fn of(kind: KeyKind) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.kind == kind)
    }

    pub(crate) fn signature(&self, scheme: SignatureScheme) -> Option<&'static [u8]> {
        self.signatures.iter().find(|(other, _)| *other == scheme).map(|(_, signature)| *signature)
    }

    pub(crate) fn public_key(&self) -> PublicKey {
        PublicKey { kind: self.kind, bits: self.public.to_vec() }
    }
}

macro_rules! ec {
    ($kind:ident, $name:literal, $curve:literal) => {
        Key {
            kind: KeyKind::$kind,
            name: $name,
            encodings: &[
                PrivateKeyDer::Pkcs8(file!(concat!($curve, "-1.pkcs8.der"))),
                PrivateKeyDer::Sec1(file!(concat!($curve, "-1.sec1.der"))),
            ],
            public: file!(concat!($curve, "-1.pub")),
            other: file!(concat!($curve, "-2.pub")),
            signatures: &[
                (SignatureScheme::ECDSA_SECP256R1_SHA256, file!(concat!($curve, ".sha256.sig"))),
                (SignatureScheme::ECDSA_SECP384R1_SHA384, file!(concat!($curve, ".sha384.sig"))),
                (SignatureScheme::ECDSA_SECP521R1_SHA512, file!(concat!($curve, ".sha512.sig"))),
                (SignatureScheme::ECDSA_SHA224, file!(concat!($curve, ".sha224.sig"))),
                (SignatureScheme::ECDSA_SHA1, file!(concat!($curve, ".sha1.sig"))),
            ],
        }
    };
}

macro_rules! ml_dsa {
    ($kind:ident, $scheme:ident, $name:literal, $set:literal) => {
        Key {
            kind: KeyKind::$kind,
            name: $name,
            encodings: &[PrivateKeyDer::Pkcs8(file!(concat!("ml-dsa-", $set, "-1.pkcs8.der")))],
            public: file!(concat!("ml-dsa-", $set, "-1.pub")),
            other: file!(concat!("ml-dsa-", $set, "-2.pub")),
            signatures: &[(SignatureScheme::$scheme, file!(concat!("ml-dsa-", $set, ".sig")))],
        }
    };
}

pub(crate) const KEYS: [Key; 9] = [
    Key {
        kind: KeyKind::Ed25519,
        name: "Ed25519 key",
        encodings: &[PrivateKeyDer::Pkcs8(file!("ed25519-1.pkcs8.der"))],
        public: file!("ed25519-1.pub"),
        other: file!("ed25519-2.pub"),
        signatures: &[(SignatureScheme::ED25519, file!("ed25519.sig"))],
    },
    ec!(EcP256, "EC P-256 key", "ec-p256"),
    ec!(EcP384, "EC P-384 key", "ec-p384"),
    ec!(EcP521, "EC P-521 key", "ec-p521"),
    Key {
        kind: KeyKind::Rsa,
        name: "RSA key",
        encodings: &[
            PrivateKeyDer::Pkcs8(file!("rsa-1.pkcs8.der")),
            PrivateKeyDer::Pkcs1(file!("rsa-1.pkcs1.der")),
        ],
        public: file!("rsa-1.pub"),
        other: file!("rsa-2.pub"),
        signatures: &[
            (SignatureScheme::RSA_PSS_RSAE_SHA256, file!("rsa.pss-sha256.sig")),
            (SignatureScheme::RSA_PSS_RSAE_SHA384, file!("rsa.pss-sha384.sig")),
            (SignatureScheme::RSA_PSS_RSAE_SHA512, file!("rsa.pss-sha512.sig")),
            (SignatureScheme::RSA_PKCS1_SHA256, file!("rsa.pkcs1-sha256.sig")),
            (SignatureScheme::RSA_PKCS1_SHA384, file!("rsa.pkcs1-sha384.sig")),
            (SignatureScheme::RSA_PKCS1_SHA512, file!("rsa.pkcs1-sha512.sig")),
            (SignatureScheme::RSA_PKCS1_SHA224, file!("rsa.pkcs1-sha224.sig")),
            (SignatureScheme::RSA_PKCS1_SHA1, file!("rsa.pkcs1-sha1.sig")),
        ],
    },
    Key {
        kind: KeyKind::RsaPss,
        name: "RSASSA-PSS key",
        encodings: &[PrivateKeyDer::Pkcs8(file!("pss-1.pkcs8.der"))],
        public: file!("pss-1.pub"),
        other: file!("pss-2.pub"),
        signatures: &[
            (SignatureScheme::RSA_PSS_PSS_SHA256, file!("pss.pss-sha256.sig")),
            (SignatureScheme::RSA_PSS_PSS_SHA384, file!("pss.pss-sha384.sig")),
            (SignatureScheme::RSA_PSS_PSS_SHA512, file!("pss.pss-sha512.sig")),
        ],
    },
    ml_dsa!(MlDsa44, MLDSA44, "ML-DSA-44 key", "44"),
    ml_dsa!(MlDsa65, MLDSA65, "ML-DSA-65 key", "65"),
    ml_dsa!(MlDsa87, MLDSA87, "ML-DSA-87 key", "87"),
];

/// A signature of ML-DSA over [`MESSAGE`] by the first key, with a context that is not empty.
pub(crate) const fn ml_dsa_with_context(kind: KeyKind) -> Option<&'static [u8]> {
    match kind {
        KeyKind::MlDsa44 => Some(file!("ml-dsa-44.context.sig")),
        KeyKind::MlDsa65 => Some(file!("ml-dsa-65.context.sig")),
        KeyKind::MlDsa87 => Some(file!("ml-dsa-87.context.sig")),
        _ => None,
    }
}

/// The RSA key as numbers: modulus, public exponent and private exponent.
pub(crate) struct Rsa {
    pub(crate) n: &'static [u8],
    pub(crate) e: &'static [u8],
    pub(crate) d: &'static [u8],
}

pub(crate) fn rsa() -> Option<Rsa> {
    let numbers = der::integers(file!("rsa-1.pkcs1.der"))?;
    let [_, n, e, d, ..] = *numbers.as_slice() else { return None };
    Some(Rsa { n: crate::number::significant(n), e, d })
}

/// A group for Diffie-Hellman over finite fields.
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) p: Vec<u8>,
    pub(crate) g: Vec<u8>,
}

/// ffdhe2048, ffdhe3072 and ffdhe8192 (RFC 7919 appendix A), and `odd1031`: a prime of 1031 bits that is 1
/// modulo 3, so that it has a subgroup of order 3.
pub(crate) fn groups() -> Vec<Group> {
    let lines = include_str!("../fixtures/groups.txt").lines();
    let groups = lines.filter_map(|line| {
        let mut fields = line.split(' ');
        let (name, g, p) = (fields.next()?, fields.next()?, fields.next()?);
        Some(Group { name, g: from_hex(g)?, p: from_hex(p)? })
    });
    groups.collect()
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2).map(|pair| {
        let pair = core::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    pairs.collect()
}

/// A big-endian number with a fixed width.
pub(crate) fn padded(number: &[u8], width: usize) -> Vec<u8> {
    let digits = crate::number::significant(number);
    let mut padded = vec![0; width.saturating_sub(digits.len())];
    padded.extend_from_slice(digits);
    padded
}

/// A copy with one byte changed by `xor`.
pub(crate) fn changed(bytes: &[u8], at: usize, xor: u8) -> Vec<u8> {
    let mut copy = bytes.to_vec();
    if let Some(byte) = copy.get_mut(at) {
        *byte ^= xor;
    }
    copy
}

/// The first `len` bytes, or all bytes if there are fewer.
pub(crate) fn prefix(bytes: &[u8], len: usize) -> &[u8] {
    bytes.get(..len).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixtures_are_readable() {
        let names: Vec<&str> = groups().iter().map(|group| group.name).collect();
        assert_eq!(names, ["ffdhe2048", "ffdhe3072", "ffdhe8192", "odd1031"]);
        let rsa = rsa().unwrap();
        assert_eq!((rsa.n.len(), rsa.e), (256, &[1, 0, 1][..]));
        // The exponents belong together.
        let message = padded(b"anything", 256);
        let encrypted = crate::number::power(&message, rsa.e, rsa.n).unwrap();
        assert_eq!(crate::number::power(&encrypted, rsa.d, rsa.n).unwrap(), message);
    }
}
