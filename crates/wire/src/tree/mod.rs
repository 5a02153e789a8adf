//! Messages as trees that people can read: RFC field names, code points by name and number, bytes abbreviated.
//!
//! Every message and extension prints itself with `Display`. [`HandshakeTree`] does it for the bytes of a whole stream of
//! handshake messages and, with the feature `alloc`, `RecordTree` for a stream of records. Where the bytes are
//! malformed they print what can be read until there, then the error. `@` stands before the place of a thing, in bytes
//! from the start of the input.
//!
//! ```
//! use cairn_wire::tree::HandshakeTree;
//!
//! let stream = [14, 0, 0, 0, 20, 0, 0, 12, 1, 2, 3];
//! assert_eq!(
//!     HandshakeTree::new(&stream).to_string(),
//!     "server_hello_done (0x0e) @0, 0 bytes\n\
//!      finished (0x14) @4, 12 bytes\n\
//!      error: Handshake.body at offset 8: expected 12 bytes, have 3"
//! );
//! ```

mod extensions;
mod handshake_stream;
mod hello;
mod messages;
mod printer;
#[cfg(feature = "alloc")]
mod record_stream;

pub use handshake_stream::HandshakeTree;
#[cfg(feature = "alloc")]
pub use record_stream::RecordTree;

pub(crate) use printer::CodePoint;

#[cfg(all(test, feature = "alloc"))]
mod tests;
