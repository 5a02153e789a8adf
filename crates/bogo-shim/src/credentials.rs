//! Chains and keys, and the selection of one for a peer.

use alloc::sync::Arc;
use std::fs;

use cairn_tls::{
    CertificateChain, CertificateError, ConfigError, Credential, DelegatedCredential, Provider, Stapled,
    crypto::{DecryptingKey, KeyKind, SigningKey},
    x509::{DelegationError, pem, raw_key},
};

use crate::{flags, outcome::Failure};

/// A credential from the flags, with its files loaded.
#[derive(Clone, Debug)]
pub(crate) struct Ready {
    /// Its position among the numbered credentials; -1 for the default one.
    pub(crate) number: i32,
    pub(crate) credential: Arc<Credential>,
    pub(crate) must_match_issuer: bool,
    /// The DER-encoded issuer names of the certificates in the chain.
    issuers: Vec<Vec<u8>>,
    /// The keys are separate from the credentials, so that signing is a question.
    pub(crate) signing: Arc<dyn SigningKey>,
    pub(crate) decrypting: Option<Arc<dyn DecryptingKey>>,
}

impl Ready {
    /// Returns `true` if one of these authorities issued a certificate of the chain.
    pub(crate) fn is_issued_by(&self, authorities: &[&[u8]]) -> bool {
        authorities.iter().any(|authority| self.issuers.iter().any(|issuer| issuer == authority))
    }
}

/// Loads the credentials from the flags, in the order in which they are tried: the numbered ones, then the
/// default one.
pub(crate) fn load(options: &flags::Connection, provider: &Provider) -> Result<Vec<Ready>, Failure> {
    let mut ready = Vec::new();
    for (number, credential) in options.credentials.iter().enumerate() {
        let number = i32::try_from(number).map_err(|_| Failure::check("too many credentials"))?;
        ready.extend(load_one(number, credential, options, provider)?);
    }
    ready.extend(load_one(-1, &options.default_credential, options, provider)?);
    Ok(ready)
}

fn load_one(
    number: i32,
    flags: &flags::Credential,
    options: &flags::Connection,
    provider: &Provider,
) -> Result<Option<Ready>, Failure> {
    let Some(key_file) = &flags.key_file else { return Ok(None) };
    let bad = |what: &dyn core::fmt::Display| Failure::check(format!("credential {key_file}: {what}"));
    let key = pem::private_key(&fs::read(key_file)?).map_err(|error| bad(&error))?;
    let signing = provider.keys.load(key.as_der()).map_err(|error| bad(&error))?;
    let decrypting = if signing.public_key().kind == KeyKind::Rsa {
        Some(provider.keys.load_decrypting(key.as_der()).map_err(|error| bad(&error))?)
    } else {
        None
    };
    let (message, issuers) = if flags.raw_public_key {
        let spki = raw_key::encode(signing.public_key()).ok_or_else(|| bad(&"no X.509 encoding"))?;
        (CertificateChain::raw_public_key(&spki).map_err(|error| bad(&error))?, Vec::new())
    } else {
        let Some(cert_file) = &flags.cert_file else { return Ok(None) };
        let chain = pem::certificates(&fs::read(cert_file)?).map_err(|error| bad(&error))?;
        let certificates: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
        let issuers =
            certificates.iter().filter_map(|certificate| issuer(certificate)).map(Into::into).collect();
        (CertificateChain::new(&certificates).map_err(|error| bad(&error))?, issuers)
    };
    let mut credential = Credential::new(message, Arc::clone(&signing));
    if let Some(decrypting) = &decrypting {
        credential = credential.with_decrypting_key(Arc::clone(decrypting));
    }
    if let Some(delegated) = &flags.delegated {
        let delegated = DelegatedCredential::decode(delegated).map_err(|error| bad(&error))?;
        check_key(&delegated, &*signing)?;
        credential = credential.with_delegated_credential(delegated);
    }
    if !flags.signing_prefs.is_empty() {
        let schemes = core::mem::take(&mut credential.schemes);
        credential.schemes =
            flags.signing_prefs.iter().copied().filter(|scheme| schemes.contains(scheme)).collect();
    }
    let response = Some(flags.ocsp_response.clone()).filter(|_| !options.decline_ocsp_callback);
    credential = credential.with_stapled(Stapled {
        ocsp_response: response.filter(|response| !response.is_empty()),
        signed_certificate_timestamps: flags.signed_cert_timestamps.clone(),
    });
    if options.r#async {
        credential.key = None;
        credential.decrypting_key = None;
    }
    Ok(Some(Ready {
        number,
        credential: Arc::new(credential),
        must_match_issuer: flags.must_match_issuer,
        issuers,
        signing,
        decrypting,
    }))
}

/// Checks that the key is that of the delegated credential, and may be. A configuration would also verify the
/// signature of the certificate, but those of the runner have no DelegationUsage.
fn check_key(delegated: &DelegatedCredential, key: &dyn SigningKey) -> Result<(), Failure> {
    let scheme = delegated.scheme();
    if KeyKind::for_delegated_credential(scheme).is_none() {
        let reason = DelegationError::SchemeNotAllowed(scheme);
        return Err(ConfigError::Certificate(CertificateError::Delegation(reason)).into());
    }
    let held = raw_key::decode(delegated.fields().asn1_subject_public_key_info);
    if held.map_err(ConfigError::Certificate)? == *key.public_key() {
        Ok(())
    } else {
        Err(ConfigError::DelegatedKeyMismatch.into())
    }
}

/// Loads the chain in a PEM file.
pub(crate) fn chain_in(file: &str) -> Result<Vec<Vec<u8>>, Failure> {
    pem::certificates(&fs::read(file)?).map_err(|error| Failure::check(format!("{file}: {error}")))
}

/// The DER-encoded issuer name: the third mandatory field of TBSCertificate (RFC 5280 section 4.1).
fn issuer(certificate: &[u8]) -> Option<&[u8]> {
    const VERSION: u8 = 0xa0;
    let (certificate, _) = element(certificate)?;
    let (tbs, _) = element(certificate.content)?;
    let mut rest = tbs.content;
    if rest.first() == Some(&VERSION) {
        rest = element(rest)?.1;
    }
    let (_serial, rest) = element(rest)?;
    let (_algorithm, rest) = element(rest)?;
    Some(element(rest)?.0.whole)
}

struct Element<'a> {
    whole: &'a [u8],
    content: &'a [u8],
}

/// The first DER element and the bytes after it.
fn element(der: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (_tag, rest) = der.split_first()?;
    let (first, mut rest) = rest.split_first()?;
    let mut length = usize::from(*first);
    if *first & 0x80 != 0 {
        let (bytes, after) = rest.split_at_checked(usize::from(*first & 0x7f))?;
        length = bytes
            .iter()
            .try_fold(0_usize, |length, byte| length.checked_mul(256)?.checked_add(usize::from(*byte)))?;
        rest = after;
    }
    let (content, after) = rest.split_at_checked(length)?;
    let whole = der.get(..der.len().checked_sub(after.len())?)?;
    Some((Element { whole, content }, after))
}
