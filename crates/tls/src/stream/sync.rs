//! What the halves of a stream share is made of these. They are a separate module because
//! `fuzz/halves-model`, which tries every interleaving, replaces them.

pub(super) use alloc::sync::Arc;
pub(super) use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
pub(super) use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread_local;

/// A number that is unique to this thread and not 0.
pub(super) fn this_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    thread_local! {
        static NUMBER: usize = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    // A thread that is ending has none.
    NUMBER.try_with(|number| *number).unwrap_or(usize::MAX)
}
