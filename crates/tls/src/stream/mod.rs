//! Blocking streams over any `Read + Write` transport.

mod buffer;
mod closing;
mod early_data;
mod halves;
mod io_error;
mod io_traits;
mod link;
mod seal;
mod sync;
mod waiting;

pub use halves::{ReadHalf, WriteHalf};
pub use io_error::{ClientIdentified, QuestionPending, tls_error};
pub use waiting::HandshakeWaits;

use crate::{
    connection::{Connection, Progress, Reader, Received, Writer},
    error::Error,
};
use alloc::vec::Vec;
use buffer::{Incoming, MAX_HELD, Outgoing, is_pause};
use cairn_config::{ClientConfig, ServerConfig, ServerEndpoint};
use cairn_handshake::{Answer, Misuse, Question, QuestionId, Summary};
use cairn_wire::KeyUpdateRequest;
use io_error::unanswered;
use std::io::{self, Read, Write};

/// A TLS connection over a transport. It encrypts written data, and decrypts and authenticates data that is
/// read.
///
/// The handshake takes place at the first read, write, flush or close, or in [`Stream::handshake`].
///
/// The transport may be non-blocking: [`io::ErrorKind::WouldBlock`] is returned, nothing is lost, and the
/// same call can be repeated. Wait until the transport is readable, and while [`Stream::wants_write`] returns
/// `true` also until it is writable. Reading continues if nothing can be sent.
///
/// Buffers are allocated when needed and freed when the transport would block or [`Stream::release_buffers`]
/// is called: about 18 KB for reading, and the data of one call for writing, slightly more than 64 KiB at
/// most.
///
/// Time-outs and other errors of the transport are returned in the same way. Once `write` has encrypted data,
/// it returns `Ok` even if the transport then fails; the next call that writes returns that error. So data
/// that `write` has accepted must not be written again.
///
/// Dropping a stream does not send close_notify, and the peer then reports a truncation. Call
/// [`Stream::close`] at the end, or [`Stream::close_write`] if there is nothing more to write but something
/// to read. The peer's close_notify is answered as soon as it is received, and nothing can be written then;
/// in TLS 1.3, [`Stream::set_half_close`] changes that.
#[derive(Debug)]
pub struct Stream<S> {
    connection: Connection,
    transport: S,
    incoming: Incoming,
    /// Early data that was received and not read.
    early: Vec<u8>,
    outgoing: Outgoing,
    /// Whether a call has started the handshake.
    used: bool,
}

/// The progress or the result of a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handshake {
    /// The handshake is complete; after [`Stream::renegotiate`], the renegotiation too; after
    /// [`Stream::request_client_certificate`], the client has authenticated.
    Complete,
    /// A question is pending that the configuration does not answer: see [`Stream::question`].
    Question(QuestionId),
    /// The peer refused the handshake that [`Stream::renegotiate`] requested, or did not start it in time.
    /// Or the client's last answer to [`Stream::request_client_certificate`] was an empty Certificate
    /// message. The connection continues unchanged; the peer was not authenticated again.
    Refused,
    /// The peer closed the connection before the handshake that [`Stream::renegotiate`] requested was
    /// complete, or before it answered [`Stream::request_client_certificate`]. Data that it sent before can
    /// be read; nothing can be written, unless [`Stream::set_half_close`] permits it.
    Closed,
}

/// The parts of a stream: see [`Stream::into_parts`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Parts<S> {
    /// The transport.
    pub transport: S,
    /// The connection without I/O.
    pub connection: Connection,
    /// Decrypted application data that was not read.
    pub unread: Vec<u8>,
    /// Early data of a client that was not read ([`Stream::read_early`]). It may be a replay.
    pub unread_early: Vec<u8>,
    /// Received bytes that were not processed: records, or bytes after the peer's close_notify.
    pub unopened: Vec<u8>,
    /// Records that the transport has not accepted. They must be sent before anything else.
    pub unsent: Vec<u8>,
}

impl<S> Parts<S> {
    /// Replaces the transport, for example by the one that it wraps.
    pub fn map_transport<T>(self, map: impl FnOnce(S) -> T) -> Parts<T> {
        let Self { transport, connection, unread, unread_early, unopened, unsent } = self;
        Parts { transport: map(transport), connection, unread, unread_early, unopened, unsent }
    }
}

impl<S: Read + Write> Stream<S> {
    /// Creates a stream from a connection that has not been started, for example one with a trace. The stream
    /// keeps what [`Reader::set_half_close`] has set.
    ///
    /// # Errors
    /// [`Error`] if the provider fails.
    pub fn new(connection: Connection, transport: S) -> Result<Self, Error> {
        Self::start(connection, transport).map_err(|(error, _)| error)
    }

