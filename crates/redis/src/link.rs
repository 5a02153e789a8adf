//! The connection to the store. Each operation has a time limit and passes the circuit breaker.

use crate::{
    breaker::Breaker,
    connection::{Attempt, Failed, Target},
    metrics::Counters,
};
use alloc::{sync::Arc, vec::Vec};
use core::{fmt, time::Duration};
use redis::{Pipeline, Value};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::time::{Instant, timeout};

pub(crate) struct Link {
    target: Target,
    limit: Duration,
    breaker: Breaker,
    counters: Arc<Counters>,
    connection: Mutex<Attempt>,
}

impl Link {
    /// Starts to connect. This needs a runtime of tokio.
    pub(crate) fn new(target: Target, limit: Duration, breaker: Breaker, counters: Arc<Counters>) -> Self {
        let connection = Mutex::new(Attempt::start(target.clone()));
        Self { target, limit, breaker, counters, connection }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.breaker.is_open()
    }

    /// Runs commands, in their order but not as a transaction. The result has a value for each of them, which
    /// can be an error of the store. It is `None` if the store did not answer in time, or was not asked.
    pub(crate) async fn run(&self, commands: &Pipeline) -> Option<Vec<Value>> {
        let Some(permit) = self.breaker.enter(Instant::now()) else {
            self.counters.skipped.count();
            return None;
        };
        let mut connection = self.lock().clone();
        let count = commands.len();
        let reply = match timeout(self.limit, connection.run(commands)).await {
            Ok(Ok(values)) if values.len() == count => Some(values),
            Ok(result) => {
                self.counters.errors.count();
                if result.is_err_and(|Failed { is_lost }| is_lost) {
                    self.connect_again(&connection);
                }
                None
            }
            Err(_) => {
                self.counters.timeouts.count();
                None
            }
        };
        let is_error = |value: &&Value| matches!(value, Value::ServerError(_));
        let refused = reply.iter().flatten().filter(is_error).count();
        if refused > 0 {
            self.counters.errors.count();
        }
        // A store that refuses only some of the commands is alive. One that is still loading refuses all.
        if reply.is_some() && refused < count {
            permit.succeeded();
            return reply;
        }
        if permit.failed(Instant::now()) {
            self.counters.breaker_opened.count();
            // The store may have gone without closing the connection.
            self.connect_again(&connection);
        }
        reply
    }

    /// Replaces a connection, unless another operation has done so.
    fn connect_again(&self, old: &Attempt) {
        let mut connection = self.lock();
        if connection.is_same(old) && !connection.is_connecting() {
            *connection = Attempt::start(self.target.clone());
        }
    }

    // The connection is replaced in a single step, so a poisoned lock still guards a valid one.
    fn lock(&self) -> MutexGuard<'_, Attempt> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Link {
    // The client contains a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("limit", &self.limit)
            .field("breaker", &self.breaker)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use alloc::{format, string::String};
    use redis::Client;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    /// Runs two commands with a store that answers them with these replies, or not at all.
    async fn run(replies: [&'static str; 2]) -> (Option<usize>, Link) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = Client::open(format!("redis://{}/", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move {
            let (mut tcp, _) = listener.accept().await.unwrap();
            let (mut bytes, mut replies) = ([0; 1000], replies.into_iter());
            while let Ok(length @ 1..) = tcp.read(&mut bytes).await {
                let commands = String::from_utf8_lossy(bytes.get(..length).unwrap()).into_owned();
                for command in commands.split('*').skip(1) {
                    // The client also introduces itself, and sends a PING.
                    let is_ours = command.contains("\r\nGET\r\n");
                    let reply = if is_ours { replies.next().unwrap() } else { "+OK\r\n" };
                    tcp.write_all(reply.as_bytes()).await.unwrap();
                }
            }
        });
        let breaker = Breaker::new(1, Duration::from_secs(60));
        let limit = if replies == SILENCE { Duration::from_millis(50) } else { Duration::from_secs(20) };
        let link = Link::new(Target::new(client, None).unwrap(), limit, breaker, Arc::default());
        let mut commands = Pipeline::new();
        commands.cmd("GET").arg("a").cmd("GET").arg("b");
        (link.run(&commands).await.map(|values| values.len()), link)
    }

    const SILENCE: [&str; 2] = ["", ""];

    #[tokio::test]
    async fn a_store_that_refuses_one_of_two_commands_is_alive() {
        let (values, link) = run(["-OOM full\r\n", "$1\r\nb\r\n"]).await;
        assert_eq!((values, link.is_open()), (Some(2), false));
        assert_eq!(link.counters.snapshot(false).errors, 1);
    }

    #[tokio::test]
    async fn a_store_that_refuses_all_commands_opens_the_breaker() {
        let (values, link) = run(["-LOADING wait\r\n"; 2]).await;
        assert_eq!((values, link.is_open()), (Some(2), true));
        let metrics = link.counters.snapshot(true);
        assert_eq!((metrics.errors, metrics.breaker_opened), (1, 1));
    }

    #[tokio::test]
    async fn a_store_that_is_too_slow_opens_the_breaker_and_is_not_asked_again() {
        let (values, link) = run(SILENCE).await;
        assert_eq!((values, link.is_open()), (None, true));
        assert_eq!(link.run(&Pipeline::new()).await, None);
        let metrics = link.counters.snapshot(true);
        assert_eq!((metrics.timeouts, metrics.skipped, metrics.errors), (1, 1, 0));
    }
}
