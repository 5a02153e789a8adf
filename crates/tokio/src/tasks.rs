//! The tasks that wait for a connection.

use alloc::{sync::Arc, task::Wake};
use atomic_waker::AtomicWaker;

/// The task that reads, and the task that writes; they may be the same.
///
/// A transport remembers one waker for each direction. But reading TLS may have to send something first, and
/// writing may have to wait for a message of the peer. So the transport always gets a waker that wakes both
/// tasks: neither can displace the other, and a task that is woken without need tries again.
#[derive(Debug, Default)]
pub(crate) struct Tasks {
    pub(crate) reading: AtomicWaker,
    pub(crate) writing: AtomicWaker,
}

impl Wake for Tasks {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.reading.wake();
        self.writing.wake();
    }
}
