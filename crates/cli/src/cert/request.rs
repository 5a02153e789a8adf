//! `cairn cert request`: makes certificate requests (PKCS #10).

use super::{
    holder::Holder,
    names::{Name, file_name, usual_common_name},
    write::failed,
};
use crate::{failure::Failure, output::note, provider::provider};
use cairn_tls::x509::{issue::Template, pem};

/// Make a certificate request (PKCS #10) for an authority, with a new key.
///
/// The request goes to a file that ends in .csr, the key to one that ends in .key.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// The names that the certificate shall be for: DNS names, which may begin with *., IP addresses, e-mail
    /// addresses and URIs.
    #[arg(value_name = "NAME", required_unless_present = "subject")]
    names: Vec<Name>,
    /// The whole subject, such as "C=DE, O=Example, CN=example.com". By default it is the first name.
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<String>,
    #[command(flatten)]
    holder: Holder,
}

const AFTER_HELP: &str = "\
Examples:
  cairn cert request lab.example '*.lab.example' --subject \"O=Lab, CN=lab.example\" --out web
  cairn cert issue --request web.csr --ca ca.pem --out web";

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let provider = provider()?;
    let targets = args.holder.targets(&file_name(&args.names), ".csr", args.holder.key.is_none())?;
    let mut template = Template::server(&usual_common_name(&args.names));
    if let Some(subject) = &args.subject {
        template = template.subject(subject);
    }
    template = args.names.iter().fold(template, |template, name| name.add_to(template));
    let key = args.holder.private_key(&provider)?;
    let signing = provider.keys.load(key.as_der()).map_err(|error| failed("private key", error))?;
    let request = template.request(&provider, &*signing);
    let request = request.map_err(|error| failed("no certificate request", error))?;
    args.holder.write(&targets, &pem::encode_request(&request), &key, &provider)?;
    note(format_args!("{}: certificate request", crate::files::shown(&targets.main)));
    Ok(())
}
