//! The registry of signature schemes.

use super::registry::{code_points, grease};

code_points! {
    /// A signature scheme (RFC 8446 section 4.2.3, IANA "TLS SignatureScheme").
    ///
    /// In TLS 1.2 the same two bytes are a `SignatureAndHashAlgorithm`: the hash algorithm in the upper byte,
    /// the signature algorithm in the lower (RFC 5246 section 7.4.1.4.1). In TLS 1.2 the ECDSA values do not
    /// imply a curve. TLS 1.2 pairs without a name in RFC 8446 are named here in its style.
    pub struct SignatureScheme(u16);
    RSA_PKCS1_MD5 = 0x0101, "rsa_pkcs1_md5"; "the pair (md5, rsa) of RFC 5246"
    RSA_PKCS1_SHA1 = 0x0201, "rsa_pkcs1_sha1"; "RFC 8446"
    DSA_SHA1 = 0x0202, "dsa_sha1"; "the pair (sha1, dsa) of RFC 5246"
    ECDSA_SHA1 = 0x0203, "ecdsa_sha1"; "RFC 8446"
    RSA_PKCS1_SHA224 = 0x0301, "rsa_pkcs1_sha224"; "the pair (sha224, rsa) of RFC 5246"
    DSA_SHA224 = 0x0302, "dsa_sha224"; "the pair (sha224, dsa) of RFC 5246"
    ECDSA_SHA224 = 0x0303, "ecdsa_sha224"; "the pair (sha224, ecdsa) of RFC 5246"
    RSA_PKCS1_SHA256 = 0x0401, "rsa_pkcs1_sha256"; "RFC 8446"
    DSA_SHA256 = 0x0402, "dsa_sha256"; "the pair (sha256, dsa) of RFC 5246"
    ECDSA_SECP256R1_SHA256 = 0x0403, "ecdsa_secp256r1_sha256"; "RFC 8446"
    RSA_PKCS1_SHA256_LEGACY = 0x0420, "rsa_pkcs1_sha256_legacy"; "IANA"
    RSA_PKCS1_SHA384 = 0x0501, "rsa_pkcs1_sha384"; "RFC 8446"
    DSA_SHA384 = 0x0502, "dsa_sha384"; "the pair (sha384, dsa) of RFC 5246"
    ECDSA_SECP384R1_SHA384 = 0x0503, "ecdsa_secp384r1_sha384"; "RFC 8446"
    RSA_PKCS1_SHA384_LEGACY = 0x0520, "rsa_pkcs1_sha384_legacy"; "IANA"
    RSA_PKCS1_SHA512 = 0x0601, "rsa_pkcs1_sha512"; "RFC 8446"
    DSA_SHA512 = 0x0602, "dsa_sha512"; "the pair (sha512, dsa) of RFC 5246"
    ECDSA_SECP521R1_SHA512 = 0x0603, "ecdsa_secp521r1_sha512"; "RFC 8446"
    RSA_PKCS1_SHA512_LEGACY = 0x0620, "rsa_pkcs1_sha512_legacy"; "IANA"
    ECCSI_SHA256 = 0x0704, "eccsi_sha256"; "IANA"
    ISO_IBS1 = 0x0705, "iso_ibs1"; "IANA"
    ISO_IBS2 = 0x0706, "iso_ibs2"; "IANA"
    ISO_CHINESE_IBS = 0x0707, "iso_chinese_ibs"; "IANA"
    SM2SIG_SM3 = 0x0708, "sm2sig_sm3"; "RFC 8998"
    GOSTR34102012_256A = 0x0709, "gostr34102012_256a"; "RFC 9367"
    GOSTR34102012_256B = 0x070a, "gostr34102012_256b"; "RFC 9367"
    GOSTR34102012_256C = 0x070b, "gostr34102012_256c"; "RFC 9367"
    GOSTR34102012_256D = 0x070c, "gostr34102012_256d"; "RFC 9367"
    GOSTR34102012_512A = 0x070d, "gostr34102012_512a"; "RFC 9367"
    GOSTR34102012_512B = 0x070e, "gostr34102012_512b"; "RFC 9367"
    GOSTR34102012_512C = 0x070f, "gostr34102012_512c"; "RFC 9367"
    RSA_PSS_RSAE_SHA256 = 0x0804, "rsa_pss_rsae_sha256"; "RFC 8446"
    RSA_PSS_RSAE_SHA384 = 0x0805, "rsa_pss_rsae_sha384"; "RFC 8446"
    RSA_PSS_RSAE_SHA512 = 0x0806, "rsa_pss_rsae_sha512"; "RFC 8446"
    ED25519 = 0x0807, "ed25519"; "RFC 8422, RFC 8446"
    ED448 = 0x0808, "ed448"; "RFC 8422, RFC 8446"
    RSA_PSS_PSS_SHA256 = 0x0809, "rsa_pss_pss_sha256"; "RFC 8446"
    RSA_PSS_PSS_SHA384 = 0x080a, "rsa_pss_pss_sha384"; "RFC 8446"
    RSA_PSS_PSS_SHA512 = 0x080b, "rsa_pss_pss_sha512"; "RFC 8446"
    ECDSA_BRAINPOOLP256R1TLS13_SHA256 = 0x081a, "ecdsa_brainpoolP256r1tls13_sha256"; "RFC 8734"
    ECDSA_BRAINPOOLP384R1TLS13_SHA384 = 0x081b, "ecdsa_brainpoolP384r1tls13_sha384"; "RFC 8734"
    ECDSA_BRAINPOOLP512R1TLS13_SHA512 = 0x081c, "ecdsa_brainpoolP512r1tls13_sha512"; "RFC 8734"
    MLDSA44 = 0x0904, "mldsa44"; "IANA"
    MLDSA65 = 0x0905, "mldsa65"; "IANA"
    MLDSA87 = 0x0906, "mldsa87"; "IANA"
}

grease!(SignatureScheme);
