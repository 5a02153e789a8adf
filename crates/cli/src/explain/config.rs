//! Names the options that help if a configuration is not valid.

use crate::failure::{Code, Failure};
use cairn_tls::{ConfigError, PolicyError};

/// The failure for a configuration that is not valid. `has_floor` says whether --floor is given.
pub(crate) fn failure(error: &ConfigError, has_floor: bool) -> Failure {
    let failure = Failure::new(Code::Local, error.to_string());
    match hint(error) {
        Some(hint) => failure.hint(hint),
        None if has_floor && matches!(error, ConfigError::Policy(_)) => {
            failure.hint("--floor names the required security; --suites and --policy name the cipher suites.")
        }
        None => failure,
    }
}

fn hint(error: &ConfigError) -> Option<&'static str> {
    use PolicyError as P;
    Some(match error {
        ConfigError::NoCredential => {
            "--cert FILE and --key FILE name a certificate and its key, and --raw-key FILE a raw public key."
        }
        ConfigError::NoClientTrust => {
            "--client-ca FILE names authorities, --trust-client-cert FILE certificates, and --trust-key FILE \
            raw public keys of clients to accept."
        }
        ConfigError::LaterWithoutTls13 => "--ask-later needs --tls 1.3 or --tls both.",
        ConfigError::StaplingUnchecked => "--ocsp require cannot be combined with --trust-key.",
        ConfigError::NoPsk(_) => "--psk IDENTITY:HEX names a pre-shared key.",
        ConfigError::PsksWithoutCertificates => {
            "--psk-with-certificates uses the keys of --psk together with certificates; without \
            --require-client-cert, a client with a key needs no certificate."
        }
        ConfigError::Policy(P::NoSuites) => {
            "--suites or --policy names the cipher suites, --tls the versions, and --floor the required \
            security."
        }
        ConfigError::Policy(
            P::NoGroups | P::NoTls13Groups | P::GroupNotInProvider(_) | P::GroupListedTwice(_),
        ) => "--groups names the groups, and --tls the versions.",
        ConfigError::Policy(P::CertificateWithPsk { .. }) => {
            "--psk-with-certificates of connect needs --tls 1.3, and permits no --early-data."
        }
        ConfigError::Policy(P::ClientsNotAuthenticated(_)) => {
            "--client-ca, --trust-client-cert and --trust-key ask clients for a certificate or key."
        }
        _ => return None,
    })
}
