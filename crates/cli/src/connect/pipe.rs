//! Input (standard input, mostly) to the server, what the server sends to standard output, each on a thread of its own.

use crate::{
    errors::{Code, Failure, Role},
    net::Transport,
    output,
};
use alloc::sync::Arc;
use cairn_tls::{Stream, WriteHalf};
use core::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};
use std::{
    io::{self, BufRead, Read, Write},
    net::{Shutdown, TcpStream},
    sync::{Mutex, PoisonError},
    thread,
    time::Instant,
};

/// How long the server may be silent after our close_notify.
const GOODBYE: Duration = Duration::from_secs(2);

/// What both threads see.
struct Shared {
    writer: Mutex<WriteHalf<Transport>>,
    tcp: TcpStream,
    start: Instant,
    /// When something came last, in milliseconds since the start.
    came_at: AtomicU64,
    /// We have said close_notify.
    said_goodbye: AtomicBool,
}

/// What goes to the server.
pub(super) type Input = Box<dyn Read + Send>;

/// Runs until the server closes, or the input has ended and the server is silent.
pub(super) fn run(tls: Stream<Transport>, input: Input, wait: Duration) -> Result<(), Failure> {
    let of_stream = |error: io::Error| Failure::of_stream(&error, Role::Client);
    let tcp = tls.transport().tcp().try_clone().map_err(of_stream)?;
    let (mut reader, writer) = tls.split(Transport::try_clone).map_err(of_stream)?;
    let shared = Arc::new(Shared {
        writer: Mutex::new(writer),
        tcp,
        start: Instant::now(),
        came_at: AtomicU64::new(0),
        said_goodbye: AtomicBool::new(false),
    });
    let ordered = Arc::clone(&shared);
    reader.on_order(move || ordered.flush());
    let sending = Arc::clone(&shared);
    // It may be waiting for input when the server has closed: nobody waits for it, the process ends.
    thread::spawn(move || sending.send(input, wait));

    let mut out = io::stdout().lock();
    let received = loop {
        let came = match reader.fill_buf() {
            Ok([]) => break Ok(()),
            Ok(data) => {
                out.write_all(data).and_then(|()| out.flush()).map_err(|error| output::broken(&error))?;
                data.len()
            }
            Err(error) => break Err(error),
        };
        shared.note_activity();
        reader.consume(came);
    };
    shared.send_what_is_ordered();
    match received.map_err(of_stream) {
        // The server did not answer our close_notify, and RFC 5246 section 7.2.1 does not make us wait for that.
        Err(failure) if failure.code() == Code::Truncated && shared.said_goodbye.load(Ordering::SeqCst) => {
            Ok(())
        }
        other => other,
    }
}

impl Shared {
    /// The input to the server.
    fn send(&self, mut input: Input, wait: Duration) {
        let mut buffer = vec![0; 1 << 16];
        loop {
            let came = match input.read(&mut buffer) {
                Ok(0) => break,
                Ok(came) => came,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    let _code = Failure::new(Code::Local, format!("input: {error}")).tell();
                    break;
                }
            };
            let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
            if writer.write_all(buffer.get(..came).unwrap_or_default()).is_err() {
                // Why, the reading side will find out.
                return;
            }
        }
        self.note_activity();
        self.wait_for_silence(wait);
        self.said_goodbye.store(true, Ordering::SeqCst);
        self.send_what_is_ordered();
        self.note_activity();
        self.wait_for_silence(GOODBYE);
        let _gone = self.tcp.shutdown(Shutdown::Both);
    }

    fn note_activity(&self) {
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.came_at.store(now, Ordering::SeqCst);
    }

    /// Sleeps until nothing has come for so long.
    fn wait_for_silence(&self, wait: Duration) {
        loop {
            let came = Duration::from_millis(self.came_at.load(Ordering::SeqCst));
            let silent = self.start.elapsed().saturating_sub(came);
            if silent >= wait {
                return;
            }
            thread::sleep(wait - silent);
        }
    }

    /// Sends what the reading side wants sent in a renegotiation, unless the other thread is writing: it sends that itself
    /// then.
    fn flush(&self) {
        for _ in 0..50 {
            if let Ok(mut writer) = self.writer.try_lock() {
                let _told_by_reading = writer.flush();
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Sends close_notify, or the alert that the reading side wants sent, unless the other thread is stuck in a write
    /// that nobody reads.
    fn send_what_is_ordered(&self) {
        for _ in 0..10 {
            if let Ok(mut writer) = self.writer.try_lock() {
                let _gone = writer.close();
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}
