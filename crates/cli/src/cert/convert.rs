//! `cairn cert convert`: changes the form of certificates and keys.

use super::{
    contents::Contents,
    key_form::{self, FormError},
    write::{self, Overwrite, Readers},
};
use crate::{
    failure::{Code, Failure},
    files::{self, Passphrases, about},
    provider::provider,
};
use cairn_tls::{
    Provider,
    crypto::SecretBytes,
    x509::{CertificateFacts, PrivateKey, issue::CertificateRequest, pem, raw_key},
};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Convert certificates and keys between PEM and DER, and keys between their forms.
///
/// The result goes to standard output, or to the file of --out. Archives of PKCS #12 and collections of PKCS
/// #7 are read too.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// The file to convert, in PEM or DER, or an archive.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What to take from a file that holds several kinds of things: certificates, key, public-key, request.
    /// The public key is also taken from a certificate, a request or a private key.
    #[arg(long, value_enum, value_name = "WHAT")]
    take: Option<Take>,
    /// Take only this certificate, counted from 1.
    #[arg(long, value_name = "N")]
    number: Option<usize>,
    /// The encoding of the result.
    #[arg(long, value_enum, value_name = "ENCODING", default_value = "pem")]
    to: Encoding,
    /// The form of a private key: pkcs8, pkcs1 (RSA only) or sec1 (ECDSA only).
    #[arg(long, value_enum, value_name = "FORM", default_value = "pkcs8")]
    key_form: KeyForm,
    /// Encrypt the private key, in PKCS #8, with a new passphrase.
    #[arg(long)]
    encrypt: bool,
    /// The file whose first line is the new passphrase of --encrypt. Without this option the sources are
    /// those of --passphrase-file.
    #[arg(long, value_name = "FILE", requires = "encrypt")]
    new_passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    passphrases: Passphrases,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    overwrite: Overwrite,
}

const AFTER_HELP: &str = "\
Examples:
  cairn cert convert cert.pem --to der --out cert.der
  cairn cert convert key.pem --key-form pkcs1 --out rsa.key
  cairn cert convert key.pem --encrypt --out encrypted.key
  cairn cert convert cert.pem --take public-key";

/// A kind of thing in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Take {
    Certificates,
    Key,
    PublicKey,
    Request,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Encoding {
    Pem,
    Der,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum KeyForm {
    Pkcs8,
    Pkcs1,
    Sec1,
}

/// Makes a PEM block.
type Encode = fn(&[u8]) -> String;

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let path = args.file.as_path();
    let contents = Contents::read(path, &args.passphrases)?;
    let take = match args.take {
        Some(take) => take,
        None => only_kind(path, &contents)?,
    };
    check_options(args, take)?;
    let out = args.out.as_deref();
    args.overwrite.check(out.as_slice())?;
    if take == Take::Key {
        let key = contents.private_key(path, &args.passphrases)?;
        let key = key.ok_or_else(|| about(path, "there is no private key in it"))?;
        return write::file_or_stdout(out, &args.overwrite, &private_key(args, &key)?, Readers::Owner);
    }
    let (ders, encode): (_, Encode) = match take {
        Take::Certificates => (contents.certificates, pem::encode_certificate),
        Take::Request => (contents.requests, pem::encode_request),
        _ => {
            let key = public_key(path, &contents, &args.passphrases, &provider()?)?;
            (Vec::from([key]), pem::encode_public_key)
        }
    };
    let ders = selected(path, ders, args.number)?;
    let bytes = match (args.to, ders.as_slice()) {
        (Encoding::Pem, ders) => ders.iter().map(|der| encode(der)).collect::<String>().into_bytes(),
        (Encoding::Der, [der]) => der.clone(),
        (Encoding::Der, ders) => {
            let words = format!("a DER file holds one thing, and there are {} in this file", ders.len());
            return Err(about(path, words).hint("--number N takes one of them."));
        }
    };
    write::file_or_stdout(out, &args.overwrite, &bytes, Readers::All)
}

/// The only kind of thing in a file.
fn only_kind(path: &Path, contents: &Contents) -> Result<Take, Failure> {
    let has_key = !matches!(contents.key, super::contents::Key::None);
    let kinds = [
        (!contents.certificates.is_empty(), Take::Certificates),
        (has_key, Take::Key),
        (!contents.public_keys.is_empty(), Take::PublicKey),
        (!contents.requests.is_empty(), Take::Request),
    ];
    let mut found = kinds.into_iter().filter(|(is_there, _)| *is_there).map(|(_, kind)| kind);
    match (found.next(), found.next()) {
        (Some(kind), None) => Ok(kind),
        (None, _) => Err(about(path, "there is nothing in it that can be converted")),
        (Some(_), Some(_)) => Err(about(path, "there are several kinds of things in it")
            .hint("--take says which: certificates, key, public-key or request.")),
    }
}

