//! Small registries that a single extension or message uses.

use super::registry::code_points;

code_points! {
    /// A compression method for records (RFC 5246 section 7.4.1.2, RFC 3749).
    pub struct CompressionMethod(u8);
    NULL = 0, "null"; "RFC 5246"
    DEFLATE = 1, "DEFLATE"; "RFC 3749"
    LZS = 64, "LZS"; "RFC 3943"
}

code_points! {
    /// An encoding of elliptic curve points (RFC 8422 section 5.1.2).
    pub struct EcPointFormat(u8);
    UNCOMPRESSED = 0, "uncompressed"; "RFC 8422"
    ANSI_X962_COMPRESSED_PRIME = 1, "ansiX962_compressed_prime"; "deprecated by RFC 8422"
    ANSI_X962_COMPRESSED_CHAR2 = 2, "ansiX962_compressed_char2"; "deprecated by RFC 8422"
}

code_points! {
    /// The form in which ServerKeyExchange specifies its curve (RFC 8422 section 5.4).
    pub struct EcCurveType(u8);
    EXPLICIT_PRIME = 1, "explicit_prime"; "deprecated by RFC 8422"
    EXPLICIT_CHAR2 = 2, "explicit_char2"; "deprecated by RFC 8422"
    NAMED_CURVE = 3, "named_curve"; "RFC 8422"
}

code_points! {
    /// A certificate type in CertificateRequest (RFC 5246 section 7.4.4, RFC 8422 section 5.5).
    pub struct ClientCertificateType(u8);
    RSA_SIGN = 1, "rsa_sign"; "RFC 5246"
    DSS_SIGN = 2, "dss_sign"; "RFC 5246"
    RSA_FIXED_DH = 3, "rsa_fixed_dh"; "RFC 5246"
    DSS_FIXED_DH = 4, "dss_fixed_dh"; "RFC 5246"
    RSA_EPHEMERAL_DH_RESERVED = 5, "rsa_ephemeral_dh_RESERVED"; "reserved by RFC 5246"
    DSS_EPHEMERAL_DH_RESERVED = 6, "dss_ephemeral_dh_RESERVED"; "reserved by RFC 5246"
    FORTEZZA_DMS_RESERVED = 20, "fortezza_dms_RESERVED"; "reserved by RFC 5246"
    ECDSA_SIGN = 64, "ecdsa_sign"; "RFC 8422"
    RSA_FIXED_ECDH = 65, "rsa_fixed_ecdh"; "deprecated by RFC 8422"
    ECDSA_FIXED_ECDH = 66, "ecdsa_fixed_ecdh"; "deprecated by RFC 8422"
    GOST_SIGN256 = 67, "gost_sign256"; "RFC 9189"
    GOST_SIGN512 = 68, "gost_sign512"; "RFC 9189"
}

code_points! {
    /// The negotiated content of a Certificate message (RFC 7250 section 3).
    pub struct CertificateType(u8);
    X509 = 0, "X509"; "RFC 6091"
    OPEN_PGP = 1, "OpenPGP"; "reserved, formerly RFC 6091"
    RAW_PUBLIC_KEY = 2, "RawPublicKey"; "RFC 7250"
    IEEE_1609_DOT_2 = 3, "1609Dot2"; "RFC 8902"
}

code_points! {
    /// The type of a name in the extension `server_name` (RFC 6066 section 3).
    pub struct NameType(u8);
    HOST_NAME = 0, "host_name"; "RFC 6066"
}

code_points! {
    /// A certificate status type (RFC 6066 section 8).
    pub struct CertificateStatusType(u8);
    OCSP = 1, "ocsp"; "RFC 6066"
    OCSP_MULTI = 2, "ocsp_multi"; "RFC 6961, reserved by RFC 8446"
}

code_points! {
    /// A maximum fragment length (RFC 6066 section 4).
    pub struct MaxFragmentLengthCode(u8);
    POW_2_9 = 1, "2^9"; "RFC 6066"
    POW_2_10 = 2, "2^10"; "RFC 6066"
    POW_2_11 = 3, "2^11"; "RFC 6066"
    POW_2_12 = 4, "2^12"; "RFC 6066"
}

code_points! {
    /// A mode in which the client uses pre-shared keys (RFC 9846 section 4.3.9).
    pub struct PskKeyExchangeMode(u8);
    PSK_KE = 0, "psk_ke"; "RFC 9846"
    PSK_DHE_KE = 1, "psk_dhe_ke"; "RFC 9846"
}

code_points! {
    /// An algorithm for the compression of certificates (RFC 8879 section 7.3).
    pub struct CertificateCompressionAlgorithm(u16);
    ZLIB = 1, "zlib"; "RFC 8879"
    BROTLI = 2, "brotli"; "RFC 8879"
    ZSTD = 3, "zstd"; "RFC 8879"
}

impl MaxFragmentLengthCode {
    /// The limit in bytes, or `None` for a value that RFC 6066 section 4 does not define.
    #[must_use]
    pub const fn bytes(self) -> Option<u16> {
        match self {
            Self::POW_2_9 => Some(1 << 9),
            Self::POW_2_10 => Some(1 << 10),
            Self::POW_2_11 => Some(1 << 11),
            Self::POW_2_12 => Some(1 << 12),
            _ => None,
        }
    }
}
