//! `cairn cert ca`: makes certification authorities.

use super::{
    holder::Holder,
    made::describe,
    names::{common_name, subtree},
    signing::{Signing, sign},
};
use crate::{failure::Failure, provider::provider};
use cairn_tls::x509::issue::{Subtree, Template};

/// Ten years.
const DAYS: u32 = 3650;

/// Make a certification authority: a root, or with --ca an intermediate.
///
/// It is valid for ten years unless --days or --not-after says otherwise, but not longer than its issuer.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// The common name of the authority.
    #[arg(value_name = "NAME", default_value = "Test CA", value_parser = common_name)]
    name: String,
    /// The whole subject, such as "C=DE, O=Example, CN=Example CA".
    #[arg(long, value_name = "SUBJECT", conflicts_with = "name")]
    subject: Option<String>,
    /// The maximum number of intermediate authorities below this one.
    #[arg(long, value_name = "N")]
    path_len: Option<u8>,
    /// Permit only certificates for names within this: a DNS name with those below it, a network such as
    /// 10.0.0.0/8, or one with email: or URI: before it.
    #[arg(long, value_name = "NAME", value_parser = subtree)]
    permit: Vec<Subtree>,
    /// Permit no certificates for names within this.
    #[arg(long, value_name = "NAME", value_parser = subtree)]
    exclude: Vec<Subtree>,
    #[command(flatten)]
    signing: Signing,
    #[command(flatten)]
    holder: Holder,
}

const AFTER_HELP: &str = "\
Examples:
  cairn cert ca                                  make ca.pem and ca.key
  cairn cert ca \"Lab CA\" --key-type rsa-4096 --days 30 --out lab
  cairn cert ca \"Issuing CA\" --ca lab.pem --path-len 0 --permit lab.example --out issuing";

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let provider = provider()?;
    let targets = args.holder.targets("ca", ".pem", args.holder.key.is_none())?;
    let issuer = args.signing.issuer(&args.holder.passphrases, &provider)?;
    let mut template = Template::authority(&args.name);
    if let Some(subject) = &args.subject {
        template = template.subject(subject);
    }
    if let Some(number) = args.path_len {
        template = template.path_len(number);
    }
    template = args.permit.iter().cloned().fold(template, Template::permit);
    template = args.exclude.iter().cloned().fold(template, Template::exclude);
    let template = args.signing.template(template, DAYS, issuer.as_ref())?;
    let key = args.holder.private_key(&provider)?;
    let made = sign(&template, &provider, key, issuer.as_ref())?;
    args.holder.write(&targets, &made.chain_pem(), made.key(), &provider)?;
    describe(&targets.main, made.certificate(), issuer.as_ref(), &provider)
}
