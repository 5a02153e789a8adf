//! The credentials of a configuration, and the choice among them.

use crate::{delegated, error::ConfigError, withheld::CertificateWithheld};
use alloc::{string::String, sync::Arc, vec, vec::Vec};
use cairn_crypto::{DecryptingKey, KeyKind, Provider, SigningKey};
use cairn_handshake::{
    CertificateChain, ChooseClientCredential, ChooseServerCredential, Credential, DelegatedCredential,
    RequestMismatch, UnixTime,
};
use cairn_wire::{
    CertificateType, ClientExtension, ClientHello, DistinguishedName, ExtensionType, List, ProtocolVersion,
    SignatureScheme,
};
use cairn_x509::{
    CertificateError, CertificateFacts, Holder, OcspError, certifies, check_key, issuer_name, ocsp, pem,
    raw_key, tls_server_end_point,
};
use core::cmp::Reverse;

/// The maximum total length of the timestamps of a certificate, each with two more bytes (RFC 6962 section
/// 3.3).
const MAX_TIMESTAMPS: usize = 0xffff;

/// The credentials of a configuration, in order of preference.
#[derive(Clone, Debug, Default)]
pub(crate) struct Credentials {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    credential: Arc<Credential>,
    /// The DNS names in its certificate, in lower case.
    names: Vec<String>,
    /// The signature schemes of its certificates, as far as they are known.
    signatures: Vec<SignatureScheme>,
    /// The last second of the validity of its delegated credential, if it is one that was verified.
    until: Option<UnixTime>,
}

impl Credentials {
    /// Whether the key of one of them is elsewhere, so that the caller signs.
    pub(crate) fn any_is_elsewhere(&self) -> bool {
        self.entries.iter().any(|entry| entry.credential.key.is_none())
    }

    /// Adds a certificate chain and its private key in PEM. An RSA key can also decrypt premaster secrets, if
    /// the provider supports it.
    ///
    /// # Errors
    /// [`ConfigError`] if the files cannot be read, or key and chain do not fit.
    pub(crate) fn add_pem(
        &mut self,
        provider: &Provider,
        chain: &[u8],
        key: &[u8],
    ) -> Result<(), ConfigError> {
        let chain = pem::certificates(chain)?;
        let key = pem::private_key(key)?;
        let signing = provider.keys.load(key.as_der()).map_err(ConfigError::Key)?;
        // For RSA key exchange, if it is enabled. Providers need not support RSA decryption.
        let decrypting = if signing.public_key().kind == KeyKind::Rsa {
            provider.keys.load_decrypting(key.as_der()).ok()
        } else {
            None
        };
        let chain: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
        self.add_with(provider, &chain, signing, decrypting)
    }

    /// Adds a certificate chain in DER with its key.
    pub(crate) fn add(
        &mut self,
        provider: &Provider,
        chain: &[&[u8]],
        key: Arc<dyn SigningKey>,
    ) -> Result<(), ConfigError> {
        self.add_with(provider, chain, key, None)
    }

    /// Adds a certificate chain, end entity first, with the keys for signing and for decryption. The key
    /// usage in the certificate limits what they are used for.
    fn add_with(
        &mut self,
        provider: &Provider,
        chain: &[&[u8]],
        key: Arc<dyn SigningKey>,
        decrypting: Option<Arc<dyn DecryptingKey>>,
    ) -> Result<(), ConfigError> {
        let end_entity = chain.first().ok_or(ConfigError::Certificate(CertificateError::EmptyChain))?;
        if chain.iter().any(|certificate| certificate.is_empty()) {
            return Err(ConfigError::Certificate(CertificateError::BadEncoding));
        }
        let facts = match check_key(end_entity, &*key) {
            Ok(facts) => facts,
            Err(error) => {
                // If the key belongs to another certificate of the chain, the order is wrong.
                let place = chain.iter().position(|certificate| check_key(certificate, &*key).is_ok());
                return Err(place.map_or(error.into(), |place| ConfigError::EndEntityNotFirst { place }));
            }
        };
        let signatures = signatures(chain.iter().copied());
        let chain = CertificateChain::new(chain).map_err(|_| ConfigError::ChainTooLong)?;
        check_order(&chain, provider)?;
        let mut credential = Credential::new(chain, key).with_modulus_bits(facts.rsa_bits());
        // The key usage of the certificate limits the key (RFC 5246 section 7.4.2), because peers refuse
        // other uses.
        if !facts.key_usage.digital_signature {
            credential.schemes.clear();
        }
        if let Some(decrypting) = decrypting.filter(|_| facts.key_usage.key_encipherment) {
            credential = credential.with_decrypting_key(decrypting);
        }
        let credential = with_tls_server_end_point(Arc::new(credential), provider);
        self.entries.push(Entry { credential, names: lower(facts.dns_names), signatures, until: None });
        Ok(())
    }

