//! Explains why two sides have no parameters in common, and which option may help.

use crate::names::list;
use cairn_tls::{
    Policy, Tls12Suite, Tls13Suite,
    crypto::KeyKind,
    wire::{
        CipherSuite, ClientExtension, ClientHello, Decode, ExtensionType, NamedGroup, ProtocolVersion,
        SignatureScheme,
    },
};

/// The maximum number of names shown of a list.
const SHOWN: usize = 12;

/// The parameters that a server accepts.
#[derive(Debug)]
pub(crate) struct Ours<'a> {
    pub(crate) tls12: &'a [&'static Tls12Suite],
    pub(crate) tls13: &'a [&'static Tls13Suite],
    pub(crate) groups: &'a [NamedGroup],
    /// The kinds of keys in its certificates.
    pub(crate) keys: &'a [KeyKind],
}

/// The parameter that a server and a client do not have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lacking {
    Suite,
    /// A group, in TLS 1.3. In TLS 1.2 a suite is lacking then.
    Group,
    /// A signature scheme, in TLS 1.3. In TLS 1.2 a suite is lacking then.
    SignatureScheme,
}

/// The reason why nothing is in common, given the ClientHello with its header.
pub(crate) fn nothing_shared(lacking: Lacking, hello: &[u8], ours: &Ours<'_>) -> Vec<String> {
    let Ok(hello) = ClientHello::decode_exact(hello.get(4..).unwrap_or_default()) else {
        return Vec::new();
    };
    match lacking {
        Lacking::Suite => no_shared_suite(&hello, ours),
        Lacking::Group => vec![format!(
            "The key exchange needs a group, and none is in common: the client offers {}; this server \
            accepts {} (--groups).",
            names(&groups(&hello).unwrap_or_default()),
            names(ours.groups)
        )],
        Lacking::SignatureScheme => vec![format!("TLS 1.3 needs a signature: {}.", schemes(&hello, ours))],
    }
}

/// The reason why the server can use none of a client's suites.
fn no_shared_suite(hello: &ClientHello<'_>, ours: &Ours<'_>) -> Vec<String> {
    let versions = extension(hello, ExtensionType::SUPPORTED_VERSIONS);
    let is_tls13 = !ours.tls13.is_empty()
        && matches!(versions, Some(ClientExtension::SupportedVersions(list))
            if list.contains(&ProtocolVersion::TLS_1_3));
    let accepted: Vec<CipherSuite> = match is_tls13 {
        true => ours.tls13.iter().map(|suite| suite.id).collect(),
        false => ours.tls12.iter().map(|suite| suite.id).collect(),
    };
    let offered: Vec<CipherSuite> = hello.cipher_suites.iter().filter(|suite| !is_signal(*suite)).collect();
    let shared: Vec<&Tls12Suite> =
        ours.tls12.iter().copied().filter(|suite| offered.contains(&suite.id)).collect();
    if is_tls13 || shared.is_empty() {
        let mut hints =
            vec![format!("The client offers {}; this server accepts {}.", names(&offered), names(&accepted))];
        hints.extend(other_policy(&offered));
        return hints;
    }
    vec![common(hello, &shared, ours)]
}

fn extension<'a>(hello: &ClientHello<'a>, extension_type: ExtensionType) -> Option<ClientExtension<'a>> {
    hello.extensions.and_then(|block| block.get(extension_type))
}

/// The client's groups, if it lists them.
fn groups(hello: &ClientHello<'_>) -> Option<Vec<NamedGroup>> {
    match extension(hello, ExtensionType::SUPPORTED_GROUPS) {
        Some(ClientExtension::SupportedGroups(list)) => Some(list.iter().collect()),
        _ => None,
    }
}

/// The signature schemes of the client, and our keys.
fn schemes(hello: &ClientHello<'_>, ours: &Ours<'_>) -> String {
    let schemes: Vec<SignatureScheme> = match extension(hello, ExtensionType::SIGNATURE_ALGORITHMS) {
        Some(ClientExtension::SignatureAlgorithms(list)) => list.iter().collect(),
        _ => Vec::new(),
    };
    let schemes = match schemes.is_empty() {
        true => "SHA-1 alone (it sends no signature_algorithms)".into(),
        false => names(&schemes),
    };
    let keys = list(ours.keys, ToString::to_string);
    format!("the client takes {schemes}, and our certificate has a key of {keys}")
}

/// The reason why the server can use none of the suites that both support.
fn common(hello: &ClientHello<'_>, shared: &[&Tls12Suite], ours: &Ours<'_>) -> String {
    let fits = |suite: &&&Tls12Suite| {
        let name = suite.id.to_string();
        let (rsa, ecdsa) = (name.contains("_RSA_"), name.contains("_ECDSA_"));
        let is_rsa = |kind: &KeyKind| matches!(kind, KeyKind::Rsa | KeyKind::RsaPss);
        !(rsa || ecdsa) || ours.keys.iter().any(|kind| if is_rsa(kind) { rsa } else { ecdsa })
    };
    let known = names(&shared.iter().map(|suite| suite.id).collect::<Vec<_>>());
    let fitting: Vec<&&Tls12Suite> = shared.iter().filter(fits).collect();
    if fitting.is_empty() && !ours.keys.is_empty() {
        return format!(
            "The suites in common, {known}, do not fit our certificate, which has a key of {}: an RSA key \
            serves the suites with RSA in their names, every other key those with ECDSA. --cert and --key \
            can be given for more than one certificate.",
            list(ours.keys, ToString::to_string)
        );
    }
    if let Some(groups) =
        groups(hello).filter(|groups| !groups.iter().any(|group| ours.groups.contains(group)))
    {
        return format!(
            "The suites in common, {known}, need a group, and none is in common: the client offers {}; this \
            server accepts {} (--groups).",
            names(&groups),
            names(ours.groups)
        );
    }
    format!(
        "The suites in common, {known}, need a signature: {}; the curve of an ECDSA key must be among the \
        client's groups too.",
        schemes(hello, ours)
    )
}

/// The policy that contains one of these suites, if there is one.
fn other_policy(offered: &[CipherSuite]) -> Option<String> {
    let policies = [(Policy::Compatible, "compatible"), (Policy::Legacy, "legacy")];
    policies.into_iter().find_map(|(policy, name)| {
        let suite = policy.suites().find(|suite| !suite.uses_psk() && offered.contains(&suite.id))?;
        Some(format!("--policy {name} accepts {}, with a certificate for a suitable key.", suite.id))
    })
}

/// Signaling values in a list of suites (RFC 5746 section 3.3, RFC 7507 section 2).
fn is_signal(suite: CipherSuite) -> bool {
    matches!(suite.0, 0x00ff | 0x5600)
}

/// The first names of a list, in one line.
pub(crate) fn names<T: Copy + ToString>(all: &[T]) -> String {
    match all.get(..SHOWN) {
        Some(some) if some.len() < all.len() => {
            format!("{} and {} more", list(some, ToString::to_string), all.len() - some.len())
        }
        _ => list(all, ToString::to_string),
    }
}