    /// As [`Stream::new`], but an error does not lose the transport.
    ///
    /// # Errors
    /// [`Error`] if the provider fails, with the transport.
    pub fn try_new(connection: Connection, transport: S) -> Result<Self, (Error, S)> {
        Self::start(connection, transport)
    }

    /// Creates a client that connects to `server` over `transport`.
    ///
    /// # Errors
    /// [`Error`] if the provider fails.
    pub fn client(
        config: &ClientConfig,
        server: impl Into<ServerEndpoint>,
        transport: S,
    ) -> Result<Self, Error> {
        Self::new(Connection::client(config, server), transport)
    }

    /// Creates a server over `transport`.
    ///
    /// # Errors
    /// [`Error`] if the provider fails.
    pub fn server(config: &ServerConfig, transport: S) -> Result<Self, Error> {
        Self::new(Connection::server(config), transport)
    }

    fn start(mut connection: Connection, transport: S) -> Result<Self, (Error, S)> {
        let mut outgoing = Outgoing::default();
        connection.reader_mut().answer_close_notify_by_default();
        if let Err(error) = connection.start(outgoing.end()) {
            return Err((error, transport));
        }
        let incoming = Incoming::default();
        Ok(Self { connection, transport, incoming, early: Vec::new(), outgoing, used: false })
    }

    /// Performs the handshake until it is complete or a question is pending that the configuration does not
    /// answer. After [`Stream::renegotiate`], the same for the renegotiation, and after
    /// [`Stream::request_client_certificate`], until the client has answered; [`Handshake`] is the result.
    ///
    /// # Errors
    /// An error of the transport; a read time-out tells what the handshake waits for ([`HandshakeWaits`]). An
    /// [`Error`] inside an [`io::Error`] if the handshake fails (see [`tls_error`]), also if a client refuses
    /// a renegotiation that requires its certificate, or closes instead, and if a renegotiation exceeds its
    /// time limit ([`RenegotiationLimits::max_duration`](crate::RenegotiationLimits::max_duration)).
    /// [`io::ErrorKind::WouldBlock`] if much application data was received during a renegotiation, which must
    /// be read first.
    pub fn handshake(&mut self) -> io::Result<Handshake> {
        let is_settled = |connection: &Connection| {
            let reader = connection.reader();
            reader.is_complete() && !reader.is_renegotiating() && !reader.awaits_client_certificate()
        };
        self.used = true;
        if let Some(id) = self.run_until(is_settled)? {
            return Ok(Handshake::Question(id));
        }
        // The result tells the caller.
        let _told = self.connection.reader_mut().take_identified();
        let reader = self.connection.reader();
        Ok(if !is_settled(&self.connection) {
            Handshake::Closed
        } else if reader.is_renegotiation_refused() || reader.is_certificate_declined() {
            Handshake::Refused
        } else {
            Handshake::Complete
        })
    }

