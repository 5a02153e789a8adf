//! Builds and signs a certificate (RFC 5280 section 4.1) with the builder of `x509-cert`.
//!
//! The signature is made between the two steps of the builder, so that its error is the provider's. The key
//! identifiers are made with the provider's SHA-256, not with the builder's SHA-1: cryptography comes from a
//! provider only.

use super::{error::IssueError, names, template::Template};
use crate::{algorithms, oid, raw_key, usage};
use alloc::{vec, vec::Vec};
use cairn_crypto::{HashAlgorithm, KeyKind, Provider, PublicKey, SigningKey};
use cairn_wire::{ExtensionType, SignatureScheme};
use core::time::Duration;
use der::{
    DateTime, Decode, Encode,
    asn1::{BitString, Null, OctetString},
    flagset::FlagSet,
    referenced::RefToOwned,
};
use signature::Keypair;
use x509_cert::{
    SubjectPublicKeyInfo, TbsCertificate,
    builder::{self, Builder, CertificateBuilder, profile::BuilderProfile},
    ext::{
        Extension, Extensions, ToExtension,
        pkix::{
            AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName,
            SubjectKeyIdentifier,
        },
    },
    name::Name,
    serial_number::SerialNumber,
    spki::{
        self, AlgorithmIdentifierOwned, Document, DynSignatureAlgorithmIdentifier, EncodePublicKey,
        SubjectPublicKeyInfoRef,
    },
    time::{Time, Validity},
};

/// The issuer of a certificate.
pub(super) struct Issuer<'a> {
    /// The distinguished name.
    pub(super) name: Name,
    /// The subject key identifier.
    pub(super) key_id: Option<Vec<u8>>,
    pub(super) key: &'a dyn SigningKey,
}

/// Builds and signs a certificate.
pub(super) fn certificate(
    template: &Template,
    provider: &Provider,
    public_key: &PublicKey,
    issuer: &Issuer<'_>,
) -> Result<Vec<u8>, IssueError> {
    let scheme = template.scheme_for(issuer.key)?;
    let signer = Signer { key: issuer.key, scheme };
    let serial = SerialNumber::new(&serial(template, provider)?)?;
    let validity = Validity::new(time(template.not_before)?, time(template.not_after)?);
    let spki = raw_key::encode(public_key).ok_or(IssueError::Scheme)?;
    let spki = SubjectPublicKeyInfo::from_der(&spki)?;
    names::check(template)?;
    let profile = Profile {
        template,
        kind: public_key.kind,
        subject: template.subject.to_name()?,
        key_id: key_id(provider, public_key)?,
        issuer,
    };
    let mut builder = CertificateBuilder::new(profile, serial, validity, spki)?;
    let tbs = builder.finalize(&signer)?;
    let signature = issuer.key.sign(scheme, &tbs, &mut provider.rng())?;
    let signature = BitString::from_bytes(&signature)?;
    let certificate = builder.assemble(signature, &signer)?;
    Ok(certificate.to_der()?)
}

/// The leftmost 160 bits of the SHA-256 hash of the public key (RFC 7093 section 2), if the provider has
/// SHA-256.
pub(super) fn key_id(provider: &Provider, key: &PublicKey) -> Result<Option<Vec<u8>>, IssueError> {
    let Some(sha256) = provider.hash(HashAlgorithm::Sha256) else {
        return Ok(None);
    };
    let hash = sha256.hash(&[&key.bits])?;
    Ok(hash.as_bytes().get(..20).map(<[u8]>::to_vec))
}

/// Sixteen random bytes. The first is adjusted so that the number is positive and has full length.
fn serial(template: &Template, provider: &Provider) -> Result<[u8; 16], IssueError> {
    let mut serial = template.serial.unwrap_or_default();
    if template.serial.is_none() {
        provider.random.fill(&mut serial)?;
    }
    if let Some(first) = serial.first_mut() {
        *first = (*first & 0x3f) | 0x40;
    }
    Ok(serial)
}

/// UTCTime up to 2049, GeneralizedTime afterwards (RFC 5280 section 4.1.2.5).
fn time(seconds: u64) -> Result<Time, IssueError> {
    let date = DateTime::from_unix_duration(Duration::from_secs(seconds)).map_err(|_| IssueError::Date)?;
    Ok(Time::from(date))
}

/// The names and extensions of a certificate.
struct Profile<'a> {
    template: &'a Template,
    /// The kind of the subject's key.
    kind: KeyKind,
    subject: Name,
    /// The identifier of the subject's key.
    key_id: Option<Vec<u8>>,
    issuer: &'a Issuer<'a>,
}

