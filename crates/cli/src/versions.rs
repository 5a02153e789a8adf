//! The versions of TLS that a command speaks, and options for one of them alone.

use crate::failure::{Code, Failure};
use cairn_tls::{TLS13_SUITES, Versions, wire::CipherSuite};

/// The options of a command that decide on the versions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice<'a> {
    /// `--tls`.
    pub(crate) tls: Option<Versions>,
    /// `--suites`, or nothing.
    pub(crate) suites: &'a [CipherSuite],
    /// `--renegotiate`.
    pub(crate) renegotiate: bool,
}

impl Choice<'_> {
    /// The versions: both, unless the options exclude one.
    pub(crate) fn versions(self) -> Result<Versions, Failure> {
        let is_tls13 = |id: &CipherSuite| TLS13_SUITES.iter().any(|suite| suite.id == *id);
        match self.tls {
            Some(Versions::Tls12) => Ok(Versions::Tls12),
            Some(_) if self.renegotiate => Err(Failure::new(
                Code::Local,
                "--renegotiate: TLS 1.3 has no renegotiation (RFC 9846 section 4.2.2)",
            )
            .hint("--tls 1.2 speaks TLS 1.2 alone, as does --renegotiate without --tls.")
            .hint(
                "In TLS 1.3, connect --key-update changes keys, and serve --ask-later requests certificates.",
            )),
            Some(versions) => Ok(versions),
            None if self.renegotiate => Ok(Versions::Tls12),
            None if self.suites.is_empty() => Ok(Versions::Both),
            None if self.suites.iter().all(is_tls13) => Ok(Versions::Tls13),
            None if self.suites.iter().any(is_tls13) => Ok(Versions::Both),
            None => Ok(Versions::Tls12),
        }
    }
}

/// Fails unless TLS 1.3 is enabled. `what` names the feature of TLS 1.3 in the message.
pub(crate) fn need_tls13(versions: Versions, option: &str, what: &str) -> Result<(), Failure> {
    match versions {
        Versions::Tls12 => Err(Failure::new(Code::Local, format!("{option}: only TLS 1.3 {what}"))
            .hint("--tls 1.3 or --tls both speaks it.")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TLS12: CipherSuite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
    const TLS13: CipherSuite = CipherSuite::TLS_AES_128_GCM_SHA256;

    #[test]
    fn both_versions_are_spoken_unless_an_option_excludes_one() {
        let of = |suites: &[CipherSuite], renegotiate| {
            Choice { tls: None, suites, renegotiate }.versions().unwrap()
        };
        assert_eq!(of(&[], false), Versions::Both);
        assert_eq!(of(&[TLS12, TLS13], false), Versions::Both);
        assert_eq!(of(&[TLS12], false), Versions::Tls12);
        assert_eq!(of(&[TLS13], false), Versions::Tls13);
        assert_eq!(of(&[], true), Versions::Tls12);
    }

    #[test]
    fn renegotiation_is_refused_where_tls_1_3_may_be_negotiated() {
        let of = |tls| Choice { tls: Some(tls), suites: &[], renegotiate: true }.versions();
        assert_eq!(of(Versions::Tls12).unwrap(), Versions::Tls12);
        for tls in [Versions::Tls13, Versions::Both] {
            assert!(of(tls).unwrap_err().to_string().contains("--renegotiate"));
        }
    }
}
