//! The contracts of [`Read`], [`BufRead`] and [`Write`] over a transport with every permitted behaviour at
//! each step: it moves a single byte, would block, times out, is interrupted, fails temporarily, or buffers
//! written data until it is flushed. No data is lost or repeated.

use crate::support::{Kind, Wire, client, name, server, wires};
use cairn_tls::{ReadHalf, Stream, WriteHalf};
use proptest::prelude::*;
use std::{
    io::{self, BufRead, Read, Write},
    sync::{Arc, Mutex, OnceLock},
};

/// The behaviour of a transport call.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// Moves at most this many bytes.
    Move(usize),
    /// Fails with this error without effect.
    Fail(io::ErrorKind),
}

/// A transport that repeats a script.
#[derive(Debug)]
struct Flaky {
    wire: Wire,
    script: Arc<[Act]>,
    at: usize,
    /// Bytes written but not flushed. Both handles of a side share them.
    kept: Arc<Mutex<Vec<u8>>>,
    /// Calls of `write` that may still succeed before the transport breaks for good.
    breaks_after: Option<usize>,
}

impl Flaky {
    fn new(wire: Wire, script: &[Act]) -> Self {
        Self { wire, script: script.into(), at: 0, kept: Arc::default(), breaks_after: None }
    }

    fn twin(&self) -> Self {
        Self {
            wire: self.wire.twin(),
            script: Arc::clone(&self.script),
            at: self.at,
            kept: Arc::clone(&self.kept),
            breaks_after: self.breaks_after,
        }
    }

    /// Only temporary errors from here on, because `close` treats others as a broken transport.
    fn calm_down(&mut self) {
        let calm = |act: &&Act| !matches!(act, Act::Fail(io::ErrorKind::Other));
        self.script = self.script.iter().filter(calm).copied().collect();
    }

    /// The maximum number of bytes that the next call moves.
    fn next(&mut self) -> io::Result<usize> {
        self.at = (self.at + 1) % self.script.len();
        match self.script[self.at] {
            Act::Move(bytes) => Ok(bytes),
            Act::Fail(kind) => Err(kind.into()),
        }
    }
}

impl Read for Flaky {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.wire.step = self.next()?;
        self.wire.read(buf)
    }
}

impl Write for Flaky {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        if let Some(left) = &mut self.breaks_after {
            *left = left.checked_sub(1).ok_or(io::ErrorKind::ConnectionReset)?;
        }
        let bytes = self.next()?.min(buf.len());
        self.kept.lock().unwrap().extend_from_slice(&buf[..bytes]);
        Ok(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.next()?;
        self.wire.write_all(&core::mem::take(&mut *self.kept.lock().unwrap()))
    }
}

fn act() -> impl Strategy<Value = Act> {
    use io::ErrorKind as Io;
    prop_oneof![
        4 => prop_oneof![Just(1), Just(5), 1..2000_usize, Just(usize::MAX)].prop_map(Act::Move),
        2 => prop_oneof![
            Just(Io::WouldBlock), Just(Io::TimedOut), Just(Io::Interrupted), Just(Io::Other)
        ]
        .prop_map(Act::Fail),
    ]
}

/// A script that makes progress wherever in a round a call begins.
fn script() -> impl Strategy<Value = Vec<Act>> {
    prop::collection::vec(act(), 1..12).prop_map(|mut acts| {
        acts.push(Act::Move(3));
        // With an odd length, each kind of call eventually meets each act.
        acts.push(Act::Move(usize::MAX));
        if acts.len() % 2 == 0 {
            acts.push(Act::Move(700));
        }
        acts
    })
}

/// The same without permanent errors.
fn pausing_script() -> impl Strategy<Value = Vec<Act>> {
    script().prop_map(|mut acts| {
        acts.retain(|act| !matches!(act, Act::Fail(io::ErrorKind::Other)));
        acts
    })
}

/// `None` for a temporary error, after which the same call can be repeated. [`io::ErrorKind::Interrupted`] is
/// never returned.
fn later<T>(result: io::Result<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            use io::ErrorKind as Io;
            assert!(matches!(error.kind(), Io::WouldBlock | Io::TimedOut | Io::Other), "{error:?}");
            assert!(cairn_tls::tls_error(&error).is_none(), "{error}");
            None
        }
    }
}