    /// Adds a delegated credential with its key. The chain is in DER, and its end entity's key has signed the
    /// credential.
    pub(crate) fn add_delegated(
        &mut self,
        provider: &Provider,
        chain: &[&[u8]],
        delegated: &[u8],
        key: Arc<dyn SigningKey>,
    ) -> Result<(), ConfigError> {
        let chain = CertificateChain::new(chain).map_err(|_| ConfigError::ChainTooLong)?;
        let delegated = DelegatedCredential::decode(delegated).map_err(ConfigError::DelegatedCredential)?;
        let credential = Credential::new(chain, key).with_delegated_credential(delegated);
        self.add_credential(provider, Arc::new(credential))
    }

    /// Verifies the delegated credentials, with the certificates that have issued them, and notes their ends.
    pub(crate) fn verify_delegated(
        &mut self,
        holder: Holder,
        provider: &Provider,
        now: UnixTime,
    ) -> Result<(), ConfigError> {
        for entry in &mut self.entries {
            entry.until = delegated::verify_own(&entry.credential, holder, provider, now)?;
        }
        Ok(())
    }

    /// Adds a raw public key (RFC 7250), which is derived from its private key.
    pub(crate) fn add_raw(&mut self, key: Arc<dyn SigningKey>) -> Result<(), ConfigError> {
        let spki = raw_key::encode(key.public_key());
        let spki = spki.ok_or(ConfigError::Certificate(CertificateError::UnsupportedAlgorithm))?;
        let chain = CertificateChain::raw_public_key(&spki).map_err(|_| ConfigError::ChainTooLong)?;
        let credential = Arc::new(Credential::new(chain, key));
        self.entries.push(Entry { credential, names: Vec::new(), signatures: Vec::new(), until: None });
        Ok(())
    }

    /// Adds a raw public key, from a private key in PEM.
    pub(crate) fn add_raw_pem(&mut self, provider: &Provider, key: &[u8]) -> Result<(), ConfigError> {
        let key = pem::private_key(key)?;
        self.add_raw(provider.keys.load(key.as_der()).map_err(ConfigError::Key)?)
    }

    /// The certificate types of the credentials in order of preference; X.509 if there are none.
    pub(crate) fn types(&self) -> Vec<CertificateType> {
        let mut types = Vec::new();
        for credential in self.iter() {
            let certificate_type = credential.chain.certificate_type();
            if !types.contains(&certificate_type) {
                types.push(certificate_type);
            }
        }
        if types.is_empty() { vec![CertificateType::X509] } else { types }
    }

