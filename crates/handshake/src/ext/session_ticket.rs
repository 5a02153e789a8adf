//! session_ticket (RFC 5077).
//!
//! The client sends a ticket, or an empty extension to request one. The server responds with an empty
//! extension if it will send NewSessionTicket.

use super::{ClientExtensions, ServerExtensions};
use cairn_wire::{ClientExtension, ServerExtension};

/// The client's offer: the session's ticket, or empty to request one.
pub(crate) const fn offer(ticket: &[u8]) -> ClientExtension<'_> {
    ClientExtension::SessionTicket(ticket)
}

/// The ticket that a client sent. `Some` of an empty slice requests a ticket.
pub(crate) fn presented<'a>(extensions: &ClientExtensions<'a>) -> Option<&'a [u8]> {
    extensions.session_ticket
}

/// The server's response. RFC 5077 section 3.2: "The server MUST send this extension in the ServerHello if it
/// wishes to issue a new ticket to the client".
pub(crate) fn response(will_come: bool) -> Option<ServerExtension<'static>> {
    will_come.then_some(ServerExtension::SessionTicket)
}

/// Whether the server will send NewSessionTicket.
pub(crate) fn will_come(extensions: &ServerExtensions<'_>) -> bool {
    extensions.session_ticket
}
