//! The common part of both kinds of misuse: the data that is written, and the maximum number of steps.

/// The maximum number of steps.
pub(super) const MAX_STEPS: usize = 400;

/// Data that shows its position: any eight consecutive bytes occur once, and nothing else resembles it.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) written: usize,
}

impl Told {
    /// The next bytes.
    pub(super) fn next(&self, length: usize) -> Vec<u8> {
        (self.written..self.written + length).map(byte_at).collect()
    }
}

pub(super) fn byte_at(place: usize) -> u8 {
    let counter = u32::try_from(place / 4).unwrap_or(u32::MAX).wrapping_mul(0x9e37_79b9) ^ 0xc0ff_ee11;
    counter.to_be_bytes()[place % 4]
}
