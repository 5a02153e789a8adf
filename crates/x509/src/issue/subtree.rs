//! Sets of names in name constraints.

use super::error::IssueError;
use crate::name::{DnsName, NameError};
use alloc::string::String;
use core::net::IpAddr;
use der::asn1::{Ia5String, OctetString};
use x509_cert::ext::pkix::name::GeneralName;

/// A set of names that an authority may certify, or may not (RFC 5280 section 4.2.1.10).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subtree {
    /// A DNS name and all names below it.
    Dns(String),
    /// A mailbox, all mailboxes on a host, or, with a leading period, all those in a domain.
    Mail(String),
    /// The URIs of a host, or, with a leading period, those of all hosts in a domain.
    Uri(String),
    /// The addresses that share this many leading bits with an address.
    Network(IpAddr, u8),
}

impl Subtree {
    /// Checks its names.
    pub(super) fn check(&self) -> Result<(), IssueError> {
        match self {
            Self::Dns(name) => DnsName::parse(name).map(|_| ()).map_err(IssueError::Name),
            Self::Mail(name) | Self::Uri(name) => {
                let host = name.rsplit_once('@').map_or(name.as_str(), |(_, host)| host);
                DnsName::parse(host.strip_prefix('.').unwrap_or(host)).map(|_| ()).map_err(IssueError::Name)
            }
            Self::Network(address, bits) => {
                let longest = if address.is_ipv4() { 32 } else { 128 };
                if *bits <= longest { Ok(()) } else { Err(IssueError::Name(NameError::Malformed)) }
            }
        }
    }

    /// The base of the subtree.
    pub(super) fn constraint(&self) -> der::Result<GeneralName> {
        match self {
            Self::Dns(name) => dns_name(name),
            Self::Mail(name) => Ia5String::new(name).map(GeneralName::Rfc822Name),
            Self::Uri(name) => uri(name),
            Self::Network(address, bits) => {
                let (address, mask) = match address {
                    IpAddr::V4(address) => {
                        let mask = u32::MAX.checked_shl(32_u32.saturating_sub((*bits).into())).unwrap_or(0);
                        let address = address.to_bits() & mask;
                        (address.to_be_bytes().to_vec(), mask.to_be_bytes().to_vec())
                    }
                    IpAddr::V6(address) => {
                        let mask = u128::MAX.checked_shl(128_u32.saturating_sub((*bits).into())).unwrap_or(0);
                        let address = address.to_bits() & mask;
                        (address.to_be_bytes().to_vec(), mask.to_be_bytes().to_vec())
                    }
                };
                OctetString::new([address, mask].concat()).map(GeneralName::IpAddress)
            }
        }
    }
}

pub(super) fn dns_name(name: &str) -> der::Result<GeneralName> {
    Ia5String::new(name).map(GeneralName::DnsName)
}

pub(super) fn uri(text: &str) -> der::Result<GeneralName> {
    Ia5String::new(text).map(GeneralName::UniformResourceIdentifier)
}
