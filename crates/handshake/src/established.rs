//! What a connection keeps when a handshake is over, and what the next one must agree with.

use crate::{ErrorKind, Misuse, UnixTime, flight::Out, negotiated::Negotiated};
use alloc::{boxed::Box, sync::Arc};
use cairn_crypto::{HashOutput, Provider};
use cairn_schedule::{
    MasterSecret, Randoms, ScheduleError, Suite, VERIFY_DATA_LEN, VerifyData, export_keying_material,
};
use cairn_wire::{Alert, AlertDescription, SessionId};

/// How many requests for a handshake are answered with no_renegotiation in the life of a connection. A peer that asks for
/// ever and takes nothing from the transport would otherwise make us store an alert for each request.
const MAX_REFUSALS: u8 = 64;

/// What a connection keeps from one handshake to the next.
#[derive(Default)]
pub(crate) struct Kept {
    /// What the last complete handshake left.
    pub(crate) last: Option<Box<Established>>,
    /// The session that this connection resumes or has made.
    pub(crate) session_in_use: SessionId,
    /// Handshakes after the first, complete or not, whoever asked for them.
    pub(crate) renegotiations: u8,
    /// Requests for a handshake that nothing came of.
    pub(crate) unheeded: u8,
    /// How many requests were answered with no_renegotiation.
    pub(crate) refusals: u8,
    /// Whether the policy in force requires a client's certificate and was set after the last complete handshake: the next
    /// handshake that the server asks for must take place.
    pub(crate) demands_certificate: bool,
    /// When the renegotiation that is under way was asked for, or began.
    pub(crate) renegotiating_since: Option<UnixTime>,
    /// The last time that was told.
    pub(crate) now: UnixTime,
}

impl Kept {
    /// Whether both sides could do another handshake: securely (RFC 5746), and not more often than the limit.
    pub(crate) fn can_renegotiate(&self, limit: u8) -> Result<(), Misuse> {
        match &self.last {
            None => Err(Misuse::NotComplete),
            Some(last) if !last.secure_renegotiation => Err(Misuse::NoSecureRenegotiation),
            Some(last) if last.standing.is_none() => Err(Misuse::NoRenegotiation),
            Some(_) if self.renegotiations >= limit => Err(Misuse::TooManyRenegotiations { limit }),
            Some(_) => Ok(()),
        }
    }

    /// Counts a request for a handshake that nothing comes of, up to a limit.
    pub(crate) fn count_unheeded(&mut self, limit: u8) -> Result<(), ErrorKind> {
        if self.unheeded >= limit {
            return Err(ErrorKind::TooManyHelloRequests { limit });
        }
        self.unheeded = self.unheeded.saturating_add(1);
        Ok(())
    }

    /// Refuses a handshake that the peer asks for: the connection goes on as it is (RFC 5246 section 7.2.2). The first
    /// [`MAX_REFUSALS`] requests are answered, later ones are ignored (section 7.4.1.1: "This message MAY be ignored by
    /// the client"). With a peer that has no secure renegotiation each request must be answered (RFC 5746 section 4.2),
    /// so one more ends the connection.
    pub(crate) fn refuse(&mut self, limit: u8, out: &mut Out<'_>) -> Result<(), ErrorKind> {
        self.count_unheeded(limit)?;
        if self.refusals < MAX_REFUSALS {
            self.refusals = self.refusals.saturating_add(1);
            out.send_alert(Alert::warning(AlertDescription::NO_RENEGOTIATION));
        } else if !self.last.as_ref().is_some_and(|last| last.secure_renegotiation) {
            return Err(ErrorKind::TooManyHelloRequests { limit: MAX_REFUSALS });
        }
        Ok(())
    }

    /// Checks that a renegotiation does not change the peer's identity, which the application relies on. A peer that has
    /// proved no identity so far may prove one now: that is what renegotiation is for.
    pub(crate) fn check_peer(&self, provider: &Provider, negotiated: &Negotiated) -> Result<(), ErrorKind> {
        let Some(last) = &self.last else { return Ok(()) };
        let Some(peer) = last.standing.as_ref().and_then(|standing| standing.peer.as_ref()) else {
            return Ok(());
        };
        if fingerprint(last.suite, provider, negotiated)?.as_ref() == Some(peer) {
            Ok(())
        } else {
            Err(ErrorKind::PeerIdentityChanged)
        }
    }
}

