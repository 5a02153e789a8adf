//! Bounds the number of simultaneous connections, and how long one may keep others waiting.

use crate::output::warn;
use alloc::collections::VecDeque;
use core::{future::Future, num::NonZeroUsize, time::Duration};
use tokio::{
    sync::oneshot,
    task::{Id, JoinError, JoinSet},
    time::{Instant, sleep_until},
};

/// A fixed number of slots for connections, each a task with the result `T`. If all are taken and another
/// client comes, the oldest connection is ended, once its time is over.
#[derive(Debug)]
pub(super) struct Slots<T> {
    limit: usize,
    /// The time for which a connection may stay while others wait.
    stay: Duration,
    tasks: JoinSet<T>,
    /// The current connections, oldest first.
    here: VecDeque<Connection>,
}

#[derive(Debug)]
struct Connection {
    task: Id,
    since: Instant,
    /// Ends the connection; `None` once it was used.
    end: Option<oneshot::Sender<()>>,
}

/// The end of a connection because others are waiting.
#[derive(Debug)]
pub(super) struct Ended(oneshot::Receiver<()>);

impl Ended {
    /// Waits until the connection has to end, perhaps for ever.
    pub(super) async fn wait(self) {
        // If the sender was dropped, the connection is never ended early.
        if self.0.await.is_err() {
            core::future::pending::<()>().await;
        }
    }
}

impl<T: Send + 'static> Slots<T> {
    /// Makes this many slots.
    pub(super) fn new(number: NonZeroUsize, stay: Duration) -> Self {
        Self { limit: number.get(), stay, tasks: JoinSet::new(), here: VecDeque::new() }
    }

    /// Waits until a slot is free, and passes the results of connections to `done`.
    pub(super) async fn wait(&mut self, mut done: impl FnMut(T)) {
        while let Some(joined) = self.tasks.try_join_next_with_id() {
            self.release(joined, &mut done);
        }
        while self.here.len() >= self.limit {
            // If the oldest is being ended, its slot will be free.
            let oldest = self.here.front_mut().filter(|connection| connection.end.is_some());
            let over = oldest.as_ref().and_then(|connection| connection.since.checked_add(self.stay));
            tokio::select! {
                Some(joined) = self.tasks.join_next_with_id() => self.release(joined, &mut done),
                () = until(over) => {
                    // Its own task notices that, and ends.
                    let end = oldest.and_then(|connection| connection.end.take());
                    let _gone = end.map(|end| end.send(()));
                }
            }
        }
    }

    /// Starts a connection in a slot.
    pub(super) fn start<F: Future<Output = T> + Send + 'static>(
        &mut self,
        connection: impl FnOnce(Ended) -> F,
    ) {
        let (end, ended) = oneshot::channel();
        let task = self.tasks.spawn(connection(Ended(ended))).id();
        self.here.push_back(Connection { task, since: Instant::now(), end: Some(end) });
    }

    /// Waits for the end of all connections.
    pub(super) async fn finish(mut self, mut done: impl FnMut(T)) {
        while let Some(joined) = self.tasks.join_next_with_id().await {
            self.release(joined, &mut done);
        }
    }

    fn release(&mut self, joined: Result<(Id, T), JoinError>, done: &mut impl FnMut(T)) {
        let task = match joined {
            Ok((task, result)) => {
                done(result);
                task
            }
            Err(error) => {
                warn(format_args!("a connection was not served to its end: {error}"));
                error.id()
            }
        };
        self.here.retain(|connection| connection.task != task);
    }
}

/// Waits until this time; for ever without one.
async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => core::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use tokio::time::timeout;

    const LONG: Duration = Duration::from_secs(60);
    const SHORT: Duration = Duration::from_millis(50);

    fn slots(number: usize, stay: Duration) -> Slots<&'static str> {
        Slots::new(NonZeroUsize::new(number).unwrap(), stay)
    }

    #[tokio::test]
    async fn full_slots_wait_for_a_release() {
        let mut slots = slots(1, LONG);
        let (release, released) = oneshot::channel::<()>();
        slots.start(|_| async {
            let _released = released.await;
            "done"
        });
        let mut results = Vec::new();
        assert!(timeout(SHORT, slots.wait(|result| results.push(result))).await.is_err());
        release.send(()).unwrap();
        timeout(LONG, slots.wait(|result| results.push(result))).await.unwrap();
        assert_eq!(results, ["done"]);
    }

    #[tokio::test]
    async fn oldest_connection_is_ended_after_its_time_if_another_waits() {
        let mut slots = slots(2, SHORT);
        for name in ["first", "second"] {
            slots.start(|ended| async move {
                ended.wait().await;
                name
            });
        }
        // No other client is waiting, so it may stay.
        tokio::time::sleep(SHORT * 4).await;
        assert!(slots.tasks.try_join_next().is_none());
        let mut results = Vec::new();
        timeout(LONG, slots.wait(|result| results.push(result))).await.unwrap();
        assert_eq!(results, ["first"]);
        assert_eq!(slots.here.len(), 1);
        // The second may stay, although its time is over too.
        assert!(timeout(SHORT, slots.tasks.join_next()).await.is_err());
    }

    #[tokio::test]
    async fn slot_is_released_on_panic() {
        let mut slots = slots(1, LONG);
        slots.start(|_| async { std::panic::resume_unwind(Box::new(())) });
        timeout(LONG, slots.wait(|_| ())).await.unwrap();
        assert!(slots.here.is_empty());
    }

    #[tokio::test]
    async fn a_connection_that_nobody_ends_stays_after_the_slots_are_gone() {
        let (end, ended) = oneshot::channel();
        drop(end);
        assert!(timeout(SHORT, Ended(ended).wait()).await.is_err());
    }
}
