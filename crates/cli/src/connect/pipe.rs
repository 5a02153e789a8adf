//! Copies the input to the server and the server's data to standard output, each in its own thread.

use super::outcome::{self, Asked, Course, End, Patience, Sending};
use crate::{
    explain,
    failure::{Code, Failure},
    net::Transport,
    output::{self, note},
};
use alloc::sync::Arc;
use cairn_tls::{Notice, ReadHalf, Side, Stream, WriteHalf, wire::KeyUpdateRequest};
use core::time::Duration;
use std::{
    io::{self, BufRead, Read, Write},
    net::{Shutdown, TcpStream},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Instant,
};

/// The least silence before our close_notify, whatever `--wait` says. A server that answers at once and
/// closes without reading our close_notify would reset the connection, and its own close_notify could be
/// lost.
const ANSWER: Duration = Duration::from_millis(50);

/// The state that both threads share.
struct Shared {
    writer: Mutex<WriteHalf<Transport>>,
    tcp: TcpStream,
    state: Mutex<State>,
}

/// The progress of the connection.
struct State {
    course: Course,
    /// The time of the last data in either direction.
    active_at: Instant,
    /// Whether data is being printed. The reader of our output can be slow, and the server does not count as
    /// silent meanwhile.
    is_printing: bool,
    /// The sending thread has ended the transport.
    stopped: bool,
}

/// The data for the server.
pub(super) type Input = Box<dyn Read + Send>;

/// Runs until the server closes, or the input has ended and the server is silent for too long.
///
/// `arrived` bytes of input have reached the server as early data, and `input` is the rest.
/// `patience` has the time limits; `asked` states whether the server has asked for a renegotiation; with
/// `updates`, a KeyUpdate follows each piece of data from the server.
pub(super) fn run(
    tls: Stream<Transport>,
    (arrived, input): (usize, Input),
    patience: Patience,
    asked: impl Fn() -> Asked,
    updates: bool,
    quiet: bool,
) -> Result<(), Failure> {
    let of_stream = |error: io::Error| explain::stream(&error, Side::Client);
    let tcp = tls.transport().tcp().try_clone().map_err(of_stream)?;
    let (mut reader, writer) = tls.split(Transport::try_clone).map_err(of_stream)?;
    let sent = u64::try_from(arrived).unwrap_or(u64::MAX);
    let course = Course { sent, ..Course::default() };
    let state = State { course, active_at: Instant::now(), is_printing: false, stopped: false };
    let shared = Arc::new(Shared { writer: Mutex::new(writer), tcp, state: Mutex::new(state) });
    let ordered = Arc::clone(&shared);
    reader.on_order(move || ordered.flush());
    let sending = Arc::clone(&shared);
    // It may still be waiting for input when the server has closed. It is not joined; it ends with the
    // process.
    thread::spawn(move || sending.send(input, patience));

    let mut out = io::stdout().lock();
    let received = loop {
        if !quiet {
            tell_authentications(&mut reader);
        }
        let came = match reader.fill_buf() {
            Ok([]) => break Ok(()),
            Ok(data) => {
                shared.state().is_printing = true;
                out.write_all(data).and_then(|()| out.flush()).map_err(|error| output::broken(&error))?;
                data.len()
            }
            Err(error) => break Err(error),
        };
        shared.note_arrival(came);
        reader.consume(came);
        if updates {
            reader
                .update_keys(KeyUpdateRequest::UpdateRequested)
                .map_err(|misuse| Failure::new(Code::Local, format!("no KeyUpdate: {misuse}")))?;
        }
    };
    if !quiet {
        tell_authentications(&mut reader);
    }
    let (course, stopped) = {
        let state = shared.state();
        (state.course.clone(), state.stopped)
    };
    shared.send_what_is_ordered();
    let asked = asked();
    let (end, cut) = match received {
        Ok(()) => (End::Closed, None),
        Err(error) => match of_stream(error) {
            failure if failure.code() != Code::Truncated => (End::Failed, Some(failure)),
            _ if stopped => (End::Stopped, None),
            failure => (End::Cut, Some(failure)),
        },
    };
    outcome::verdict(&course, end, asked, cut)?;
    if !quiet && asked == Asked::AndRefused {
        note("the server asked for a renegotiation, which was refused; --renegotiation allowed agrees to it");
    }
    Ok(())
}

/// Prints the answer to the server's request for a certificate after the handshake.
fn tell_authentications(reader: &mut ReadHalf<Transport>) {
    while let Some(notice) = reader.reader_mut().next_notice() {
        if let Notice::ClientAuthentication(authentication) = notice {
            let what = if authentication.identity.is_some() { "presented" } else { "none presented" };
            note(format_args!("the server asked for a certificate after the handshake: {what}"));
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // The state is valid even after a panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends the input, then ends the connection.
    fn send(&self, input: Input, patience: Patience) {
        if !self.send_input(input) {
            return;
        }
        self.state().active_at = Instant::now();
        let wait = self.wait_for_silence(|course| patience.with(course).max(ANSWER));
        {
            let mut state = self.state();
            state.course.silence = (wait > ANSWER).then_some(wait);
            state.course.closed = true;
        }
        self.send_what_is_ordered();
        self.state().active_at = Instant::now();
        self.wait_for_silence(|course| patience.goodbye(course));
        self.state().stopped = true;
        let _gone = self.tcp.shutdown(Shutdown::Both);
    }

    /// Sends the input. Returns whether everything that was read could be sent.
    fn send_input(&self, mut input: Input) -> bool {
        let mut buffer = vec![0; 1 << 16];
        loop {
            let came = match input.read(&mut buffer) {
                Ok(0) => {
                    self.state().course.sending = Sending::Done;
                    return true;
                }
                Ok(came) => came,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.state().course.sending = Sending::Unreadable(error.to_string());
                    return true;
                }
            };
            self.state().course.sending = Sending::Busy;
            let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
            if writer.write_all(buffer.get(..came).unwrap_or_default()).is_err() {
                // The reading thread finds the reason.
                return false;
            }
            drop(writer);
            let mut state = self.state();
            state.course.sending = Sending::Idle;
            let came = u64::try_from(came).unwrap_or(u64::MAX);
            state.course.sent = state.course.sent.saturating_add(came);
        }
    }

    /// Records that this many bytes have come and are printed.
    fn note_arrival(&self, bytes: usize) {
        let mut state = self.state();
        state.active_at = Instant::now();
        state.is_printing = false;
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        state.course.came = state.course.came.saturating_add(bytes);
    }

    /// Sleeps until no data has come for the time of `wait`, and returns that time.
    fn wait_for_silence(&self, wait: impl Fn(&Course) -> Duration) -> Duration {
        loop {
            let (silent, wait) = {
                let state = self.state();
                let silent = if state.is_printing { Duration::ZERO } else { state.active_at.elapsed() };
                (silent, wait(&state.course))
            };
            if silent >= wait {
                return wait;
            }
            thread::sleep(wait - silent);
        }
    }

    /// Sends the messages of a renegotiation for the reading thread, unless the other thread is writing: it
    /// sends them then.
    fn flush(&self) {
        for _ in 0..50 {
            if let Ok(mut writer) = self.writer.try_lock() {
                let _told_by_reading = writer.flush();
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Sends close_notify or a pending alert, unless the other thread is blocked in a write that the peer
    /// does not read.
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
