//! The questions about the PSKs of a TLS 1.3 client (RFC 9846 section 4.3.11).

use crate::{
    ext::{ClientExtensions, pre_shared_key},
    raw_message::RawMessage,
    session::Session,
};
use alloc::sync::Arc;
use cairn_wire::{HandshakeType, List, PskIdentity};

/// A server chooses one of the client's PSKs: the session of a ticket, or an external PSK.
///
/// This is a look, and uses up nothing: an identity can be sniffed, and the binder, which proves that the
/// client has the key, is checked later. If the policy does not permit the chosen one, the question comes
/// again for the identities after it.
#[derive(Clone, Copy, Debug)]
pub struct ChoosePsk<'a> {
    pub(crate) client_hello: &'a [u8],
    pub(crate) from: u16,
    pub(crate) until: u16,
}

impl<'a> ChoosePsk<'a> {
    /// The identities with their places in the client's list, most preferred first. At most
    /// [`crate::Limits::max_psk_identities`] are looked at.
    pub fn identities(&self) -> impl Iterator<Item = (u16, &'a [u8])> + use<'a> {
        let range = self.from..self.until;
        let identities = self.offered();
        let identities = identities.into_iter().flat_map(|identities| identities.iter());
        (0..)
            .zip(identities)
            .filter(move |(place, _)| range.contains(place))
            .map(|(place, offered)| (place, offered.identity))
    }

    fn offered(&self) -> Option<List<'a, PskIdentity<'a>>> {
        let message = RawMessage { msg_type: HandshakeType::CLIENT_HELLO, bytes: self.client_hello };
        let mut extensions = ClientExtensions::default();
        let hello = extensions.read(message).ok()?;
        Some(pre_shared_key::offered(&hello, &extensions).ok()??.identities)
    }
}

/// A ticket to use up. The client has proved that it has the PSK, and ServerHello has not been sent.
///
/// If a ticket may be used only once, the answer must be one atomic step: of two connections with the same
/// ticket, one gets [`crate::PskUse::Permitted`] and the other [`crate::PskUse::AlreadyUsed`].
#[derive(Clone, Copy, Debug)]
pub struct ConsumePsk<'a> {
    /// The identity: the ticket.
    pub identity: &'a [u8],
    /// The session of the ticket.
    pub session: &'a Arc<Session>,
    /// The binder, which no other ClientHello has.
    pub binder: &'a [u8],
    /// Whether early data would be accepted. An attacker can send a recorded ClientHello with its early data
    /// again. So [`crate::PskUse::Permitted`] is the answer only if this is the first use of the ticket, or
    /// if the binder is new within [`crate::EarlyDataPolicy::window`] and has been recorded (RFC 9846 section
    /// 8).
    pub early_data: bool,
}
