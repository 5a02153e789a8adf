//! Options for TLS 1.3 alone.

use crate::failure::{Code, Failure};
use cairn_tls::Versions;

/// Fails unless TLS 1.3 is enabled. `what` names the feature of TLS 1.3 in the message.
pub(crate) fn need_tls13(versions: Versions, option: &str, what: &str) -> Result<(), Failure> {
    match versions {
        Versions::Tls12 => Err(Failure::new(Code::Local, format!("{option}: only TLS 1.3 {what}"))
            .hint("--tls 1.3 or --tls both speaks it.")),
        _ => Ok(()),
    }
}
