//! Two ends of a TCP connection, and a transport in memory with configurable faults: it blocks at every other
//! call, accepts few bytes, or fails.

use std::{
    collections::VecDeque,
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

/// Two ends of a TCP connection. None waits for long.
pub(crate) fn tcp() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let far = listener.accept().unwrap().0;
    for end in [&near, &far] {
        end.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        end.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
    }
    (near, far)
}

#[derive(Debug, Default)]
struct Pipe {
    bytes: VecDeque<u8>,
    /// The writer is closed.
    ended: bool,
    /// The reader is closed.
    broken: bool,
}

/// One end of two pipes. It never waits: without data it returns `WouldBlock`.
#[derive(Debug)]
pub(crate) struct Wire {
    from: Arc<Mutex<Pipe>>,
    to: Arc<Mutex<Pipe>>,
    /// The maximum number of bytes that one call moves.
    pub(crate) step: usize,
    /// The capacity of the pipe, after which writing would block.
    pub(crate) room: usize,
    /// Whether every third call would block, even if there is data. An odd number, so that a loop with two
    /// calls meets it in both.
    pub(crate) stutters: bool,
    calls: usize,
}

/// Both ends.
pub(crate) fn wires() -> (Wire, Wire) {
    let (a, b) = (Arc::new(Mutex::new(Pipe::default())), Arc::new(Mutex::new(Pipe::default())));
    let wire = |from: &Arc<Mutex<Pipe>>, to: &Arc<Mutex<Pipe>>| Wire {
        from: Arc::clone(from),
        to: Arc::clone(to),
        step: usize::MAX,
        room: usize::MAX,
        stutters: false,
        calls: 0,
    };
    (wire(&a, &b), wire(&b, &a))
}

impl Wire {
    /// A second handle of the same end.
    pub(crate) fn twin(&self) -> Self {
        Self { from: Arc::clone(&self.from), to: Arc::clone(&self.to), ..*self }
    }

    fn would_block(&mut self) -> io::Result<()> {
        self.calls += 1;
        if self.stutters && self.calls.is_multiple_of(3) {
            Err(io::ErrorKind::WouldBlock.into())
        } else {
            Ok(())
        }
    }

    /// The peer will read the written data and then the end.
    pub(crate) fn end(&self) {
        self.to.lock().unwrap().ended = true;
    }

    /// The peer can no longer write.
    pub(crate) fn stop_reading(&self) {
        self.from.lock().unwrap().broken = true;
    }

    /// The number of bytes that the peer has not read yet.
    pub(crate) fn unread(&self) -> usize {
        self.to.lock().unwrap().bytes.len()
    }

    /// Removes everything that the peer has sent.
    pub(crate) fn take_all(&self) -> Vec<u8> {
        self.from.lock().unwrap().bytes.drain(..).collect()
    }
}

impl Read for Wire {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        assert!(!buf.is_empty(), "a read into nothing looks like the end");
        self.would_block()?;
        let mut pipe = self.from.lock().unwrap();
        if pipe.bytes.is_empty() {
            return if pipe.ended { Ok(0) } else { Err(io::ErrorKind::WouldBlock.into()) };
        }
        let now = buf.len().min(self.step);
        pipe.bytes.read(&mut buf[..now])
    }
}

impl Write for Wire {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.would_block()?;
        let mut pipe = self.to.lock().unwrap();
        if pipe.broken {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let now = buf.len().min(self.step).min(self.room.saturating_sub(pipe.bytes.len()));
        if now == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        pipe.bytes.extend(&buf[..now]);
        Ok(now)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
