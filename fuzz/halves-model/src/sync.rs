//! Replaces what the link is made of with loom's locks and counters.

use core::{sync::atomic::AtomicUsize as StdUsize, task::Waker, time::Duration};
use loom::sync::{Condvar, Mutex};
use std::collections::VecDeque;
use std::sync::mpsc::{SendError, TryRecvError};

pub(crate) use loom::sync::Arc;
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
pub(crate) use std::sync::mpsc::RecvTimeoutError;

/// A channel as that of `std`. loom's own does not know that its sender was dropped.
#[derive(Debug)]
struct Channel<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<T> {
    messages: VecDeque<T>,
    has_sender: bool,
    has_receiver: bool,
}

#[derive(Debug)]
pub(crate) struct Sender<T>(Arc<Channel<T>>);

#[derive(Debug)]
pub(crate) struct Receiver<T>(Arc<Channel<T>>);

pub(crate) fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let state = State { messages: VecDeque::new(), has_sender: true, has_receiver: true };
    let channel = Arc::new(Channel { state: Mutex::new(state), changed: Condvar::new() });
    (Sender(Arc::clone(&channel)), Receiver(channel))
}

impl<T> Sender<T> {
    pub(crate) fn send(&self, message: T) -> Result<(), SendError<T>> {
        let mut state = self.0.state.lock().unwrap();
        if !state.has_receiver {
            return Err(SendError(message));
        }
        state.messages.push_back(message);
        self.0.changed.notify_one();
        Ok(())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.0.state.lock().unwrap().has_sender = false;
        self.0.changed.notify_one();
    }
}

impl<T> Receiver<T> {
    pub(crate) fn try_recv(&self) -> Result<T, TryRecvError> {
        let mut state = self.0.state.lock().unwrap();
        let reason = if state.has_sender { TryRecvError::Empty } else { TryRecvError::Disconnected };
        state.messages.pop_front().ok_or(reason)
    }

    /// Waits without a limit: there is no time in a model, and a wait that never ends is a failure.
    pub(crate) fn recv_timeout(&self, _at_most: Duration) -> Result<T, RecvTimeoutError> {
        let mut state = self.0.state.lock().unwrap();
        loop {
            match state.messages.pop_front() {
                Some(message) => return Ok(message),
                None if !state.has_sender => return Err(RecvTimeoutError::Disconnected),
                None => state = self.0.changed.wait(state).unwrap(),
            }
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.0.state.lock().unwrap().has_receiver = false;
    }
}

#[derive(Debug)]
pub(crate) struct AtomicWaker(loom::future::AtomicWaker);

impl AtomicWaker {
    pub(crate) fn new() -> Self {
        Self(loom::future::AtomicWaker::new())
    }

    pub(crate) fn register(&self, waker: &Waker) {
        self.0.register_by_ref(waker);
    }

    pub(crate) fn wake(&self) {
        self.0.wake();
    }
}

/// A number that is unique to this thread of the model and not 0. loom runs them all on one thread of the
/// system.
pub(crate) fn this_thread() -> usize {
    static NEXT: StdUsize = StdUsize::new(1);
    loom::thread_local! {
        static NUMBER: usize = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    NUMBER.with(|number| *number)
}
