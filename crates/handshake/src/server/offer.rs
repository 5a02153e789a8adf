//! What a ClientHello offers of what we accept: all that is left to choose by.

use crate::{
    Credential, ErrorKind, ServerPolicy, SuiteOrder,
    ext::{
        ClientExtensions, ec_point_formats::ClientPoints, server_name, signature_algorithms,
        supported_groups::ClientGroups,
    },
    verify::key_fits,
};
use alloc::{boxed::Box, vec::Vec};
use cairn_crypto::AeadAlgorithm;
use cairn_schedule::{Protection, Suite};
use cairn_wire::{CipherSuite, ClientHello, List, NamedGroup, SignatureScheme};

/// The shared part of a ClientHello.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    /// The suites in common, the one to be preferred first.
    pub(crate) suites: Vec<&'static Suite>,
    groups: ClientGroups,
    schemes: Vec<SignatureScheme>,
    pub(crate) points: ClientPoints,
    pub(crate) server_name: Option<Box<[u8]>>,
}

/// What a full handshake uses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice {
    pub(crate) suite: &'static Suite,
    pub(crate) group: NamedGroup,
    pub(crate) scheme: SignatureScheme,
}

impl Offer {
    pub(crate) fn read(policy: &ServerPolicy, hello: &ClientHello<'_>) -> Result<Self, ErrorKind> {
        let extensions: &ClientExtensions<'_> = &hello.extensions;
        Ok(Self {
            suites: shared_suites(policy, &hello.cipher_suites),
            groups: ClientGroups::read(&policy.groups, &policy.provider, extensions),
            schemes: signature_algorithms::read(extensions),
            points: ClientPoints::read(extensions),
            server_name: server_name::requested(extensions)?,
        })
    }

    /// Checks what only a full handshake needs: without a group or a signature scheme in common no suite with ECDHE can
    /// be negotiated, whatever the credential (RFC 5246 section 7.4.3, RFC 8422 section 5.1).
    pub(crate) fn check_full_handshake(&self) -> Result<(), ErrorKind> {
        self.points.check()?;
        if self.groups.for_key_exchange.is_none() || self.schemes.is_empty() {
            return Err(ErrorKind::NoSharedCipherSuite);
        }
        Ok(())
    }

    /// What a full handshake with this credential would use; `None` when the credential cannot serve this client.
    pub(crate) fn choose(&self, credential: &Credential) -> Option<Choice> {
        if !self.groups.takes_certificate(credential.key_kind) {
            return None;
        }
        let group = self.groups.for_key_exchange?;
        let scheme = credential.scheme_for(|scheme| self.schemes.contains(&scheme))?;
        let suite =
            self.suites.iter().copied().find(|suite| key_fits(suite.authentication, credential.key_kind))?;
        Some(Choice { suite, group, scheme })
    }
}

fn shared_suites(policy: &ServerPolicy, theirs: &List<'_, CipherSuite>) -> Vec<&'static Suite> {
    let ours = || policy.suites.iter().copied();
    if policy.suite_order == SuiteOrder::Client {
        let mut shared = Vec::new();
        for id in theirs.iter() {
            if let Some(suite) = ours().find(|suite| suite.id == id)
                && !shared.contains(&suite)
            {
                shared.push(suite);
            }
        }
        return shared;
    }
    let mut shared: Vec<_> = ours().filter(|suite| theirs.contains(&suite.id)).collect();
    // Stable: the server's order stays within each half.
    let their_first = theirs.iter().find_map(|id| shared.iter().find(|suite| suite.id == id));
    if their_first.is_some_and(|suite| is_chacha(suite)) {
        shared.sort_by_key(|suite| !is_chacha(suite));
    }
    shared
}

const fn is_chacha(suite: &Suite) -> bool {
    matches!(suite.protection, Protection::Aead { algorithm: AeadAlgorithm::ChaCha20Poly1305, .. })
}
