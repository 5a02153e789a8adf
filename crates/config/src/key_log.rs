//! The destination of the secrets of connections in a key log.

use cairn_handshake::KeyLogLine;
use core::fmt;

/// Receives the secrets of connections for a key log.
pub trait KeyLog: Send + Sync {
    /// Receives one secret. The connection waits for the call.
    fn log(&self, line: &KeyLogLine);
}

impl fmt::Debug for dyn KeyLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyLog")
    }
}
