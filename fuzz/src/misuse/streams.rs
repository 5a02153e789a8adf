//! Two streams, whole or in halves, over a transport that fails on demand.

use super::told::{MAX_STEPS, Told, byte_at};
use crate::script::Script;
use crate::world::Scenario;
use cairn_tls::{ReadHalf, Reader, Renegotiation, Side, Stream, WriteHalf};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::rc::Rc;

/// The steps, one byte each. The lowest bit selects the side.
pub(super) const DEEDS: core::ops::RangeInclusive<u8> = 0..=31;
/// Both sides perform the handshake, write and read, repeatedly.
pub(super) const GOOD: &[u8] = &[0, 1, 0, 1, 2, 3, 4, 5, 4, 5];

/// The maximum number of calls to the transport in one step: far more than a full handshake in single bytes
/// needs.
const MAX_CALLS: usize = 200_000;

/// The result of the next calls to a transport.
#[derive(Clone, Copy, Debug, Default)]
enum Fault {
    #[default]
    None,
    /// At most this many bytes per call.
    Short,
    Interrupted,
    WouldBlock,
    TimedOut,
    Broken,
    /// A write that accepts nothing.
    Nothing,
}

/// The state that both sides of a transport share.
#[derive(Debug, Default)]
struct Wire {
    ways: [VecDeque<u8>; 2],
    ended: [bool; 2],
    fault: [Fault; 2],
    /// After this many calls without one.
    fault_in: [usize; 2],
    calls: usize,
}

impl Wire {
    /// The result of this call.
    fn fault(&mut self, side: usize) -> Fault {
        self.calls += 1;
        assert!(self.calls < MAX_CALLS, "an endless loop");
        if self.fault_in[side] > 0 {
            self.fault_in[side] -= 1;
            return Fault::None;
        }
        match self.fault[side] {
            // These persist; an interruption is reported once.
            fault @ (Fault::None | Fault::Short | Fault::Broken) => fault,
            once => {
                self.fault[side] = Fault::None;
                once
            }
        }
    }
}

impl Fault {
    /// The error, if it is one.
    fn error(self) -> Option<io::Error> {
        let kind = match self {
            Self::None | Self::Short | Self::Nothing => return None,
            Self::Interrupted => ErrorKind::Interrupted,
            Self::WouldBlock => ErrorKind::WouldBlock,
            Self::TimedOut => ErrorKind::TimedOut,
            Self::Broken => ErrorKind::BrokenPipe,
        };
        Some(kind.into())
    }
}

/// One side of the transport.
#[derive(Clone, Debug)]
struct Plug {
    wire: Rc<RefCell<Wire>>,
    side: usize,
}

impl Read for Plug {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut wire = self.wire.borrow_mut();
        let fault = wire.fault(self.side);
        if let Some(error) = fault.error() {
            return Err(error);
        }
        let limit = if matches!(fault, Fault::Short) { buf.len().min(1) } else { buf.len() };
        let ended = wire.ended[1 - self.side];
        let way = &mut wire.ways[1 - self.side];
        if way.is_empty() && !ended {
            return Err(ErrorKind::WouldBlock.into());
        }
        let read = limit.min(way.len());
        for (place, byte) in buf.iter_mut().zip(way.drain(..read)) {
            *place = byte;
        }
        Ok(read)
    }
}

impl Write for Plug {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let mut wire = self.wire.borrow_mut();
        let fault = wire.fault(self.side);
        if let Some(error) = fault.error() {
            return Err(error);
        }
        let taken = match fault {
            Fault::Nothing => 0,
            Fault::Short => buf.len().min(1),
            _ => buf.len(),
        };
        if wire.ended[self.side] {
            return Err(ErrorKind::BrokenPipe.into());
        }
        wire.ways[self.side].extend(&buf[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        let fault = self.wire.borrow_mut().fault(self.side);
        fault.error().map_or(Ok(()), Err)
    }
}

/// The objects that a caller holds.
#[derive(Debug)]
enum Handle {
    Whole(Box<Stream<Plug>>),
    /// Either half may have been dropped.
    Halves(Option<Box<ReadHalf<Plug>>>, Option<Box<WriteHalf<Plug>>>),
}

impl Handle {
    fn reader(&self) -> Option<&Reader> {
        match self {
            Self::Whole(stream) => Some(stream.reader()),
            Self::Halves(read, _) => read.as_ref().map(|half| half.reader()),
        }
    }

