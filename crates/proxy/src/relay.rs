//! Copies data in both directions.

use crate::{metrics::Counters, transport::Duplex};
use alloc::vec::Vec;
use cairn_tokio::tls::{ErrorKind, tls_error};
use core::{
    cell::RefCell,
    future::poll_fn,
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering},
    task::{Context, Poll, ready},
    time::Duration,
};
use std::{io, thread_local};
use tokio::{
    io::ReadBuf,
    time::{Instant, sleep_until},
};

/// The most that is read at once, in bytes.
const CHUNK: usize = 64 << 10;

thread_local! {
    /// The buffer of the connection that this thread is serving now. An idle connection has none.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The end of a connection.
#[derive(Debug)]
pub(crate) enum End {
    /// Both sides have closed.
    Closed,
    /// Nothing was sent for the time limit.
    Idle,
    /// A side has failed.
    Failed(io::Error),
}

/// Copies data between a client and an upstream until both have closed, with half-closes. Returns the end and
/// the numbers of bytes from and to the client.
pub(crate) async fn run(
    client: &mut dyn Duplex,
    upstream: &mut dyn Duplex,
    idle: Duration,
    counters: &Counters,
) -> (End, [u64; 2]) {
    // The number of reads and writes, to see whether the connection is idle.
    let events = AtomicU64::new(0);
    let (mut from, mut to) = (Direction::default(), Direction::default());
    let mut failed = None;
    let copying = poll_fn(|cx| {
        let directions = [from.poll(cx, client, upstream, &events), to.poll(cx, upstream, client, &events)];
        let mut is_over = true;
        for (direction, is_to_client) in directions.into_iter().zip([false, true]) {
            match direction {
                Poll::Pending => is_over = false,
                Poll::Ready(Ok(())) => {}
                // Data of the other side may still arrive, so its direction goes on.
                Poll::Ready(Err(Fault::Write(error))) => {
                    // In TLS 1.2, close_notify of the client closes our side too.
                    if !(is_to_client && is_after_close(&error)) {
                        failed.get_or_insert(error);
                    }
                }
                // A side that cannot be read has ended in both directions.
                Poll::Ready(Err(Fault::Read(error))) => {
                    failed.get_or_insert(error);
                    return Poll::Ready(());
                }
            }
        }
        if is_over { Poll::Ready(()) } else { Poll::Pending }
    });
    let is_idle = tokio::select! {
        () = copying => false,
        () = idleness(&events, idle) => true,
    };
    let end = match failed {
        Some(error) => End::Failed(error),
        None if is_idle => End::Idle,
        None => End::Closed,
    };
    let (received, sent) = (from.read, to.read);
    counters.bytes_from_clients.fetch_add(received, Ordering::Relaxed);
    counters.bytes_to_clients.fetch_add(sent, Ordering::Relaxed);
    (end, [received, sent])
}

/// Whether data could not be written because our side is closed.
fn is_after_close(error: &io::Error) -> bool {
    tls_error(error).is_some_and(|error| error.kind == ErrorKind::WriteAfterClose)
}

/// Returns when nothing was read or written for the time limit. It looks twice in that time, so it may be
/// late by half.
async fn idleness(events: &AtomicU64, limit: Duration) {
    let (mut last, mut since) = (events.load(Ordering::Relaxed), Instant::now());
    loop {
        // A time that cannot be represented is no limit.
        let Some(next) = Instant::now().checked_add(limit / 2) else { return core::future::pending().await };
        sleep_until(next).await;
        let now = events.load(Ordering::Relaxed);
        if now != last {
            (last, since) = (now, Instant::now());
        } else if since.elapsed() >= limit {
            return;
        }
    }
}

/// One direction of a connection.
#[derive(Debug, Default)]
struct Direction {
    /// Data that was read and that the other side has not accepted. Empty on an idle connection.
    rest: Vec<u8>,
    /// The number of these bytes that were written.
    written: usize,
    /// Whether the other side has accepted data that was not flushed.
    unflushed: bool,
    /// The number of bytes read.
    read: u64,
    state: State,
}

/// The failure of one direction. After it, the direction has ended.
#[derive(Debug)]
enum Fault {
    /// The side that was read has failed. Its earlier data has arrived at the other side.
    Read(io::Error),
    /// The side that was written to has failed.
    Write(io::Error),
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Open,
    /// One side has ended, and the other must be told.
    Ending,
    /// The side that is read has failed. Data that was read before is still written to the other side.
    Failing(io::Error),
    Ended,
}

impl Direction {
    /// Moves data as far as both sides permit. Once it is ready, the direction has ended.
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut dyn Duplex,
        to: &mut dyn Duplex,
        events: &AtomicU64,
    ) -> Poll<Result<(), Fault>> {
        if matches!(self.state, State::Ended) {
            return Poll::Ready(Ok(()));
        }
        let ended = ready!(self.poll_open(cx, from, to, events));
        self.state = State::Ended;
        Poll::Ready(ended)
    }

    fn poll_open(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut dyn Duplex,
        to: &mut dyn Duplex,
        events: &AtomicU64,
    ) -> Poll<Result<(), Fault>> {
        loop {
            ready!(self.poll_rest(cx, to, events)).map_err(Fault::Write)?;
            match core::mem::take(&mut self.state) {
                State::Open => match self.poll_chunk(cx, from, to, events) {
                    Poll::Ready(Ok(0)) => self.state = State::Ending,
                    Poll::Ready(Ok(_)) => {}
                    Poll::Ready(Err(Fault::Read(error))) => self.state = State::Failing(error),
                    Poll::Ready(Err(fault)) => return Poll::Ready(Err(fault)),
                    Poll::Pending => {
                        // There is nothing more for now, so written data must not stay in a buffer.
                        if self.unflushed {
                            ready!(Pin::new(to).poll_flush(cx)).map_err(Fault::Write)?;
                            self.unflushed = false;
                        }
                        return Poll::Pending;
                    }
                },
                State::Failing(error) => {
                    let flushed = Pin::new(&mut *to).poll_flush(cx);
                    if flushed.is_pending() {
                        self.state = State::Failing(error);
                        return Poll::Pending;
                    }
                    return Poll::Ready(Err(Fault::Read(error)));
                }
                State::Ending => {
                    self.state = State::Ending;
                    ready!(Pin::new(&mut *to).poll_shutdown(cx)).map_err(Fault::Write)?;
                    return Poll::Ready(Ok(()));
                }
                State::Ended => return Poll::Ready(Ok(())),
            }
        }
    }

    /// Writes data that was read before.
    fn poll_rest(
        &mut self,
        cx: &mut Context<'_>,
        to: &mut dyn Duplex,
        events: &AtomicU64,
    ) -> Poll<io::Result<()>> {
        while let Some(rest) = self.rest.get(self.written..).filter(|rest| !rest.is_empty()) {
            match ready!(Pin::new(&mut *to).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                length => self.written = self.written.saturating_add(length),
            }
            self.unflushed = true;
            events.fetch_add(1, Ordering::Relaxed);
        }
        (self.rest, self.written) = (Vec::new(), 0);
        Poll::Ready(Ok(()))
    }

    /// Reads once, and writes as much as the other side accepts now. Returns the number of bytes read.
    fn poll_chunk(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut dyn Duplex,
        to: &mut dyn Duplex,
        events: &AtomicU64,
    ) -> Poll<Result<usize, Fault>> {
        BUFFER.with_borrow_mut(|buffer| {
            buffer.resize(CHUNK, 0);
            let mut chunk = ReadBuf::new(buffer);
            ready!(Pin::new(from).poll_read(cx, &mut chunk)).map_err(Fault::Read)?;
            let chunk = chunk.filled();
            self.read = self.read.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            events.fetch_add(1, Ordering::Relaxed);
            if chunk.is_empty() {
                return Poll::Ready(Ok(0));
            }
            let written = match Pin::new(to).poll_write(cx, chunk) {
                Poll::Ready(result) => {
                    self.unflushed = true;
                    result.map_err(Fault::Write)?
                }
                Poll::Pending => 0,
            };
            self.rest = chunk.get(written..).unwrap_or_default().to_vec();
            Poll::Ready(Ok(chunk.len()))
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    #[tokio::test]
    async fn data_and_half_closes_pass_narrow_transports() {
        let data: Vec<u8> = (0..200_000_u32).map(|i| u8::try_from(i % 251).unwrap()).collect();
        // Each holds only a few bytes, so most writes are partial.
        let (mut near, mut client) = duplex(700);
        let (mut upstream, mut far) = duplex(300);
        let counters = Counters::default();
        let relay = async { run(&mut client, &mut upstream, Duration::from_secs(60), &counters).await };
        let sending = async {
            near.write_all(&data).await.unwrap();
            near.shutdown().await.unwrap();
            let mut response = Vec::new();
            near.read_to_end(&mut response).await.unwrap();
            response
        };
        let answering = async {
            let mut request = Vec::new();
            far.read_to_end(&mut request).await.unwrap();
            far.write_all(&request).await.unwrap();
            far.shutdown().await.unwrap();
        };
        let ((end, totals), response, ()) = tokio::join!(relay, sending, answering);
        assert!(matches!(end, End::Closed));
        assert_eq!(totals, [200_000, 200_000]);
        assert!(response == data);
    }

    #[tokio::test]
    async fn a_response_arrives_although_the_upload_fails() {
        let (mut near, mut client) = duplex(100);
        let (mut upstream, mut far) = duplex(1_000_000);
        let counters = Counters::default();
        let response = vec![7; 100_000];
        far.write_all(&response).await.unwrap();
        // The upstream is gone: writing to it fails, but its data can be read.
        drop(far);
        near.write_all(b"upload").await.unwrap();
        let relay = async {
            run(&mut client, &mut upstream, Duration::from_secs(60), &counters).await;
            drop(client);
        };
        let receiving = async {
            let mut received = Vec::new();
            near.read_to_end(&mut received).await.unwrap();
            drop(near);
            received
        };
        let ((), received) = tokio::join!(relay, receiving);
        assert!(received == response, "{} bytes", received.len());
    }

    #[tokio::test(start_paused = true)]
    async fn idleness_ends_a_connection_within_one_and_a_half_times_its_limit() {
        let (mut near, mut client) = duplex(100);
        let (mut upstream, _far) = duplex(100);
        let counters = Counters::default();
        let begun = Instant::now();
        let relay = run(&mut client, &mut upstream, Duration::from_secs(10), &counters);
        let talking = async {
            tokio::time::sleep(Duration::from_secs(7)).await;
            near.write_all(b"x").await.unwrap();
        };
        let ((end, totals), ()) = tokio::join!(relay, talking);
        assert!(matches!(end, End::Idle));
        assert_eq!(totals, [1, 0]);
        let seconds = begun.elapsed().as_secs();
        assert!((17..=22).contains(&seconds), "{seconds}");
    }
}
