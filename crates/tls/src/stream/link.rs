//! The channel from the reading half to the writing half, and the time limit of waiting for it.
//!
//! This is all that the halves share, besides the flag of `crate::connection::orders`. `fuzz/halves-model`
//! runs this file in every interleaving of two threads.

use super::sync::{
    Arc, AtomicBool, AtomicUsize, Ordering, Receiver, RecvTimeoutError, Sender, channel, this_thread,
};
use crate::connection::Orders;
use alloc::boxed::Box;
use core::time::Duration;
use std::{io, time::Instant};

/// A message of the reading half.
enum Message {
    Orders(Orders),
    /// The transport of the reading half returned this error during a renegotiation.
    Pause(io::ErrorKind),
    /// The connection has ended. There are no more orders.
    End,
}

#[derive(Debug, Default)]
struct Shared {
    /// The thread that read last; 0 before the first read.
    reading_thread: AtomicUsize,
    /// Whether the channel has a pause message. There is at most one, however often the transport times out.
    has_pause: AtomicBool,
}

/// The sender, in the reading half. Dropping it reports the end.
#[derive(Debug)]
pub(super) struct ToWriter {
    channel: Sender<Message>,
    shared: Arc<Shared>,
    sent_end: bool,
    on_order: OnOrder,
}

/// The callback that wakes a writing half which does not wait in [`FromReader::wait_for`].
#[derive(Default)]
struct OnOrder(Option<Box<dyn FnMut() + Send>>);

impl OnOrder {
    fn call(&mut self) {
        if let Some(wake) = &mut self.0 {
            wake();
        }
    }
}

impl core::fmt::Debug for OnOrder {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(if self.0.is_some() { "OnOrder(..)" } else { "OnOrder(none)" })
    }
}

/// The receiver, in the writing half.
#[derive(Debug)]
pub(super) struct FromReader {
    channel: Receiver<Message>,
    shared: Arc<Shared>,
    /// The last error of the reading half's transport, if no orders followed.
    pause: Option<io::ErrorKind>,
    ended: bool,
}

/// The maximum wait of the writing half.
#[derive(Clone, Copy)]
pub(super) struct Wait {
    since: Instant,
    at_most: Duration,
}

pub(super) fn pair() -> (ToWriter, FromReader) {
    let (sender, receiver) = channel();
    let shared = Arc::new(Shared::default());
    (
        ToWriter {
            channel: sender,
            shared: Arc::clone(&shared),
            sent_end: false,
            on_order: OnOrder::default(),
        },
        FromReader { channel: receiver, shared, pause: None, ended: false },
    )
}

impl ToWriter {
    /// Sets the callback, which is called after each of the orders and after the end.
    pub(super) fn on_order(&mut self, wake: Box<dyn FnMut() + Send>) {
        self.on_order = OnOrder(Some(wake));
    }

    /// If the writing half was dropped, orders are discarded.
    pub(super) fn order(&mut self, orders: Orders) {
        let _gone = self.channel.send(Message::Orders(orders));
        self.on_order.call();
    }

    /// Records that this thread reads.
    pub(super) fn reads_here(&self) {
        self.shared.reading_thread.store(this_thread(), Ordering::Relaxed);
    }

    /// Reports a transport error, because the writing half may be waiting.
    pub(super) fn send_pause(&self, kind: io::ErrorKind) {
        if !self.shared.has_pause.swap(true, Ordering::AcqRel) {
            let _gone = self.channel.send(Message::Pause(kind));
        }
    }

    /// Reports that there are no more orders. The writing half must see that, although there may be nothing
    /// to send.
    pub(super) fn send_end(&mut self) {
        if !self.sent_end {
            self.sent_end = true;
            let _gone = self.channel.send(Message::End);
            self.on_order.call();
        }
    }
}

impl Drop for ToWriter {
    fn drop(&mut self) {
        self.send_end();
    }
}

impl FromReader {
    /// The orders received so far.
    pub(super) fn next(&mut self) -> Option<Orders> {
        while let Ok(message) = self.channel.try_recv() {
            if let Some(orders) = self.take(message) {
                return Some(orders);
            }
        }
        None
    }

    /// Whether there are no more orders, because the connection has ended or the reading half was dropped.
    /// [`FromReader::next`] finds out.
    pub(super) const fn is_over(&self) -> bool {
        self.ended
    }

    fn take(&mut self, message: Message) -> Option<Orders> {
        match message {
            Message::Orders(orders) => {
                self.pause = None;
                return Some(orders);
            }
            Message::Pause(kind) => {
                self.shared.has_pause.store(false, Ordering::Release);
                self.pause = Some(kind);
            }
            Message::End => self.ended = true,
        }
        None
    }

    /// The writing half does not wait any more.
    pub(super) const fn forget_pause(&mut self) {
        self.pause = None;
    }

    pub(super) fn wait_at_most(&self, at_most: Duration) -> Wait {
        Wait { since: Instant::now(), at_most }
    }

    /// Waits for an order; `None` if there will be none.
    pub(super) fn wait_for(&mut self, wait: Wait) -> io::Result<Option<Orders>> {
        loop {
            // An end may follow it, and the caller learns the reason first.
            if let Some(kind) = self.pause.take() {
                return Err(io::Error::new(
                    kind,
                    "a renegotiation is in progress, and the peer sent nothing in time",
                ));
            }
            if self.ended {
                return Ok(None);
            }
            if self.shared.reading_thread.load(Ordering::Relaxed) == this_thread() {
                let words = "a renegotiation is in progress: read from the other half, then write again";
                return Err(io::Error::new(io::ErrorKind::WouldBlock, words));
            }
            let left = wait.at_most.saturating_sub(wait.since.elapsed());
            match self.channel.recv_timeout(left) {
                Ok(message) => {
                    if let Some(orders) = self.take(message) {
                        return Ok(Some(orders));
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
                Err(RecvTimeoutError::Timeout) => {
                    let words =
                        "a renegotiation is in progress, and the reading half did not complete it in time";
                    return Err(io::Error::new(io::ErrorKind::TimedOut, words));
                }
            }
        }
    }
}

impl core::fmt::Debug for Message {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Orders(_) => "Orders",
            Self::Pause(_) => "Pause",
            Self::End => "End",
        })
    }
}
