//! The state of a connection between handshakes, and what a renegotiation must agree with.

use crate::{HandshakeErrorKind, Misuse, UnixTime, flight::Out, negotiated::Negotiated};
use alloc::{boxed::Box, sync::Arc};
use cairn_crypto::{HashOutput, Provider};
use cairn_schedule::{
    Epoch, MasterSecret, Randoms, ScheduleError, Tls12Suite, VERIFY_DATA_LEN, VerifyData,
    export_keying_material,
};
use cairn_wire::{Alert, AlertDescription, SessionId};

/// The number of requests for a renegotiation that a connection answers with no_renegotiation. Without the
/// limit, a peer that sends requests and reads nothing would make us store one alert per request.
const MAX_REFUSALS: u8 = 64;

/// The state of a connection that outlives a handshake.
#[derive(Default)]
pub(crate) struct ConnectionState {
    /// The result of the last complete handshake.
    pub(crate) last: Option<Box<Established>>,
    /// The session that this connection created or resumed.
    pub(crate) session_in_use: SessionId,
    /// The number of renegotiations by either side, complete or not.
    pub(crate) renegotiations: u8,
    /// The number of requests for a renegotiation that led to no handshake.
    pub(crate) ignored_requests: u8,
    /// The number of requests that were answered with no_renegotiation.
    pub(crate) refusals: u8,
    /// Whether the policy requires a client certificate and was set after the last complete handshake. The
    /// client must then not refuse the next renegotiation that the server requests.
    pub(crate) demands_certificate: bool,
    /// The epoch of the latest keys.
    pub(crate) epoch: Epoch,
    /// When the current renegotiation was requested or started.
    pub(crate) renegotiating_since: Option<UnixTime>,
    /// The latest time that the caller provided.
    pub(crate) now: UnixTime,
}

impl ConnectionState {
    /// The epoch of the keys of the next handshake.
    pub(crate) fn next_epoch(&self) -> Result<Epoch, HandshakeErrorKind> {
        self.epoch.next_application().ok_or(HandshakeErrorKind::TooManyHandshakes)
    }

    /// Checks that both sides support secure renegotiation (RFC 5746) and that the limit is not reached.
    pub(crate) fn can_renegotiate(&self, limit: u8) -> Result<(), Misuse> {
        match &self.last {
            None => Err(Misuse::NotComplete),
            Some(last) if !last.secure_renegotiation => Err(Misuse::NoSecureRenegotiation),
            Some(last) if last.identities.is_none() => Err(Misuse::NoRenegotiation),
            Some(_) if self.renegotiations >= limit => Err(Misuse::TooManyRenegotiations { limit }),
            Some(_) => Ok(()),
        }
    }

    /// Counts a request for a renegotiation that leads to no handshake, up to the limit.
    pub(crate) fn count_ignored_request(&mut self, limit: u8) -> Result<(), HandshakeErrorKind> {
        if self.ignored_requests >= limit {
            return Err(HandshakeErrorKind::TooManyHelloRequests { limit });
        }
        self.ignored_requests = self.ignored_requests.saturating_add(1);
        Ok(())
    }

    /// Refuses a renegotiation that the peer requests; the connection continues (RFC 5246 section 7.2.2). The
    /// first [`MAX_REFUSALS`] requests are answered and later ones ignored (section 7.4.1.1: "This message
    /// MAY be ignored by the client"). If the peer does not support secure renegotiation, every request must
    /// be answered (RFC 5746 section 4.2), so one more ends the connection.
    pub(crate) fn refuse(&mut self, limit: u8, out: &mut Out<'_>) -> Result<(), HandshakeErrorKind> {
        self.count_ignored_request(limit)?;
        if self.refusals < MAX_REFUSALS {
            self.refusals = self.refusals.saturating_add(1);
            out.send_alert(Alert::warning(AlertDescription::NO_RENEGOTIATION));
        } else if !self.last.as_ref().is_some_and(|last| last.secure_renegotiation) {
            return Err(HandshakeErrorKind::TooManyHelloRequests { limit: MAX_REFUSALS });
        }
        Ok(())
    }

    /// Checks that a renegotiation does not change the peer's identity, because the application relies on it.
    /// An anonymous peer may authenticate in a renegotiation.
    pub(crate) fn check_peer(
        &self,
        provider: &Provider,
        negotiated: &Negotiated,
    ) -> Result<(), HandshakeErrorKind> {
        let Some(last) = &self.last else { return Ok(()) };
        let Some(peer) = last.identities.as_ref().and_then(|identities| identities.peer.as_ref()) else {
            return Ok(());
        };
        if fingerprint(last.suite, provider, negotiated)?.as_ref() == Some(peer) {
            Ok(())
        } else {
            Err(HandshakeErrorKind::PeerIdentityChanged)
        }
    }
}