    /// Adds a credential that the caller has created. The modulus length and the channel binding are added to
    /// it if they are missing.
    pub(crate) fn add_credential(
        &mut self,
        provider: &Provider,
        credential: Arc<Credential>,
    ) -> Result<(), ConfigError> {
        if credential.chain.as_raw_public_key().is_some() {
            self.entries.push(Entry { credential, names: Vec::new(), signatures: Vec::new(), until: None });
            return Ok(());
        }
        let end_entity =
            credential.chain.end_entity().ok_or(ConfigError::Certificate(CertificateError::EmptyChain))?;
        let facts = CertificateFacts::from_der(end_entity).map_err(ConfigError::Certificate)?;
        check_order(&credential.chain, provider)?;
        let signatures = signatures(credential.chain.iter());
        let mut credential = with_tls_server_end_point(credential, provider);
        if credential.modulus_bits.is_none()
            && credential.delegated.is_none()
            && let Some(bits) = facts.rsa_bits()
        {
            credential = Arc::new(Arc::unwrap_or_clone(credential).with_modulus_bits(Some(bits)));
        }
        self.entries.push(Entry { credential, names: lower(facts.dns_names), signatures, until: None });
        Ok(())
    }

    /// Adds an OCSP response to the last credential. It must be for its certificate. Clients judge its
    /// validity, because that depends on the time.
    pub(crate) fn staple_to_last(&mut self, response: &[u8]) -> Result<(), ConfigError> {
        let entry = self.entries.last_mut().ok_or(ConfigError::NoCredential)?;
        let end_entity = entry.credential.chain.end_entity();
        let end_entity = end_entity.ok_or(ConfigError::Certificate(CertificateError::EmptyChain))?;
        let serial = CertificateFacts::from_der(end_entity).map_err(ConfigError::Certificate)?.serial;
        let statements = ocsp::statements(response).map_err(ConfigError::Ocsp)?;
        if !statements.iter().any(|statement| statement.serial == serial) {
            return Err(ConfigError::Ocsp(OcspError::OtherCertificate));
        }
        Arc::make_mut(&mut entry.credential).stapled.ocsp_response = Some(response.to_vec());
        Ok(())
    }

