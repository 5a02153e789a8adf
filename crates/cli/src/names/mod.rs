//! Names on the command line: suites, groups, hosts.

mod host;
mod protocol;
mod target;

pub(crate) use host::Host;
pub(crate) use protocol::Protocol;
pub(crate) use target::{Target, listen};

use alloc::sync::Arc;
use cairn_tls::{
    CertificateCompression, Floor, MaxFragmentLength, Policy, Renegotiation, ServerName, Stapling, Versions,
    certificate_compressions, crypto::SecretBytes, wire::CipherSuite, wire::NamedGroup,
};
use core::str::FromStr;

/// A cipher suite by its IANA name, in any letter case.
pub(crate) fn suite(name: &str) -> Result<CipherSuite, String> {
    let known = CipherSuite::KNOWN
        .iter()
        .find(|suite| suite.name().is_some_and(|known| known.eq_ignore_ascii_case(name)));
    match known {
        Some(known) if cairn_tls::suite(*known).is_some() => Ok(*known),
        Some(known) if cairn_tls::TLS13_SUITES.iter().any(|suite| suite.id == *known) => Ok(*known),
        Some(known) if cairn_tls::suite_needs_legacy(*known) => {
            Err(format!("{known} needs the cargo feature `legacy`, which this build does not have"))
        }
        Some(known) => Err(format!("Cairn does not speak {known}; `cairn suites` lists those that it does")),
        None => Err("no such suite; `cairn suites` lists those that Cairn speaks".into()),
    }
}

/// Any registered cipher suite by its IANA name, whether Cairn supports it or not.
pub(crate) fn any_suite(name: &str) -> Result<CipherSuite, String> {
    CipherSuite::from_name(&name.to_ascii_uppercase())
        .or_else(|| CipherSuite::from_name(name))
        .ok_or_else(|| "no such suite in the IANA registry".into())
}

/// A maximum fragment length in bytes (RFC 6066 section 4).
pub(crate) fn max_fragment_length(bytes: &str) -> Result<MaxFragmentLength, String> {
    let length = bytes.parse().ok().and_then(MaxFragmentLength::from_bytes);
    length.ok_or_else(|| "expected 512, 1024, 2048 or 4096".into())
}

/// Versions of TLS.
pub(crate) fn versions(name: &str) -> Result<Versions, String> {
    match name {
        "1.2" => Ok(Versions::Tls12),
        "1.3" => Ok(Versions::Tls13),
        "both" => Ok(Versions::Both),
        _ => Err("expected 1.2, 1.3 or both".into()),
    }
}

/// A policy, by its name.
pub(crate) fn policy(name: &str) -> Result<Policy, String> {
    match name {
        "modern" => Ok(Policy::Modern),
        "compatible" => Ok(Policy::Compatible),
        "legacy" => Ok(Policy::Legacy),
        _ => Err("expected modern, compatible or legacy".into()),
    }
}

/// The minimum security: any of `authenticated`, `forward-secrecy`, a number of bits, and `psk=` with the
/// minimum length of external PSKs in bits, separated by commas.
pub(crate) fn floor(text: &str) -> Result<Floor, String> {
    let mut floor = Floor::default();
    for part in text.split(',') {
        match part {
            "authenticated" => floor.authenticated_peer = true,
            "forward-secrecy" => floor.forward_secrecy = true,
            bits => {
                let (place, bits) = match bits.strip_prefix("psk=") {
                    Some(bits) => (&mut floor.psk_bits, bits),
                    None => (&mut floor.bits, bits),
                };
                *place = bits.parse().map_err(|_| {
                    "a floor has parts separated by commas: authenticated, forward-secrecy, a number of \
                     bits, psk=BITS"
                })?;
            }
        }
    }
    Ok(floor)
}

/// The treatment of stapled OCSP responses, by its name.
pub(crate) fn stapling(name: &str) -> Result<Stapling, String> {
    match name {
        "ignore" => Ok(Stapling::Ignore),
        "check" => Ok(Stapling::Check),
        "require" => Ok(Stapling::Require),
        _ => Err("expected ignore, check or require".into()),
    }
}

/// Whether renegotiation is permitted, by its name.
pub(crate) fn renegotiation(name: &str) -> Result<Renegotiation, String> {
    match name {
        "never" => Ok(Renegotiation::Never),
        "requested" => Ok(Renegotiation::Requested),
        "allowed" => Ok(Renegotiation::Allowed),
        _ => Err("expected never, requested or allowed".into()),
    }
}

/// The setting of --renegotiation. With --renegotiate, the user's intent is clear, so requests are permitted.
pub(crate) const fn with_renegotiate(permitted: Renegotiation, renegotiate: bool) -> Renegotiation {
    match permitted {
        Renegotiation::Never if renegotiate => Renegotiation::Requested,
        _ => permitted,
    }
}

