//! `cairn cert key`: makes private keys.

use super::{
    key_kind::KeyType,
    write::{self, Overwrite, Readers},
};
use crate::{failure::Failure, files::Passphrases, provider::provider};
use std::path::{Path, PathBuf};

/// Make a private key alone, in PEM (PKCS #8), on standard output or in a file.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The kind of the key.
    #[arg(value_enum, value_name = "KIND", default_value = "p256")]
    key_type: KeyType,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Encrypt the key with a passphrase.
    #[arg(long)]
    encrypt: bool,
    #[command(flatten)]
    passphrases: Passphrases,
    #[command(flatten)]
    overwrite: Overwrite,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let provider = provider()?;
    let out = args.out.as_deref();
    args.overwrite.check(out.as_slice())?;
    let key = args.key_type.generate(&provider)?;
    let name = out.unwrap_or(Path::new("the new key"));
    let pem = write::key_pem(&key, name, args.encrypt.then_some(&args.passphrases), &provider)?;
    write::file_or_stdout(out, &args.overwrite, &pem, Readers::Owner)
}