impl BuilderProfile for Profile<'_> {
    fn get_issuer(&self, _subject: &Name) -> Name {
        self.issuer.name.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        _subject_key: SubjectPublicKeyInfoRef<'_>,
        _issuer_key: SubjectPublicKeyInfoRef<'_>,
        _tbs: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        let template = self.template;
        let mut all = All { subject: &self.subject, extensions: Vec::new() };
        all.add(&BasicConstraints {
            ca: template.is_ca,
            path_len_constraint: template.path_len.filter(|_| template.is_ca),
        })?;
        if let Some(usage) = template.key_usage_for(self.kind) {
            all.add(&key_usage(usage))?;
        }
        if let Some(usage) = template.extended_key_usage {
            all.add(&extended_key_usage(usage))?;
        }
        let names = names::alternative_names(template)?;
        if !names.is_empty() {
            all.add(&SubjectAltName(names))?;
        }
        if let Some(constraints) = names::constraints(template)? {
            all.add(&constraints)?;
        }
        if let Some(points) = names::crl_distribution_points(template)? {
            all.add(&points)?;
        }
        if let Some(access) = names::authority_info_access(template)? {
            all.add(&access)?;
        }
        if template.must_staple {
            // RFC 7633 section 4: a SEQUENCE OF INTEGER. It is not critical.
            all.add((oid::TLS_FEATURE, false, &vec![ExtensionType::STATUS_REQUEST.0]))?;
        }
        if template.delegation_usage {
            // RFC 9345 section 4.2: "The extension MUST be marked non-critical."
            all.add((oid::DELEGATION_USAGE, false, &Null))?;
        }
        if let Some(id) = &self.key_id {
            all.add(&SubjectKeyIdentifier(OctetString::new(id.as_slice())?))?;
        }
        if let Some(id) = &self.issuer.key_id {
            let key_identifier = Some(OctetString::new(id.as_slice())?);
            all.add(&AuthorityKeyIdentifier { key_identifier, ..AuthorityKeyIdentifier::default() })?;
        }
        Ok(all.extensions)
    }
}

/// The extensions of a certificate. `x509-cert` knows which of them are critical.
struct All<'a> {
    subject: &'a Name,
    extensions: Extensions,
}

impl All<'_> {
    fn add(&mut self, extension: impl ToExtension<Error = der::Error>) -> der::Result<()> {
        let extension = extension.to_extension(self.subject, &self.extensions)?;
        self.extensions.push(extension);
        Ok(())
    }
}

fn key_usage(usage: usage::KeyUsage) -> KeyUsage {
    let mut flags = FlagSet::default();
    for (is_set, flag) in [
        (usage.digital_signature, KeyUsages::DigitalSignature),
        (usage.key_encipherment, KeyUsages::KeyEncipherment),
        (usage.key_agreement, KeyUsages::KeyAgreement),
        (usage.key_cert_sign, KeyUsages::KeyCertSign),
        (usage.crl_sign, KeyUsages::CRLSign),
    ] {
        if is_set {
            flags |= flag;
        }
    }
    KeyUsage(flags)
}

fn extended_key_usage(usage: usage::ExtendedKeyUsage) -> ExtendedKeyUsage {
    let purposes = [
        (usage.server_auth, oid::SERVER_AUTH),
        (usage.client_auth, oid::CLIENT_AUTH),
        (usage.ocsp_signing, oid::OCSP_SIGNING),
        (usage.any, oid::ANY_PURPOSE),
    ];
    ExtendedKeyUsage(purposes.into_iter().filter(|(is_set, _)| *is_set).map(|(_, purpose)| purpose).collect())
}

/// The issuer's key as the builder takes it. It states the algorithm; [`certificate`] makes the signature.
pub(super) struct Signer<'a> {
    pub(super) key: &'a dyn SigningKey,
    pub(super) scheme: SignatureScheme,
}

/// The issuer's public key as the builder takes it.
#[derive(Clone)]
pub(super) struct IssuerKey(PublicKey);

impl Keypair for Signer<'_> {
    type VerifyingKey = IssuerKey;

    fn verifying_key(&self) -> IssuerKey {
        IssuerKey(self.key.public_key().clone())
    }
}

impl EncodePublicKey for IssuerKey {
    fn to_public_key_der(&self) -> spki::Result<Document> {
        let spki = raw_key::encode(&self.0).ok_or(spki::Error::KeyMalformed)?;
        Ok(Document::try_from(spki)?)
    }
}

impl DynSignatureAlgorithmIdentifier for Signer<'_> {
    fn signature_algorithm_identifier(&self) -> spki::Result<AlgorithmIdentifierOwned> {
        let identifier = algorithms::of_signature(self.scheme).ok_or(spki::Error::KeyMalformed)?;
        Ok(algorithms::identifier(&identifier)?.ref_to_owned())
    }
}
