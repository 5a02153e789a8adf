//! The registry of supported groups.

use super::registry::{code_points, grease};

code_points! {
    /// A key exchange group; in TLS 1.2 also a curve for ECDSA (RFC 8422 section 5.1.1, RFC 7919 section 2,
    /// IANA "TLS Supported Groups").
    pub struct NamedGroup(u16);
    SECT163K1 = 1, "sect163k1"; "deprecated by RFC 8422"
    SECT163R1 = 2, "sect163r1"; "deprecated by RFC 8422"
    SECT163R2 = 3, "sect163r2"; "deprecated by RFC 8422"
    SECT193R1 = 4, "sect193r1"; "deprecated by RFC 8422"
    SECT193R2 = 5, "sect193r2"; "deprecated by RFC 8422"
    SECT233K1 = 6, "sect233k1"; "deprecated by RFC 8422"
    SECT233R1 = 7, "sect233r1"; "deprecated by RFC 8422"
    SECT239K1 = 8, "sect239k1"; "deprecated by RFC 8422"
    SECT283K1 = 9, "sect283k1"; "deprecated by RFC 8422"
    SECT283R1 = 10, "sect283r1"; "deprecated by RFC 8422"
    SECT409K1 = 11, "sect409k1"; "deprecated by RFC 8422"
    SECT409R1 = 12, "sect409r1"; "deprecated by RFC 8422"
    SECT571K1 = 13, "sect571k1"; "deprecated by RFC 8422"
    SECT571R1 = 14, "sect571r1"; "deprecated by RFC 8422"
    SECP160K1 = 15, "secp160k1"; "deprecated by RFC 8422"
    SECP160R1 = 16, "secp160r1"; "deprecated by RFC 8422"
    SECP160R2 = 17, "secp160r2"; "deprecated by RFC 8422"
    SECP192K1 = 18, "secp192k1"; "deprecated by RFC 8422"
    SECP192R1 = 19, "secp192r1"; "deprecated by RFC 8422"
    SECP224K1 = 20, "secp224k1"; "deprecated by RFC 8422"
    SECP224R1 = 21, "secp224r1"; "deprecated by RFC 8422"
    SECP256K1 = 22, "secp256k1"; "deprecated by RFC 8422"
    SECP256R1 = 23, "secp256r1"; "RFC 8422"
    SECP384R1 = 24, "secp384r1"; "RFC 8422"
    SECP521R1 = 25, "secp521r1"; "RFC 8422"
    BRAINPOOLP256R1 = 26, "brainpoolP256r1"; "RFC 7027"
    BRAINPOOLP384R1 = 27, "brainpoolP384r1"; "RFC 7027"
    BRAINPOOLP512R1 = 28, "brainpoolP512r1"; "RFC 7027"
    X25519 = 29, "x25519"; "RFC 8422"
    X448 = 30, "x448"; "RFC 8422"
    BRAINPOOLP256R1TLS13 = 31, "brainpoolP256r1tls13"; "RFC 8734"
    BRAINPOOLP384R1TLS13 = 32, "brainpoolP384r1tls13"; "RFC 8734"
    BRAINPOOLP512R1TLS13 = 33, "brainpoolP512r1tls13"; "RFC 8734"
    GC256A = 34, "GC256A"; "RFC 9189"
    GC256B = 35, "GC256B"; "RFC 9189"
    GC256C = 36, "GC256C"; "RFC 9189"
    GC256D = 37, "GC256D"; "RFC 9189"
    GC512A = 38, "GC512A"; "RFC 9189"
    GC512B = 39, "GC512B"; "RFC 9189"
    GC512C = 40, "GC512C"; "RFC 9189"
    CURVESM2 = 41, "curveSM2"; "RFC 8998"
    FFDHE2048 = 256, "ffdhe2048"; "RFC 7919"
    FFDHE3072 = 257, "ffdhe3072"; "RFC 7919"
    FFDHE4096 = 258, "ffdhe4096"; "RFC 7919"
    FFDHE6144 = 259, "ffdhe6144"; "RFC 7919"
    FFDHE8192 = 260, "ffdhe8192"; "RFC 7919"
    MLKEM512 = 512, "MLKEM512"; "IANA"
    MLKEM768 = 513, "MLKEM768"; "IANA"
    MLKEM1024 = 514, "MLKEM1024"; "IANA"
    SECP256R1MLKEM768 = 4587, "SecP256r1MLKEM768"; "IANA"
    X25519MLKEM768 = 4588, "X25519MLKEM768"; "IANA"
    SECP384R1MLKEM1024 = 4589, "SecP384r1MLKEM1024"; "IANA"
    CURVESM2MLKEM768 = 4590, "curveSM2MLKEM768"; "IANA"
    X25519KYBER768DRAFT00 = 25497, "X25519Kyber768Draft00"; "IANA, obsolete"
    SECP256R1KYBER768DRAFT00 = 25498, "SecP256r1Kyber768Draft00"; "IANA, obsolete"
    ARBITRARY_EXPLICIT_PRIME_CURVES = 0xff01, "arbitrary_explicit_prime_curves"; "deprecated by RFC 8422"
    ARBITRARY_EXPLICIT_CHAR2_CURVES = 0xff02, "arbitrary_explicit_char2_curves"; "deprecated by RFC 8422"
}

grease!(NamedGroup);

impl NamedGroup {
    /// Returns `true` for the code points 256 to 511, which RFC 7919 section 2 reserves for finite field
    /// groups, whether or not they are assigned.
    #[must_use]
    pub const fn is_ffdhe(self) -> bool {
        self.0 >= 0x0100 && self.0 <= 0x01ff
    }

    /// The two groups that a hybrid group combines, in the order in which their shares and secrets are
    /// concatenated; `None` if the group is not such a hybrid.
    ///
    /// RFC 9954 section 3.2: "The order of shares in the concatenation MUST be the same as the order of
    /// algorithms indicated in the definition of the NamedGroup." draft-ietf-tls-ecdhe-mlkem defines the
    /// three: ML-KEM is first in X25519MLKEM768, despite the name, and second in the others.
    #[must_use]
    pub const fn components(self) -> Option<[Self; 2]> {
        match self {
            Self::X25519MLKEM768 => Some([Self::MLKEM768, Self::X25519]),
            Self::SECP256R1MLKEM768 => Some([Self::SECP256R1, Self::MLKEM768]),
            Self::SECP384R1MLKEM1024 => Some([Self::SECP384R1, Self::MLKEM1024]),
            _ => None,
        }
    }

    /// Returns `true` if key exchange in this group is expected to withstand a quantum computer: ML-KEM
    /// (FIPS 203), alone or in a hybrid with elliptic curve Diffie-Hellman.
    ///
    /// Diffie-Hellman alone does not: Shor's algorithm computes discrete logarithms, also from a recording
    /// made today. The obsolete groups with drafts of Kyber count as not resistant.
    #[must_use]
    pub const fn is_post_quantum(self) -> bool {
        matches!(
            self,
            Self::MLKEM512
                | Self::MLKEM768
                | Self::MLKEM1024
                | Self::X25519MLKEM768
                | Self::SECP256R1MLKEM768
                | Self::SECP384R1MLKEM1024
                | Self::CURVESM2MLKEM768
        )
    }
}