    /// Adds signed certificate timestamps to the last credential.
    pub(crate) fn add_timestamps_to_last(&mut self, timestamps: &[&[u8]]) -> Result<(), ConfigError> {
        let entry = self.entries.last_mut().ok_or(ConfigError::NoCredential)?;
        let all = &mut Arc::make_mut(&mut entry.credential).stapled.signed_certificate_timestamps;
        all.extend(timestamps.iter().map(|timestamp| timestamp.to_vec()));
        let length = all.iter().fold(0, |sum: usize, each| sum.saturating_add(each.len()).saturating_add(2));
        if length > MAX_TIMESTAMPS || all.iter().any(Vec::is_empty) {
            return Err(ConfigError::TimestampLength { length });
        }
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Credential>> {
        self.entries.iter().map(|entry| &entry.credential)
    }

    /// The end-entity certificates and raw public keys of the credentials, each once: a delegated
    /// credential and the key of its certificate are one identity.
    pub(crate) fn leaves(&self) -> Vec<Vec<u8>> {
        let mut leaves = Vec::new();
        for credential in self.iter() {
            let chain = &credential.chain;
            let leaf = chain.as_raw_public_key().or_else(|| chain.end_entity()).map(<[u8]>::to_vec);
            leaves.extend(leaf.filter(|leaf| !leaves.contains(leaf)));
        }
        leaves
    }

    /// Among the credentials that suit the client: the first for the requested host whose certificates have
    /// acceptable signatures; else the first for the host; else the first with acceptable signatures; else
    /// the first. Among equals, one without SHA-1 is preferred, then one that an authority issued that the
    /// client names, and then a delegated credential.
    ///
    /// RFC 9846 section 4.5.1.2: a client may accept a certificate that it cannot verify, and would otherwise
    /// fail. In TLS 1.3, "This fallback chain MUST NOT use the deprecated SHA-1 hash, unless the client
    /// specifically advertises that it is willing to accept SHA-1."
    pub(crate) fn for_client(
        &self,
        question: &ChooseServerCredential<'_>,
        now: UnixTime,
    ) -> Option<Arc<Credential>> {
        // RFC 6066 section 3 does not permit a trailing dot, but some clients send it and mean the same host.
        let host = question.server_name().map(|name| name.strip_suffix(b".").unwrap_or(name));
        let host = host.map(<[u8]>::to_ascii_lowercase);
        let schemes = question.certificate_schemes();
        let is_tls13 = question.version() == ProtocolVersion::TLS_1_3;
        // The hello is decoded again only if there is a choice.
        let hello = (is_tls13 && self.entries.len() > 1).then(|| question.client_hello()).flatten();
        let authorities = hello.and_then(|hello| authorities(&hello));
        let rank = |entry: &&Entry| {
            let named = host.as_ref().is_some_and(|host| entry.is_for(host));
            let signed = schemes.is_empty() || entry.is_signed_with(|scheme| schemes.contains(&scheme));
            let issued = authorities
                .is_some_and(|names| entry.is_issued_by(|issuer| names.iter().any(|name| name.0 == issuer)));
            Reverse((named, signed, !entry.uses_sha1(|_| true), issued, entry.is_delegated()))
        };
        let may_fall_back =
            |entry: &&Entry| !is_tls13 || !entry.uses_sha1(|scheme| !schemes.contains(&scheme));
        let suitable = self.entries.iter().filter(|entry| question.suits(&entry.credential));
        let suitable = suitable.filter(may_fall_back).filter(|entry| !entry.has_expired(now));
        suitable.min_by_key(rank).map(|entry| Arc::clone(&entry.credential))
    }

    /// Among the credentials that suit the server's request and that one of its acceptable authorities
    /// issued, if it lists any (RFC 5246 section 7.4.6): the first whose certificates have acceptable
    /// signatures, else the first; among equals a delegated credential. With `any_authority`, a credential
    /// of another authority is used if there is no other.
    ///
    /// # Errors
    /// The reason why no credential is suitable.
    pub(crate) fn for_server(
        &self,
        question: &ChooseClientCredential<'_>,
        any_authority: bool,
        now: UnixTime,
    ) -> Result<Arc<Credential>, CertificateWithheld> {
        let request = question.request();
        let schemes = request.signature_algorithms();
        // A raw public key has no issuer.
        let is_issued = |entry: &Entry| {
            request.authorities().len() == 0
                || entry.credential.chain.end_entity().is_none()
                || entry.is_issued_by(|name| request.authorities().any(|authority| authority == name))
        };
        let rank = |(entry, issued): &(&Entry, bool)| {
            let signed = entry.is_signed_with(|scheme| schemes.contains(&scheme));
            Reverse((*issued, signed, entry.is_delegated()))
        };
        let suitable = self.entries.iter().filter(|entry| question.suits(&entry.credential));
        let suitable = suitable.filter(|entry| !entry.has_expired(now));
        match suitable.map(|entry| (entry, is_issued(entry))).min_by_key(rank) {
            Some((entry, issued)) if issued || any_authority => Ok(Arc::clone(&entry.credential)),
            Some(_) => Err(CertificateWithheld::Authorities),
            None => {
                let mismatches = self.entries.iter().filter_map(|entry| question.mismatch(&entry.credential));
                let closest = mismatches.max_by_key(|mismatch| match mismatch {
                    RequestMismatch::CertificateType => 0,
                    RequestMismatch::KeyCannotSign => 1,
                    RequestMismatch::DelegatedCredential => 2,
                    RequestMismatch::KeyKind => 3,
                    RequestMismatch::SignatureSchemes => 4,
                });
                let expired = self.entries.iter().any(|entry| entry.has_expired(now));
                let none = match expired {
                    true => CertificateWithheld::DelegationExpired,
                    false => CertificateWithheld::NoCredential,
                };
                Err(closest.map_or(none, Into::into))
            }
        }
    }
}

/// Creates a credential whose private key is elsewhere, for example in another process or a token. The kind
/// of the key and its signature schemes are read from the end-entity certificate or the raw public key.
/// [`cairn_handshake::Question::Sign`] requests each signature.
///
/// The schemes are those that every key of this kind can sign with: RSASSA-PSS, then RSASSA-PKCS1-v1_5, with
/// SHA-256 to SHA-512 for RSA; the hash of the curve for ECDSA. An RSASSA-PSS key whose parameters restrict
/// it to one hash has only that one. If the key supports fewer, remove schemes from [`Credential::schemes`].
/// A key whose certificate does not permit signatures (RFC 5280 section 4.2.1.3) has none. For RSA key
/// exchange, set [`Credential::may_decrypt`] and answer [`cairn_handshake::Question::DecryptPremaster`].
///
/// # Errors
/// [`ConfigError::Certificate`] if the certificate or key cannot be parsed, or TLS cannot sign with that kind
/// of key.
pub fn credential_elsewhere(chain: CertificateChain) -> Result<Credential, ConfigError> {
    let (spki, may_sign, bits) = if let Some(spki) = chain.as_raw_public_key() {
        (spki.to_vec(), true, None)
    } else {
        let facts = CertificateFacts::from_der(chain.end_entity().ok_or(CertificateError::EmptyChain)?)?;
        let bits = facts.rsa_bits();
        (facts.spki, facts.key_usage.digital_signature, bits)
    };
    let (key, only_scheme) = raw_key::decode_restricted(&spki)?;
    let allowed = |scheme: &SignatureScheme| may_sign && only_scheme.is_none_or(|only| only == *scheme);
    let schemes = schemes_of(key.kind).iter().copied().filter(allowed).collect();
    Ok(Credential::elsewhere(chain, key.kind, schemes).with_modulus_bits(bits))
}

/// The schemes that every key of this kind can sign with.
const fn schemes_of(kind: KeyKind) -> &'static [SignatureScheme] {
    use SignatureScheme as S;
    match kind {
        KeyKind::Rsa => &[
            S::RSA_PSS_RSAE_SHA256,
            S::RSA_PSS_RSAE_SHA384,
            S::RSA_PSS_RSAE_SHA512,
            S::RSA_PKCS1_SHA256,
            S::RSA_PKCS1_SHA384,
            S::RSA_PKCS1_SHA512,
        ],
        KeyKind::RsaPss => &[S::RSA_PSS_PSS_SHA256, S::RSA_PSS_PSS_SHA384, S::RSA_PSS_PSS_SHA512],
        KeyKind::EcP256 => &[S::ECDSA_SECP256R1_SHA256],
        KeyKind::EcP384 => &[S::ECDSA_SECP384R1_SHA384],
        KeyKind::EcP521 => &[S::ECDSA_SECP521R1_SHA512],
        KeyKind::Ed25519 => &[S::ED25519],
        KeyKind::MlDsa44 => &[S::MLDSA44],
        KeyKind::MlDsa65 => &[S::MLDSA65],
        KeyKind::MlDsa87 => &[S::MLDSA87],
        _ => &[],
    }
}