    fn write_half(&mut self) -> Option<&mut dyn Write> {
        match self {
            Self::Whole(stream) => Some(&mut **stream),
            Self::Halves(_, write) => write.as_mut().map(|half| &mut **half as &mut dyn Write),
        }
    }

    fn read_half(&mut self) -> Option<&mut dyn BufRead> {
        match self {
            Self::Whole(stream) => Some(&mut **stream),
            Self::Halves(read, _) => read.as_mut().map(|half| &mut **half as &mut dyn BufRead),
        }
    }

    /// Whether it has closed and the transport has accepted the alert.
    fn close(&mut self) -> bool {
        match self {
            Self::Whole(stream) => stream.close().is_ok(),
            Self::Halves(_, write) => write.as_mut().is_some_and(|half| half.close().is_ok()),
        }
    }
}

/// One side, with the results that its caller has seen.
#[derive(Debug)]
struct End {
    /// `None` during a split, and after a failed one.
    handle: Option<Handle>,
    told: Told,
    /// The number of bytes read.
    read: usize,
    /// Whether it has read the end of the data.
    ended: bool,
    /// Whether its caller has closed it successfully.
    closed: bool,
}

/// The connection: see the module documentation.
#[derive(Debug)]
pub(super) struct Pair<'s> {
    script: Script<'s>,
    wire: Rc<RefCell<Wire>>,
    ends: [End; 2],
    /// Halves on one thread would wait for each other during a renegotiation.
    may_split: bool,
}

impl<'s> Pair<'s> {
    pub(super) fn new(scenario: &Scenario, script: Script<'s>) -> Self {
        let wire = Rc::new(RefCell::new(Wire::default()));
        let ends = [Side::Client, Side::Server].map(|side| {
            let plug = Plug { wire: Rc::clone(&wire), side: usize::from(side == Side::Server) };
            let stream = Stream::new(scenario.connection(side), plug).expect("a stream begins");
            let handle = Some(Handle::Whole(Box::new(stream)));
            End { handle, told: Told::default(), read: 0, ended: false, closed: false }
        });
        let may_split = scenario.client.policy().tls12.renegotiation == Renegotiation::Never;
        Self { script, wire, ends, may_split }
    }

    /// Executes the script.
    pub(super) fn run(&mut self) {
        for _ in 0..MAX_STEPS {
            let Some(deed) = self.script.step() else { return };
            self.wire.borrow_mut().calls = 0;
            self.step(usize::from(deed & 1), deed >> 1 & 15);
            self.judge();
        }
    }

    /// Whether data has been exchanged in both directions.
    pub(super) fn has_exchanged(&self) -> bool {
        self.ends.iter().all(|end| end.read > 0)
    }

