//! The handshake messages of TLS 1.2 (RFC 5246 section 7.4) and TLS 1.3 (RFC 9846 section 4).
//!
//! Each type is the body of a message, without the four-byte header. [`HandshakeHeader`] decodes the header,
//! [`HandshakeBody::write_message`] writes header and body. [`HandshakeMessage`] is a message of TLS 1.2 of
//! any type, [`Tls13HandshakeMessage`] one of TLS 1.3.
//!
//! Both versions use [`ClientHello`], [`CertificateVerify`] and [`Finished`]. Where the versions have
//! different messages of one name, the type of the later one begins with `Tls13`. [`AnyServerHello`] tells
//! the three forms of ServerHello apart.

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
mod tls13;

pub use certificate::{Asn1Cert, Certificate};
pub use certificate_request::{CertificateRequest, DistinguishedName};
pub use certificate_status::CertificateStatus;
pub use certificate_verify::{CertificateVerify, DigitallySigned};
pub use client_hello::ClientHello;
pub use client_key_exchange::{ClientKeyExchange, ExchangeKeys};
pub use empty::{EndOfEarlyData, HelloRequest, ServerHelloDone};
pub use finished::Finished;
pub use header::{HandshakeBody, HandshakeHeader, write_handshake};
pub use message::HandshakeMessage;
pub use new_session_ticket::NewSessionTicket;
pub use random::Random;
pub use server_hello::ServerHello;
pub use server_key_exchange::{ServerDhParams, ServerEcdhParams, ServerKeyExchange, ServerParams};
pub use session_id::SessionId;
pub use tls13::{
    AnyServerHello, CertificateEntry, CompressedCertificate, EncryptedExtensions, HelloRetryRequest,
    KeyUpdate, KeyUpdateRequest, ServerHelloForm, Tls13Certificate, Tls13CertificateRequest,
    Tls13HandshakeMessage, Tls13NewSessionTicket, Tls13ServerHello,
};