    /// Processes records until the condition holds, the peer has closed, or a question is pending.
    /// Application data received meanwhile is stored.
    fn run_until(&mut self, done: impl Fn(&Connection) -> bool) -> io::Result<Option<QuestionId>> {
        // The error of writing. The peer may have sent the reason, or all that is needed, so reading
        // continues.
        let mut cut = None;
        while !done(&self.connection) && !self.connection.reader().is_closed() {
            if !self.incoming.hold_data(MAX_HELD) {
                let full = || {
                    io::Error::new(io::ErrorKind::WouldBlock, "received application data must be read first")
                };
                return Err(cut.unwrap_or_else(full));
            }
            let pumped = self.pump();
            if let Some(error) = self.outgoing.take_untold().filter(|error| !is_pause(error)) {
                cut.get_or_insert(error);
            }
            match pumped {
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
            // A peer that has closed needs no response.
            Err(_) if self.is_closed_by_peer() => Ok(None),
            flushed => flushed.map(|()| None),
        }
    }

    /// Requests a renegotiation. [`Stream::handshake`] completes it, and so do reading and writing. See
    /// [`Reader::renegotiate`].
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn renegotiate(&mut self) -> Result<(), Misuse> {
        self.connection.renegotiate(self.outgoing.end())
    }

    /// Updates the keys for writing, in TLS 1.3. KeyUpdate is sent with the next write or flush. See
    /// [`Reader::update_keys`].
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn update_keys(&mut self, request_update: KeyUpdateRequest) -> Result<(), Misuse> {
        self.connection.update_keys(request_update, self.outgoing.end())
    }

    /// Requests a certificate from the client, as a server of TLS 1.3 after its handshake. The request is
    /// sent with the next write, flush or [`Stream::handshake`]. See [`Reader::request_client_certificate`].
    ///
    /// [`Stream::handshake`] waits for the answer; up to 64 KiB of data that the client sends before it are
    /// stored and can be read afterwards. Without it, the read at which the client's identity changes returns
    /// [`ClientIdentified`](crate::ClientIdentified) inside an [`io::Error`], once.
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn request_client_certificate(&mut self) -> Result<(), Misuse> {
        self.connection.request_client_certificate(self.outgoing.end())
    }

    /// Sets whether our side stays open when the peer sends close_notify, in TLS 1.3. A stream answers it at
    /// once by default, so that a program that has read everything and drops the stream ends it in order.
    ///
    /// With `true`, a program can write after it has read to the end, for a peer that closes its own side
    /// after its request and waits for the response. It must call [`Stream::close`] or
    /// [`Stream::close_write`] then: otherwise the peer reports a truncation, or waits as long as our side is
    /// open. See [`Reader::set_half_close`]; [`Stream::split`] keeps the setting for both halves.
    ///
    /// In TLS 1.2 this has no effect: close_notify is always answered at once.
    pub const fn set_half_close(&mut self, permitted: bool) {
        self.connection.reader_mut().set_half_close(permitted);
    }

    /// Sets the configuration for a server's later handshakes. See [`Reader::set_server_config`].
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn set_server_config(&mut self, config: &ServerConfig) -> Result<(), Misuse> {
        self.connection.set_server_config(config)
    }

    /// Answers the pending question. Then call [`Stream::handshake`] again.
    ///
    /// # Errors
    /// [`Misuse`] if the answer does not fit. The connection is unchanged.
    pub fn answer(&mut self, id: QuestionId, answer: Answer) -> Result<(), Misuse> {
        self.connection.answer(id, answer, self.outgoing.end())
    }

    /// The pending question that the configuration does not answer.
    #[must_use]
    pub fn question(&self) -> Option<(QuestionId, Question<'_>)> {
        self.connection.question()
    }

    /// The negotiated parameters, after the handshake is complete.
    #[must_use]
    pub fn summary(&self) -> Option<&Summary> {
        self.connection.summary()
    }

    /// The reading half, with the state, the notices and the exporters.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        self.connection.reader()
    }

    /// The writing half, with the usage of its key.
    #[must_use]
    pub const fn writer(&self) -> &Writer {
        self.connection.writer()
    }

    /// Whether there are records that the transport has not accepted. The next call of any kind sends them.
    #[must_use]
    pub fn wants_write(&self) -> bool {
        !self.outgoing.is_empty()
    }

    /// The reading half, to remove notices or the summary.
    #[must_use]
    pub const fn reader_mut(&mut self) -> &mut Reader {
        self.connection.reader_mut()
    }

    /// The transport.
    #[must_use]
    pub const fn transport(&self) -> &S {
        &self.transport
    }

    /// The transport, for example to set its time-outs. Reading from it or writing to it breaks the
    /// connection.
    #[must_use]
    pub const fn transport_mut(&mut self) -> &mut S {
        &mut self.transport
    }

    /// Returns the transport and drops the connection with its buffers: application data that was not read,
    /// received records that were not decrypted, and records that the transport has not accepted
    /// ([`Stream::wants_write`]). After both sides have closed, the buffers contain only bytes that the peer
    /// sent after its close_notify. To continue unencrypted on the transport, use [`Stream::into_parts`].
    #[must_use]
    pub fn into_inner(self) -> S {
        self.transport
    }

    /// Splits the stream into its parts without losing data.
    #[must_use]
    pub fn into_parts(self) -> Parts<S> {
        let Self { transport, connection, incoming, early: unread_early, outgoing, .. } = self;
        let (unread, unopened) = incoming.into_unread();
        let unsent = outgoing.into_unsent();
        Parts { transport, connection, unread, unread_early, unopened, unsent }
    }

    /// Frees empty buffers: an idle connection needs none.
    pub fn release_buffers(&mut self) {
        self.incoming.release();
        self.outgoing.release();
    }

