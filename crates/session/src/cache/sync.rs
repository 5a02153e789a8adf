//! Locks, counters and hashing of the cache. They are a separate module because `fuzz/cache-model`, which
//! tries every interleaving, replaces them.

pub(super) use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
pub(super) use std::hash::RandomState;
pub(super) use std::sync::{Mutex, MutexGuard};
