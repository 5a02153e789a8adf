//! Reassembles handshake messages from fragments.

use crate::{error::HandshakeErrorKind, raw_message::RawMessage};
use alloc::vec::Vec;
use cairn_schedule::Epoch;
use cairn_wire::{Decode, HandshakeHeader, HandshakeType, Reader};

/// Reassembles handshake messages from fragments (RFC 5246 section 6.2.1: a message may span several records,
/// and a record may have several messages). It buffers at most one message and the bytes that followed in the
/// same fragment.
///
/// A message that is complete in one fragment is returned without a copy. Not more than the state accepts is
/// buffered: see [`crate::Machine::check_header`].
#[derive(Debug, Default)]
pub struct Joiner {
    /// The start of an incomplete message, or bytes stored by [`Joiner::keep`].
    held: Vec<u8>,
    /// The number of bytes of `held` that the last call returned.
    spent: usize,
    /// The epoch of the buffered bytes.
    epoch: Epoch,
    /// Whether bytes of another epoch than `epoch` were stored too.
    mixed: bool,
}

impl Joiner {
    /// Creates an empty joiner.
    #[must_use]
    pub const fn new() -> Self {
        Self { held: Vec::new(), spent: 0, epoch: Epoch::Initial, mixed: false }
    }

    /// Whether no partial message is buffered, as a change of keys requires.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.len() == self.spent
    }

    /// The number of buffered bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.len().saturating_sub(self.spent)
    }

    /// Returns the next complete message, from the buffer and the front of `piece`. The slice is advanced
    /// past the consumed bytes. `None` means that there is no complete message, and all of `piece` has been
    /// consumed.
    ///
    /// `check_header` checks each header as soon as it is complete, before its body is buffered. It is
    /// usually [`crate::Machine::check_header`].
    ///
    /// # Errors
    /// The errors of `check_header`, and [`HandshakeErrorKind::SplitAcrossKeyChange`] if the buffered bytes
    /// belong to another epoch than this call. The joiner must not be used after an error.
    #[inline]
    pub fn next<'j, 'p: 'j>(
        &'j mut self,
        epoch: Epoch,
        piece: &mut &'p [u8],
        check_header: impl Fn(&HandshakeHeader) -> Result<(), HandshakeErrorKind>,
    ) -> Result<Option<RawMessage<'j>>, HandshakeErrorKind> {
        self.held.drain(..self.spent.min(self.held.len()));
        self.spent = 0;
        if self.held.is_empty() {
            // The buffer is freed, because most messages come in one fragment and most connections are idle.
            self.held = Vec::new();
            self.epoch = epoch;
            self.mixed = false;
            if let Some((msg_type, length)) = first_header(piece, &check_header)?
                && let Some((message, rest)) = piece.split_at_checked(length)
            {
                *piece = rest;
                return Ok(Some(RawMessage { msg_type, bytes: message }));
            }
        } else if epoch != self.epoch || self.mixed {
            return Err(HandshakeErrorKind::SplitAcrossKeyChange);
        }

        // First the header, and then only the bytes of the body; the rest stays in `piece`.
        self.take(piece, RawMessage::HEADER_LEN);
        let Some((msg_type, length)) = first_header(&self.held, &check_header)? else { return Ok(None) };
        self.take(piece, length);
        match self.held.get(..length) {
            Some(message) => {
                self.spent = length;
                Ok(Some(RawMessage { msg_type, bytes: message }))
            }
            None => Ok(None),
        }
    }

    /// Stores the rest of a fragment that cannot be processed now because a question is pending. Later calls
    /// of [`Joiner::next`] return its messages.
    ///
    /// All stored bytes must belong to the same epoch and must be consumed before the keys change. Otherwise
    /// the next call of [`Joiner::next`] fails.
    pub fn keep(&mut self, epoch: Epoch, piece: &[u8]) {
        if self.is_empty() {
            self.epoch = epoch;
            self.mixed = false;
        }
        self.mixed |= epoch != self.epoch && !piece.is_empty();
        self.held.extend_from_slice(piece);
    }

    /// Moves bytes from the front of `piece` to the buffer until it has `want` bytes.
    fn take(&mut self, piece: &mut &[u8], want: usize) {
        let missing = want.saturating_sub(self.held.len()).min(piece.len());
        if let Some((now, rest)) = piece.split_at_checked(missing) {
            self.held.extend_from_slice(now);
            *piece = rest;
        }
    }
}

