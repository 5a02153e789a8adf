//! session_ticket (RFC 5077).
//!
//! The client sends a ticket, or nothing in it to ask for one. The server says with an empty extension that
//! NewSessionTicket will come.

use super::{ClientExtensions, ServerExtensions};
use cairn_wire::{ClientExtension, ServerExtension};

/// What a client offers: the session's ticket, or an empty one to ask for one.
pub(crate) const fn offer(ticket: &[u8]) -> ClientExtension<'_> {
    ClientExtension::SessionTicket(ticket)
}

/// The ticket that a client sent; `Some` of nothing when it asks for one.
pub(crate) fn presented<'a>(extensions: &ClientExtensions<'a>) -> Option<&'a [u8]> {
    extensions.session_ticket
}

/// What a server answers.
pub(crate) fn answer(will_come: bool) -> Option<ServerExtension<'static>> {
    will_come.then_some(ServerExtension::SessionTicket)
}

/// Whether NewSessionTicket will come.
pub(crate) fn will_come(extensions: &ServerExtensions<'_>) -> bool {
    extensions.session_ticket
}
