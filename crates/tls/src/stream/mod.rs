//! Blocking streams over anything that is `Read + Write`.

mod buffer;
mod closing;
mod halves;
mod io_traits;
mod link;
mod waiting;

pub use halves::{ReadHalf, WriteHalf};
pub use waiting::HandshakeWaits;

use crate::{
    Answer, ClientConfig, Connection, Error, ErrorKind, Misuse, Progress, Question, QuestionId, Reader,
    Received, RecordError, ServerConfig, ServerEndpoint, Summary, Writer,
};
use alloc::vec::Vec;
use buffer::{Incoming, MAX_HELD, Outgoing, is_pause};
use std::io::{self, Read, Write};

/// How much application data one `write` seals at most: four full records.
const MAX_WRITE: usize = 4 << 14;

/// A TLS connection over a transport: written data goes out encrypted, and data that is read has been authenticated.
///
/// The handshake runs at the first read, write, flush or close, or when [`Stream::handshake`] is called.
///
/// The transport may be non-blocking: [`io::ErrorKind::WouldBlock`] comes through, nothing is lost by it, and the same
/// call goes on later. Wait for the transport to be readable, and also for it to be writable while
/// [`Stream::wants_write`] says so. Reading goes on when nothing can be sent.
///
/// The buffers are taken when they are needed and given back when the transport would block or
/// [`Stream::release_buffers`] is called: about 18 KB to read, and to write what one call seals, a little over 64 KiB at
/// most.
///
/// A time-out or any other error of the transport comes through in the same way. Once `write` has encrypted data it
/// returns `Ok`, even when the transport fails then; the error comes with the next call that writes. So data that `write`
/// has taken must not be written again.
///
/// Dropping a stream does not say close_notify: the peer would take the end for a truncation. Call [`Stream::close`] when
/// all is done, or [`Stream::close_write`] when there is nothing more to write and something to read.
#[derive(Debug)]
pub struct Stream<S> {
    connection: Connection,
    transport: S,
    incoming: Incoming,
    outgoing: Outgoing,
    /// Whether a call has run the handshake, or tried to.
    used: bool,
}

/// How far a handshake is, or what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handshake {
    /// Complete; after [`Stream::renegotiate`], that handshake too.
    Complete,
    /// A question is pending that the configuration does not answer: see [`Stream::question`].
    Question(QuestionId),
    /// The peer refused the handshake that [`Stream::renegotiate`] asked for, or did not begin it in time. The connection
    /// goes on as it was: the peer has proved nothing new.
    Refused,
    /// The peer closed the connection before the handshake that [`Stream::renegotiate`] asked for was complete. What it sent
    /// before can be read; nothing can be written.
    Closed,
}

/// What a stream is made of: see [`Stream::into_parts`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Parts<S> {
    /// The transport.
    pub transport: S,
    /// The connection, to go on without I/O.
    pub connection: Connection,
    /// Application data of the peer that was decrypted and not read.
    pub unread: Vec<u8>,
    /// Bytes from the transport that were not looked at: records, or anything that the peer sent behind its close_notify.
    pub unopened: Vec<u8>,
    /// Records that the transport has not taken. They must be sent before anything else.
    pub unsent: Vec<u8>,
}

impl<S: Read + Write> Stream<S> {
    /// A connection that has not begun, made by hand: with a trace, say.
    ///
    /// # Errors
    /// [`Error`] when the provider fails.
    pub fn new(connection: Connection, transport: S) -> Result<Self, Error> {
        Self::start(connection, transport)
    }

    /// A client that means to talk to `server` over `transport`.
    ///
    /// # Errors
    /// [`Error`] when the provider fails.
    pub fn client(
        config: &ClientConfig,
        server: impl Into<ServerEndpoint>,
        transport: S,
    ) -> Result<Self, Error> {
        Self::start(Connection::client(config, server), transport)
    }

    /// A server over `transport`.
    ///
    /// # Errors
    /// [`Error`] when the provider fails.
    pub fn server(config: &ServerConfig, transport: S) -> Result<Self, Error> {
        Self::start(Connection::server(config), transport)
    }

    fn start(mut connection: Connection, transport: S) -> Result<Self, Error> {
        let mut outgoing = Outgoing::default();
        connection.start(outgoing.end())?;
        Ok(Self { connection, transport, incoming: Incoming::default(), outgoing, used: false })
    }