/// Refuses options that would have no effect: with --encrypt, for example, the result would seem to be
/// encrypted.
fn check_options(args: &Args, take: Take) -> Result<(), Failure> {
    let words = match take {
        Take::Key if args.number.is_some() => "--number takes one of several certificates, and this is a key",
        Take::Key => return Ok(()),
        _ if args.encrypt => "--encrypt is for private keys, and this is none",
        _ if args.key_form != KeyForm::Pkcs8 => "--key-form is for private keys, and this is none",
        _ => return Ok(()),
    };
    Err(about(&args.file, words).hint("--take key takes the private key of the file."))
}

/// The one with this number, or all.
fn selected(path: &Path, ders: Vec<Vec<u8>>, number: Option<usize>) -> Result<Vec<Vec<u8>>, Failure> {
    let count = ders.len();
    let missing = |words: String| Err(about(path, words));
    match number {
        None if ders.is_empty() => missing("there is no such thing in it".into()),
        None => Ok(ders),
        Some(number) => match number.checked_sub(1).and_then(|place| ders.into_iter().nth(place)) {
            Some(der) => Ok(Vec::from([der])),
            None => missing(format!("there is no number {number}: it holds {count}")),
        },
    }
}

/// The private key in the wanted form.
fn private_key(args: &Args, key: &PrivateKey) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let failed = |error: FormError| about(&args.file, error);
    let secret = |bytes: &[u8]| Zeroizing::new(bytes.to_vec());
    if args.encrypt {
        if args.key_form != KeyForm::Pkcs8 {
            return Err(Failure::new(
                Code::Local,
                "--encrypt writes PKCS #8, the only form with a safe encryption",
            ));
        }
        let passphrases = match &args.new_passphrase_file {
            Some(file) => &Passphrases { passphrase_file: Some(file.clone()) },
            None => &args.passphrases,
        };
        let name = args.out.as_deref().unwrap_or(Path::new("the new key"));
        let passphrase = passphrases.new_key(name)?;
        let pkcs8 = key_form::to_pkcs8(key).map_err(failed)?;
        let der = files::encrypt(pkcs8.expose(), &passphrase, &provider()?)?;
        return Ok(match args.to {
            Encoding::Pem => secret(pem::encode_encrypted_private_key(&der).as_bytes()),
            Encoding::Der => secret(&der),
        });
    }
    let (der, as_key): (SecretBytes, fn(SecretBytes) -> PrivateKey) = match args.key_form {
        KeyForm::Pkcs8 => (key_form::to_pkcs8(key).map_err(failed)?, PrivateKey::from_pkcs8),
        KeyForm::Pkcs1 => (key_form::to_pkcs1(key).map_err(failed)?, PrivateKey::from_pkcs1),
        KeyForm::Sec1 => (key_form::to_sec1(key).map_err(failed)?, PrivateKey::from_sec1),
    };
    Ok(match args.to {
        Encoding::Der => secret(der.expose()),
        Encoding::Pem => secret(as_key(der).to_pem().as_bytes()),
    })
}

/// The public key of whatever is in the file.
fn public_key(
    path: &Path,
    contents: &Contents,
    passphrases: &Passphrases,
    provider: &Provider,
) -> Result<Vec<u8>, Failure> {
    let none = || about(path, "there is no key in it");
    if let Some(spki) = contents.public_keys.first() {
        return Ok(spki.clone());
    }
    if let Some(der) = contents.certificates.first() {
        return Ok(CertificateFacts::from_der(der).map_err(|error| about(path, error))?.spki);
    }
    let key = if let Some(der) = contents.requests.first() {
        let request = CertificateRequest::from_der(der, provider).map_err(|error| about(path, error))?;
        request.public_key().clone()
    } else {
        let key = contents.private_key(path, passphrases)?.ok_or_else(none)?;
        let key = provider.keys.load(key.as_der());
        key.map_err(|error| about(path, format_args!("private key: {error}")))?.public_key().clone()
    };
    raw_key::encode(&key).ok_or_else(none)
}
