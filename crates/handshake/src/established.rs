//! What a connection keeps when its handshake is over.

use crate::{ErrorKind, Misuse, negotiated::Negotiated};
use cairn_crypto::Provider;
use cairn_schedule::{
    MasterSecret, Randoms, ScheduleError, Suite, VERIFY_DATA_LEN, VerifyData, export_keying_material,
};

/// Small on purpose: this is what each idle connection holds.
pub(crate) struct Established {
    suite: &'static Suite,
    master: MasterSecret,
    randoms: Randoms,
    extended_master_secret: bool,
    /// `client_verify_data` and `server_verify_data` of RFC 5746 section 3.1.
    verify_data: Option<(VerifyData, VerifyData)>,
    /// Whether the server was the first to send Finished: the session was resumed (RFC 5246 section 7.3, figure 2).
    server_was_first: bool,
    /// Renegotiations refused so far.
    refused: u8,
}

impl Established {
    pub(crate) fn new(
        negotiated: &Negotiated,
        master: MasterSecret,
        verify_data: Option<(VerifyData, VerifyData)>,
    ) -> Self {
        Self {
            suite: negotiated.suite,
            master,
            randoms: negotiated.randoms,
            extended_master_secret: negotiated.extended_master_secret,
            verify_data,
            server_was_first: negotiated.resumed,
            refused: 0,
        }
    }

    /// Counts a renegotiation that the peer asked for and does not get, up to a limit.
    pub(crate) fn refuse_renegotiation(&mut self, limit: u8) -> Result<(), ErrorKind> {
        if self.refused >= limit {
            return Err(ErrorKind::TooManyHelloRequests { limit });
        }
        self.refused = self.refused.saturating_add(1);
        Ok(())
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