    /// Runs the handshake to its end, or to a question that the configuration does not answer. After
    /// [`Stream::renegotiate`], the same for that handshake; [`Handshake`] says what came of it.
    ///
    /// # Errors
    /// Those of the transport: a read time-out says what the handshake waits for ([`HandshakeWaits`]). An [`Error`] inside an
    /// [`io::Error`] when the handshake fails (see [`tls_error`]), also when a client refuses a renegotiation in which it
    /// must show a certificate, or closes instead, and when a renegotiation lasts too long
    /// ([`Limits::max_renegotiation_time`](crate::Limits::max_renegotiation_time)). [`io::ErrorKind::WouldBlock`] when so
    /// much application data has come during a renegotiation that it must be read first.
    pub fn handshake(&mut self) -> io::Result<Handshake> {
        let is_settled =
            |connection: &Connection| connection.is_complete() && !connection.reader().is_renegotiating();
        self.used = true;
        if let Some(id) = self.run_until(is_settled)? {
            return Ok(Handshake::Question(id));
        }
        Ok(if !is_settled(&self.connection) {
            Handshake::Closed
        } else if self.connection.reader().is_renegotiation_refused() {
            Handshake::Refused
        } else {
            Handshake::Complete
        })
    }

    /// Takes records until this is so, the peer has closed, or a question is pending. Application data that comes meanwhile
    /// is kept.
    fn run_until(&mut self, done: impl Fn(&Connection) -> bool) -> io::Result<Option<QuestionId>> {
        // What writing failed with. The peer may have said why, or all that is needed: reading goes on.
        let mut cut = None;
        while !done(&self.connection) && !self.connection.reader().is_closed() {
            if !self.incoming.hold_data(MAX_HELD) {
                let full =
                    || io::Error::new(io::ErrorKind::WouldBlock, "application data must be read first");
                return Err(cut.unwrap_or_else(full));
            }
            if let Err(error) = self.outgoing.send(&mut self.transport)
                && !is_pause(&error)
            {
                cut.get_or_insert(error);
            }
            match self.pump() {
                Ok(None) => {}
                Ok(Some(id)) => return Ok(Some(id)),
                Err(error) => {
                    let says_why = tls_error(&error).is_some_and(|error| !error.is_truncation());
                    return Err(match cut {
                        Some(cut) if !says_why => cut,
                        _ => HandshakeWaits::explain(error, &self.connection),
                    });
                }
            }
        }
        match self.outgoing.flush(&mut self.transport) {
            // A peer that has closed needs no answer.
            Err(_) if self.connection.reader().is_closed() => Ok(None),
            flushed => flushed.map(|()| None),
        }
    }

    /// Asks for another handshake. [`Stream::handshake`] runs it to its end; so do reading and writing, on their way. See
    /// [`Reader::renegotiate`].
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn renegotiate(&mut self) -> Result<(), Misuse> {
        self.connection.renegotiate(self.outgoing.end())
    }

    /// Another configuration for a server's handshakes to come. See [`Reader::set_server_config`].
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn set_server_config(&mut self, config: &ServerConfig) -> Result<(), Misuse> {
        self.connection.set_server_config(config)
    }

    /// Answers the pending question. Then call [`Stream::handshake`] again.
    ///
    /// # Errors
    /// [`Misuse`] when the answer does not fit; nothing has changed then.
    pub fn answer(&mut self, id: QuestionId, answer: Answer) -> Result<(), Misuse> {
        self.connection.answer(id, answer, self.outgoing.end())
    }

    /// The pending question that the configuration does not answer.
    #[must_use]
    pub fn question(&self) -> Option<(QuestionId, Question<'_>)> {
        self.connection.question()
    }

    /// What was negotiated, once the handshake is complete.
    #[must_use]
    pub fn summary(&self) -> Option<&Summary> {
        self.connection.summary()
    }

