//! The passphrases of encrypted private keys.

use super::read::{about, read};
use crate::failure::Failure;
use std::{
    env,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// The environment variable with a passphrase.
const VARIABLE: &str = "CAIRN_PASSPHRASE";

/// A passphrase, in UTF-8 or whatever a file contains.
pub(crate) type Passphrase = Zeroizing<Vec<u8>>;

/// The source of passphrases on the command line.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Passphrases {
    /// The file whose first line is the passphrase of an encrypted private key. Without this option it is the
    /// environment variable CAIRN_PASSPHRASE, or asked for on the terminal.
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

impl Passphrases {
    /// Whether there is one without asking.
    pub(crate) fn are_given(&self) -> bool {
        self.passphrase_file.is_some() || env::var_os(VARIABLE).is_some()
    }

    /// The passphrase of an existing file.
    pub(crate) fn existing(&self, key: &Path) -> Result<Passphrase, Failure> {
        match self.given()? {
            Some(passphrase) => Ok(passphrase),
            None => ask(key, &format!("Passphrase of {}: ", super::shown(key))),
        }
    }

    /// The passphrase of a new key, which must not be empty.
    pub(crate) fn new_key(&self, key: &Path) -> Result<Passphrase, Failure> {
        let passphrase = match self.given()? {
            Some(passphrase) => passphrase,
            None => {
                let passphrase = ask(key, &format!("New passphrase of {}: ", super::shown(key)))?;
                if ask(key, "The same again: ")? != passphrase {
                    return Err(about(key, "the two passphrases differ"));
                }
                passphrase
            }
        };
        if passphrase.is_empty() { Err(about(key, "the passphrase is empty")) } else { Ok(passphrase) }
    }

    /// The passphrase of the file or the environment.
    fn given(&self) -> Result<Option<Passphrase>, Failure> {
        if let Some(path) = &self.passphrase_file {
            let file = Zeroizing::new(read(path)?);
            let line = file.split(|byte| *byte == b'\n').next().unwrap_or_default();
            return Ok(Some(Zeroizing::new(line.strip_suffix(b"\r").unwrap_or(line).to_vec())));
        }
        Ok(env::var_os(VARIABLE).map(|value| Zeroizing::new(value.into_encoded_bytes())))
    }
}

/// Asks on the terminal, without an echo.
fn ask(key: &Path, question: &str) -> Result<Passphrase, Failure> {
    let hint = "--passphrase-file FILE names a file with the passphrase; the environment variable \
                CAIRN_PASSPHRASE holds it.";
    if !io::stderr().is_terminal() {
        let words = "it is encrypted, and there is no terminal to ask for its passphrase";
        return Err(about(key, words).hint(hint));
    }
    let answer = rpassword::prompt_password(question);
    let answer = answer.map_err(|error| about(key, format_args!("no passphrase: {error}")).hint(hint))?;
    Ok(Zeroizing::new(answer.into_bytes()))
}
