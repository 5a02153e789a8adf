//! Handshakes of TLS 1.3 between our own client and server (RFC 9846).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

mod certificate_with_psk;
mod client_flight;
mod compressed_certificate;
mod compression;
mod delegated;
mod delegated_hostile;
mod early_data;
mod external_psks;
mod first_hello;
mod flows;
mod half_rtt;
mod key_shares;
mod later;
mod later_compression;
mod later_response;
mod lengths;
mod order;
mod outcome;
mod pair;
mod post_handshake;
mod psk_fields;
mod quic;
mod raw_keys;
mod refusals;
mod resumption;
mod retry;
mod second_hello;
mod sent_flights;
mod sent_hellos;
mod server_flight;
mod server_hello;
#[path = "../support/mod.rs"]
mod support;
mod ticket_requests;
mod tls12_renegotiation;
mod versions;
