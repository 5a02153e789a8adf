//! The rules of `-cipher`: the part of OpenSSL's cipher list language that the tests use.

use cairn_tls::{
    Authentication, Grade, Policy, Protection, SUITES, TLS13_SUITES, Tls12Suite,
    crypto::{AeadAlgorithm, BlockCipherAlgorithm},
    wire::{CipherSuite, SignatureScheme},
};

use crate::outcome::Failure;

/// The suites of a list that names none: everything that an old peer could want.
pub(crate) const POLICY: Policy = Policy::Legacy;

/// These suites after those of TLS 1.3 that BoringSSL has, which `-cipher` does not change.
pub(crate) fn after_tls13(suites: Vec<CipherSuite>) -> Vec<CipherSuite> {
    let of_tls13 = TLS13_SUITES.iter().filter(|suite| suite.grade() == Grade::Modern);
    of_tls13.map(|suite| suite.id).chain(suites).collect()
}

/// The cipher suites of a rule for TLS 1.2, most preferred first.
///
/// # Errors
/// [`Failure::Unimplemented`] for other parts of the language, for example groups of equal preference in
/// brackets.
pub(crate) fn by_rule(rule: &str) -> Result<Vec<CipherSuite>, Failure> {
    let mut suites: Vec<&'static Tls12Suite> = Vec::new();
    for word in rule.split(':') {
        if let Some(word) = word.strip_prefix('!') {
            let banned = by_word(word)?;
            suites.retain(|suite| !banned.contains(suite));
        } else {
            let new = by_word(word)?;
            suites.extend(new.into_iter().filter(|suite| !suites.contains(suite)).collect::<Vec<_>>());
        }
    }
    Ok(suites.into_iter().map(|suite| suite.id).collect())
}

fn by_word(word: &str) -> Result<Vec<&'static Tls12Suite>, Failure> {
    if let Some(named) = SUITES.iter().find(|suite| suite.id.name() == Some(word)) {
        return Ok(vec![named]);
    }
    let is: fn(&Tls12Suite) -> bool = match word {
        "ALL" | "DEFAULT" => |_| true,
        "3DES" => is_triple_des,
        "AES" => |suite| is_aes_128(suite) || is_aes_256(suite),
        "AES128" => is_aes_128,
        _ => return Err(Failure::Unimplemented(format!("-cipher with {word}"))),
    };
    Ok(POLICY.suites().filter(|suite| !suite.uses_psk() && is(suite)).collect())
}

/// The suites that a client with these signature algorithms can offer.
pub(crate) fn with_schemes(schemes: &[SignatureScheme], with_psk: bool) -> Vec<CipherSuite> {
    let starts = |scheme: &SignatureScheme, with: &str| scheme.name().is_some_and(|it| it.starts_with(with));
    let is_ecdsa = |scheme: &SignatureScheme| *scheme == SignatureScheme::ED25519 || starts(scheme, "ecdsa");
    let is_rsa = |scheme: &SignatureScheme| starts(scheme, "rsa");
    let served = |suite: &Tls12Suite| match suite.authentication {
        // ML-DSA signs in TLS 1.3 only.
        _ if !schemes.iter().any(|scheme| is_ecdsa(scheme) || is_rsa(scheme)) => false,
        _ if !suite.is_forward_secret() => true,
        Authentication::Ecdsa => schemes.iter().any(is_ecdsa),
        Authentication::Rsa => schemes.iter().any(is_rsa),
        _ => true,
    };
    let suites = POLICY.suites().filter(|suite| (with_psk || !suite.uses_psk()) && served(suite));
    suites.map(|suite| suite.id).collect()
}

const fn is_triple_des(suite: &Tls12Suite) -> bool {
    matches!(suite.protection, Protection::Cbc { cipher: BlockCipherAlgorithm::TripleDes, .. })
}

const fn is_aes_128(suite: &Tls12Suite) -> bool {
    matches!(
        suite.protection,
        Protection::Cbc { cipher: BlockCipherAlgorithm::Aes128, .. }
            | Protection::Aead {
                algorithm: AeadAlgorithm::Aes128Gcm | AeadAlgorithm::Aes128Ccm | AeadAlgorithm::Aes128Ccm8,
                ..
            }
    )
}

const fn is_aes_256(suite: &Tls12Suite) -> bool {
    matches!(
        suite.protection,
        Protection::Cbc { cipher: BlockCipherAlgorithm::Aes256, .. }
            | Protection::Aead {
                algorithm: AeadAlgorithm::Aes256Gcm | AeadAlgorithm::Aes256Ccm | AeadAlgorithm::Aes256Ccm8,
                ..
            }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_add_and_ban_suites() {
        let names = by_rule("TLS_RSA_WITH_AES_256_CBC_SHA:TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256").unwrap();
        assert_eq!(
            names,
            [CipherSuite::TLS_RSA_WITH_AES_256_CBC_SHA, CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
        );
        let without_aes = by_rule("ALL:!AES").unwrap();
        assert!(without_aes.contains(&CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256));
        assert!(without_aes.contains(&CipherSuite::TLS_RSA_WITH_3DES_EDE_CBC_SHA));
        assert!(!without_aes.contains(&CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256));
        assert!(matches!(by_rule("[A|B]"), Err(Failure::Unimplemented(_))));
    }

    #[test]
    fn no_suite_is_offered_twice() {
        let suites = by_rule("3DES:ALL:3DES").unwrap();
        let first = suites.first().copied();
        assert!(first.and_then(CipherSuite::name).is_some_and(|name| name.contains("3DES")));
        assert!(suites.iter().enumerate().all(|(place, suite)| !suites[place + 1..].contains(suite)));
    }
}
