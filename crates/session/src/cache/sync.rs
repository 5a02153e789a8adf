//! What the cache locks, counts and hashes with. They stand here by themselves because the model in `fuzz/cache-model`,
//! which tries every interleaving, puts others in their place.

pub(super) use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
pub(super) use std::hash::RandomState;
pub(super) use std::sync::{Mutex, MutexGuard};
