//! GnuTLS's priority strings.

use super::case::Case;

/// The part of a priority string that does not depend on the suite.
pub(super) fn common(case: &Case) -> String {
    let mut text = String::new();
    text += ":+GROUP-";
    text += &case.group.map_or_else(|| "ALL".to_owned(), str::to_uppercase);
    match case.scheme {
        None => text += ":+SIGN-ALL",
        Some(scheme) => {
            let own = match scheme {
                "rsa_pkcs1_sha256" => "RSA-SHA256",
                "rsa_pkcs1_sha384" => "RSA-SHA384",
                "rsa_pkcs1_sha512" => "RSA-SHA512",
                "rsa_pss_rsae_sha256" => "RSA-PSS-RSAE-SHA256",
                "rsa_pss_rsae_sha384" => "RSA-PSS-RSAE-SHA384",
                "rsa_pss_rsae_sha512" => "RSA-PSS-RSAE-SHA512",
                "rsa_pss_pss_sha256" => "RSA-PSS-SHA256",
                "rsa_pss_pss_sha384" => "RSA-PSS-SHA384",
                "rsa_pss_pss_sha512" => "RSA-PSS-SHA512",
                "ecdsa_secp384r1_sha384" => "ECDSA-SECP384R1-SHA384:+SIGN-ECDSA-SHA384",
                "ecdsa_secp521r1_sha512" => "ECDSA-SECP521R1-SHA512:+SIGN-ECDSA-SHA512",
                "ed25519" => "EDDSA-ED25519",
                _ => "ECDSA-SECP256R1-SHA256:+SIGN-ECDSA-SHA256",
            };
            // The authority's scheme as well.
            let authority = if scheme.starts_with("rsa") { "ECDSA-SHA256" } else { "RSA-SHA256" };
            text += &format!(":+SIGN-{own}:+SIGN-{authority}");
        }
    }
    if !case.etm {
        text += ":%NO_ETM";
    }
    if case.limit.is_some() {
        text += ":%ALLOW_SMALL_RECORDS";
    }
    text
}
