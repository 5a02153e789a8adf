//! The trusted roots of a connection, and their origins.

use super::read::{about, read};
use crate::{
    failure::{Code, Failure},
    output::warn,
};
use cairn_tls::x509::{CertificateFacts, Roots, pem, trust::TrustError};
use std::{
    env,
    path::{Path, PathBuf},
};

/// The trusted roots with their origins.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trusted {
    pub(crate) roots: Roots,
    /// The origins (files, or the platform), and the number of authorities up to and including each.
    places: Vec<(String, usize)>,
    /// Certificates that are trusted, but not as authorities: exactly, or because they cannot issue
    /// certificates.
    barred: Vec<Barred>,
}

/// A trusted certificate that is not an authority's.
#[derive(Clone, Debug)]
pub(crate) struct Barred {
    /// Its file.
    pub(crate) place: String,
    /// Its number in the file, counted from 1.
    pub(crate) number: usize,
    pub(crate) facts: CertificateFacts,
    /// Whether its file is one of those that are trusted exactly.
    pub(crate) is_exact: bool,
}

impl Barred {
    /// The reason why it cannot issue certificates (RFC 5280 section 6.1.4 (k) and (n)).
    pub(crate) fn reason(&self) -> &'static str {
        if self.facts.version != 3 {
            "it is of a version before 3, which cannot state that it is an authority's"
        } else if !self.facts.is_ca {
            "its basicConstraints are missing or without CA:TRUE"
        } else {
            "its keyUsage is without keyCertSign"
        }
    }
}

/// A trusted authority.
#[derive(Debug)]
pub(crate) struct Authority<'a> {
    /// Its file, or the platform.
    pub(crate) place: &'a str,
    pub(crate) facts: CertificateFacts,
}

impl Trusted {
    /// Trusts the certificates in the files of `authorities`, as issuers where they may be, and those in the
    /// files of `exactly` exactly. An unusable certificate is skipped with a warning that names it and the
    /// reason; a file without any usable certificate is an error.
    pub(crate) fn from_files(authorities: &[PathBuf], exactly: &[PathBuf]) -> Result<Self, Failure> {
        let mut trusted = Self::default();
        let files =
            authorities.iter().map(|path| (path, false)).chain(exactly.iter().map(|path| (path, true)));
        for (path, exactly) in files {
            trusted.add_file(path, exactly)?;
            trusted.note(super::shown(path));
        }
        Ok(trusted)
    }

    /// The roots of the platform.
    pub(crate) fn from_platform() -> Result<Self, Failure> {
        let mut trusted = Self::default();
        let found = trusted.roots.add_platform();
        let unusable: Vec<String> =
            ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().filter_map(unusable).collect();
        if found.added == 0 {
            let failure = Failure::new(Code::Local, "the platform has no trusted roots");
            let failure = unusable.into_iter().fold(failure, Failure::hint);
            return Err(failure.hint("--ca FILE names the certificates to trust instead."));
        }
        unusable.iter().for_each(warn);
        trusted.note("the platform".into());
        Ok(trusted)
    }

    fn add_file(&mut self, path: &Path, exactly: bool) -> Result<(), Failure> {
        let file = read(path)?;
        let added = if exactly { self.roots.add_exactly_pem(&file) } else { self.roots.add_pem(&file) };
        let added = added.map_err(|error| match error {
            TrustError::Certificate { number, error } => {
                about(path, format_args!("certificate {number}: {error}"))
            }
            error => about(path, error),
        })?;
        for skipped in added.skipped {
            let subject = CertificateFacts::from_der(&skipped.certificate).map(|facts| facts.subject);
            let subject = subject.map(|subject| format!(" (\"{subject}\")")).unwrap_or_default();
            warn(format_args!(
                "{}: certificate {}{subject} is skipped: {}",
                super::shown(path),
                skipped.number,
                skipped.error
            ));
        }
        let all = pem::certificates(&file).unwrap_or_default();
        self.barred.extend(all.iter().zip(1..).filter_map(|(certificate, number)| {
            let facts = CertificateFacts::from_der(certificate).ok()?;
            let is_authority = facts.version == 3 && facts.is_ca && facts.key_usage.key_cert_sign;
            let place = super::shown(path);
            (exactly || !is_authority).then_some(Barred { place, number, facts, is_exact: exactly })
        }));
        Ok(())
    }

    fn note(&mut self, place: String) {
        self.places.push((place, self.roots.authorities()));
    }

    /// A description for messages.
    pub(crate) fn place_names(&self) -> String {
        let places: Vec<&str> = self.places.iter().map(|(place, _)| place.as_str()).collect();
        if places.is_empty() { "no file".into() } else { places.join(", ") }
    }

    /// An authority, by its number.
    pub(crate) fn authority(&self, number: usize) -> Option<Authority<'_>> {
        let facts = CertificateFacts::from_der(self.roots.authority(number)?).ok()?;
        let (place, _) = self.places.iter().find(|(_, until)| number < *until)?;
        Some(Authority { place, facts })
    }

    /// The certificate of this printed name that is trusted, but not as an authority's.
    pub(crate) fn barred_named(&self, name: &str) -> Option<&Barred> {
        self.barred.iter().find(|barred| barred.facts.subject.eq_ignore_ascii_case(name))
    }

    /// An authority, by its printed name.
    pub(crate) fn authority_named(&self, name: &str) -> Option<Authority<'_>> {
        let mut all = (0..self.roots.authorities()).filter_map(|number| self.authority(number));
        all.find(|authority| authority.facts.subject.eq_ignore_ascii_case(name))
    }
}

/// The defect of the file or folder that an environment variable names.
fn unusable(variable: &str) -> Option<String> {
    let path = PathBuf::from(env::var_os(variable)?);
    let shown = super::shown(&path);
    let error = if variable == "SSL_CERT_DIR" {
        path.read_dir().err()?.to_string()
    } else {
        match std::fs::read(&path) {
            Ok(file) => pem::certificates(&file).err()?.to_string(),
            Err(error) => error.to_string(),
        }
    };
    Some(format!("The environment variable {variable} names {shown}, which cannot be used: {error}."))
}
