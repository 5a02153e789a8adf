//! Certificate requests (PKCS #10, RFC 2986): the holder of a key asks an authority for a certificate.

use super::{certificate::Signer, error::IssueError, names, subject::Subject, template::Template};
use crate::{
    algorithms,
    error::CertificateError,
    facts, raw_key,
    tlv::{Elements, SEQUENCE},
};
use alloc::{string::String, vec::Vec};
use cairn_crypto::{Provider, PublicKey, SigningKey};
use core::net::IpAddr;
use der::{Decode, Encode, asn1::BitString};
use x509_cert::{
    ext::pkix::{SubjectAltName, name::GeneralName},
    ext::{Extension, ToExtension},
    request::{CertReq, CertReqInfo, ExtensionReq, Version},
    spki::{DynSignatureAlgorithmIdentifier, SubjectPublicKeyInfoOwned},
};

/// A certificate request whose signature proves that its sender has the private key.
///
/// An authority takes the key and, through [`CertificateRequest::template`], the names. Everything else, such
/// as the purposes, is the authority's choice.
#[derive(Clone, Debug)]
pub struct CertificateRequest {
    info: CertReqInfo,
    subject: String,
    public_key: PublicKey,
    /// The requested names.
    names: Vec<GeneralName>,
}

impl Template {
    /// Makes a certificate request in DER for this key. It asks for the template's subject and names; the
    /// rest of the template is not part of a request.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn request(&self, provider: &Provider, key: &dyn SigningKey) -> Result<Vec<u8>, IssueError> {
        names::check(self)?;
        let subject = self.subject.to_name()?;
        let spki = raw_key::encode(key.public_key()).ok_or(IssueError::Scheme)?;
        let mut attributes = Vec::new();
        let names = names::alternative_names(self)?;
        if !names.is_empty() {
            let extension = SubjectAltName(names).to_extension(&subject, &[])?;
            attributes.push(ExtensionReq(Vec::from([extension])).try_into()?);
        }
        let info = CertReqInfo {
            version: Version::V1,
            subject,
            public_key: SubjectPublicKeyInfoOwned::from_der(&spki)?,
            attributes: attributes.try_into()?,
        };
        let scheme = self.scheme_for(key)?;
        let algorithm = Signer { key, scheme }.signature_algorithm_identifier();
        let signature = key.sign(scheme, &info.to_der()?, &mut provider.rng())?;
        let request = CertReq {
            info,
            algorithm: algorithm.map_err(|_| IssueError::Scheme)?,
            signature: BitString::from_bytes(&signature)?,
        };
        Ok(request.to_der()?)
    }
}

impl CertificateRequest {
    /// Reads a certificate request in DER and checks its signature.
    ///
    /// # Errors
    /// [`IssueError::Request`] if it is malformed or has a signature that TLS cannot use,
    /// [`IssueError::RequestKey`] if TLS cannot use its key, and [`IssueError::RequestSignature`] if the
    /// signature is wrong.
    pub fn from_der(request: &[u8], provider: &Provider) -> Result<Self, IssueError> {
        let malformed = |_: der::Error| IssueError::Request;
        // The bytes as they are: encoding the contents again would sort their sets.
        let signed = Elements::only(request, SEQUENCE).and_then(|parts| Elements::of(parts).one(SEQUENCE));
        let signed = signed.map_err(malformed)?.whole;
        let request = CertReq::from_der(request).map_err(malformed)?;
        let spki = request.info.public_key.to_der().map_err(malformed)?;
        let public_key = raw_key::decode(&spki).map_err(|error| match error {
            CertificateError::BadEncoding => IssueError::Request,
            error => IssueError::RequestKey(error),
        })?;
        let algorithm = request.algorithm.to_der().map_err(malformed)?;
        let algorithm = der::AnyRef::from_der(&algorithm).map_err(malformed)?;
        let verifier = algorithms::scheme_with(algorithm.value(), public_key.kind)
            .and_then(|scheme| provider.verifier(public_key.kind, scheme))
            .ok_or(IssueError::Request)?;
        let signature = request.signature.as_bytes().ok_or(IssueError::Request)?;
        verifier.verify(&public_key.bits, signed, signature).map_err(|_| IssueError::RequestSignature)?;
        let subject = request.info.subject.to_der().map_err(malformed)?;
        let subject = facts::printed_name(&subject).map_err(malformed)?;
        let names = requested_names(&request.info).map_err(malformed)?;
        Ok(Self { info: request.info, subject, public_key, names })
    }

    /// The subject, as in `C=DE, O=Example, CN=example.com`, safe to print on a terminal.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The key that the certificate is for.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The requested names, each as in [`facts::general_name`], safe to print on a terminal.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.names.iter().filter_map(|name| facts::general_name(&name.to_der().ok()?).ok())
    }

    /// Takes the subject and the names of the request into a template. Names of unsupported kinds are left
    /// out.
    #[must_use]
    pub fn template(&self, template: Template) -> Template {
        let mut template = Template { subject: Subject::Name(self.info.subject.clone()), ..template };
        for name in &self.names {
            template = match name {
                GeneralName::DnsName(name) => template.dns(name.as_ref()),
                GeneralName::Rfc822Name(name) => template.mailbox(name.as_ref()),
                GeneralName::UniformResourceIdentifier(name) => template.uri(name.as_ref()),
                GeneralName::IpAddress(bytes) => match address(bytes.as_bytes()) {
                    Some(address) => template.ip(address),
                    None => template,
                },
                _ => template,
            };
        }
        template
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

/// The subject alternative names that the request asks for.
fn requested_names(info: &CertReqInfo) -> der::Result<Vec<GeneralName>> {
    let mut names = Vec::new();
    for attribute in info.attributes.iter() {
        if attribute.oid != <ExtensionReq as der::oid::AssociatedOid>::OID {
            continue;
        }
        for value in attribute.values.iter() {
            for extension in Vec::<Extension>::from_der(&value.to_der()?)? {
                if extension.extn_id == crate::oid::SUBJECT_ALT_NAME {
                    names.extend(SubjectAltName::from_der(extension.extn_value.as_bytes())?.0);
                }
            }
        }
    }
    Ok(names)
}
