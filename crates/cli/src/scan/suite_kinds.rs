//! Kinds of cipher suites, by their code points and names.

use cairn_tls::wire::CipherSuite;

/// Whether a suite is one of TLS 1.3: those of RFC 9846 and with AEGIS, of RFC 8998, RFC 9150 and RFC 9367.
pub(super) const fn is_tls13(suite: CipherSuite) -> bool {
    matches!(suite.0, 0x1301..=0x1307 | 0x00c6..=0x00c7 | 0xc0b4..=0xc0b5 | 0xc103..=0xc106)
}

/// Whether the name of a suite's key exchange starts with one of these.
pub(super) fn exchanges(suite: CipherSuite, starts: &[&str]) -> bool {
    let name = suite.name().and_then(|name| name.strip_prefix("TLS_")).unwrap_or_default();
    !is_tls13(suite) && starts.iter().any(|start| name.starts_with(start))
}

/// Whether a suite has forward secrecy.
pub(super) fn is_ephemeral(suite: CipherSuite) -> bool {
    const OTHERS: [&str; 5] = ["ECDHE_", "DH_anon", "ECDH_anon", "ECCPWD", "SRP_"];
    is_tls13(suite) || has_finite_field_dhe(suite) || exchanges(suite, &OTHERS)
}

/// Whether a suite has ephemeral Diffie-Hellman over a finite field, and is not anonymous.
pub(super) fn has_finite_field_dhe(suite: CipherSuite) -> bool {
    exchanges(suite, &["DHE_", "PSK_DHE"])
}

/// Whether a suite has a block cipher in CBC mode.
pub(super) fn is_cbc(suite: CipherSuite) -> bool {
    suite.name().is_some_and(|name| name.contains("_CBC_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_of_tls_1_3_are_those_without_a_key_exchange() {
        for suite in CipherSuite::KNOWN {
            let name = suite.name().unwrap_or_default();
            let has_none = !name.contains("_WITH_") && !name.ends_with("_SCSV") || name.contains("_MGM_");
            assert_eq!(is_tls13(*suite), has_none, "{name}");
        }
    }

    #[test]
    fn forward_secrecy_depends_on_the_key_exchange() {
        for (suite, ephemeral, finite_field) in [
            (CipherSuite::TLS_AES_128_GCM_SHA256, true, false),
            (CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, true, false),
            (CipherSuite::TLS_DHE_RSA_WITH_AES_128_GCM_SHA256, true, true),
            (CipherSuite::TLS_DHE_PSK_WITH_AES_128_GCM_SHA256, true, true),
            (CipherSuite::TLS_PSK_DHE_WITH_AES_128_CCM_8, true, true),
            (CipherSuite::TLS_DH_anon_WITH_AES_128_GCM_SHA256, true, false),
            (CipherSuite::TLS_SRP_SHA_WITH_AES_128_CBC_SHA, true, false),
            (CipherSuite::TLS_DH_RSA_WITH_AES_128_GCM_SHA256, false, false),
            (CipherSuite::TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256, false, false),
            (CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256, false, false),
            (CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256, false, false),
        ] {
            assert_eq!(
                (is_ephemeral(suite), has_finite_field_dhe(suite)),
                (ephemeral, finite_field),
                "{suite}"
            );
        }
    }
}
