//! A UDP proxy that loses and reorders packets. A seed determines the fate of each packet, separately in each
//! direction.

use alloc::sync::Arc;
use core::net::SocketAddr;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use core::time::Duration;
use std::io;
use std::net::UdpSocket;
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// The share of packets that are lost, and of those that are delayed, in percent.
const LOST: u64 = 10;
const DELAYED: u64 = 10;
/// A delayed packet is sent after the next one, or after this time.
const DELAY: Duration = Duration::from_millis(20);
/// More than any packet.
const LARGEST: usize = 1 << 16;

/// A running proxy; it ends on drop.
#[derive(Debug)]
pub(super) struct Lossy {
    /// The port for the client.
    pub(super) port: u16,
    ended: Arc<AtomicBool>,
    count: Arc<Count>,
    threads: Vec<JoinHandle<()>>,
}

/// The number of packets with each fate, in both directions.
#[derive(Debug, Default)]
struct Count {
    lost: AtomicU64,
    delayed: AtomicU64,
}

/// The fate of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Sent,
    Lost,
    Delayed,
}

/// The fates of the packets in one direction: a linear congruential generator.
#[derive(Debug)]
struct Fates(u64);

impl Fates {
    /// The fates for this seed and direction.
    fn new(seed: u64, direction: u64) -> Self {
        let mut fates = Self(seed.wrapping_mul(2).wrapping_add(direction));
        // The first numbers of similar seeds are similar.
        for _ in 0..8 {
            fates.next();
        }
        fates
    }

    fn next(&mut self) -> Fate {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        match (self.0 >> 33) % 100 {
            number if number < LOST => Fate::Lost,
            number if number < LOST + DELAYED => Fate::Delayed,
            _ => Fate::Sent,
        }
    }
}

impl Lossy {
    /// A proxy for the server at this port of 127.0.0.1. It serves one client at a time.
    ///
    /// # Errors
    ///
    /// If a socket cannot be opened.
    pub(super) fn start(server: u16, seed: u64) -> Result<Self, String> {
        Self::open(server, seed).map_err(|error| format!("the lossy proxy: {error}"))
    }

    fn open(server: u16, seed: u64) -> io::Result<Self> {
        let front = UdpSocket::bind(("127.0.0.1", 0))?;
        let back = UdpSocket::bind(("127.0.0.1", 0))?;
        back.connect(("127.0.0.1", server))?;
        for socket in [&front, &back] {
            socket.set_read_timeout(Some(DELAY))?;
        }
        let port = front.local_addr()?.port();
        let (ended, count) = (Arc::new(AtomicBool::new(false)), Arc::new(Count::default()));
        let client = Arc::new(Mutex::new(None::<SocketAddr>));
        let relay = |direction| Relay {
            fates: Fates::new(seed, direction),
            ended: Arc::clone(&ended),
            count: Arc::clone(&count),
        };
        let (to_server, to_client) = (relay(0), relay(1));
        let (front_out, back_out) = (front.try_clone()?, back.try_clone()?);
        let known = Arc::clone(&client);
        let forth = thread::spawn(move || {
            let receive = |packet: &mut [u8]| {
                let (length, from) = front.recv_from(packet)?;
                *known.lock().unwrap_or_else(PoisonError::into_inner) = Some(from);
                Ok(length)
            };
            to_server.run(receive, |packet| back_out.send(packet).map(drop));
        });
        let back = thread::spawn(move || {
            let send = |packet: &[u8]| {
                let to = *client.lock().unwrap_or_else(PoisonError::into_inner);
                to.map_or(Ok(()), |to| front_out.send_to(packet, to).map(drop))
            };
            to_client.run(|packet| back.recv(packet), send);
        });
        Ok(Self { port, ended, count, threads: vec![forth, back] })
    }

    /// Whether any packet was lost or delayed. Otherwise the case has shown nothing.
    pub(super) fn did_something(&self) -> bool {
        self.count.lost.load(Ordering::Relaxed) + self.count.delayed.load(Ordering::Relaxed) > 0
    }
}

impl Drop for Lossy {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _panicked = thread.join();
        }
    }
}

/// One direction.
struct Relay {
    fates: Fates,
    ended: Arc<AtomicBool>,
    count: Arc<Count>,
}

impl Relay {
    /// Forwards packets until the end. Errors are losses too: a socket reports that the peer was not there.
    fn run(
        mut self,
        mut receive: impl FnMut(&mut [u8]) -> io::Result<usize>,
        mut send: impl FnMut(&[u8]) -> io::Result<()>,
    ) {
        let mut buffer = vec![0; LARGEST];
        let mut delayed: Option<Vec<u8>> = None;
        while !self.ended.load(Ordering::Relaxed) {
            let came = receive(&mut buffer).ok().and_then(|length| buffer.get(..length));
            let mut after = delayed.take();
            if let Some(packet) = came {
                match self.fates.next() {
                    Fate::Sent => drop(send(packet)),
                    Fate::Lost => drop(self.count.lost.fetch_add(1, Ordering::Relaxed)),
                    Fate::Delayed => {
                        self.count.delayed.fetch_add(1, Ordering::Relaxed);
                        delayed = Some(packet.to_vec());
                    }
                }
            }
            if let Some(packet) = after.take() {
                drop(send(&packet));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fates_depend_on_the_seed_and_on_the_direction_alone() {
        let fates = |seed, direction| {
            let mut fates = Fates::new(seed, direction);
            (0..200).map(|_| fates.next()).collect::<Vec<_>>()
        };
        assert_eq!(fates(1, 0), fates(1, 0));
        assert_ne!(fates(1, 0), fates(1, 1));
        assert_ne!(fates(1, 0), fates(2, 0));
    }

    #[test]
    fn each_seed_of_the_cases_hits_one_of_the_first_packets() {
        for seed in [1, 2, 3] {
            let hits = [0, 1].map(|direction| {
                let mut fates = Fates::new(seed, direction);
                (0..5).filter(|_| fates.next() != Fate::Sent).count()
            });
            assert!(hits.iter().sum::<usize>() > 0, "seed {seed}: {hits:?}");
        }
    }

    #[test]
    fn about_a_tenth_of_the_packets_is_lost_and_the_others_arrive() {
        let server = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
        server.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        let proxy = Lossy::start(server.local_addr().unwrap().port(), 7).unwrap();
        let client = UdpSocket::bind(("127.0.0.1", 0)).unwrap();
        let mut came = Vec::new();
        let mut packet = [0; 8];
        for number in 0..200_u8 {
            client.send_to(&[number], ("127.0.0.1", proxy.port)).unwrap();
            // The system might drop packets that come too fast.
            thread::sleep(Duration::from_millis(1));
        }
        while let Ok(1) = server.recv(&mut packet) {
            came.push(packet[0]);
        }
        assert!((150..198).contains(&came.len()), "{}", came.len());
        assert!(!came.is_sorted(), "some have another order");
        assert!(proxy.did_something());
    }
}
