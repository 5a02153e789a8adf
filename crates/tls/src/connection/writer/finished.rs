//! The Finished that ends an authentication of the client after the handshake of TLS 1.3 (RFC 9846 section
//! 4.7.2).

use super::{Writer, error, key_update::schedule_error, seal};
use crate::{
    error::{Error, ErrorKind},
    trace::Traced,
};
use alloc::vec::Vec;
use cairn_crypto::HashOutput;
use cairn_schedule::Direction;
use cairn_wire::{ContentType, HandshakeType};

impl Writer {
    /// Sends the messages before Finished, and Finished for the keys in use, in the same records.
    pub(super) fn send_finished(
        &mut self,
        before: &[u8],
        transcript_hash: &HashOutput,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        // The machine has passed on the keys before (`Item::WriteKeys`).
        let keys = self.write_keys.as_ref().ok_or_else(|| error(ErrorKind::Internal))?;
        let message = keys.finished(transcript_hash).map_err(schedule_error)?;
        if let Some(trace) = &self.trace {
            trace.trace(
                Direction::Write,
                self.records.epoch(),
                Traced::Handshake { msg_type: HandshakeType::FINISHED, message: &message },
            );
        }
        seal(&mut self.records, ContentType::HANDSHAKE, &[before, &message].concat(), out)
    }
}