    fn step(&mut self, which: usize, deed: u8) {
        let end = &mut self.ends[which];
        let Some(handle) = &mut end.handle else { return };
        match (deed, handle) {
            (0, Handle::Whole(stream)) => {
                if stream.handshake().is_ok() && stream.reader().error().is_none() {
                    assert!(stream.reader().is_complete() || stream.reader().is_closed());
                }
            }
            (1, _) => end.write(100),
            (2, _) => end.read(usize::from(u8::MAX)),
            (3, _) => end.write(usize::from(self.script.byte()) << 8 | 1),
            (4, _) => end.read(usize::from(self.script.byte())),
            (5, _) => end.fill(usize::from(self.script.byte())),
            (6, handle) => end.closed |= handle.close(),
            (7, Handle::Whole(stream)) => {
                let _refused = stream.renegotiate();
            }
            (7, Handle::Halves(Some(half), _)) => {
                let _refused = half.renegotiate();
            }
            (8, Handle::Whole(stream)) => stream.release_buffers(),
            (9 | 8 | 0, handle) => {
                let _failed = handle.write_half().map(Write::flush);
            }
            (10, _) => end.write(0),
            (11, _) => self.wire.borrow_mut().ended[which] = true,
            (12, Handle::Whole(stream)) => {
                let mut out = [0; 16];
                let _none = stream.reader().export_keying_material(b"EXPERIMENTAL fuzz", None, &mut out);
                let _told = (stream.question().is_some(), stream.summary(), stream.wants_write());
            }
            (12, Handle::Halves(read, write)) => match self.script.byte() & 3 {
                0 => *read = None,
                1 => *write = None,
                _ => {}
            },
            (13, Handle::Whole(stream)) => {
                while stream.reader_mut().next_notice().is_some() {}
                let _taken = stream.reader_mut().take_summary();
            }
            (14, Handle::Whole(_)) if self.may_split => end.split(),
            _ => {
                let byte = self.script.byte();
                let mut wire = self.wire.borrow_mut();
                wire.fault[which] = match byte & 7 {
                    0 | 1 => Fault::None,
                    2 => Fault::Short,
                    3 => Fault::Interrupted,
                    4 => Fault::WouldBlock,
                    5 => Fault::TimedOut,
                    6 => Fault::Broken,
                    _ => Fault::Nothing,
                };
                wire.fault_in[which] = usize::from(byte >> 3);
            }
        }
    }

    /// One side has read only data that the other has written successfully. If it has seen the end, it has
    /// read all of it.
    fn judge(&self) {
        for (from, to) in [(0, 1), (1, 0)] {
            let (from, to) = (&self.ends[from], &self.ends[to]);
            assert!(to.read <= from.told.written, "{} read, {} written", to.read, from.told.written);
            if to.ended && from.closed {
                assert_eq!(to.read, from.told.written, "an orderly end, and not all came");
            }
        }
    }
}

impl End {
    /// Splits a stream whose handshake is complete. If that fails, the stream is gone.
    fn split(&mut self) {
        let complete = self.handle.as_ref().and_then(Handle::reader).is_some_and(Reader::is_complete);
        let Some(Handle::Whole(stream)) = self.handle.take_if(|_| complete) else { return };
        // By its full name: `BufRead` has a `split` too.
        let halves = Stream::split(*stream, |plug| Ok(plug.clone())).ok();
        self.handle = halves.map(|(read, write)| Handle::Halves(Some(Box::new(read)), Some(Box::new(write))));
    }

    /// Writes the rest again, as a caller does.
    fn write(&mut self, length: usize) {
        let data = self.told.next(length);
        let Some(half) = self.handle.as_mut().and_then(Handle::write_half) else { return };
        match half.write(&data) {
            Ok(taken) => {
                assert!(taken <= length && (taken > 0 || length == 0), "{taken} of {length} taken");
                assert!(!self.closed || taken == 0, "written after close");
                self.told.written += taken;
            }
            Err(error) => assert_ne!(error.kind(), ErrorKind::Interrupted),
        }
    }

    fn read(&mut self, length: usize) {
        let mut buf = vec![0; length];
        let Some(half) = self.handle.as_mut().and_then(Handle::read_half) else { return };
        match half.read(&mut buf) {
            Ok(0) if length > 0 => self.ended = true,
            Ok(read) => self.took(&buf[..read]),
            Err(_) => {}
        }
    }

    fn fill(&mut self, amount: usize) {
        let Some(half) = self.handle.as_mut().and_then(Handle::read_half) else { return };
        let Ok(data) = half.fill_buf() else { return };
        let taken = data[..amount.min(data.len())].to_vec();
        let ended = data.is_empty();
        half.consume(taken.len());
        self.ended |= ended;
        self.took(&taken);
    }

    fn took(&mut self, data: &[u8]) {
        assert!(data.is_empty() || !self.ended, "data after its end");
        for (place, byte) in (self.read..).zip(data) {
            assert_eq!(*byte, byte_at(place), "byte {place} is another");
        }
        self.read += data.len();
    }
}
