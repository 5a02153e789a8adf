//! Copies data in both directions.

use crate::metrics::Counters;
use core::{
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering},
    task::{Context, Poll},
    time::Duration,
};
use std::io::{self, IoSlice};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf, copy_bidirectional},
    time::{Instant, sleep_until},
};

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

/// Copies data between a client and an upstream until both have closed, with half-closes.
pub(crate) async fn run(
    client: &mut (impl AsyncRead + AsyncWrite + Unpin),
    upstream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    idle: Duration,
    counters: &Counters,
) -> (End, [u64; 2]) {
    let moved = [AtomicU64::new(0), AtomicU64::new(0)];
    let [from_client, to_client] = &moved;
    let mut client = Counted { io: client, read: from_client, written: to_client };
    let end = tokio::select! {
        done = copy_bidirectional(&mut client, upstream) => match done {
            Ok(_) => End::Closed,
            Err(error) => End::Failed(error),
        },
        () = idleness(&moved, idle) => End::Idle,
    };
    let totals = moved.map(AtomicU64::into_inner);
    let [read, written] = totals;
    counters.bytes_from_clients.fetch_add(read, Ordering::Relaxed);
    counters.bytes_to_clients.fetch_add(written, Ordering::Relaxed);
    (end, totals)
}

/// Returns when nothing was moved for the time limit. It looks twice in that time, so it may be late by half.
async fn idleness(moved: &[AtomicU64; 2], limit: Duration) {
    let total = || moved.iter().fold(0_u64, |sum, count| sum.wrapping_add(count.load(Ordering::Relaxed)));
    let (mut last, mut since) = (total(), Instant::now());
    loop {
        // A time that cannot be represented is no limit.
        let Some(next) = Instant::now().checked_add(limit / 2) else { return core::future::pending().await };
        sleep_until(next).await;
        let now = total();
        if now != last {
            (last, since) = (now, Instant::now());
        } else if since.elapsed() >= limit {
            return;
        }
    }
}

/// Counts what passes.
struct Counted<'a, IO> {
    io: &'a mut IO,
    read: &'a AtomicU64,
    written: &'a AtomicU64,
}

fn add(counter: &AtomicU64, amount: usize) {
    counter.fetch_add(u64::try_from(amount).unwrap_or(u64::MAX), Ordering::Relaxed);
}

impl<IO: AsyncRead + Unpin> AsyncRead for Counted<'_, IO> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let result = Pin::new(&mut *this.io).poll_read(cx, buf);
        add(this.read, buf.filled().len().saturating_sub(before));
        result
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Counted<'_, IO> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut *this.io).poll_write(cx, buf);
        if let Poll::Ready(Ok(written)) = &result {
            add(this.written, *written);
        }
        result
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let result = Pin::new(&mut *this.io).poll_write_vectored(cx, slices);
        if let Poll::Ready(Ok(written)) = &result {
            add(this.written, *written);
        }
        result
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.get_mut().io).poll_shutdown(cx)
    }
}