impl Entry {
    /// Whether its key is that of a delegated credential.
    fn is_delegated(&self) -> bool {
        self.credential.delegated.is_some()
    }

    /// Whether its delegated credential has expired. It is valid in its last second (RFC 9345 section 4.1.3).
    fn has_expired(&self, now: UnixTime) -> bool {
        self.until.is_some_and(|until| now.as_secs() > until.as_secs())
    }

    /// Whether a peer that accepts these schemes in certificates accepts all signatures of the chain.
    fn is_signed_with(&self, accepts: impl Fn(SignatureScheme) -> bool) -> bool {
        self.signatures.iter().all(|scheme| accepts(*scheme) || same_signature(*scheme).is_some_and(&accepts))
    }

    /// Whether a certificate of the chain is signed with SHA-1, with a scheme for which this holds.
    fn uses_sha1(&self, which: impl Fn(SignatureScheme) -> bool) -> bool {
        self.signatures.iter().any(|scheme| {
            matches!(*scheme, SignatureScheme::RSA_PKCS1_SHA1 | SignatureScheme::ECDSA_SHA1) && which(*scheme)
        })
    }

    /// Whether one of these authorities issued a certificate of the chain.
    fn is_issued_by(&self, is_authority: impl Fn(&[u8]) -> bool) -> bool {
        let mut issuers =
            self.credential.chain.iter().filter_map(|certificate| issuer_name(certificate).ok());
        issuers.any(is_authority)
    }

