//! The number of tickets that a client gets.

use crate::policy::ServerPolicy;
use crate::tls13::negotiated::Tls13Negotiated;
use cairn_wire::ClientTicketRequest;

/// The number of tickets that the client gets.
#[derive(Clone, Copy)]
pub(crate) struct TicketPlan {
    pub(super) count: u8,
    /// Whether the client requests a number of tickets.
    is_requested: bool,
}

impl TicketPlan {
    /// RFC 9846 section 4.3.9: "Servers SHOULD NOT send NewSessionTicket with tickets that are not compatible
    /// with the advertised modes". `takes_tickets` says that they are.
    pub(super) fn new(
        takes_tickets: bool,
        request: Option<ClientTicketRequest>,
        negotiated: &Tls13Negotiated,
        policy: &ServerPolicy,
    ) -> Self {
        let is_resumed = negotiated.common.resumption.is_resumed();
        let issues = takes_tickets && policy.resumption.is_some();
        let count = if issues { policy.tls13.tickets.of(request, is_resumed) } else { 0 };
        Self { count, is_requested: request.is_some() && policy.resumption.is_some() }
    }

    /// expected_count. RFC 9149 section 3: "A server that supports and uses a client "ticket_request"
    /// extension MUST also send the "ticket_request" extension in the EncryptedExtensions message."
    pub(super) fn announced(self) -> Option<u8> {
        self.is_requested.then_some(self.count)
    }
}
