//! The shared part of the halves is made of these. They are a separate module because `fuzz/halves-model`,
//! which tries every interleaving, replaces them.

pub(crate) use alloc::sync::Arc;
pub(crate) use atomic_waker::AtomicWaker;
