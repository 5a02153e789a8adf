//! The key of a new certificate, and the files that are written.

use super::{
    key_kind::KeyType,
    write::{self, Overwrite, Readers},
};
use crate::{
    failure::Failure,
    files::{self, Passphrases},
    output::note,
};
use cairn_tls::{Provider, x509::PrivateKey};
use std::path::{Path, PathBuf};

/// The options for the key and for the files.
#[derive(Debug, clap::Args)]
pub(super) struct Holder {
    /// The kind of the new key.
    #[arg(long, value_enum, value_name = "KIND", default_value = "p256")]
    pub(super) key_type: KeyType,
    /// Use the private key in this file instead of a new one.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key_type", "encrypt"])]
    pub(super) key: Option<PathBuf>,
    /// Encrypt the new private key with a passphrase.
    #[arg(long)]
    pub(super) encrypt: bool,
    #[command(flatten)]
    pub(super) passphrases: Passphrases,
    /// The beginning of the names of the files, which end in .pem and .key. By default it is made from the
    /// name.
    #[arg(long, value_name = "PREFIX")]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) overwrite: Overwrite,
}

/// The files to write.
#[derive(Debug)]
pub(super) struct Targets {
    /// The file of the certificate or of the certificate request.
    pub(super) main: PathBuf,
    /// `None` if the key exists already.
    pub(super) key: Option<PathBuf>,
}

impl Holder {
    /// The files to write, the main one with this end; none of them exists, or all may be overwritten.
    pub(super) fn targets(&self, name: &str, end: &str, has_new_key: bool) -> Result<Targets, Failure> {
        let prefix = self.out.clone().unwrap_or_else(|| write::prefix(name));
        let main = write::with_end(&prefix, end);
        let key = has_new_key.then(|| write::with_end(&prefix, ".key"));
        let paths: Vec<&Path> = [&main].into_iter().chain(&key).map(PathBuf::as_path).collect();
        self.overwrite.check(&paths)?;
        Ok(Targets { main, key })
    }

    /// The key: a new one, or that of a file.
    pub(super) fn private_key(&self, provider: &Provider) -> Result<PrivateKey, Failure> {
        match &self.key {
            Some(path) => files::private_key(path, &self.passphrases),
            None => self.key_type.generate(provider),
        }
    }

    /// Writes the main file and, if it is new, the key.
    pub(super) fn write(
        &self,
        targets: &Targets,
        pem: &str,
        key: &PrivateKey,
        provider: &Provider,
    ) -> Result<(), Failure> {
        if let Some(path) = &targets.key {
            let passphrases = self.encrypt.then_some(&self.passphrases);
            let contents = write::key_pem(key, path, passphrases, provider)?;
            self.overwrite.write(path, &contents, Readers::Owner)?;
            let form = if self.encrypt { "encrypted private key" } else { "private key" };
            note(format_args!("{}: {form}, for its owner alone", files::shown(path)));
        }
        self.overwrite.write(&targets.main, pem.as_bytes(), Readers::All)
    }
}
