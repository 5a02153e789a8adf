//! The CRYPTO stream of a level: puts the bytes of its frames in order (RFC 9000 section 19.6).

use alloc::{collections::VecDeque, vec::Vec};
use core::fmt;

/// The transport error code CRYPTO_BUFFER_EXCEEDED (RFC 9000 section 20.1).
pub(crate) const CRYPTO_BUFFER_EXCEEDED: u64 = 0x0d;

/// The distance up to which bytes may be ahead of the next one. RFC 9000 section 7.5: "Implementations MUST
/// support buffering at least 4096 bytes of data received in out-of-order CRYPTO frames."
const WINDOW: usize = 65_536;

/// The maximum number of separate pieces. 4096 bytes have room for this many, each of a byte with a gap.
const MAX_PIECES: usize = 2_048;

/// Received bytes of a CRYPTO stream that are not contiguous yet.
///
/// It holds at most 64 KiB, and nothing while frames arrive in order. Each level has a stream of its own,
/// which is dropped with the keys of the level.
#[derive(Debug, Default)]
pub struct CryptoStream {
    /// The offset of the next byte in order.
    next: u64,
    /// The bytes from `next` on. Those of gaps are 0.
    window: VecDeque<u8>,
    /// The pieces in the window, as offsets of their start and end; in order, and separate.
    pieces: Vec<(u64, u64)>,
}

/// The frames of a CRYPTO stream exceed what can be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CryptoBufferExceeded {
    /// The offset of the next byte in order.
    next: u64,
}

impl CryptoBufferExceeded {
    /// The transport error code for CONNECTION_CLOSE: CRYPTO_BUFFER_EXCEEDED (RFC 9000 section 7.5).
    #[must_use]
    pub const fn code(&self) -> u64 {
        CRYPTO_BUFFER_EXCEEDED
    }
}

impl fmt::Display for CryptoBufferExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (RFC 9000 section 7.5)", Reason(self))
    }
}

/// The message of the error, without its section.
pub(crate) struct Reason<'a>(pub(crate) &'a CryptoBufferExceeded);

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let next = self.0.next;
        write!(
            f,
            "CRYPTO frames are more than {WINDOW} bytes ahead of offset {next}, or in more than {MAX_PIECES} \
             pieces"
        )
    }
}

impl core::error::Error for CryptoBufferExceeded {}

impl CryptoStream {
    /// Creates an empty stream.
    #[must_use]
    pub const fn new() -> Self {
        Self { next: 0, window: VecDeque::new(), pieces: Vec::new() }
    }

    /// Whether no bytes wait for those of a gap before them.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Takes a frame, and passes the bytes that are in order now to `read`, if there are any. Bytes that were
    /// received before are ignored.
    ///
    /// # Errors
    /// [`CryptoBufferExceeded`] if the frame is too far ahead, or in too many pieces with the others. The
    /// stream is unchanged.
    pub fn receive<R>(
        &mut self,
        offset: u64,
        data: &[u8],
        read: impl FnOnce(&[u8]) -> R,
    ) -> Result<Option<R>, CryptoBufferExceeded> {
        let known = self.next.saturating_sub(offset);
        let new = usize::try_from(known).ok().and_then(|known| data.get(known..)).unwrap_or_default();
        if new.is_empty() {
            return Ok(None);
        }
        let start = offset.max(self.next);
        if start == self.next && self.pieces.is_empty() {
            self.next = start.saturating_add(len(new));
            return Ok(Some(read(new)));
        }
        self.store(start, new)?;
        Ok(self.take().map(|bytes| read(&bytes)))
    }

    /// Stores bytes that are ahead, or that come before stored ones.
    fn store(&mut self, start: u64, data: &[u8]) -> Result<(), CryptoBufferExceeded> {
        let exceeded = CryptoBufferExceeded { next: self.next };
        let end = start.saturating_add(len(data));
        let (from, until) = (start.saturating_sub(self.next), end.saturating_sub(self.next));
        let (Ok(from), Ok(until)) = (usize::try_from(from), usize::try_from(until)) else {
            return Err(exceeded);
        };
        // The pieces that touch the new one become one piece with it.
        let first = self.pieces.partition_point(|(_, piece_end)| *piece_end < start);
        let after = self.pieces.partition_point(|(piece_start, _)| *piece_start <= end);
        let joined = self.pieces.get(first..after).unwrap_or_default();
        let pieces = self.pieces.len().saturating_sub(joined.len()).saturating_add(1);
        if until > WINDOW || pieces > MAX_PIECES {
            return Err(exceeded);
        }
        let merged = joined.iter().fold((start, end), |(low, high), (piece_start, piece_end)| {
            (low.min(*piece_start), high.max(*piece_end))
        });
        self.pieces.splice(first..after, [merged]);
        if self.window.len() < until {
            self.window.resize(until, 0);
        }
        for (place, byte) in self.window.range_mut(from..until).zip(data) {
            *place = *byte;
        }
        Ok(())
    }