    /// The half that reads, with the state, the notices and exporters.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        self.connection.reader()
    }

    /// The half that writes, with the use of its key.
    #[must_use]
    pub const fn writer(&self) -> &Writer {
        self.connection.writer()
    }

    /// Whether there are records that the transport has not taken yet. They go with the next call of any kind.
    #[must_use]
    pub fn wants_write(&self) -> bool {
        !self.outgoing.is_empty()
    }

    /// The half that reads, to take notices or the summary from.
    #[must_use]
    pub const fn reader_mut(&mut self) -> &mut Reader {
        self.connection.reader_mut()
    }

    /// The transport.
    #[must_use]
    pub const fn transport(&self) -> &S {
        &self.transport
    }

    /// The transport, to set its timeouts, say. Reading from it or writing to it breaks the connection.
    #[must_use]
    pub const fn transport_mut(&mut self) -> &mut S {
        &mut self.transport
    }

    /// Returns the transport and drops the connection with its buffers: application data that was not read, records that
    /// came and were not opened, and records that the transport has not taken ([`Stream::wants_write`]). Once both sides
    /// have closed, the buffers can hold only what the peer sent behind its close_notify; to go on with the transport in
    /// the clear, use [`Stream::into_parts`].
    #[must_use]
    pub fn into_inner(self) -> S {
        self.transport
    }

    /// Takes the stream apart, and loses nothing.
    #[must_use]
    pub fn into_parts(self) -> Parts<S> {
        let (unread, unopened) = self.incoming.into_unread();
        let unsent = self.outgoing.into_unsent();
        Parts { transport: self.transport, connection: self.connection, unread, unopened, unsent }
    }

    /// Gives the memory of empty buffers back: an idle connection needs none.
    pub fn release_buffers(&mut self) {
        self.incoming.release();
        self.outgoing.release();
    }

    /// One turn: sends what is pending, as far as the transport takes it, and takes one record, reading more from the
    /// transport if need be.
    fn pump(&mut self) -> io::Result<Option<QuestionId>> {
        // That it does not take it is for the calls that write to tell. A peer that has said close_notify may be gone
        // when we answer, and one that is busy writing may not read before we do.
        self.outgoing.send_quietly(&mut self.transport);
        let received = self.connection.receive(self.incoming.pending(), self.outgoing.end());
        // Before an error is told, the alert that goes with it is sent.
        self.outgoing.send_quietly(&mut self.transport);
        if !matches!(received, Ok(Received { progress: Progress::Data(_) | Progress::Handled, .. })) {
            self.outgoing.flush_quietly(&mut self.transport);
        }
        let received = received?;
        self.incoming.consume_record(received.consumed);
        match received.progress {
            Progress::NeedMore { needed } => {
                let came = self.incoming.fill(&mut self.transport, needed);
                if came.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock) {
                    self.release_buffers();
                }
                if came? == 0 {
                    self.connection.transport_ended()?;
                }
                Ok(None)
            }
            Progress::Data(range) => {
                self.incoming.set_data(range, received.consumed);
                Ok(None)
            }
            Progress::Question(id) => Ok(Some(id)),
            Progress::Handled | Progress::Closed => Ok(None),
        }
    }

    /// As [`Stream::pump`], where an unanswered question is an error.
    fn pump_answered(&mut self) -> io::Result<()> {
        if self.pump()?.is_some() { Err(unanswered()) } else { Ok(()) }
    }

    /// Whether there is no application data, and more may come.
    fn wants_data(&self) -> bool {
        self.incoming.data().is_empty() && !self.connection.reader().is_closed()
    }

    /// Opens the record that came straight into the caller's buffer, if it is application data and fits.
    fn receive_data(&mut self, buf: &mut [u8]) -> io::Result<Option<usize>> {
        // As in `pump`: what is pending goes first, and the alert before the error is told.
        self.outgoing.send_quietly(&mut self.transport);
        let received = self.connection.receive_data(self.incoming.pending(), buf, self.outgoing.end());
        self.outgoing.send_quietly(&mut self.transport);
        let received = received?;
        Ok(received.map(|data| {
            self.incoming.consume_record(data.consumed);
            data.length
        }))
    }

    /// Runs the first handshake, and refuses to go on over an unanswered question.
    fn complete(&mut self) -> io::Result<()> {
        if self.connection.is_complete() {
            return Ok(());
        }
        self.used = true;
        self.run_answered(Connection::is_complete)
    }

    /// The same, and a later handshake too if one is under way: until application data may go.
    fn open(&mut self) -> io::Result<()> {
        let may_write = |connection: &Connection| connection.is_complete() && !connection.writer().is_held();
        if may_write(&self.connection) {
            return Ok(());
        }
        self.used = true;
        self.run_answered(may_write)
    }

    fn run_answered(&mut self, done: impl Fn(&Connection) -> bool) -> io::Result<()> {
        if self.run_until(done)?.is_some() { Err(unanswered()) } else { Ok(()) }
    }

    /// Parts the stream into two halves for two threads. `clone` makes the second handle of the transport:
    /// `TcpStream::try_clone`, say.
    ///
    /// # Errors
    /// Those of the handshake, which is run to its end first, and of `clone`; the stream is lost then. On a transport that
    /// does not block, call [`Stream::handshake`] until it is complete, and split then.
    pub fn split(
        mut self,
        clone: impl FnOnce(&S) -> io::Result<S>,
    ) -> io::Result<(ReadHalf<S>, WriteHalf<S>)> {
        self.complete()?;
        let second = clone(&self.transport)?;
        let (reader, writer) = self.connection.into_halves();
        Ok(halves::pair((reader, self.incoming, self.transport), (writer, self.outgoing, second)))
    }
}

/// Seals data, as much as is sealed at once.
fn seal(writer: &mut Writer, data: &[u8], outgoing: &mut Outgoing) -> Result<usize, Error> {
    let now = data.get(..MAX_WRITE).unwrap_or(data);
    if outgoing.is_empty() {
        let sealed = outgoing.seal(writer.sealed_len(now.len()), |room| writer.write_slice(now, room));
        if !matches!(sealed, Err(Error { kind: ErrorKind::Record(RecordError::KeyExhausted { .. }), .. })) {
            return sealed;
        }
    }
    // Behind what is still to go; and a key that is used up gives the same answer, with close_notify.
    writer.write(now, outgoing.end_for_data()).map(|()| now.len())
}

fn unanswered() -> io::Error {
    io::Error::other("a question is pending that the configuration does not answer: see Stream::question")
}

/// The [`Error`] inside an [`io::Error`] that a stream gave.
#[must_use]
pub fn tls_error(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}
