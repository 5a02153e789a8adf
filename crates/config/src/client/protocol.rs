//! The client's own settings of the protocol.

use super::ClientConfigBuilder;
use cairn_handshake::{MaxFragmentLength, PskModes, Requirement};
use cairn_wire::{ClientTicketRequest, NamedGroup};
use core::ops::RangeInclusive;

/// # Client protocol
///
/// Settings of the protocol that only a client has.
///
/// ```
/// # #[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
/// # {
/// use cairn_config::ClientConfig;
/// use cairn_handshake::MaxFragmentLength;
///
/// // For a device that has no memory for a record of the maximum length.
/// let client = ClientConfig::builder().max_fragment_length(MaxFragmentLength::Bytes1024);
/// # }
/// ```
impl ClientConfigBuilder {
    /// Does not offer encrypt_then_mac (RFC 7366), for servers that implement it wrongly. By default it is
    /// offered together with CBC suites; without it their records are MAC-then-encrypt (RFC 5246 section
    /// 6.2.3.2).
    pub fn no_encrypt_then_mac(mut self) -> Self {
        self.policy.tls12.encrypt_then_mac = false;
        self
    }

    /// Requests a maximum of plaintext per record in both directions (max_fragment_length, RFC 6066 section
    /// 4). For clients with little memory. A server may ignore the request; see
    /// [`cairn_handshake::Tls12Summary::max_fragment_length`].
    ///
    /// A server that supports record_size_limit ignores max_fragment_length (RFC 8449 section 5), so this
    /// lowers [`Self::record_size_limit`] to the same value. Call that method afterwards for a larger one.
    pub fn max_fragment_length(mut self, length: MaxFragmentLength) -> Self {
        self.policy.tls12.max_fragment_length = Some(length);
        let limit = self.policy.record_size_limit.map(|limit| limit.min(length.bytes()));
        self.policy.record_size_limit = limit;
        self
    }

    /// Permits servers to request a certificate at any time after the handshake of TLS 1.3: offers
    /// post_handshake_auth (RFC 9846 section 4.3.6). By default that ends the connection.
    ///
    /// A request is answered with the credentials of the configuration, as in the handshake. An idle
    /// connection needs some more memory.
    pub const fn post_handshake_auth(mut self) -> Self {
        self.policy.tls13.post_handshake_auth = true;
        self
    }

    /// Accepts Diffie-Hellman primes of these lengths in bits, because with DHE the server may choose any
    /// prime. The default is 2048 to 8192; shorter primes can be attacked (RFC 7457 section 2.12).
    pub fn finite_field_bits(mut self, bits: RangeInclusive<u16>) -> Self {
        self.policy.tls12.finite_field_bits = bits;
        self
    }

    /// Accepts servers that do not send renegotiation_info (RFC 5746 section 4.1). By default they are
    /// refused.
    pub fn allow_insecure_renegotiation_peers(mut self) -> Self {
        self.policy.tls12.secure_renegotiation = Requirement::Offer;
        self
    }

    /// The groups to send a key share for in TLS 1.3, each one of [`Self::groups`] (RFC 9846 section 4.3.8).
    /// By default the first post-quantum group and the first other one, so that servers of both kinds answer
    /// without HelloRetryRequest. One group alone makes a shorter ClientHello; without a group, every server
    /// answers with HelloRetryRequest. With [`PskModes::PskAlone`], a ClientHello with a PSK has no share.
    pub fn key_shares(mut self, groups: &[NamedGroup]) -> Self {
        self.key_shares = Some(groups.to_vec());
        self
    }

    /// The modes in which PSKs are used in TLS 1.3, for resumption and external PSKs (RFC 9846 section
    /// 4.3.9). By default [`PskModes::KeyExchange`], `psk_dhe_ke`. A connection without a key exchange has no
    /// forward secrecy.
    pub const fn psk_modes(mut self, modes: PskModes) -> Self {
        self.policy.tls13.psk_modes = modes;
        self
    }

    /// Requests a number of tickets of TLS 1.3 (RFC 9149): after a full handshake, and after a resumption. By
    /// default the server decides. A client that opens several connections at once needs a ticket for each.
    pub const fn ticket_request(mut self, counts: ClientTicketRequest) -> Self {
        self.policy.tls13.ticket_request = Some(counts);
        self
    }

    /// Does not imitate TLS 1.2 in TLS 1.3: sends no legacy_session_id and no ChangeCipherSpec. By default it
    /// does, because some middleboxes let nothing else pass (RFC 9846 appendix E.4). For transports other
    /// than TCP, and for networks without such middleboxes.
    pub const fn no_middlebox_compatibility(mut self) -> Self {
        self.middlebox_compatibility = false;
        self
    }

    /// Offers early data with tickets of TLS 1.3 that permit it (RFC 9846 section 2.3), so that the
    /// transport's `write_early` can send it. Off by default, because early data can be replayed.
    pub const fn early_data(mut self) -> Self {
        self.policy.tls13.early_data = true;
        self
    }

    /// Does not pad the ClientHello. By default one of 256 to 511 bytes is padded to 512 (RFC 7685), because
    /// some old servers do not respond to one of that length. A ClientHello with a session ticket is usually
    /// in that range.
    pub const fn no_padding(mut self) -> Self {
        self.policy.padding = false;
        self
    }

    /// Puts the extensions of ClientHello in random order, anew for each connection, so that servers keep
    /// tolerating every order. By default their order is fixed. Some old servers fail if the last extension
    /// is empty, which a random order cannot avoid.
    pub const fn permute_extensions(mut self) -> Self {
        self.policy.permute_extensions = true;
        self
    }

    /// Adds reserved values to the ClientHello (GREASE, RFC 8701), chosen at random for each connection, so
    /// that servers that fail on unknown values are noticed.
    ///
    /// Off by default: it does not benefit the connection, and old servers that fail will not be fixed. Use
    /// it in tests and with your own servers.
    pub const fn grease(mut self) -> Self {
        self.policy.grease = true;
        self
    }
}
