//! Blocking streams over anything that is `Read + Write`.

mod buffer;
mod halves;

pub use halves::{ReadHalf, WriteHalf};

use crate::{
    Answer, ClientConfig, Connection, Error, ErrorKind, Misuse, Progress, Question, QuestionId, Reader,
    RecordError, ServerConfig, ServerEndpoint, Summary, Writer,
};
use buffer::{Incoming, Outgoing};
use std::io::{self, BufRead, Read, Write};

/// How much application data one `write` seals at most: four full records.
const MAX_WRITE: usize = 4 << 14;

/// A TLS connection over a transport. What is written comes out as records, what is read has been checked.
///
/// The handshake runs at the first read or write, or when [`Stream::handshake`] is called.
///
/// The transport may be non-blocking: [`io::ErrorKind::WouldBlock`] comes through, nothing is lost by it, and the same
/// call goes on later. Wait for the transport to be readable, and also for it to be writable while
/// [`Stream::wants_write`] says so. That nothing can be sent never keeps from reading what has come.
///
/// The buffers are taken when they are needed and given back when the transport would block or
/// [`Stream::release_buffers`] is called: some 18 KB to read, and to write as much as one call seals, a little over 64 KiB
/// at most.
///
/// Dropping a stream does not say close_notify: the peer would take the end for a truncation. Call [`Stream::close`].
#[derive(Debug)]
pub struct Stream<S> {
    connection: Connection,
    transport: S,
    incoming: Incoming,
    outgoing: Outgoing,
}

/// How far a handshake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handshake {
    /// Complete.
    Complete,
    /// A question is pending that the configuration does not answer: see [`Stream::question`].
    Question(QuestionId),
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
        Ok(Self { connection, transport, incoming: Incoming::default(), outgoing })
    }

    /// Runs the handshake to its end, or to a question that the configuration does not answer. After
    /// [`Stream::renegotiate`], the same for that handshake: until it is complete, or refused.
    ///
    /// # Errors
    /// Those of the transport; an [`Error`] inside an [`io::Error`] when the handshake fails (see [`tls_error`]);
    /// [`io::ErrorKind::WouldBlock`] when so much application data has come during a renegotiation that it must be read
    /// first.
    pub fn handshake(&mut self) -> io::Result<Handshake> {
        self.run_until(|connection| connection.is_complete() && !connection.reader().is_renegotiating())
    }

    /// Takes records until this is so, or the peer has closed. Application data that comes meanwhile is kept.
    fn run_until(&mut self, done: impl Fn(&Connection) -> bool) -> io::Result<Handshake> {
        while !done(&self.connection) && !self.connection.reader().is_closed() {
            if !self.incoming.hold_data() {
                return Err(io::Error::new(io::ErrorKind::WouldBlock, "application data must be read first"));
            }
            match self.flush_outgoing() {
                // The peer may have spoken all the same.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // A transport that cannot be written to may be so because the connection has failed.
                Err(error) => {
                    return Err(self.connection.reader().error().map_or(error, |error| (*error).into()));
                }
                Ok(()) => {}
            }
            if let Some(id) = self.pump()? {
                return Ok(Handshake::Question(id));
            }
        }
        self.flush_outgoing()?;
        Ok(Handshake::Complete)
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

    /// Says that we send no more, and sends all that is pending. Reading goes on to the peer's own close_notify.
    ///
    /// # Errors
    /// Those of the transport, unless the peer has said close_notify: it may be gone then, and needs no answer (RFC 5246
    /// section 7.2.1).
    pub fn close(&mut self) -> io::Result<()> {
        self.connection.close(self.outgoing.end())?;
        let peer_has_closed = self.connection.reader().is_closed();
        self.outgoing.close(&mut self.transport, peer_has_closed)
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
        let _told_by_writing = self.flush_outgoing();
        let received = self.connection.receive(self.incoming.pending(), self.outgoing.end());
        // Before an error is told, the alert that goes with it is sent.
        let _told_by_writing = self.flush_outgoing();
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

    /// The same, for who cannot go on over an unanswered question.
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
        let _told_by_writing = self.flush_outgoing();
        let received = self.connection.receive_data(self.incoming.pending(), buf, self.outgoing.end());
        let _told_by_writing = self.flush_outgoing();
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
        answered(self.run_until(Connection::is_complete)?)
    }

    /// The same, and a later handshake too if one is under way: until application data may go.
    fn open(&mut self) -> io::Result<()> {
        let may_write = |connection: &Connection| connection.is_complete() && !connection.writer().is_held();
        if may_write(&self.connection) {
            return Ok(());
        }
        answered(self.run_until(may_write)?)
    }

    fn flush_outgoing(&mut self) -> io::Result<()> {
        self.outgoing.write_to(&mut self.transport)
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

fn answered(handshake: Handshake) -> io::Result<()> {
    match handshake {
        Handshake::Complete => Ok(()),
        Handshake::Question(_) => Err(unanswered()),
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
    writer.write(now, outgoing.end()).map(|()| now.len())
}

/// What is sealed is taken, whether the transport has all of it or would block.
fn taken(sealed: Result<usize, Error>, sent: io::Result<()>) -> io::Result<usize> {
    let sealed = sealed?;
    match sent {
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
        _ => Ok(sealed),
    }
}

fn unanswered() -> io::Error {
    io::Error::other("a question is pending that the configuration does not answer: see Stream::question")
}

/// The [`Error`] inside an [`io::Error`] that a stream gave.
#[must_use]
pub fn tls_error(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}

impl<S: Read + Write> Read for Stream<S> {
    /// Reads application data, of one record at most. A record that comes to a buffer with room for all of it is decrypted
    /// straight into that: with 16 KiB any that is protected by an AEAD. `Ok(0)` is an orderly end; a transport that ends without close_notify is
    /// [`io::ErrorKind::UnexpectedEof`].
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        self.complete()?;
        while self.wants_data() {
            match self.receive_data(buf)? {
                // Data of no bytes is not the end.
                Some(0) => {}
                Some(read) => return Ok(read),
                None => self.pump_answered()?,
            }
        }
        let read = self.incoming.data().read(buf)?;
        self.consume(read);
        Ok(read)
    }
}

impl<S: Read + Write> BufRead for Stream<S> {
    /// Application data where it was decrypted: no copy.
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.complete()?;
        while self.wants_data() {
            self.pump_answered()?;
        }
        Ok(self.incoming.data())
    }

    fn consume(&mut self, amount: usize) {
        self.incoming.consume_data(amount);
    }
}

impl<S: Read + Write> Write for Stream<S> {
    /// Seals data, 64 KiB at most, and sends it as far as the transport takes it; what it does not take goes with the
    /// next call.
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.open()?;
        // Nothing new while the old is not out: the buffer stays bounded.
        self.flush_outgoing()?;
        let sealed = seal(self.connection.writer_mut(), buf, &mut self.outgoing);
        taken(sealed, self.flush_outgoing())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.complete()?;
        self.flush_outgoing()?;
        self.transport.flush()
    }
}
