//! The choice of the group: the client's groups and key shares (RFC 9846 sections 4.3.7 and 4.3.8).

use super::judged::usable_groups;
use crate::error::HandshakeErrorKind;
use crate::ext::{self, ClientExtensions, Codes};
use crate::policy::ServerPolicy;
use cairn_wire::{ExtensionType, KeyShareEntry, NamedGroup};
use smallvec::SmallVec;

/// The client's groups and key shares.
pub(super) struct Shares<'a> {
    groups: Codes<NamedGroup>,
    shares: SmallVec<[KeyShareEntry<'a>; 4]>,
}

/// The group of the key exchange.
pub(super) enum Group<'a> {
    /// The client has sent this share for it.
    Shared(NamedGroup, &'a [u8]),
    /// The client supports it and has sent no share for it.
    Supported(NamedGroup),
}

/// The largest number of key shares that are looked at. A client sends one for each group that it expects the
/// server to choose, and rarely more than three.
const MAX_SHARES: usize = 16;

impl<'a> Shares<'a> {
    pub(super) fn read(extensions: &ClientExtensions<'a>) -> Result<Self, HandshakeErrorKind> {
        let groups = ext::supported_groups::listed(extensions);
        let groups = groups.ok_or(HandshakeErrorKind::MissingExtension(ExtensionType::SUPPORTED_GROUPS))?;
        let shares = ext::key_share::offered(extensions)?;
        let mut read = Self { groups, shares: SmallVec::new() };
        for share in shares.iter().take(MAX_SHARES) {
            // RFC 9846 section 4.3.8: "Clients MUST NOT offer any KeyShareEntry values for groups not listed
            // in the client's "supported_groups" extension." and "Clients MUST NOT offer multiple
            // KeyShareEntry values for the same group."
            let is_second = read.shares.iter().any(|other| other.group == share.group);
            if is_second || !read.groups.contains(&share.group) {
                return Err(HandshakeErrorKind::KeyShareNotInGroups(share.group));
            }
            read.shares.push(share);
        }
        Ok(read)
    }

    /// The share of this group, if it is the only one: the answer to HelloRetryRequest.
    pub(super) fn only(&self, group: NamedGroup) -> Option<&'a [u8]> {
        match self.shares.as_slice() {
            [share] if share.group == group => Some(share.key_exchange),
            _ => None,
        }
    }

    /// The first of our groups that the client has sent a share for, or else that it supports.
    pub(super) fn choose(&self, policy: &ServerPolicy) -> Result<Group<'a>, HandshakeErrorKind> {
        let ours = || usable_groups(policy);
        let shared = ours().find_map(|group| self.shares.iter().find(|share| share.group == group));
        if let Some(share) = shared {
            return Ok(Group::Shared(share.group, share.key_exchange));
        }
        let supported = ours().find(|group| self.groups.contains(group));
        supported.map(Group::Supported).ok_or(HandshakeErrorKind::NoSharedGroup)
    }
}
