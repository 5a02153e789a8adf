//! A certificate chain and its private key, from two files.

use super::{
    passphrase::Passphrases,
    private_key::key_file,
    read::{about, read},
};
use crate::{
    failure::{Code, Failure},
    output::warn,
};
use cairn_tls::{
    CertificateError, Clock, ConfigError, SystemClock,
    crypto::KeyKind,
    x509::{CertificateFacts, credential::CredentialError, pem},
};
use std::path::Path;
use zeroize::Zeroizing;

/// The time before its `notAfter` in which a certificate causes a warning, in seconds: two weeks.
const SOON: u64 = 14 * 86_400;

/// The two files, each checked for its expected contents.
#[derive(Debug)]
pub(crate) struct Pair<'a> {
    cert: &'a Path,
    key: &'a Path,
    /// The contents of the certificate file.
    pub(crate) cert_file: Vec<u8>,
    /// The contents of the key file, with its key decrypted.
    pub(crate) key_file: Zeroizing<Vec<u8>>,
    chain: Vec<Vec<u8>>,
}

impl<'a> Pair<'a> {
    /// Reads both.
    pub(crate) fn read(cert: &'a Path, key: &'a Path, passphrases: &Passphrases) -> Result<Self, Failure> {
        let (cert_file, key_file) = (read(cert)?, key_file(key, passphrases)?);
        let chain = pem::certificates(&cert_file).map_err(|error| about(cert, error))?;
        pem::private_key(&key_file).map_err(|error| about(key, error))?;
        Ok(Self { cert, key, cert_file, key_file, chain })
    }

    /// The file of the chain.
    pub(crate) const fn cert(&self) -> &'a Path {
        self.cert
    }

    /// The certificates in DER, the end entity's first.
    pub(crate) fn chain(&self) -> Vec<&[u8]> {
        self.chain.iter().map(Vec::as_slice).collect()
    }

    /// The facts of the certificates that can be parsed, with their numbers.
    fn facts(&self) -> impl Iterator<Item = (usize, CertificateFacts)> {
        let facts = |(number, der): (usize, &Vec<u8>)| Some((number, CertificateFacts::from_der(der).ok()?));
        (1..).zip(&self.chain).filter_map(facts)
    }

    /// The kind of the key in the certificate.
    pub(crate) fn key_kind(&self) -> Option<KeyKind> {
        self.facts().next().and_then(|(_, facts)| facts.public_key).map(|key| key.kind)
    }

    /// The reason why the certificate permits fewer suites than its key, if it does.
    pub(crate) fn limits(&self) -> Option<String> {
        let (_, facts) = self.facts().next()?;
        (!facts.key_usage.digital_signature).then(|| {
            format!(
                "The key usage in {} does not allow digitalSignature, which all suites need but those with \
                the RSA key exchange (--policy legacy).",
                super::shown(self.cert)
            )
        })
    }

    /// Warns about certificates that are expired, not yet valid, or about to expire.
    pub(crate) fn warn_of_dates(&self) {
        warn_of_dates(self.cert, &self.chain, SystemClock.now().as_secs());
    }

    /// The certificate of this number with its subject, for messages.
    fn named(&self, number: usize) -> String {
        let facts = self.facts().find(|(of, _)| *of == number);
        match facts {
            Some((_, facts)) => format!("certificate {number} (\"{}\")", facts.subject),
            None => format!("certificate {number}"),
        }
    }

    /// Whether a certificate equals the previous one, both counted from 0.
    fn is_copy(&self, place: usize) -> bool {
        place.checked_sub(1).is_some_and(|before| self.chain.get(place) == self.chain.get(before))
    }

    /// The reason why the pair cannot be used.
    pub(crate) fn failure(&self, error: &ConfigError) -> Failure {
        let (cert, key) = (super::shown(self.cert), super::shown(self.key));
        let first = self.named(1);
        match error {
            ConfigError::EndEntityNotFirst { place } => about(
                self.cert,
                format_args!(
                    "the order is wrong: {} belongs to the key of {key} and must be the first, and \
                        {first} comes before it",
                    self.named(place + 1)
                ),
            )
            .hint("Each certificate is followed by that of its issuer."),
            ConfigError::Credential(CredentialError::KeyMismatch) => {
                about(self.cert, format_args!("{first} has another public key than the private key in {key}"))
                    .hint("A renewed certificate may have a new key; the two files must belong together.")
            }
            ConfigError::ChainOutOfOrder { place } if self.is_copy(*place) => {
                about(self.cert, format_args!("the file contains {} twice in a row", self.named(*place)))
                    .hint("Remove one of the two.")
            }
            ConfigError::ChainOutOfOrder { place } => {
                let next = self.named(place + 1);
                let mut failure = about(
                    self.cert,
                    format_args!("{next} is not the issuer of {}, which comes before it", self.named(*place)),
                )
                .hint(
                    "The server's or client's own certificate comes first, and each is followed by that of \
                its issuer.",
                );
                if let Some((_, facts)) = self.facts().find(|(number, _)| number == place) {
                    failure = failure.hint(format!("Its issuer is \"{}\".", facts.issuer));
                }
                failure
            }
            ConfigError::Key(error) => {
                let failure = about(self.key, format_args!("private key: {error}"));
                match self.facts().next() {
                    Some((_, facts)) if facts.rsa_bits().is_some_and(|bits| bits < 2048) => {
                        failure.hint(format!(
                            "The key in {cert} is of {}, which is too weak: RSA needs 2048 bits.",
                            facts.key_description
                        ))
                    }
                    Some((_, facts)) => failure.hint(format!(
                        "The key in {cert} is of {}; keys of RSA, ECDSA (P-256, P-384, P-521), Ed25519 and \
                        ML-DSA can be used.",
                        facts.key_description
                    )),
                    None => failure,
                }
            }
            ConfigError::Certificate(error) => {
                let number = (1..)
                    .zip(&self.chain)
                    .find_map(|(number, der)| CertificateFacts::from_der(der).is_err().then_some(number));
                let failure = about(
                    self.cert,
                    match number {
                        Some(number) => format!("certificate {number}: {error}"),
                        None => error.to_string(),
                    },
                );
                match error {
                    CertificateError::KeyTooWeak { .. } => {
                        failure.hint("A new key is needed, of RSA with 2048 bits or of ECDSA.")
                    }
                    _ => failure,
                }
            }
            error => Failure::new(Code::Local, format!("{cert} with {key}: {error}")),
        }
    }
}

/// Warns about certificates that are not valid at this time, in seconds since 1970, or will expire soon.
fn warn_of_dates(path: &Path, chain: &[Vec<u8>], now: u64) {
    for (number, der) in (1..).zip(chain) {
        let Ok(facts) = CertificateFacts::from_der(der) else { continue };
        let what = match facts.check_validity(now) {
            Err(error) => error.to_string(),
            Ok(()) if facts.not_after.saturating_sub(now) < SOON => {
                let days = facts.not_after.saturating_sub(now) / 86_400;
                format!(
                    "it expires in {}",
                    crate::show::count(usize::try_from(days).unwrap_or_default(), "day")
                )
            }
            Ok(()) => continue,
        };
        warn(format_args!("{}: certificate {number} ({}): {what}", super::shown(path), facts.subject));
    }
}