fn data(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 31 + (i >> 8)) as u8).collect()
}

type End = Stream<Flaky>;

/// Two streams, before or after the handshake.
fn ends(ours: &[Act], theirs: &[Act]) -> (End, End) {
    static CONFIGS: OnceLock<(cairn_tls::ClientConfig, cairn_tls::ServerConfig)> = OnceLock::new();
    let (client, server) = CONFIGS
        .get_or_init(|| (client().no_resumption().build().unwrap(), server(Kind::P256).build().unwrap()));
    let (a, b) = wires();
    let near = Stream::client(client, name(), Flaky::new(a, ours)).unwrap();
    let far = Stream::server(server, Flaky::new(b, theirs)).unwrap();
    (near, far)
}

/// Writes all data in pieces, then flushes.
struct Sending<'a> {
    data: &'a [u8],
    written: usize,
    flushed: bool,
    pieces: &'a [usize],
    turn: usize,
}

impl<'a> Sending<'a> {
    fn new(data: &'a [u8], pieces: &'a [usize]) -> Self {
        Self { data, written: 0, flushed: false, pieces, turn: 0 }
    }

    fn go_on(&mut self, to: &mut impl Write) {
        self.turn += 1;
        if self.written < self.data.len() {
            assert_eq!(later(to.write(&[])).unwrap_or(0), 0);
            let piece = self.pieces[self.turn % self.pieces.len()];
            let rest = &self.data[self.written..];
            let written = later(to.write(&rest[..piece.min(rest.len())])).unwrap_or(0);
            assert!(written <= piece);
            self.written += written;
        } else if !self.flushed {
            self.flushed = later(to.flush()).is_some();
        }
    }
}

/// Reads with one of the available methods.
fn take(from: &mut impl BufRead, way: usize, came: &mut Vec<u8>) -> bool {
    if way.is_multiple_of(3) {
        // Buffered data is returned again without reading from the transport.
        let Some(seen) = later(from.fill_buf().map(<[u8]>::to_vec)) else { return true };
        let again = later(from.fill_buf().map(<[u8]>::to_vec)).unwrap();
        assert_eq!(seen, again, "fill_buf consumes nothing");
        let taken = seen.len().min(way);
        from.consume(taken);
        came.extend_from_slice(&seen[..taken]);
        return !seen.is_empty();
    }
    let mut buf = vec![0xEE; way];
    assert_eq!(from.read(&mut []).unwrap(), 0);
    match later(from.read(&mut buf)) {
        Some(read) => {
            came.extend_from_slice(&buf[..read]);
            read > 0
        }
        None => true,
    }
}

