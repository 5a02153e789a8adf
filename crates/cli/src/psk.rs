//! The versions of TLS that the keys of `--psk` serve.

use crate::{
    failure::{Code, Failure},
    versions::need_tls13,
};
use cairn_tls::{Versions, crypto::HashAlgorithm};

/// The hash of a key that is used directly in TLS 1.3. OpenSSL and GnuTLS use it if only a key is given.
pub(crate) const HASH: HashAlgorithm = HashAlgorithm::Sha256;

/// The use of the keys of `--psk`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PskUse<'a> {
    /// In TLS 1.2.
    pub(crate) tls12: bool,
    /// In TLS 1.3, if it is spoken.
    pub(crate) tls13: Option<Tls13Use<'a>>,
}

/// The use of keys in TLS 1.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tls13Use<'a> {
    /// Directly, with [`HASH`].
    Plain,
    /// Imported, with this context (RFC 9258).
    Imported(&'a [u8]),
}

/// The use in these versions. `import` is the context of `--psk-import`.
pub(crate) fn of(versions: Versions, import: Option<&str>) -> Result<PskUse<'_>, Failure> {
    let imported = import.map(|context| Tls13Use::Imported(context.as_bytes()));
    if imported.is_some() {
        need_tls13(versions, "--psk-import", "imports keys")?;
    }
    match (versions, imported) {
        (Versions::Tls12, _) => Ok(PskUse { tls12: true, tls13: None }),
        (Versions::Tls13, imported) => {
            Ok(PskUse { tls12: false, tls13: Some(imported.unwrap_or(Tls13Use::Plain)) })
        }
        (_, Some(imported)) => Ok(PskUse { tls12: true, tls13: Some(imported) }),
        (_, None) => Err(Failure::new(
            Code::Local,
            "--psk with both versions: one key must not be used directly in both versions (RFC 9846 \
            appendix F.7)",
        )
        .hint("--tls 1.2 or --tls 1.3 uses the key in one version.")
        .hint("--psk-import imports it for TLS 1.3; the peer must do the same (RFC 9258).")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn key_serves_both_versions_only_if_it_is_imported() {
        assert!(of(Versions::Both, None).is_err());
        let both = of(Versions::Both, Some("x")).unwrap();
        assert_eq!(both, PskUse { tls12: true, tls13: Some(Tls13Use::Imported(b"x")) });
        let tls13 = of(Versions::Tls13, None).unwrap();
        assert_eq!(tls13, PskUse { tls12: false, tls13: Some(Tls13Use::Plain) });
        assert!(of(Versions::Tls12, Some("")).is_err());
    }
}