    /// Removes the bytes that are in order.
    fn take(&mut self) -> Option<Vec<u8>> {
        let (_, end) = self.pieces.first().copied().filter(|(start, _)| *start == self.next)?;
        self.pieces.remove(0);
        let length = usize::try_from(end.saturating_sub(self.next)).ok()?;
        self.next = end;
        let bytes = self.window.drain(..length.min(self.window.len())).collect();
        if self.pieces.is_empty() {
            self.window = VecDeque::new();
            self.pieces = Vec::new();
        }
        Some(bytes)
    }
}

fn len(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

    use super::*;
    use alloc::vec;
    use proptest::{prelude::*, sample::Index};

    fn receive(stream: &mut CryptoStream, offset: usize, data: &[u8]) -> Vec<u8> {
        let offset = u64::try_from(offset).unwrap();
        stream.receive(offset, data, <[u8]>::to_vec).unwrap().unwrap_or_default()
    }

    #[test]
    fn frames_in_order_are_passed_on_and_not_stored() {
        let mut stream = CryptoStream::new();
        assert_eq!(receive(&mut stream, 0, b"one"), b"one");
        assert_eq!(receive(&mut stream, 3, b"two"), b"two");
        assert_eq!(receive(&mut stream, 1, b"netwo, three"), b", three");
        assert_eq!(receive(&mut stream, 0, b"one"), b"");
        assert!(stream.window.capacity() == 0 && stream.pieces.capacity() == 0);
    }

    #[test]
    fn gap_holds_back_the_bytes_after_it() {
        let mut stream = CryptoStream::new();
        assert_eq!(receive(&mut stream, 4, b"efg"), b"");
        assert_eq!(receive(&mut stream, 9, b"j"), b"");
        assert_eq!(receive(&mut stream, 0, b"abcd"), b"abcdefg");
        assert_eq!(receive(&mut stream, 7, b"hi"), b"hij");
        assert!(stream.window.capacity() == 0 && stream.pieces.capacity() == 0);
    }

    #[test]
    fn frames_too_far_ahead_exceed_the_buffer() {
        let mut stream = CryptoStream::new();
        assert_eq!(receive(&mut stream, WINDOW - 1, &[1]), b"");
        for (offset, length) in [(WINDOW - 1, 2), (WINDOW, 1), (usize::MAX, 1)] {
            let offset = u64::try_from(offset).unwrap();
            let error = stream.receive(offset, &vec![1; length], |_| ()).unwrap_err();
            assert_eq!(error.code(), 0x0d);
        }
        // It goes on.
        assert_eq!(receive(&mut stream, 0, &vec![2; WINDOW - 1]).len(), WINDOW);
    }

    /// Any 4,096 bytes can be stored, in whatever order their bytes come.
    #[test]
    fn number_of_pieces_is_limited() {
        let mut stream = CryptoStream::new();
        for piece in 0..MAX_PIECES {
            assert_eq!(receive(&mut stream, 1 + 2 * piece, &[7]), b"");
        }
        let offset = u64::try_from(1 + 2 * MAX_PIECES).unwrap();
        assert!(stream.receive(offset, &[7], |_| ()).is_err());
        assert_eq!(receive(&mut stream, 2, &[8]), b"");
        assert_eq!(receive(&mut stream, 1 + 2 * MAX_PIECES, &[7]), b"", "two pieces have become one");
        assert_eq!(receive(&mut stream, 0, &[9]), [9, 7, 8, 7]);
    }

    proptest! {
        #[test]
        fn any_frames_give_the_stream(
            stream in proptest::collection::vec(any::<u8>(), 1..400),
            cuts in proptest::collection::vec((any::<Index>(), 1_usize..60), 0..60),
        ) {
            let mut received = Vec::new();
            let mut buffer = CryptoStream::new();
            let all = (0..stream.len()).step_by(7).map(|start| (start, 7));
            let some = cuts.iter().map(|(start, length)| (start.index(stream.len()), *length));
            for (start, length) in some.chain(all) {
                let end = (start + length).min(stream.len());
                received.extend(receive(&mut buffer, start, &stream[start..end]));
                prop_assert_eq!(&received, &stream[..received.len()]);
            }
            prop_assert_eq!(received, stream);
        }
    }
}
