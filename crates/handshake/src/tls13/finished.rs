//! Finished (RFC 9846 section 4.5.3).

use crate::{
    error::HandshakeErrorKind,
    raw_message::{self, RawMessage},
};
use cairn_schedule::tls13::{Transcript, VerifyData};

/// Receives the peer's Finished. verify_data has the length of the hash: another length is malformed.
/// "Recipients of Finished messages MUST verify that the contents are correct and if incorrect MUST terminate
/// the connection with a "decrypt_error" alert."
pub(crate) fn receive(
    expected: &VerifyData,
    message: RawMessage<'_>,
    transcript: &mut Transcript,
) -> Result<(), HandshakeErrorKind> {
    let received = raw_message::read_with(message, |reader| {
        reader.bytes(expected.as_bytes().len(), "Finished.verify_data")
    })?;
    if !expected.matches(received) {
        return Err(HandshakeErrorKind::WrongFinished);
    }
    Ok(transcript.add(message.bytes)?)
}
