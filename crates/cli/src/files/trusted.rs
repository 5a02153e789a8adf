//! The roots of a connection, and where each comes from.

use super::{about, read};
use crate::{
    failure::{Code, Failure},
    output::warn,
};
use cairn_tls::x509::{CertificateFacts, Roots, pem};
use std::{
    env,
    path::{Path, PathBuf},
};

/// Who is trusted, to tell of it when somebody is not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trusted {
    /// The names of authorities, and the file that each is in.
    names: Vec<(Vec<u8>, String)>,
    /// Files, or the platform.
    places: Vec<String>,
}

impl Trusted {
    /// The certificates in these files. One that cannot be used is left out, with a warning that says which and why; a
    /// file of which nothing can be used is an error.
    pub(crate) fn from_files(paths: &[PathBuf]) -> Result<(Self, Roots), Failure> {
        let (mut trusted, mut roots) = (Self::default(), Roots::new());
        for path in paths {
            trusted.add(&add_file(path, &mut roots)?, path.display().to_string());
        }
        Ok((trusted, roots))
    }

    /// The roots of the platform.
    pub(crate) fn from_platform() -> Result<(Self, Roots), Failure> {
        let mut roots = Roots::new();
        let found = roots.add_platform();
        let unusable: Vec<String> =
            ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().filter_map(unusable).collect();
        if found.added == 0 {
            let failure = Failure::new(Code::Local, "the platform has no trusted roots");
            let failure = unusable.into_iter().fold(failure, Failure::hint);
            return Err(failure.hint("--ca FILE names the certificates to trust instead."));
        }
        if found.unreadable > 0 {
            unusable.iter().for_each(warn);
        }
        let mut trusted = Self::default();
        trusted.add(&roots, "the platform".into());
        Ok((trusted, roots))
    }

    fn add(&mut self, roots: &Roots, place: String) {
        self.names.extend(roots.authority_names().into_iter().map(|name| (name, place.clone())));
        self.places.push(place);
    }

    /// In words.
    pub(crate) fn whom(&self) -> String {
        if self.places.is_empty() { "nobody".into() } else { self.places.join(", ") }
    }

    /// Who has an authority of this name, in DER.
    pub(crate) fn holder_of(&self, name: &[u8]) -> Option<&str> {
        self.names.iter().find(|(known, _)| known == name).map(|(_, place)| place.as_str())
    }
}

/// Adds the certificates of a file to `roots`, and gives those that were added.
fn add_file(path: &Path, roots: &mut Roots) -> Result<Roots, Failure> {
    let certificates = pem::certificates(&read(path)?).map_err(|error| about(path, error))?;
    let mut added = Roots::new();
    let mut last = None;
    for (place, certificate) in certificates.iter().enumerate() {
        match added.add_der(certificate).and_then(|()| roots.add_der(certificate)) {
            Ok(()) => {}
            Err(error) => {
                let subject = CertificateFacts::from_der(certificate).map(|facts| facts.subject);
                let subject = subject.map(|subject| format!(" ({subject})")).unwrap_or_default();
                let what = format!("certificate {}{subject}: {error}", place + 1);
                last.get_or_insert_with(|| what.clone());
                if certificates.len() > 1 {
                    warn(format_args!("{}: {what}; it is left out", path.display()));
                }
            }
        }
    }
    match last {
        Some(what) if added.is_empty() => Err(about(path, what)),
        _ => Ok(added),
    }
}

/// What is wrong with the file or folder that an environment variable names.
fn unusable(variable: &str) -> Option<String> {
    let path = PathBuf::from(env::var_os(variable)?);
    let shown = path.display();
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
