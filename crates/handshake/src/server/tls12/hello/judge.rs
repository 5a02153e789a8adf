//! The judgement of a ClientHello for TLS 1.2: all that is checked before a session or a credential is looked
//! for, and the parts that are needed later.

use crate::{
    connection::ConnectionState,
    error::HandshakeErrorKind,
    ext::{self, ClientExtensions, max_fragment_length::MaxFragmentLength},
    policy::ServerPolicy,
    raw_message::RawMessage,
    record_sizes::RecordSizeLimits,
    resumption::NotResumed,
    server::offer::{Lists, shared_suites},
};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_schedule::Transcript;
use cairn_wire::{ClientHello, CompressionMethod, ProtocolVersion, Random, SessionId};

/// The parts of a ClientHello that a TLS 1.2 handshake needs. The hello satisfies the policy.
pub(crate) struct Hello {
    pub(crate) transcript: Transcript,
    pub(crate) random: Random,
    pub(crate) session_id: SessionId,
    pub(crate) client_version: ProtocolVersion,
    /// The choices of a full handshake.
    pub(crate) lists: Lists,
    pub(crate) server_name: Option<Arc<[u8]>>,
    pub(crate) extended_master_secret: bool,
    /// Whether encrypt-then-MAC is offered and accepted, and a suite in common can use it.
    pub(crate) encrypt_then_mac: bool,
    /// The max_fragment_length of a full handshake.
    pub(crate) max_fragment_length: Option<MaxFragmentLength>,
    pub(crate) record_size_limits: Option<RecordSizeLimits>,
    pub(crate) secure_renegotiation: bool,
    /// Whether the client requests an OCSP response.
    pub(crate) status_requested: bool,
    /// Whether the client requests signed certificate timestamps.
    pub(crate) timestamps_requested: bool,
    pub(crate) alpn: Option<Arc<[u8]>>,
    /// The client's session_ticket, if tickets are enabled. An empty one requests a ticket.
    pub(crate) ticket: Option<Vec<u8>>,
    /// The reason why the client's session is not resumed.
    pub(crate) not_resumed: Option<NotResumed>,
}

impl Hello {
    /// Checks a hello against the policy, and in a renegotiation against the handshake before. `message` is
    /// the hello as received.
    pub(crate) fn judge(
        message: RawMessage<'_>,
        hello: &ClientHello<'_>,
        extensions: &ClientExtensions<'_>,
        policy: &ServerPolicy,
        connection: &ConnectionState,
    ) -> Result<Box<Self>, HandshakeErrorKind> {
        let last = connection.last_tls12();
        // "This vector MUST contain, and all implementations MUST support, CompressionMethod.null" (RFC 5246
        // section 7.4.1.2).
        if !hello.compression_methods.contains(&CompressionMethod::NULL) {
            return Err(HandshakeErrorKind::NullCompressionMissing);
        }
        ext::padding::check_client(extensions)?;
        let secure_renegotiation = ext::renegotiation_info::read_client(
            policy.tls12.secure_renegotiation,
            last,
            &hello.cipher_suites,
            extensions,
        )?;
        let extended_master_secret = ext::extended_master_secret::offered(extensions);
        ext::extended_master_secret::check(policy.tls12.extended_master_secret, extended_master_secret)?;
        ext::extended_master_secret::check_kept(last, extended_master_secret)?;
        let encrypt_then_mac = ext::encrypt_then_mac::offered(extensions);
        let record_size_limits = ext::record_size_limit::agreed(policy.record_size_limit, extensions)?;
        // "A server that supports the "record_size_limit" extension MUST ignore a "max_fragment_length" that
        // appears in a ClientHello if both extensions appear" (RFC 8449 section 5).
        let max_fragment_length = match record_size_limits {
            Some(_) => None,
            None => ext::max_fragment_length::offered(extensions)?,
        };
        let suites = shared_suites(policy, &hello.cipher_suites);
        let server_name = ext::server_name::requested(extensions)?;
        if suites.is_empty() {
            return Err(HandshakeErrorKind::NoSharedCipherSuite);
        }
        ext::server_name::check_kept(last, server_name.as_deref())?;
        let alpn = ext::alpn::choose(&policy.alpn_protocols, extensions)?;

        let ticket = ext::session_ticket::presented(extensions);
        let takes_tickets = policy.resumption.as_ref().is_some_and(|resumption| resumption.tickets);
        let mut transcript = Transcript::new();
        transcript.add(message.bytes)?;
        Ok(Box::new(Self {
            transcript,
            random: hello.random,
            session_id: hello.session_id,
            client_version: hello.client_version,
            lists: Lists::read(suites, extensions),
            server_name,
            extended_master_secret,
            encrypt_then_mac: policy.tls12.encrypt_then_mac && encrypt_then_mac,
            max_fragment_length: max_fragment_length.filter(|_| policy.tls12.max_fragment_length),
            record_size_limits,
            secure_renegotiation,
            status_requested: ext::status_request::requested(extensions),
            timestamps_requested: ext::signed_certificate_timestamp::requested(extensions),
            alpn,
            ticket: ticket.filter(|_| takes_tickets).map(Into::into),
            not_resumed: None,
        }))
    }

    /// Whether the client asks to resume a session. With a ticket, the session ID is not looked up (RFC 5077
    /// section 3.4).
    pub(crate) fn asks_for_resumption(&self) -> bool {
        self.presents_ticket() || !self.session_id.is_empty()
    }

    /// Whether the client presents a ticket. An empty one requests a ticket.
    pub(crate) fn presents_ticket(&self) -> bool {
        self.ticket.as_ref().is_some_and(|ticket| !ticket.is_empty())
    }
}