const TURNS: usize = 40_000;

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 20, ..ProptestConfig::default() })]

    #[test]
    fn stream_neither_loses_nor_repeats_data(
        ours in script(), theirs in script(),
        pieces in prop::collection::vec(1..90_000_usize, 1..5),
        way in 1..30_000_usize,
        length in prop_oneof![1..20_usize, 1..60_000_usize],
    ) {
        let (mut near, mut far) = ends(&ours, &theirs);
        let sent = data(length.min(way * 100));
        let mut sending = Sending::new(&sent, &pieces);
        let (mut came, mut open, mut asked_to_close, mut closed) = (Vec::new(), true, false, false);
        for turn in 0..TURNS {
            sending.go_on(&mut near);
            if sending.flushed && !asked_to_close {
                prop_assert!(!near.wants_write(), "flush flushes the stream");
                prop_assert!(near.transport().kept.lock().unwrap().is_empty(), "the transport too");
                asked_to_close = true;
                near.transport_mut().calm_down();
                far.transport_mut().calm_down();
            }
            if asked_to_close && !closed {
                closed = later(near.close()).is_some();
            }
            if open {
                open = take(&mut far, way + turn % 2, &mut came);
            } else if later(far.close()).is_some() {
                break;
            }
        }
        prop_assert!(came == sent, "{} of {} bytes", came.len(), sent.len());
        prop_assert!(closed && far.reader().is_closed());
        for turn in 0..TURNS {
            if !take(&mut near, 1 + turn % 2, &mut came) {
                break;
            }
        }
        prop_assert!(came.len() == sent.len() && near.reader().is_closed());
    }

    #[test]
    fn halves_neither_lose_nor_repeat_data(
        ours in pausing_script(), theirs in pausing_script(),
        pieces in prop::collection::vec(1..90_000_usize, 1..5),
        way in 1..30_000_usize,
        length in 1..50_000_usize,
    ) {
        let (mut near, mut far) = ends(&ours, &theirs);
        let mut shaken = [false; 2];
        for _ in 0..TURNS {
            shaken[0] = shaken[0] || later(near.handshake()).is_some();
            shaken[1] = shaken[1] || later(far.handshake()).is_some();
            if shaken == [true; 2] {
                break;
            }
        }
        let split = |end: End| -> (ReadHalf<Flaky>, WriteHalf<Flaky>) {
            end.split(|flaky| Ok(flaky.twin())).unwrap()
        };
        let ((mut near_read, mut near_write), (mut far_read, mut far_write)) = (split(near), split(far));
        let sent = data(length.min(way * 100));
        let (mut there, mut back) = (Sending::new(&sent, &pieces), Sending::new(&sent, &pieces));
        let mut came = [Vec::new(), Vec::new()];
        for turn in 0..TURNS {
            there.go_on(&mut near_write);
            back.go_on(&mut far_write);
            take(&mut far_read, way + turn % 2, &mut came[0]);
            take(&mut near_read, way + turn % 2, &mut came[1]);
            if came.iter().all(|came| came.len() == sent.len()) && there.flushed && back.flushed {
                break;
            }
        }
        prop_assert!(came[0] == sent && came[1] == sent);
        let (mut closed, mut answered) = (false, false);
        for _ in 0..TURNS {
            closed = closed || later(near_write.close()).is_some();
            let ended = matches!(later(far_read.read(&mut [0])), Some(0));
            answered |= ended && later(far_write.flush()).is_some();
            if closed && answered && matches!(later(near_read.read(&mut [0])), Some(0)) {
                break;
            }
        }
        prop_assert!(near_read.reader().is_closed() && far_read.reader().is_closed());
    }

    #[test]
    fn transport_error_is_returned_by_the_next_call_and_received_data_is_a_prefix(
        ours in script(),
        theirs in script(),
        calls in 0..60_usize,
        pieces in prop::collection::vec(1..90_000_usize, 1..5),
    ) {
        let (mut near, mut far) = ends(&ours, &theirs);
        let mut shaken = [false; 2];
        for _ in 0..TURNS {
            shaken[0] = shaken[0] || later(near.handshake()).is_some();
            shaken[1] = shaken[1] || later(far.handshake()).is_some();
            if shaken == [true; 2] {
                break;
            }
        }
        near.transport_mut().breaks_after = Some(calls);
        let sent = data(500_000);
        let mut written = 0;
        let mut since = 0;
        let error = 'writing: {
            for turn in 0..TURNS {
                let is_broken = near.transport().breaks_after == Some(0);
                match near.write(&sent[written..][..pieces[turn % pieces.len()].min(sent.len() - written)]) {
                    Ok(now) => {
                        written += now;
                        since += usize::from(is_broken);
                        prop_assert!(since <= 1, "it continues as before");
                    }
                    Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                        break 'writing Some(error);
                    }
                    Err(error) => drop(later(Err::<(), _>(error))),
                }
                if written == sent.len() {
                    break;
                }
            }
            None
        };
        if error.is_none() {
            // Enough calls to transfer everything.
            while later_or_broken(near.flush()).is_none() {}
        }
        let kept = core::mem::take(&mut *near.transport().kept.lock().unwrap());
        near.transport_mut().wire.write_all(&kept).unwrap();
        near.transport().wire.end();
        let mut came = Vec::new();
        let mut buf = [0; 5000];
        loop {
            match far.read(&mut buf) {
                Ok(0) => break,
                Ok(read) => came.extend_from_slice(&buf[..read]),
                Err(error) if cairn_tls::tls_error(&error).is_some() => break,
                Err(error) => drop(later(Err::<(), _>(error))),
            }
        }
        prop_assert!(came.len() <= written && sent.starts_with(&came));
    }
}

/// As [`later`], but the transport may have failed permanently.
fn later_or_broken(result: io::Result<()>) -> Option<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Some(()),
        other => later(other),
    }
}
