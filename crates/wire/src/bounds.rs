//! Upper bounds of vectors.

/// The maximum length of a vector with a one-byte length.
pub(crate) const MAX_8: usize = 0xff;
/// The maximum length of a vector with a two-byte length.
pub(crate) const MAX_16: usize = 0xffff;
/// The maximum length of a vector with a three-byte length.
pub(crate) const MAX_24: usize = 0xff_ffff;
