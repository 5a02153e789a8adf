//! The command line of `cairn scan`.

use super::findings::kind::Severity;
use crate::destination::Destination;
use std::path::PathBuf;

/// Report the settings of a server and their weaknesses.
///
/// The scan opens many short connections, one after another. It reports the versions, cipher suites, groups,
/// signature schemes, application protocols, kinds of resumption and certificates of the server, and
/// findings with a severity, a reason and a reference. The report goes to standard output, the progress to
/// standard error if that is a terminal. Scan only servers that you may test: one test (ROBOT) sends
/// malformed messages.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) destination: Destination,
    /// Judge the certificates by the authorities in this file, and not by those of the platform.
    #[arg(long, value_name = "FILE")]
    pub(super) ca: Vec<PathBuf>,
    /// Print one JSON object in place of the report.
    #[arg(long)]
    pub(super) json: bool,
    /// Exit with code 10 if there is a finding of at least this severity: info, low, medium, high or
    /// critical.
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    pub(super) fail_on: Option<Severity>,
    /// The maximum number of connections per second; 0 for no limit.
    #[arg(long, value_name = "N", default_value = "20")]
    pub(super) rate: u32,
    /// The time to wait for a connection, and for each answer, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "5")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=600))]
    pub(super) timeout: u64,
}

const AFTER_HELP: &str = "\
Examples:
  cairn scan example.com
  cairn scan --starttls smtp mail.example.com
  cairn scan 127.0.0.1:8443 --name localhost --ca ca.pem
  cairn scan example.com --json --fail-on medium > scan.json

docs/scan.md lists the findings.";

fn severity(name: &str) -> Result<Severity, String> {
    Severity::ALL
        .into_iter()
        .find(|severity| severity.name() == name)
        .ok_or_else(|| "it is info, low, medium, high or critical".into())
}