    /// Whether the certificate is for this host. A wildcard matches exactly one label, the leftmost (RFC 6125
    /// section 6.4.3).
    fn is_for(&self, host: &[u8]) -> bool {
        self.names.iter().any(|name| {
            let name = name.as_bytes();
            match name.strip_prefix(b"*.") {
                Some(parent) => host
                    .iter()
                    .position(|byte| *byte == b'.')
                    .is_some_and(|dot| host.get(dot + 1..) == Some(parent)),
                None => name == host,
            }
        })
    }
}

/// The authorities that a client names (RFC 9846 section 4.3.4).
fn authorities<'a>(hello: &ClientHello<'a>) -> Option<List<'a, DistinguishedName<'a>>> {
    match hello.extensions?.get(ExtensionType::CERTIFICATE_AUTHORITIES)? {
        ClientExtension::CertificateAuthorities(authorities) => Some(authorities.get().ok()?.authorities),
        _ => None,
    }
}

/// The signature schemes of the certificates in a chain, except self-signed ones, whose signatures are not
/// checked (RFC 9846 section 4.3.3).
fn signatures<'a>(chain: impl Iterator<Item = &'a [u8]>) -> Vec<SignatureScheme> {
    let facts = chain.filter_map(|certificate| CertificateFacts::from_der(certificate).ok());
    facts.filter(|facts| !facts.self_issued).filter_map(|facts| facts.signature_scheme).collect()
}

/// The scheme with the same signatures. RSASSA-PSS signatures have the same form with both kinds of RSA key,
/// and the kind of the issuer's key is unknown if its certificate is not in the chain.
const fn same_signature(scheme: SignatureScheme) -> Option<SignatureScheme> {
    match scheme {
        SignatureScheme::RSA_PSS_RSAE_SHA256 => Some(SignatureScheme::RSA_PSS_PSS_SHA256),
        SignatureScheme::RSA_PSS_RSAE_SHA384 => Some(SignatureScheme::RSA_PSS_PSS_SHA384),
        SignatureScheme::RSA_PSS_RSAE_SHA512 => Some(SignatureScheme::RSA_PSS_PSS_SHA512),
        _ => None,
    }
}

/// Checks that each certificate certifies the one before it (RFC 5246 section 7.4.2). If the provider cannot
/// verify a signature, only the names are compared, because the peer may support it.
fn check_order(chain: &CertificateChain, provider: &Provider) -> Result<(), ConfigError> {
    for (place, (certificate, issuer)) in (1..).zip(chain.iter().zip(chain.iter().skip(1))) {
        match certifies(issuer, certificate, provider) {
            Ok(true) | Err(CertificateError::UnsupportedAlgorithm | CertificateError::KeyTooWeak { .. }) => {}
            Ok(false) => return Err(ConfigError::ChainOutOfOrder { place }),
            Err(error) => return Err(ConfigError::Certificate(error)),
        }
    }
    Ok(())
}

/// Adds the channel binding `tls-server-end-point`, if it is defined for the certificate.
pub(crate) fn with_tls_server_end_point(credential: Arc<Credential>, provider: &Provider) -> Arc<Credential> {
    if credential.tls_server_end_point.is_some() {
        return credential;
    }
    let end_entity = credential.chain.end_entity();
    match end_entity.and_then(|certificate| tls_server_end_point(certificate, provider).ok()) {
        None => credential,
        Some(hash) => {
            let mut credential = Arc::unwrap_or_clone(credential);
            credential.tls_server_end_point = Some(hash.as_bytes().into());
            Arc::new(credential)
        }
    }
}

/// Converts names to lower case.
fn lower(names: Vec<String>) -> Vec<String> {
    names.into_iter().map(|name| name.to_ascii_lowercase()).collect()
}
