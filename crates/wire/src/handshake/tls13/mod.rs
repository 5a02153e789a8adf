//! The handshake messages of TLS 1.3 that TLS 1.2 does not have or has in another form (RFC 9846 section 4).

mod certificate;
mod certificate_request;
mod compressed_certificate;
mod encrypted_extensions;
mod key_update;
mod message;
mod new_session_ticket;
mod server_hello;

pub use certificate::{CertificateEntry, Tls13Certificate};
pub use certificate_request::Tls13CertificateRequest;
pub use compressed_certificate::CompressedCertificate;
pub use encrypted_extensions::EncryptedExtensions;
pub use key_update::{KeyUpdate, KeyUpdateRequest};
pub use message::Tls13HandshakeMessage;
pub use new_session_ticket::Tls13NewSessionTicket;
pub use server_hello::{AnyServerHello, HelloRetryRequest, ServerHelloForm, Tls13ServerHello};