    /// One iteration: sends pending bytes as far as the transport accepts them, and processes one record,
    /// reading from the transport if needed.
    fn pump(&mut self) -> io::Result<Option<QuestionId>> {
        let received = self.connection.receive(self.incoming.pending(), self.outgoing.end());
        // Everything is sent before the next read from the transport, and the alert of an error before the
        // error is returned. But the messages of a flight go together: TCP holds back the second of two small
        // segments until the first is acknowledged, for up to 40 ms or more.
        //
        // A failure to send is reported by the calls that write. A peer that has sent close_notify may be
        // gone when we respond, and a peer that is writing may not read before we do.
        if !matches!(received, Ok(Received { progress: Progress::Handled, .. })) {
            self.outgoing.send_quietly(&mut self.transport);
        }
        if !matches!(
            received,
            Ok(Received {
                progress: Progress::Data(_) | Progress::Handled | Progress::ClientAuthentication,
                ..
            })
        ) {
            self.outgoing.flush_quietly(&mut self.transport);
        }
        let received = received?;
        if !matches!(received.progress, Progress::EarlyData(_)) {
            self.incoming.consume_record(received.consumed);
        }
        match received.progress {
            Progress::NeedMore { needed } => {
                let filled = self.incoming.fill(&mut self.transport, needed);
                if filled.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock) {
                    self.release_buffers();
                }
                if filled? == 0 {
                    self.connection.transport_ended()?;
                }
                Ok(None)
            }
            Progress::Data(range) => {
                self.incoming.set_data(range, received.consumed);
                Ok(None)
            }
            Progress::EarlyData(range) => {
                self.hold_early_data(range, received.consumed);
                Ok(None)
            }
            Progress::Question(id) => Ok(Some(id)),
            Progress::Handled | Progress::ClientAuthentication | Progress::Closed => Ok(None),
        }
    }

    /// Whether the peer has closed, and needs nothing more from us.
    fn is_closed_by_peer(&self) -> bool {
        let reader = self.connection.reader();
        reader.is_closed() && !(reader.is_half_closed() && self.outgoing.has_data())
    }

    /// As [`Stream::pump`], but an unanswered question is an error.
    fn pump_answered(&mut self) -> io::Result<()> {
        if self.pump()?.is_some() { Err(unanswered()) } else { Ok(()) }
    }

    /// Whether there is no application data and more may be received.
    fn wants_data(&self) -> bool {
        self.incoming.data().is_empty() && !self.connection.reader().is_closed()
    }

    /// Decrypts the next record directly into the caller's buffer if it is application data and fits.
    fn receive_data(&mut self, buf: &mut [u8]) -> io::Result<Option<usize>> {
        // As in `pump`: pending bytes are sent first, and the alert before the error is returned.
        self.outgoing.send_quietly(&mut self.transport);
        let received = self.connection.receive_data(self.incoming.pending(), buf, self.outgoing.end());
        self.outgoing.send_quietly(&mut self.transport);
        let received = received?;
        Ok(received.map(|data| {
            self.incoming.consume_record(data.consumed);
            data.length
        }))
    }

    /// Performs the first handshake. An unanswered question is an error.
    fn complete(&mut self) -> io::Result<()> {
        if self.connection.is_complete() {
            return Ok(());
        }
        self.used = true;
        self.run_answered(Connection::is_complete)
    }

    /// The same, and also completes a renegotiation in progress, so that application data may be sent.
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

    /// Splits the stream into two halves for two threads. `clone` creates the second handle of the transport,
    /// for example with `TcpStream::try_clone`.
    ///
    /// # Errors
    /// The errors of the handshake, which is completed first, and of `clone`; the stream is then lost.
    /// [`io::ErrorKind::InvalidInput`] if there is early data that was not read ([`Stream::read_early`]). On
    /// a non-blocking transport, call [`Stream::handshake`] until it is complete, and split then.
    pub fn split(self, clone: impl FnOnce(&S) -> io::Result<S>) -> io::Result<(ReadHalf<S>, WriteHalf<S>)> {
        self.split_into(|transport| {
            let second = clone(&transport)?;
            Ok((transport, second))
        })
    }

    /// As [`Stream::split`], for a transport whose halves have types of their own. `divide` returns the half
    /// for reading, and the half for writing.
    ///
    /// # Errors
    /// As [`Stream::split`].
    pub fn split_into<R, W>(
        mut self,
        divide: impl FnOnce(S) -> io::Result<(R, W)>,
    ) -> io::Result<(ReadHalf<R>, WriteHalf<W>)> {
        self.complete()?;
        if !self.early.is_empty() {
            let words = "read the early data before the split: Stream::read_early";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, words));
        }
        let (read_from, write_to) = divide(self.transport)?;
        let (reader, writer) = self.connection.into_halves();
        Ok(halves::pair((reader, self.incoming, read_from), (writer, self.outgoing, write_to)))
    }
}
