//! `cairn cert`: makes, shows, checks and converts certificates and keys for tests and labs.

mod ca;
mod check;
mod contents;
mod convert;
mod date;
mod holder;
mod issue;
mod key;
mod key_form;
mod key_kind;
mod lifetime;
mod made;
mod matching;
mod names;
mod request;
mod show;
mod signing;
mod write;

use crate::failure::Failure;

/// Make, show, check and convert certificates and keys, for tests and labs.
///
/// Issued certificates are not recorded and cannot be revoked: this is no tool for a real certification
/// authority.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Ca(ca::Args),
    Issue(issue::Args),
    Request(request::Args),
    Key(key::Args),
    Show(show::Args),
    Check(check::Args),
    Match(matching::Args),
    Convert(convert::Args),
}

const AFTER_HELP: &str = "\
Examples:
  cairn cert ca \"Lab CA\"                                make ca.pem and ca.key
  cairn cert issue localhost 127.0.0.1 --ca ca.pem      make localhost.pem and localhost.key
  cairn cert check localhost.pem --ca ca.pem --name localhost
  cairn serve --cert localhost.pem --key localhost.key --http";

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    match &args.command {
        Command::Ca(args) => ca::run(args),
        Command::Issue(args) => issue::run(args),
        Command::Request(args) => request::run(args),
        Command::Key(args) => key::run(args),
        Command::Show(args) => show::run(args),
        Command::Check(args) => check::run(args),
        Command::Match(args) => matching::run(args),
        Command::Convert(args) => convert::run(args),
    }
}