/// A pre-shared key on the command line.
#[derive(Clone)]
pub(crate) struct NamedPsk {
    /// Its identity.
    pub(crate) identity: String,
    /// The key.
    pub(crate) key: SecretBytes,
}

impl core::fmt::Debug for NamedPsk {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "NamedPsk({:?})", self.identity)
    }
}

impl FromStr for NamedPsk {
    type Err = String;

    /// Parses `IDENTITY:HEX`. The identity may contain colons.
    fn from_str(text: &str) -> Result<Self, String> {
        let (identity, hex) = text.rsplit_once(':').ok_or("expected IDENTITY:HEX")?;
        let digits: Option<Vec<u8>> =
            hex.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
        let digits = digits.map(SecretBytes::new).ok_or("the key must be in hex digits")?;
        if digits.is_empty() || !digits.len().is_multiple_of(2) {
            return Err("the key needs two hex digits for each byte, and one byte at least".into());
        }
        let key = digits.expose().chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit));
        Ok(Self { identity: identity.into(), key: SecretBytes::new(key.collect()) })
    }
}

/// A group by its IANA name in any letter case, or by its NIST name.
pub(crate) fn group(name: &str) -> Result<NamedGroup, String> {
    let by_nist = match name {
        "P-256" => Some(NamedGroup::SECP256R1),
        "P-384" => Some(NamedGroup::SECP384R1),
        "P-521" => Some(NamedGroup::SECP521R1),
        _ => None,
    };
    by_nist
        .or_else(|| {
            let mut known = NamedGroup::KNOWN.iter().copied();
            known.find(|group| group.name().is_some_and(|known| known.eq_ignore_ascii_case(name)))
        })
        .ok_or_else(|| "no such group; `cairn suites` lists those that Cairn speaks".into())
}

/// An algorithm for the compression of certificates (RFC 8879), by its IANA name.
pub(crate) fn compression(name: &str) -> Result<Arc<dyn CertificateCompression>, String> {
    let all = certificate_compressions();
    let known = list(&all, |one| one.algorithm());
    let found = all.into_iter().find(|one| one.algorithm().to_string() == name);
    found.ok_or_else(|| format!("this build has: {}", if known.is_empty() { "none" } else { &known }))
}

/// The named algorithms for the compression of certificates, or all of this build if none is named.
pub(crate) fn compressions(
    named: &[Arc<dyn CertificateCompression>],
) -> Vec<Arc<dyn CertificateCompression>> {
    if named.is_empty() { certificate_compressions() } else { named.to_vec() }
}

/// A server's name as it must appear in its certificate. It may be an internationalised one.
pub(crate) fn server(name: &str) -> Result<ServerName, String> {
    ServerName::parse(&host::to_ascii(name)?).map_err(|error| error.to_string())
}

/// Names in one line.
pub(crate) fn list<T, N: ToString>(items: &[T], name: impl Fn(&T) -> N) -> String {
    items.iter().map(|item| name(item).to_string()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn psk_argument_is_identity_and_hex_digits() {
        let psk: NamedPsk = "a:client:00fF10".parse().unwrap();
        assert_eq!((psk.identity.as_str(), psk.key.expose()), ("a:client", &[0x00, 0xff, 0x10][..]));
        for text in ["", "client", "client:", "client:0", "client:0g", "client:abc"] {
            assert!(text.parse::<NamedPsk>().is_err(), "{text}");
        }
        assert!(!format!("{psk:?}").contains("ff"));
    }

    #[test]
    fn suites_and_groups_are_parsed_by_iana_name() {
        let name = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
        assert_eq!(suite(name).unwrap(), CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256);
        assert_eq!(suite(&name.to_lowercase()).unwrap(), CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256);
        assert_eq!(suite("TLS_AES_128_CCM_SHA256").unwrap(), CipherSuite::TLS_AES_128_CCM_SHA256);
        assert!(suite("TLS_RSA_WITH_NULL_MD5").unwrap_err().contains("does not speak"));
        assert!(suite("ECDHE-RSA-AES128-GCM-SHA256").unwrap_err().contains("no such suite"));
        assert_eq!(group("X25519").unwrap(), NamedGroup::X25519);
        assert_eq!(group("P-256").unwrap(), group("secp256r1").unwrap());
        assert!(group("P-257").is_err());
    }

    #[test]
    fn compression_algorithms_are_those_of_the_build() {
        for one in certificate_compressions() {
            let name = one.algorithm().to_string();
            assert_eq!(compression(&name).unwrap().algorithm(), one.algorithm());
        }
        assert!(compression("lzma").unwrap_err().contains("this build has"));
    }
}
