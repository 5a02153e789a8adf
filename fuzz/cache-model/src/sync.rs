//! Replaces the cache's own `sync` with loom's locks and counters, and with a hash that is the same in every
//! run.

use core::hash::{BuildHasher, BuildHasherDefault};
use std::hash::DefaultHasher;
use std::sync::LockResult;

pub(crate) use loom::sync::MutexGuard;
pub(crate) use loom::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// A lock. A panic in a thread ends the model, so that no lock is ever poisoned.
pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        self.0.lock()
    }

    pub(crate) fn clear_poison(&self) {}
}

/// Always uses keys of zeros.
pub(crate) struct RandomState(BuildHasherDefault<DefaultHasher>);

impl RandomState {
    pub(crate) fn new() -> Self {
        Self(BuildHasherDefault::default())
    }
}

impl BuildHasher for RandomState {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        self.0.build_hasher()
    }
}
