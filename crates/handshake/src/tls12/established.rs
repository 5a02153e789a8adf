//! The result of a complete TLS 1.2 handshake, with which a renegotiation must agree.

use super::{negotiated::Tls12Negotiated, secrets::Secrets};
use crate::error::{HandshakeErrorKind, Misuse};
use alloc::{boxed::Box, sync::Arc};
use cairn_crypto::{HashOutput, Provider};
use cairn_schedule::{Epoch, ScheduleError, Tls12Suite, VERIFY_DATA_LEN, VerifyData, export_keying_material};

/// The verify_data of both Finished messages: `client_verify_data` and `server_verify_data` of RFC 5746
/// section 3.1.
pub(crate) type BothVerifyData = (VerifyData, VerifyData);

/// The result of a complete TLS 1.2 handshake. It is small because every idle connection holds one.
pub(crate) struct Tls12Established {
    /// It is boxed, so that the master secret is never moved.
    secrets: Box<Secrets>,
    verify_data: BothVerifyData,
    epoch: Epoch,
    extended_master_secret: bool,
    secure_renegotiation: bool,
    /// Whether encrypt-then-MAC was in use in this or an earlier handshake (RFC 7366 section 3.1).
    encrypt_then_mac: bool,
    /// Whether the server sent Finished first, because the session was resumed (RFC 5246 section 7.3, figure
    /// 2).
    server_was_first: bool,
    /// The identities that a renegotiation must keep; `None` if there can be no renegotiation.
    identities: Option<Box<Identities>>,
}

/// The identities of both sides in a handshake.
struct Identities {
    /// The host name that the client requested.
    server_name: Option<Arc<[u8]>>,
    /// The identity of the peer, if it authenticated.
    peer: Option<HashOutput>,
}

impl Tls12Established {
    /// The result of this handshake after the one `before`. If `renegotiates`, the identities are stored for
    /// a later renegotiation.
    #[inline]
    pub(crate) fn new(
        negotiated: &Tls12Negotiated,
        secrets: Box<Secrets>,
        verify_data: BothVerifyData,
        before: Option<&Self>,
        renegotiates: Option<&Provider>,
    ) -> Result<Self, HandshakeErrorKind> {
        let identities = match renegotiates {
            Some(provider) => Some(Box::new(Identities {
                server_name: negotiated.common.server_name.clone(),
                peer: fingerprint(negotiated.suite, provider, negotiated)?,
            })),
            None => None,
        };
        Ok(Self {
            secrets,
            verify_data,
            epoch: negotiated.epoch,
            extended_master_secret: negotiated.extended_master_secret,
            secure_renegotiation: negotiated.secure_renegotiation,
            encrypt_then_mac: negotiated.protection.is_encrypt_then_mac()
                || before.is_some_and(|before| before.encrypt_then_mac),
            server_was_first: negotiated.common.resumption.is_resumed(),
            identities,
        })
    }

    /// The epoch of its keys.
    pub(crate) const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Whether the extended master secret is in use (RFC 7627).
    pub(crate) const fn has_extended_master_secret(&self) -> bool {
        self.extended_master_secret
    }

    /// Whether encrypt-then-MAC was in use in this or an earlier handshake (RFC 7366 section 3.1).
    pub(crate) const fn had_encrypt_then_mac(&self) -> bool {
        self.encrypt_then_mac
    }

    /// Whether both sides support secure renegotiation (RFC 5746).
    pub(crate) const fn is_secure(&self) -> bool {
        self.secure_renegotiation
    }

    /// Whether the values with which a renegotiation must agree are known.
    pub(crate) const fn can_renegotiate(&self) -> bool {
        self.identities.is_some()
    }

    /// Whether the client requested this host name.
    pub(crate) fn is_for(&self, server_name: Option<&[u8]>) -> bool {
        self.identities.as_ref().is_some_and(|identities| identities.server_name.as_deref() == server_name)
    }

    /// Checks that a renegotiation does not change the peer's identity, because the application relies on it.
    /// An anonymous peer may authenticate in a renegotiation.
    pub(crate) fn check_peer(
        &self,
        provider: &Provider,
        negotiated: &Tls12Negotiated,
    ) -> Result<(), HandshakeErrorKind> {
        let Some(peer) = self.identities.as_ref().and_then(|identities| identities.peer.as_ref()) else {
            return Ok(());
        };
        if fingerprint(self.secrets.suite, provider, negotiated)?.as_ref() == Some(peer) {
            Ok(())
        } else {
            Err(HandshakeErrorKind::PeerIdentityChanged)
        }
    }

    /// Exports keying material (RFC 5705).
    pub(crate) fn export(
        &self,
        provider: &Provider,
        label: &[u8],
        context: Option<&[u8]>,
        out: &mut [u8],
    ) -> Result<(), Misuse> {
        if !self.extended_master_secret {
            return Err(Misuse::NoExtendedMasterSecret);
        }
        let Secrets { suite, master, randoms } = &*self.secrets;
        let hash = suite.prf_hash;
        let hmac = provider.hmac(hash).ok_or(Misuse::Schedule(ScheduleError::HashNotOffered(hash)))?;
        let prf = master.prf(hmac).map_err(Misuse::Schedule)?;
        export_keying_material(&prf, randoms, label, context, out).map_err(Misuse::Schedule)
    }

    /// RFC 9266 section 2: 32 bytes of keying material, with an empty context.
    pub(crate) fn tls_exporter(&self, provider: &Provider) -> Result<[u8; 32], Misuse> {
        if self.can_renegotiate() && self.secure_renegotiation {
            return Err(Misuse::NotWithRenegotiation);
        }
        let mut out = [0; 32];
        self.export(provider, b"EXPORTER-Channel-Binding", Some(&[]), &mut out)?;
        Ok(out)
    }

    /// The verify_data of the first Finished message in the latest handshake (RFC 5929 section 3.1).
    pub(crate) fn tls_unique(&self) -> Result<[u8; VERIFY_DATA_LEN], Misuse> {
        if !self.extended_master_secret {
            return Err(Misuse::NoExtendedMasterSecret);
        }
        let (client, server) = &self.verify_data;
        Ok(*if self.server_was_first { server } else { client }.as_bytes())
    }

    /// Both verify_data, for renegotiation_info (RFC 5746 section 3.1).
    pub(crate) const fn verify_data(&self) -> &BothVerifyData {
        &self.verify_data
    }
}

/// A hash of the peer's identity: its certificate, or its PSK identity. `None` if the peer is anonymous. The
/// hash function is that of the suite's PRF.
fn fingerprint(
    suite: &Tls12Suite,
    provider: &Provider,
    negotiated: &Tls12Negotiated,
) -> Result<Option<HashOutput>, HandshakeErrorKind> {
    let hash = provider.hash(suite.prf_hash).ok_or(HandshakeErrorKind::NotInProvider)?;
    let (kind, name): (&[u8], &[u8]) = match (&negotiated.common.peer_chain, &negotiated.psk_identity) {
        (Some(chain), _) => chain.identity(),
        (None, Some(identity)) => (b"PSK identity", identity),
        (None, None) => return Ok(None),
    };
    Ok(Some(hash.hash(&[kind, name])?))
}