/// The type and the length, header included, of the message at the start of `bytes`.
fn first_header(
    bytes: &[u8],
    check: impl Fn(&HandshakeHeader) -> Result<(), HandshakeErrorKind>,
) -> Result<Option<(HandshakeType, usize)>, HandshakeErrorKind> {
    let Ok(header) = HandshakeHeader::decode(&mut Reader::new(bytes)) else { return Ok(None) };
    check(&header)?;
    // If `usize` has 16 bits, such a message is too long to be buffered.
    let length = usize::try_from(header.length)
        .map_err(|_| HandshakeErrorKind::MessageTooLong { limit: u16::MAX.into(), length: header.length })?;
    Ok(Some((header.msg_type, RawMessage::HEADER_LEN.saturating_add(length))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    /// Takes any message.
    fn any(_: &HandshakeHeader) -> Result<(), HandshakeErrorKind> {
        Ok(())
    }

    const E0: Epoch = Epoch::tls12(0);
    const E1: Epoch = Epoch::tls12(1);

    fn message(msg_type: u8, len: usize) -> Vec<u8> {
        let mut bytes = vec![msg_type];
        bytes.extend_from_slice(&u32::try_from(len).unwrap().to_be_bytes()[1..]);
        bytes.extend((0..=u8::MAX).cycle().take(len));
        bytes
    }

    fn all(joiner: &mut Joiner, epoch: Epoch, mut piece: &[u8]) -> Vec<Vec<u8>> {
        let mut out = Vec::new();
        while let Some(message) = joiner.next(epoch, &mut piece, any).unwrap() {
            out.push(message.bytes.to_vec());
        }
        assert!(piece.is_empty());
        out
    }

    #[test]
    fn messages_are_reassembled_from_any_fragments() {
        let messages = [message(2, 70), message(11, 0), message(12, 300), message(14, 1)];
        let stream = messages.concat();
        for cut in 1..stream.len() {
            let mut joiner = Joiner::new();
            let out: Vec<_> = stream.chunks(cut).flat_map(|piece| all(&mut joiner, E0, piece)).collect();
            assert_eq!(out, messages, "cut into pieces of {cut}");
            assert!(joiner.is_empty());
        }
    }

    #[test]
    fn stored_messages_precede_new_ones() {
        let messages = [message(2, 5), message(11, 9), message(14, 0)];
        let stream = messages.concat();
        for kept in 0..stream.len() {
            let mut joiner = Joiner::new();
            joiner.keep(E0, &stream[..kept]);
            assert_eq!(joiner.len(), kept);
            assert_eq!(all(&mut joiner, E0, &stream[kept..]), messages, "{kept} bytes kept");
        }
    }

    #[test]
    fn unacceptable_message_is_refused_at_its_header() {
        let error = HandshakeErrorKind::MessageTooLong { limit: 10, length: 11 };
        let check = |header: &HandshakeHeader| if header.length > 10 { Err(error) } else { Ok(()) };
        let mut joiner = Joiner::new();
        assert_eq!(joiner.next(E0, &mut &[2, 0, 0, 11][..], check), Err(error));
        // The same header in two fragments. If it is accepted, the body is awaited.
        let mut joiner = Joiner::new();
        assert_eq!(joiner.next(E0, &mut &[2, 0][..], check), Ok(None));
        assert_eq!(joiner.next(E0, &mut &[0, 11][..], check), Err(error));
        let mut joiner = Joiner::new();
        assert_eq!(joiner.next(E0, &mut &[2, 0, 0, 10][..], check), Ok(None));
        // A message that does not start its fragment.
        let mut joiner = Joiner::new();
        let mut piece = &[14, 0, 0, 0, 2, 0, 0, 11][..];
        assert!(joiner.next(E0, &mut piece, check).unwrap().is_some());
        assert_eq!(joiner.next(E0, &mut piece, check), Err(error));
    }

    #[test]
    fn stored_bytes_keep_their_epoch() {
        let bytes = message(20, 12);
        // A complete message, requested with new keys.
        let mut joiner = Joiner::new();
        joiner.keep(E0, &bytes);
        assert_eq!(joiner.next(E1, &mut &[][..], any), Err(HandshakeErrorKind::SplitAcrossKeyChange));
        // Two messages, of which the second has the new epoch.
        let mut joiner = Joiner::new();
        joiner.keep(E0, &bytes);
        joiner.keep(E1, &bytes);
        assert_eq!(joiner.next(E0, &mut &[][..], any), Err(HandshakeErrorKind::SplitAcrossKeyChange));
        // Storing an empty slice has no effect.
        let mut joiner = Joiner::new();
        joiner.keep(E0, &[]);
        assert_eq!(joiner.next(E1, &mut &[][..], any), Ok(None));
        assert_eq!(joiner.next(E1, &mut &bytes[..], any).unwrap().unwrap().bytes, bytes);
    }

    #[test]
    fn message_must_not_span_a_key_change() {
        let bytes = message(20, 12);
        for cut in 1..bytes.len() {
            let mut joiner = Joiner::new();
            assert_eq!(joiner.next(E0, &mut &bytes[..cut], any), Ok(None));
            assert!(!joiner.is_empty());
            assert_eq!(
                joiner.next(E1, &mut &bytes[cut..], any),
                Err(HandshakeErrorKind::SplitAcrossKeyChange)
            );
        }
    }
}
