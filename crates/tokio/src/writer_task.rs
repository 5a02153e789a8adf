//! The task of a writing half, which the reading half wakes.
//!
//! `fuzz/halves-model` runs this file in every interleaving of two threads.

use crate::sync::{Arc, AtomicWaker};
use core::task::Context;

/// The task that polled a writing half last.
#[derive(Debug)]
pub(crate) struct WriterTask(Arc<AtomicWaker>);

impl WriterTask {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicWaker::new()))
    }

    /// A function that wakes the task.
    pub(crate) fn wake(&self) -> impl FnMut() + Send + 'static {
        let task = Arc::clone(&self.0);
        move || task.wake()
    }

    /// Polls the writing half. The task is registered first, so that it is woken if the reading half sends
    /// something after `poll` has looked.
    pub(crate) fn run<T>(&self, cx: &Context<'_>, poll: impl FnOnce() -> T) -> T {
        self.0.register(cx.waker());
        poll()
    }
}
