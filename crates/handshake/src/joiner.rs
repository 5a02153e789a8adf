//! Makes whole handshake messages of the pieces that a transport brings.

use crate::{ErrorKind, RawMessage};
use alloc::vec::Vec;
use cairn_schedule::Epoch;
use cairn_wire::{Decode, HandshakeHeader, HandshakeType, Reader};

/// Joins fragments of handshake messages (RFC 5246 section 6.2.1 lets a message lie over many records and a record
/// hold many messages). It holds at most one message and what came behind it in the same piece.
///
/// A message that lies whole in a piece is handed out where it lies, without a copy. What is held of a message is no more
/// than the state takes: see [`crate::Machine::check_header`].
#[derive(Debug, Default)]
pub struct Joiner {
    /// The beginning of a message whose end has not come, or messages kept by [`Joiner::keep`].
    held: Vec<u8>,
    /// How much of `held` was handed out by the last call.
    spent: usize,
    /// The keys that the held bytes came under.
    epoch: Epoch,
    /// Whether bytes that came under other keys than `epoch` were kept beside them.
    mixed: bool,
}

impl Joiner {
    /// An empty joiner.
    #[must_use]
    pub const fn new() -> Self {
        Self { held: Vec::new(), spent: 0, epoch: Epoch::INITIAL, mixed: false }
    }

    /// Whether no message is half joined: what a change of keys demands.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.len() == self.spent
    }

    /// The next whole message, from what is held and from the front of `piece`, which moves on past what was taken.
    /// `None` when there is no whole message; the piece is then all taken.
    ///
    /// `check_header` judges each header as soon as it is there, before anything of the body is held. It is
    /// [`crate::Machine::check_header`] as a rule.
    ///
    /// # Errors
    /// Those of `check_header`, and [`ErrorKind::SplitAcrossKeyChange`] when what is held came under other keys than those
    /// of this call. After an error the joiner is of no more use.
    pub fn next<'j, 'p: 'j>(
        &'j mut self,
        epoch: Epoch,
        piece: &mut &'p [u8],
        check_header: impl Fn(&HandshakeHeader) -> Result<(), ErrorKind>,
    ) -> Result<Option<RawMessage<'j>>, ErrorKind> {
        self.held.drain(..self.spent.min(self.held.len()));
        self.spent = 0;
        if self.held.is_empty() {
            // The memory goes too: most messages come whole, and most connections are idle.
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
            return Err(ErrorKind::SplitAcrossKeyChange);
        }

        // First the header, then as much as it asks for, and no more: the rest stays where it lies.
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

    /// Keeps what is left of a piece whose messages cannot be taken now, because a question is pending. They come out
    /// of the next calls.
    ///
    /// All that is kept must have come under the same keys, and must be taken out before they change; the next call of
    /// [`Joiner::next`] is an error otherwise.
    pub fn keep(&mut self, epoch: Epoch, piece: &[u8]) {
        if self.is_empty() {
            self.epoch = epoch;
            self.mixed = false;
        }
        self.mixed |= epoch != self.epoch && !piece.is_empty();
        self.held.extend_from_slice(piece);
    }

    /// Moves bytes from the front of `piece` until `want` are held.
    fn take(&mut self, piece: &mut &[u8], want: usize) {
        let missing = want.saturating_sub(self.held.len()).min(piece.len());
        if let Some((now, rest)) = piece.split_at_checked(missing) {
            self.held.extend_from_slice(now);
            *piece = rest;
        }
    }
}

/// The type and whole length, header included, of the message that `bytes` begins with.
fn first_header(
    bytes: &[u8],
    check: impl Fn(&HandshakeHeader) -> Result<(), ErrorKind>,
) -> Result<Option<(HandshakeType, usize)>, ErrorKind> {
    let Ok(header) = HandshakeHeader::decode(&mut Reader::new(bytes)) else { return Ok(None) };
    check(&header)?;
    // Where usize has 16 bits, such a length is more than can be held.
    let length = usize::try_from(header.length)
        .map_err(|_| ErrorKind::MessageTooLong { limit: u16::MAX.into(), length: header.length })?;
    Ok(Some((header.msg_type, RawMessage::HEADER_LEN.saturating_add(length))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    /// Takes any message.
    fn any(_: &HandshakeHeader) -> Result<(), ErrorKind> {
        Ok(())
    }

    const E0: Epoch = Epoch(0);
    const E1: Epoch = Epoch(1);

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
    fn messages_come_out_whole_however_they_are_cut() {
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
    fn kept_messages_come_before_new_ones() {
        let messages = [message(2, 5), message(11, 9), message(14, 0)];
        let stream = messages.concat();
        for kept in 0..stream.len() {
            let mut joiner = Joiner::new();
            joiner.keep(E0, &stream[..kept]);
            assert_eq!(all(&mut joiner, E0, &stream[kept..]), messages, "{kept} bytes kept");
        }
    }

    #[test]
    fn a_message_is_refused_at_its_header() {
        let error = ErrorKind::MessageTooLong { limit: 10, length: 11 };
        let check = |header: &HandshakeHeader| if header.length > 10 { Err(error) } else { Ok(()) };
        let mut joiner = Joiner::new();
        assert_eq!(joiner.next(E0, &mut &[2, 0, 0, 11][..], check), Err(error));
        // The same header, in two pieces; of one that is taken the body is awaited.
        let mut joiner = Joiner::new();
        assert_eq!(joiner.next(E0, &mut &[2, 0][..], check), Ok(None));
        assert_eq!(joiner.next(E0, &mut &[0, 11][..], check), Err(error));
        let mut joiner = Joiner::new();
        assert_eq!(joiner.next(E0, &mut &[2, 0, 0, 10][..], check), Ok(None));
        // A message that is not the first of its piece.
        let mut joiner = Joiner::new();
        let mut piece = &[14, 0, 0, 0, 2, 0, 0, 11][..];
        assert!(joiner.next(E0, &mut piece, check).unwrap().is_some());
        assert_eq!(joiner.next(E0, &mut piece, check), Err(error));
    }

    #[test]
    fn what_is_kept_does_not_change_its_keys() {
        let bytes = message(20, 12);
        // Whole, and asked for under new keys.
        let mut joiner = Joiner::new();
        joiner.keep(E0, &bytes);
        assert_eq!(joiner.next(E1, &mut &[][..], any), Err(ErrorKind::SplitAcrossKeyChange));
        // Two messages, of which the second came under new keys.
        let mut joiner = Joiner::new();
        joiner.keep(E0, &bytes);
        joiner.keep(E1, &bytes);
        assert_eq!(joiner.next(E0, &mut &[][..], any), Err(ErrorKind::SplitAcrossKeyChange));
        // Nothing kept is nothing.
        let mut joiner = Joiner::new();
        joiner.keep(E0, &[]);
        assert_eq!(joiner.next(E1, &mut &[][..], any), Ok(None));
        assert_eq!(joiner.next(E1, &mut &bytes[..], any).unwrap().unwrap().bytes, bytes);
    }

    #[test]
    fn a_message_may_not_go_on_under_other_keys() {
        let bytes = message(20, 12);
        for cut in 1..bytes.len() {
            let mut joiner = Joiner::new();
            assert_eq!(joiner.next(E0, &mut &bytes[..cut], any), Ok(None));
            assert!(!joiner.is_empty());
            assert_eq!(joiner.next(E1, &mut &bytes[cut..], any), Err(ErrorKind::SplitAcrossKeyChange));
        }
    }
}
