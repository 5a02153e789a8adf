//! Human-readable trees of messages: RFC field names, code points by name and number, abbreviated byte
//! strings.
//!
//! Every message and extension implements `Display`. [`HandshakeTree`] prints a stream of encoded handshake
//! messages and, with the feature `alloc`, `RecordTree` a stream of records. For malformed input they print
//! the readable part, then the error. `@` precedes an offset in bytes from the start of the input.
//!
//! ```
//! use cairn_wire::tree::HandshakeTree;
//!
//! let stream = [14, 0, 0, 0, 20, 0, 0, 12, 1, 2, 3];
//! assert_eq!(
//!     HandshakeTree::new(&stream).to_string(),
//!     "server_hello_done (0x0e) @0, 0 bytes\n\
//!      finished (0x14) @4, 12 bytes\n\
//!      error: Handshake.body at offset 8: expected 12 bytes, 3 remain"
//! );
//! ```

mod extensions;
mod handshake_stream;
mod hello;
mod messages;
mod negotiated;
mod printer;
#[cfg(feature = "alloc")]
mod record_stream;
mod tls13_extensions;
mod tls13_messages;

pub use handshake_stream::HandshakeTree;
pub use negotiated::Negotiated;
pub use printer::DescribeCertificate;
#[cfg(feature = "alloc")]
pub use record_stream::RecordTree;

#[cfg(all(test, feature = "alloc"))]
mod tests;