/// A hash of who the peer is: its certificate, or the identity of its pre-shared key; `None` when it is nobody. The
/// hash is that of the suite's PRF.
fn fingerprint(
    suite: &Suite,
    provider: &Provider,
    negotiated: &Negotiated,
) -> Result<Option<HashOutput>, ErrorKind> {
    let hash = provider.hash(suite.prf_hash).ok_or(ErrorKind::NotInProvider)?;
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

/// What a complete handshake leaves. Small on purpose: this is what each idle connection holds.
pub(crate) struct Established {
    suite: &'static Suite,
    master: MasterSecret,
    randoms: Randoms,
    pub(crate) extended_master_secret: bool,
    pub(crate) secure_renegotiation: bool,
    /// Whether encrypt-then-MAC was in use, in this handshake or one before it (RFC 7366 section 3.1).
    pub(crate) encrypt_then_mac: bool,
    /// `client_verify_data` and `server_verify_data` of RFC 5746 section 3.1.
    verify_data: Option<(VerifyData, VerifyData)>,
    /// Whether the server was the first to send Finished: the session was resumed (RFC 5246 section 7.3, figure 2).
    server_was_first: bool,
    /// Whom another handshake must be between, if there may be one.
    standing: Option<Box<Standing>>,
}

/// Between whom a handshake was.
struct Standing {
    /// The host name that the client asked for.
    server_name: Option<Arc<[u8]>>,
    /// Who the peer is, if it has proved to be somebody.
    peer: Option<HashOutput>,
}

impl Established {
    /// Of a handshake that has its master secret, and no Finished yet.
    pub(crate) fn new(negotiated: &Negotiated, master: MasterSecret) -> Self {
        Self {
            suite: negotiated.suite,
            master,
            randoms: negotiated.randoms,
            extended_master_secret: negotiated.extended_master_secret,
            secure_renegotiation: negotiated.secure_renegotiation,
            encrypt_then_mac: negotiated.encrypt_then_mac,
            verify_data: None,
            server_was_first: negotiated.resumed,
            standing: None,
        }
    }

    pub(crate) const fn master(&self) -> &MasterSecret {
        &self.master
    }

    /// Both Finished are through.
    pub(crate) fn finish(&mut self, client: VerifyData, server: VerifyData) {
        self.verify_data = Some((client, server));
    }

    /// Remembers what another handshake must agree with; without that there can be none.
    pub(crate) fn remember(
        &mut self,
        before: Option<&Self>,
        provider: &Provider,
        negotiated: &Negotiated,
    ) -> Result<(), ErrorKind> {
        self.encrypt_then_mac |= before.is_some_and(|before| before.encrypt_then_mac);
        let server_name = negotiated.server_name.clone();
        let peer = fingerprint(self.suite, provider, negotiated)?;
        self.standing = Some(Box::new(Standing { server_name, peer }));
        Ok(())
    }

    /// Whether the client asked for this host name.
    pub(crate) fn is_for(&self, server_name: Option<&[u8]>) -> bool {
        self.standing.as_ref().is_some_and(|standing| standing.server_name.as_deref() == server_name)
    }

    /// RFC 5705.
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

    /// RFC 9266 section 2: 32 bytes of keying material, with a context that is there and empty.
    pub(crate) fn tls_exporter(&self, provider: &Provider) -> Result<[u8; 32], Misuse> {
        if self.standing.is_some() && self.secure_renegotiation {
            return Err(Misuse::NotWithRenegotiation);
        }
        let mut out = [0; 32];
        self.export(provider, b"EXPORTER-Channel-Binding", Some(&[]), &mut out)?;
        Ok(out)
    }

    /// The first Finished of the latest handshake (RFC 5929 section 3.1).
    pub(crate) fn tls_unique(&self) -> Result<[u8; VERIFY_DATA_LEN], Misuse> {
        if !self.extended_master_secret {
            return Err(Misuse::NoExtendedMasterSecret);
        }
        let (client, server) = self.verify_data.as_ref().ok_or(Misuse::NotComplete)?;
        Ok(*if self.server_was_first { server } else { client }.as_bytes())
    }

    /// Both, for renegotiation_info (RFC 5746 section 3.1).
    pub(crate) const fn verify_data(&self) -> Option<&(VerifyData, VerifyData)> {
        self.verify_data.as_ref()
    }
}
