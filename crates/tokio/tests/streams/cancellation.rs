//! Futures that are dropped lose no data and repeat none.

use super::support::{Slow, connect, ends};
use cairn_tokio::tls::Versions;
use core::{
    future::Future,
    pin::pin,
    task::{Context, Poll},
};
use proptest::prelude::*;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Polls the future at most `most` times, and drops it then.
async fn polled<F: Future>(most: u8, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = most;
    core::future::poll_fn(move |cx: &mut Context<'_>| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(cx).map(Some)
    })
    .await
}

/// One action of the writing side.
#[derive(Clone, Copy, Debug)]
enum Step {
    Write { length: u16, polls: u8 },
    Flush { polls: u8 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let write = (1..40_000_u16, 0..4_u8).prop_map(|(length, polls)| Step::Write { length, polls });
    let flush = (0..4_u8).prop_map(|polls| Step::Flush { polls });
    proptest::collection::vec(prop_oneof![3 => write, 1 => flush], 1..40)
}

/// Writes with futures that are dropped. Returns the data that was accepted.
async fn write(stream: &mut (impl AsyncWrite + Unpin), steps: &[Step]) -> Vec<u8> {
    let mut accepted = Vec::new();
    for step in steps {
        match *step {
            Step::Write { length, polls } => {
                let start = accepted.len();
                let data: Vec<u8> =
                    (start..start + usize::from(length)).map(|i| (i * 31 / 7) as u8).collect();
                if let Some(written) = polled(polls, stream.write(&data)).await {
                    accepted.extend_from_slice(&data[..written.unwrap()]);
                }
            }
            Step::Flush { polls } => {
                if let Some(flushed) = polled(polls, stream.flush()).await {
                    flushed.unwrap();
                }
            }
        }
    }
    stream.shutdown().await.unwrap();
    accepted
}

/// Reads with futures that are dropped.
async fn read(stream: &mut (impl AsyncRead + Unpin), lengths: &[(u16, u8)]) -> Vec<u8> {
    let mut received = Vec::new();
    for (length, polls) in lengths.iter().cycle() {
        let mut place = vec![0; usize::from(*length)];
        match polled(*polls, stream.read(&mut place)).await {
            Some(Ok(0)) => break,
            Some(Ok(length)) => received.extend_from_slice(&place[..length]),
            Some(Err(error)) => panic!("{error}"),
            // Nothing else wakes the other task.
            None => tokio::task::yield_now().await,
        }
    }
    received
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn dropped_reads_and_writes_lose_nothing_and_repeat_nothing(
        steps in steps(),
        lengths in proptest::collection::vec((1..20_000_u16, 1..4_u8), 1..10),
        seed: u32,
        tls13: bool,
    ) {
        let versions = if tls13 { Versions::Tls13 } else { Versions::Tls12 };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (mut client, mut server) = connect(&ends(versions), Slow::pair(seed)).await;
            let (accepted, received) = tokio::join!(write(&mut client, &steps), read(&mut server, &lengths));
            prop_assert!(accepted == received);
            Ok(())
        })?;
    }
}

/// A handshake that is dropped at any point ends without a panic, and the peer reports an error or waits.
#[tokio::test]
async fn a_handshake_may_be_dropped_at_every_point() {
    for versions in [Versions::Tls12, Versions::Tls13] {
        let ends = ends(versions);
        for polls in 0..40 {
            let (to_server, to_client) = Slow::pair(u32::from(polls) * 9999 + 5);
            let connecting = polled(polls, ends.0.connect(super::support::localhost(), to_server));
            let (client, server) = tokio::join!(connecting, ends.1.accept(to_client));
            // The client's last message may have been sent before.
            if let (None, Ok(mut server)) = (client, server) {
                server.read(&mut [0; 10]).await.unwrap_err();
            }
        }
    }
}
