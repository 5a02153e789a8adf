//! The issuer of a new certificate, and what a certificate states besides its names.

use super::{lifetime::Lifetime, write::failed};
use crate::{
    failure::{Code, Failure},
    files::{self, Passphrases, about},
    output::warn,
};
use cairn_tls::{
    Provider,
    wire::SignatureScheme,
    x509::{
        CertificateFacts, PrivateKey,
        issue::{Identity, Template},
        pem,
    },
};
use std::path::PathBuf;

/// The options for the issuer and its statements.
#[derive(Debug, clap::Args)]
pub(super) struct Signing {
    /// The certificate of the authority that signs, followed by those of its issuers. Without this option the
    /// certificate is self-signed.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// The private key of the authority. By default it is in the file of --ca with the ending .key.
    #[arg(long, value_name = "FILE", requires = "ca")]
    ca_key: Option<PathBuf>,
    /// The file whose first line is the passphrase of the authority's private key. Without this option the
    /// sources are those of --passphrase-file.
    #[arg(long, value_name = "FILE", requires = "ca")]
    ca_passphrase_file: Option<PathBuf>,
    /// The scheme that the issuer signs with, by its IANA name. By default it is that of its key, and
    /// rsa_pkcs1_sha256 for RSA keys.
    #[arg(long, value_name = "SCHEME", value_parser = scheme)]
    signature: Option<SignatureScheme>,
    #[command(flatten)]
    lifetime: Lifetime,
    /// The address of a CRL that covers the certificate.
    #[arg(long, value_name = "URL")]
    crl_url: Vec<String>,
    /// The address of an OCSP responder that knows the status of the certificate.
    #[arg(long, value_name = "URL")]
    ocsp_url: Vec<String>,
    /// The address of the issuer's certificate.
    #[arg(long, value_name = "URL")]
    issuer_url: Vec<String>,
}

/// A signature scheme by its IANA name.
fn scheme(name: &str) -> Result<SignatureScheme, String> {
    SignatureScheme::from_name(name).ok_or_else(|| {
        "no such signature scheme; `cairn suites --names schemes` lists those that Cairn has".into()
    })
}

/// An authority that signs.
#[derive(Debug)]
pub(super) struct Issuer {
    identity: Identity,
    /// All certificates of the file, that of a root too.
    pub(super) chain: Vec<Vec<u8>>,
    facts: CertificateFacts,
}

impl Signing {
    /// The authority of `--ca`.
    pub(super) fn issuer(
        &self,
        passphrases: &Passphrases,
        provider: &Provider,
    ) -> Result<Option<Issuer>, Failure> {
        let Some(path) = &self.ca else { return Ok(None) };
        let key_path = self.ca_key.clone().unwrap_or_else(|| path.with_extension("key"));
        let passphrases = match &self.ca_passphrase_file {
            Some(file) => &Passphrases { passphrase_file: Some(file.clone()) },
            None => passphrases,
        };
        let mut chain = pem::certificates(&files::read(path)?).map_err(|error| about(path, error))?;
        if !key_path.exists() && self.ca_key.is_none() {
            let words =
                format!("no private key of the authority: there is no file {}", files::shown(&key_path));
            return Err(Failure::new(Code::Local, words).hint("--ca-key FILE names it."));
        }
        let key = files::private_key(&key_path, passphrases)?;
        let first = chain.first().map(Vec::as_slice).unwrap_or_default();
        let facts = CertificateFacts::from_der(first).map_err(|error| about(path, error))?;
        if !facts.is_ca || !facts.key_usage.key_cert_sign {
            let words = format!("\"{}\" is not an authority, so it issues no certificates", facts.subject);
            return Err(about(path, words).hint("`cairn cert ca` makes an authority."));
        }
        let all = chain.clone();
        // A root is not part of the chains that servers send.
        if chain.len() > 1 {
            let is_root =
                |der: &Vec<u8>| CertificateFacts::from_der(der).is_ok_and(|facts| facts.self_issued);
            let end = chain.iter().position(is_root).unwrap_or(chain.len()).max(1);
            chain.truncate(end);
        }
        let identity = Identity::from_parts(provider, chain, key).map_err(|error| {
            about(path, format_args!("with the key of {}: {error}", files::shown(&key_path)))
        })?;
        Ok(Some(Issuer { identity, chain: all, facts }))
    }

    /// Adds the validity period and the statements of these options to a template.
    pub(super) fn template(
        &self,
        mut template: Template,
        days: u32,
        issuer: Option<&Issuer>,
    ) -> Result<Template, Failure> {
        let end = issuer.map(|issuer| issuer.facts.not_after);
        let (from, until) = self.lifetime.period(days, end)?;
        if let Some(end) = end.filter(|end| until > *end) {
            warn(format_args!(
                "the certificate outlives its issuer, which ends at {}: it is of no use afterwards",
                super::date::Date(end)
            ));
        }
        template = template.valid(from, until);
        template = self.crl_url.iter().fold(template, |template, url| template.crl_url(url));
        template = self.ocsp_url.iter().fold(template, |template, url| template.ocsp_url(url));
        template = self.issuer_url.iter().fold(template, |template, url| template.issuer_url(url));
        Ok(self.signature.into_iter().fold(template, Template::scheme))
    }
}

/// Makes the certificate of a private key.
pub(super) fn sign(
    template: &Template,
    provider: &Provider,
    key: PrivateKey,
    issuer: Option<&Issuer>,
) -> Result<Identity, Failure> {
    let made = match issuer {
        Some(issuer) => template.issue_with(provider, key, &issuer.identity),
        None => template.self_signed_with(provider, key),
    };
    made.map_err(|error| failed("no certificate", error))
}

impl Issuer {
    /// Makes the certificate of a public key, and returns it with those of its issuers, in PEM.
    pub(super) fn sign_for(
        &self,
        template: &Template,
        provider: &Provider,
        key: &cairn_tls::crypto::PublicKey,
    ) -> Result<(Vec<u8>, String), Failure> {
        let made = self.identity.sign(template, provider, key);
        let made = made.map_err(|error| failed("no certificate", error))?;
        let mut pem = pem::encode_certificate(&made);
        // A root is not part of the chains that servers send.
        if !self.facts.self_issued {
            pem.push_str(&self.identity.chain_pem());
        }
        Ok((made, pem))
    }
}