/// A hash of the peer's identity: its certificate, or its PSK identity. `None` if the peer is anonymous. The
/// hash function is that of the suite's PRF.
fn fingerprint(
    suite: &Tls12Suite,
    provider: &Provider,
    negotiated: &Negotiated,
) -> Result<Option<HashOutput>, HandshakeErrorKind> {
    let hash = provider.hash(suite.prf_hash).ok_or(HandshakeErrorKind::NotInProvider)?;
    let (kind, name): (&[u8], &[u8]) = match (&negotiated.peer_chain, &negotiated.psk_identity) {
        (Some(chain), _) => match chain.as_raw_public_key() {
            Some(key) => (b"raw public key", key),
            None => (b"certificate", chain.end_entity().unwrap_or_default()),
        },
        (None, Some(identity)) => (b"PSK identity", identity),
        (None, None) => return Ok(None),
    };
    Ok(Some(hash.hash(&[kind, name])?))
}

/// The result of a complete handshake. It is small because every idle connection holds one.
pub(crate) struct Established {
    suite: &'static Tls12Suite,
    master: MasterSecret,
    randoms: Randoms,
    pub(crate) extended_master_secret: bool,
    pub(crate) secure_renegotiation: bool,
    /// Whether encrypt-then-MAC was in use in this or an earlier handshake (RFC 7366 section 3.1).
    pub(crate) encrypt_then_mac: bool,
    /// `client_verify_data` and `server_verify_data` of RFC 5746 section 3.1.
    verify_data: Option<(VerifyData, VerifyData)>,
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

impl Established {
    /// Creates the result when the master secret is known. The verify_data of both sides follow later.
    pub(crate) fn new(negotiated: &Negotiated, master: MasterSecret) -> Self {
        Self {
            suite: negotiated.suite,
            master,
            randoms: negotiated.randoms,
            extended_master_secret: negotiated.extended_master_secret,
            secure_renegotiation: negotiated.secure_renegotiation,
            encrypt_then_mac: negotiated.protection.is_encrypt_then_mac(),
            verify_data: None,
            server_was_first: negotiated.resumed,
            identities: None,
        }
    }

    pub(crate) const fn master(&self) -> &MasterSecret {
        &self.master
    }

    /// Adds the verify_data of both Finished messages.
    pub(crate) fn finish(&mut self, client: VerifyData, server: VerifyData) {
        self.verify_data = Some((client, server));
    }

    /// Stores the identities for a later renegotiation. Without them renegotiation is impossible.
    pub(crate) fn remember(
        &mut self,
        before: Option<&Self>,
        provider: &Provider,
        negotiated: &Negotiated,
    ) -> Result<(), HandshakeErrorKind> {
        self.encrypt_then_mac |= before.is_some_and(|before| before.encrypt_then_mac);
        let server_name = negotiated.server_name.clone();
        let peer = fingerprint(self.suite, provider, negotiated)?;
        self.identities = Some(Box::new(Identities { server_name, peer }));
        Ok(())
    }

    /// Whether the client requested this host name.
    pub(crate) fn is_for(&self, server_name: Option<&[u8]>) -> bool {
        self.identities.as_ref().is_some_and(|identities| identities.server_name.as_deref() == server_name)
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
        let hash = self.suite.prf_hash;
        let hmac = provider.hmac(hash).ok_or(Misuse::Schedule(ScheduleError::HashNotOffered(hash)))?;
        let prf = self.master.prf(hmac).map_err(Misuse::Schedule)?;
        export_keying_material(&prf, &self.randoms, label, context, out).map_err(Misuse::Schedule)
    }

    /// RFC 9266 section 2: 32 bytes of keying material, with an empty context.
    pub(crate) fn tls_exporter(&self, provider: &Provider) -> Result<[u8; 32], Misuse> {
        if self.identities.is_some() && self.secure_renegotiation {
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
        let (client, server) = self.verify_data.as_ref().ok_or(Misuse::NotComplete)?;
        Ok(*if self.server_was_first { server } else { client }.as_bytes())
    }

    /// Both verify_data, for renegotiation_info (RFC 5746 section 3.1).
    pub(crate) const fn verify_data(&self) -> Option<&(VerifyData, VerifyData)> {
        self.verify_data.as_ref()
    }
}
