//! The messages of the handshake, as TLS 1.2 lays them out (RFC 5246 section 7.4 and its extensions).
//!
//! Each type is the body of its message, without the header of four bytes: [`HandshakeHeader`] reads the header,
//! [`HandshakeBody::write_message`] writes both. [`HandshakeMessage`] is a message of any type.

mod certificate;
mod certificate_request;
mod certificate_status;
mod certificate_verify;
mod client_hello;
mod client_key_exchange;
mod empty;
mod finished;
mod header;
mod message;
mod new_session_ticket;
mod random;
mod server_hello;
mod server_key_exchange;
mod session_id;

pub use certificate::{Asn1Cert, Certificate};
pub use certificate_request::{CertificateRequest, DistinguishedName};
pub use certificate_status::CertificateStatus;
pub use certificate_verify::{CertificateVerify, DigitallySigned};
pub use client_hello::ClientHello;
pub use client_key_exchange::ClientKeyExchange;
pub use empty::{HelloRequest, ServerHelloDone};
pub use finished::Finished;
pub use header::{HandshakeBody, HandshakeHeader, write_handshake};
pub use message::HandshakeMessage;
pub use new_session_ticket::NewSessionTicket;
pub use random::Random;
pub use server_hello::ServerHello;
pub use server_key_exchange::{ServerDhParams, ServerEcdhParams, ServerKeyExchange};
pub use session_id::SessionId;
