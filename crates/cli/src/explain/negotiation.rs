//! Why two sides have nothing in common: what each takes, and which option would help.

use crate::names::list;
use cairn_tls::{
    Policy, Suite,
    crypto::KeyKind,
    wire::{CipherSuite, ClientExtension, ClientHello, Decode, ExtensionType, NamedGroup, SignatureScheme},
};

/// How many names of a list are shown.
const SHOWN: usize = 12;

/// What a server takes.
#[derive(Debug)]
pub(crate) struct Ours<'a> {
    pub(crate) suites: &'a [&'static Suite],
    pub(crate) groups: &'a [NamedGroup],
    /// The keys of the certificates.
    pub(crate) keys: &'a [KeyKind],
}

/// Why none of a client's suites can be served: its ClientHello, with the header.
pub(crate) fn no_shared_suite(hello: &[u8], ours: &Ours<'_>) -> Vec<String> {
    let Ok(hello) = ClientHello::decode_exact(hello.get(4..).unwrap_or_default()) else {
        return Vec::new();
    };
    let offered: Vec<CipherSuite> = hello.cipher_suites.iter().filter(|suite| !is_signal(*suite)).collect();
    let shared: Vec<&Suite> =
        ours.suites.iter().copied().filter(|suite| offered.contains(&suite.id)).collect();
    if shared.is_empty() {
        let mut hints = vec![format!(
            "The client offers {}; this server takes {}.",
            names(&offered),
            names(&ours.suites.iter().map(|suite| suite.id).collect::<Vec<_>>())
        )];
        hints.extend(other_policy(&offered));
        return hints;
    }
    let mut hints = Vec::new();
    let mut groups = None;
    let mut schemes: Option<Vec<SignatureScheme>> = None;
    for extension in hello.extensions.iter().flat_map(|block| {
        [ExtensionType::SUPPORTED_GROUPS, ExtensionType::SIGNATURE_ALGORITHMS].map(|kind| block.get(kind))
    }) {
        match extension {
            Some(ClientExtension::SupportedGroups(list)) => groups = Some(list.iter().collect::<Vec<_>>()),
            Some(ClientExtension::SignatureAlgorithms(list)) => schemes = Some(list.iter().collect()),
            _ => {}
        }
    }
    hints.push(format!(
        "Suites that both know: {}. They need a certificate whose key fits, a group and a signature scheme that both take.",
        names(&shared.iter().map(|suite| suite.id).collect::<Vec<_>>())
    ));
    if !ours.keys.is_empty() {
        hints.push(format!(
            "The certificate has a key of {}: an RSA key serves the suites with RSA in their names, every other key those with ECDSA.",
            list(ours.keys, ToString::to_string)
        ));
    }
    if let Some(groups) = groups.filter(|groups| !groups.iter().any(|group| ours.groups.contains(group))) {
        hints.push(format!(
            "No group is in common: the client offers {}; this server takes {} (--groups).",
            names(&groups),
            names(ours.groups)
        ));
    }
    if let Some(schemes) = schemes {
        hints.push(format!("The client takes the signature schemes {}.", names(&schemes)));
    }
    hints
}

/// The policy that has one of these suites, if one has.
fn other_policy(offered: &[CipherSuite]) -> Option<String> {
    let policies = [(Policy::Compatible, "compatible"), (Policy::Legacy, "legacy")];
    policies.into_iter().find_map(|(policy, name)| {
        let suite = policy.suites().find(|suite| !suite.uses_psk() && offered.contains(&suite.id))?;
        Some(format!("--policy {name} takes {}, for a certificate with a key that fits.", suite.id))
    })
}

/// Values in the list of suites that are none (RFC 5746 section 3.3, RFC 7507 section 2).
fn is_signal(suite: CipherSuite) -> bool {
    matches!(suite.0, 0x00ff | 0x5600)
}

/// Names in one line, the first few of them.
pub(crate) fn names<T: Copy + ToString>(all: &[T]) -> String {
    match all.get(..SHOWN) {
        Some(some) if some.len() < all.len() => {
            format!("{} and {} more", list(some, ToString::to_string), all.len() - some.len())
        }
        _ => list(all, ToString::to_string),
    }
}
