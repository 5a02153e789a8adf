//! Two streams over a transport that fails when it is told to.

use super::{MAX_STEPS, Told, byte_at};
use crate::script::Script;
use crate::world::Scenario;
use cairn_tls::{Side, Stream};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::rc::Rc;

/// The things to do, each a byte: the lowest bit says which end.
pub(super) const DEEDS: core::ops::RangeInclusive<u8> = 0..=31;
/// Both shake hands, write and read, over and over.
pub(super) const GOOD: &[u8] = &[0, 1, 0, 1, 2, 3, 4, 5, 4, 5];

/// Calls that one deed may make to the transport: a full handshake in single bytes, and far more than that.
const MAX_CALLS: usize = 200_000;

/// What comes of the next calls to a transport.
#[derive(Clone, Copy, Debug, Default)]
enum Fault {
    #[default]
    None,
    /// So many bytes at a time.
    Short,
    Interrupted,
    WouldBlock,
    TimedOut,
    Broken,
    /// A write that takes nothing.
    Nothing,
}

/// What both ends of a transport share.
#[derive(Debug, Default)]
struct Wire {
    ways: [VecDeque<u8>; 2],
    ended: [bool; 2],
    fault: [Fault; 2],
    /// After so many calls without one.
    fault_in: [usize; 2],
    calls: usize,
}

impl Wire {
    /// What comes of this call.
    fn fault(&mut self, side: usize) -> Fault {
        self.calls += 1;
        assert!(self.calls < MAX_CALLS, "an endless loop");
        if self.fault_in[side] > 0 {
            self.fault_in[side] -= 1;
            return Fault::None;
        }
        match self.fault[side] {
            // These last; an interruption is over when it has been told.
            fault @ (Fault::None | Fault::Short | Fault::Broken) => fault,
            once => {
                self.fault[side] = Fault::None;
                once
            }
        }
    }
}

impl Fault {
    /// As an error, where it is one.
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

/// One end of the transport.
#[derive(Debug)]
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

/// One end, and what its caller has been told.
#[derive(Debug)]
struct End {
    stream: Stream<Plug>,
    told: Told,
    /// How many bytes it has read.
    read: usize,
    /// It has read the end of the data.
    ended: bool,
    /// Its caller has closed, with success.
    closed: bool,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Pair<'s> {
    script: Script<'s>,
    wire: Rc<RefCell<Wire>>,
    ends: [End; 2],
}

impl<'s> Pair<'s> {
    pub(super) fn new(scenario: &Scenario, script: Script<'s>) -> Self {
        let wire = Rc::new(RefCell::new(Wire::default()));
        let ends = [Side::Client, Side::Server].map(|side| {
            let plug = Plug { wire: Rc::clone(&wire), side: usize::from(side == Side::Server) };
            let stream = Stream::new(scenario.connection(side), plug).expect("a stream begins");
            End { stream, told: Told::default(), read: 0, ended: false, closed: false }
        });
        Self { script, wire, ends }
    }

    /// Does what the script says.
    pub(super) fn run(&mut self) {
        for _ in 0..MAX_STEPS {
            let Some(deed) = self.script.step() else { return };
            self.wire.borrow_mut().calls = 0;
            self.step(usize::from(deed & 1), deed >> 1 & 15);
            self.judge();
        }
    }

    /// Whether data has gone both ways.
    pub(super) fn has_exchanged(&self) -> bool {
        self.ends.iter().all(|end| end.read > 0)
    }

    fn step(&mut self, which: usize, deed: u8) {
        let end = &mut self.ends[which];
        match deed {
            0 => {
                if end.stream.handshake().is_ok() && end.stream.reader().error().is_none() {
                    assert!(end.stream.reader().is_complete() || end.stream.reader().is_closed());
                }
            }
            1 => end.write(100),
            2 => end.read(usize::from(u8::MAX)),
            3 => end.write(usize::from(self.script.byte()) << 8 | 1),
            4 => end.read(usize::from(self.script.byte())),
            5 => end.fill(usize::from(self.script.byte())),
            6 => end.closed |= end.stream.close().is_ok(),
            7 => {
                let _refused = end.stream.renegotiate();
            }
            8 => end.stream.release_buffers(),
            9 => {
                let _failed = end.stream.flush();
            }
            10 => end.write(0),
            11 => self.wire.borrow_mut().ended[which] = true,
            12 => {
                let mut out = [0; 16];
                let _none = end.stream.reader().export_keying_material(b"EXPERIMENTAL fuzz", None, &mut out);
                let _told = (end.stream.question().is_some(), end.stream.summary(), end.stream.wants_write());
            }
            13 => {
                while end.stream.reader_mut().next_notice().is_some() {}
                let _taken = end.stream.reader_mut().take_summary();
            }
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

    /// What one has read, the other has written and been told so; and an end that was told comes after all of it.
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
    /// As a caller does who writes again what was not taken.
    fn write(&mut self, length: usize) {
        let data = self.told.next(length);
        match self.stream.write(&data) {
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
        match self.stream.read(&mut buf) {
            Ok(0) if length > 0 => self.ended = true,
            Ok(read) => self.took(&buf[..read]),
            Err(_) => {}
        }
    }

    fn fill(&mut self, amount: usize) {
        let Ok(data) = self.stream.fill_buf() else { return };
        let taken = data[..amount.min(data.len())].to_vec();
        self.ended |= data.is_empty();
        self.stream.consume(taken.len());
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
