//! The renegotiations of a connection: their number, their limits, and refusals (RFC 5246 section 7.4.1.1,
//! RFC 5746).

use super::established::Tls12Established;
use crate::{
    error::{HandshakeErrorKind, Misuse},
    out::Out,
    time::UnixTime,
};
use cairn_wire::{Alert, AlertDescription};

/// The number of requests for a renegotiation that a connection answers with no_renegotiation. Without the
/// limit, a peer that sends requests and reads nothing would make us store one alert per request.
const MAX_REFUSALS: u8 = 64;

/// The renegotiations of a connection.
#[derive(Default)]
pub(crate) struct Renegotiations {
    /// The number of renegotiations by either side, complete or not.
    pub(crate) count: u8,
    /// The number of requests that were answered with no_renegotiation.
    refusals: u8,
    /// Whether the policy requires a client certificate and was set after the last complete handshake. The
    /// client must then not refuse the next renegotiation that the server requests.
    pub(crate) demands_certificate: bool,
    /// When the current renegotiation was requested or started.
    pub(crate) since: Option<UnixTime>,
}

impl Renegotiations {
    /// Checks that another renegotiation is possible after this handshake: both sides support secure
    /// renegotiation (RFC 5746), and the limit is not reached.
    pub(crate) const fn check(&self, last: Option<&Tls12Established>, limit: u8) -> Result<(), Misuse> {
        match last {
            None => Err(Misuse::NotComplete),
            Some(last) if !last.is_secure() => Err(Misuse::NoSecureRenegotiation),
            Some(last) if !last.can_renegotiate() => Err(Misuse::NoRenegotiation),
            Some(_) if self.count >= limit => Err(Misuse::TooManyRenegotiations { limit }),
            Some(_) => Ok(()),
        }
    }

    /// Counts a renegotiation that starts.
    pub(crate) const fn start(&mut self) {
        self.count = self.count.saturating_add(1);
    }

    /// Notes whether a renegotiation is requested or in progress at the time `now`.
    pub(crate) fn set_in_progress(&mut self, is_renegotiating: bool, now: UnixTime) {
        self.since = is_renegotiating.then_some(self.since.unwrap_or(now));
    }

    /// Refuses a renegotiation that the peer requests; the connection continues (RFC 5246 section 7.2.2). The
    /// first [`MAX_REFUSALS`] requests are answered and later ones ignored (section 7.4.1.1: "This message
    /// MAY be ignored by the client"). If the peer does not support secure renegotiation, every request must
    /// be answered (RFC 5746 section 4.2), so one more ends the connection. `secure` states whether it does.
    pub(crate) fn refuse(&mut self, secure: bool, out: &mut Out<'_>) -> Result<(), HandshakeErrorKind> {
        if self.refusals < MAX_REFUSALS {
            self.refusals = self.refusals.saturating_add(1);
            out.send_alert(Alert::warning(AlertDescription::NO_RENEGOTIATION));
        } else if !secure {
            return Err(HandshakeErrorKind::TooManyHelloRequests { limit: MAX_REFUSALS });
        }
        Ok(())
    }
}
