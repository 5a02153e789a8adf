//! `cairn cert issue`: makes certificates of servers, clients and OCSP responders.

use super::{
    holder::Holder,
    made::describe,
    names::{Name, file_name, usual_common_name},
    signing::{Signing, sign},
    write::Readers,
};
use crate::{
    failure::{Code, Failure},
    files::{self, about},
    provider::provider,
};
use cairn_tls::{
    Provider,
    x509::{
        facts::ExtendedKeyUsage,
        issue::{CertificateRequest, Template},
        pem,
    },
};
use std::path::{Path, PathBuf};

/// A season.
const DAYS: u32 = 90;

/// Make a certificate of a server or a client, with a new key. It is self-signed unless --ca names an issuer.
///
/// Kinds of names are plain from their form; DNS:, IP:, email: and URI: state them. The common name is the
/// first name, unless --subject says otherwise. The certificate is valid for 90 days unless --days or
/// --not-after says otherwise, but not longer than its issuer.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// The names that the certificate is for: DNS names, which may begin with *., IP addresses, e-mail
    /// addresses and URIs.
    #[arg(value_name = "NAME", required_unless_present_any = ["subject", "request"])]
    names: Vec<Name>,
    /// The whole subject, such as "C=DE, O=Example, CN=example.com".
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<String>,
    /// The purposes of the certificate, separated by commas: server, client, ocsp (to sign OCSP responses for
    /// the issuer), any.
    #[arg(long, value_enum, value_name = "PURPOSES", value_delimiter = ',', default_value = "server")]
    purpose: Vec<Purpose>,
    /// Answer the certificate request (PKCS #10) in this file: its key and its names are taken.
    #[arg(long, value_name = "FILE", requires = "ca")]
    #[arg(conflicts_with_all = ["key", "key_type", "encrypt"])]
    request: Option<PathBuf>,
    /// Permit delegated credentials (DelegationUsage, RFC 9345).
    #[arg(long)]
    delegation: bool,
    /// State that the server always staples an OCSP response (RFC 7633).
    #[arg(long)]
    must_staple: bool,
    #[command(flatten)]
    signing: Signing,
    #[command(flatten)]
    holder: Holder,
}

const AFTER_HELP: &str = "\
Examples:
  cairn cert issue localhost 127.0.0.1 ::1       a self-signed certificate: localhost.pem and localhost.key
  cairn cert issue '*.lab.example' lab.example --ca ca.pem --key-type rsa-2048 --out web
  cairn cert issue me@lab.example --subject \"CN=Me\" --purpose client --ca ca.pem --out me
  cairn cert issue --request web.csr --ca ca.pem --out web";

/// A purpose in the extended key usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Purpose {
    Server,
    Client,
    Ocsp,
    Any,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let provider = provider()?;
    let request = match &args.request {
        Some(path) => Some(read_request(path, &provider)?),
        None => None,
    };
    let has_new_key = request.is_none() && args.holder.key.is_none();
    let targets = args.holder.targets(&file_name(&args.names), ".pem", has_new_key)?;
    let issuer = args.signing.issuer(&args.holder.passphrases, &provider)?;
    let mut template = Template::server(&usual_common_name(&args.names));
    if let Some(request) = &request {
        template = request.template(template);
    }
    if let Some(subject) = &args.subject {
        template = template.subject(subject);
    }
    template = args.names.iter().fold(template, |template, name| name.add_to(template));
    template = template.extended_key_usage(Some(usage(&args.purpose)));
    if args.delegation {
        template = template.delegation_usage();
    }
    if args.must_staple {
        template = template.must_staple();
    }
    let template = args.signing.template(template, DAYS, issuer.as_ref())?;
    let certificate = match (&request, &issuer) {
        (Some(request), Some(issuer)) => {
            let (certificate, pem) = issuer.sign_for(&template, &provider, request.public_key())?;
            args.holder.overwrite.write(&targets.main, pem.as_bytes(), Readers::All)?;
            certificate
        }
        _ => {
            let key = args.holder.private_key(&provider)?;
            let made = sign(&template, &provider, key, issuer.as_ref())?;
            args.holder.write(&targets, &made.chain_pem(), made.key(), &provider)?;
            made.certificate().to_vec()
        }
    };
    describe(&targets.main, &certificate, issuer.as_ref(), &provider)
}

fn usage(purposes: &[Purpose]) -> ExtendedKeyUsage {
    ExtendedKeyUsage {
        server_auth: purposes.contains(&Purpose::Server),
        client_auth: purposes.contains(&Purpose::Client),
        ocsp_signing: purposes.contains(&Purpose::Ocsp),
        any: purposes.contains(&Purpose::Any),
        ..ExtendedKeyUsage::NONE
    }
}

/// The only request in a file.
fn read_request(path: &Path, provider: &Provider) -> Result<CertificateRequest, Failure> {
    let all = pem::requests(&files::read(path)?).map_err(|error| about(path, error))?;
    match all.as_slice() {
        [one] => CertificateRequest::from_der(one, provider).map_err(|error| about(path, error)),
        _ => Err(Failure::new(
            Code::Local,
            format!(
                "{}: there are {} certificate requests in it, and one is expected",
                files::shown(path),
                all.len()
            ),
        )),
    }
}
