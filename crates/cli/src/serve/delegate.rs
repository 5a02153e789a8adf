//! The delegated credentials of `--delegate` (RFC 9345).

use crate::{
    failure::Failure,
    files::{self, Pair},
};
use cairn_tls::{
    CertificateError, Clock, Provider, ServerConfigBuilder, SystemClock,
    crypto::{CryptoError, KeySpec, PrivateKeyDer},
    x509::{CertificateFacts, Delegation, DelegationError, Holder, delegated_credential::DelegateError, pem},
};

/// The validity of the credential in seconds: a day. The server then signs with the certificate's key.
const LIFETIME: u64 = 86_400;

/// Adds a delegated credential for the certificate of this pair, with a new key that lives in this process
/// alone.
pub(super) fn with_delegated(
    builder: ServerConfigBuilder,
    pair: &Pair<'_>,
    provider: &Provider,
) -> Result<ServerConfigBuilder, Failure> {
    let failed =
        |error: &dyn core::fmt::Display| files::about(pair.cert(), format_args!("--delegate: {error}"));
    let no_key = |error: CryptoError| failed(&error);
    let chain = pair.chain();
    let certificate = chain.first().copied().unwrap_or_default();
    let facts = CertificateFacts::from_der(certificate).map_err(|error| failed(&error))?;
    let now = SystemClock.now().as_secs();
    let signer = pem::private_key(&pair.key_file).map_err(|error| failed(&error))?;
    let signer = provider.keys.load(signer.as_der()).map_err(no_key)?;
    let pkcs8 = provider.keys.generate(KeySpec::EcP256, &mut provider.rng()).map_err(no_key)?;
    let key = provider.keys.load(PrivateKeyDer::Pkcs8(pkcs8.expose())).map_err(no_key)?;
    let until = facts.not_after.min(now.saturating_add(LIFETIME));
    let delegation = Delegation::for_key(Holder::Server, &*key, until).map_err(|error| failed(&error))?;
    let issued = delegation.issue(certificate, &*signer, provider, now).map_err(|error| match error {
        DelegateError::Certificate(CertificateError::Delegation(DelegationError::NoDelegationUsage)) => {
            failed(&error).hint("The certificate needs the extension DelegationUsage (RFC 9345 section 4.2).")
        }
        _ => failed(&error),
    })?;
    builder.delegated_credential(&chain, &issued, key).map_err(|error| failed(&error))
}
