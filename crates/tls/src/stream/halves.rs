//! A stream in two halves, for two threads. They share no lock: the reading half sends orders to the writing
//! half through a channel.

use super::{
    buffer::{Incoming, Outgoing, is_pause},
    io_error::{check_identity, is_unanswered, tls_error, unanswered},
    link::{self, FromReader, ToWriter},
    seal::seal,
};
use crate::connection::{Orders, Progress, Reader, Writer};
use alloc::boxed::Box;
use cairn_handshake::{Answer, Misuse, Question, QuestionId, Summary};
use cairn_wire::KeyUpdateRequest;
use core::time::Duration;
use std::io::{self, BufRead, IoSlice, Read, Write};

/// The reading half.
#[derive(Debug)]
pub struct ReadHalf<S> {
    reader: Reader,
    incoming: Incoming,
    transport: S,
    to_writer: ToWriter,
}

/// The writing half.
///
/// Messages that the reading half causes (a renegotiation, the response to the peer's close_notify, an alert)
/// are sent with the next write or flush. A program that has nothing to write for a long time calls `flush`
/// when [`ReadHalf::on_order`] notifies it. In TLS 1.3 close_notify
/// gets no such response if [`Stream::set_half_close`](crate::Stream::set_half_close) permits to write after
/// it.
///
/// A write waits while the reading half performs a renegotiation. The wait ends with
/// [`io::ErrorKind::WouldBlock`] if this thread was the last to read from the other half (read first, then
/// write again), with an error of the same kind if the transport of the other half fails, for example with a
/// read time-out, and with [`io::ErrorKind::TimedOut`] after
/// [`RenegotiationLimits::max_duration`](crate::RenegotiationLimits::max_duration). None of the data is then
/// accepted.
#[derive(Debug)]
pub struct WriteHalf<S> {
    writer: Writer,
    outgoing: Outgoing,
    transport: S,
    from_reader: FromReader,
    /// Whether the reading half closed it, and not the caller.
    ended_by_peer: bool,
    /// The time limit of waiting for a renegotiation.
    patience: Duration,
    /// Whether it waits for the reading half at all.
    waits: bool,
}

pub(super) fn pair<R, W>(
    (reader, incoming, read_from): (Reader, Incoming, R),
    (writer, outgoing, write_to): (Writer, Outgoing, W),
) -> (ReadHalf<R>, WriteHalf<W>) {
    let (to_writer, from_reader) = link::pair();
    let patience = reader.renegotiation_time_limit();
    (
        ReadHalf { reader, incoming, transport: read_from, to_writer },
        WriteHalf {
            writer,
            outgoing,
            transport: write_to,
            from_reader,
            ended_by_peer: false,
            patience,
            waits: true,
        },
    )
}

impl<S> ReadHalf<S> {
    /// The negotiated parameters.
    #[must_use]
    pub fn summary(&self) -> Option<&Summary> {
        self.reader.summary()
    }

    /// The reader, without its transport.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The reader, to remove notices or the summary.
    #[must_use]
    pub const fn reader_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }

    /// The transport.
    #[must_use]
    pub const fn transport(&self) -> &S {
        &self.transport
    }

    /// The transport, for example to set its time-outs. Reading from it breaks the connection.
    #[must_use]
    pub const fn transport_mut(&mut self) -> &mut S {
        &mut self.transport
    }

    /// The pending question that the configuration does not answer.
    #[must_use]
    pub fn question(&self) -> Option<(QuestionId, Question<'_>)> {
        self.reader.question()
    }

    /// Answers the pending question. Then read again.
    ///
    /// # Errors
    /// [`Misuse`] if the answer does not fit. The connection is unchanged.
    pub fn answer(&mut self, id: QuestionId, answer: Answer) -> Result<(), Misuse> {
        self.reader.answer(id, answer)?;
        self.order();
        Ok(())
    }

    /// Returns the transport and drops the buffers: application data that was not read, and received records
    /// that were not decrypted. The writing half can still write and close, but takes part in no further
    /// handshake.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.transport
    }

    /// Calls `wake`, on this half's thread, when there is something for the writing half to send, and when
    /// this half has ended or is dropped. The program then flushes the writing half. Programs that permit
    /// renegotiation need this, because its messages are otherwise not sent before the next write. A
    /// writing half that is in use sends them by itself, so `wake` must not wait for it.
    pub fn on_order(&mut self, wake: impl FnMut() + Send + 'static) {
        self.to_writer.on_order(Box::new(wake));
    }

    /// Passes the reader's orders to the writing half.
    fn order(&mut self) {
        let Some(orders) = self.reader.take_orders() else { return };
        // If the writing half was dropped, nothing is sent; reading continues.
        self.to_writer.order(orders);
    }

    /// Requests a renegotiation: see [`Reader::renegotiate`] and [`ReadHalf::on_order`].
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn renegotiate(&mut self) -> Result<(), Misuse> {
        self.reader.renegotiate()?;
        self.order();
        Ok(())
    }

    /// Updates the keys of the writing half, in TLS 1.3: see [`Reader::update_keys`] and
    /// [`ReadHalf::on_order`].
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn update_keys(&mut self, request_update: KeyUpdateRequest) -> Result<(), Misuse> {
        self.reader.update_keys(request_update)?;
        self.order();
        Ok(())
    }

    /// Requests a certificate from the client, as a server of TLS 1.3: see
    /// [`Reader::request_client_certificate`] and [`ReadHalf::on_order`]. A later read returns
    /// [`ClientIdentified`](crate::ClientIdentified) once if the client authenticates.
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn request_client_certificate(&mut self) -> Result<(), Misuse> {
        self.reader.request_client_certificate()?;
        self.order();
        Ok(())
    }
}

impl<S: Read> ReadHalf<S> {
    fn pump(&mut self) -> io::Result<()> {
        let may_be_awaited = self.reader.is_renegotiating();
        let pumped = self.take_one();
        if let Err(error) = &pumped {
            let has_ended = self.reader.error().is_some() || tls_error(error).is_some();
            if may_be_awaited && !has_ended {
                self.to_writer.send_pause(error.kind());
            }
            // Nothing more is received either if the transport has failed.
            if has_ended || !(is_pause(error) || is_unanswered(error)) {
                self.to_writer.send_end();
            }
        }
        pumped
    }

    /// Processes one record, reading from the transport if needed.
    fn take_one(&mut self) -> io::Result<()> {
        let received = self.reader.receive(self.incoming.pending());
        self.order();
        let received = received?;
        self.incoming.consume_record(received.consumed);
        match received.progress {
            Progress::NeedMore { needed } => {
                let filled = self.incoming.fill(&mut self.transport, needed);
                if filled.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock) {
                    self.incoming.release();
                }
                if filled? == 0 {
                    self.reader.transport_ended()?;
                }
            }
            Progress::Data(range) => self.incoming.set_data(range, received.consumed),
            Progress::Question(_) => return Err(unanswered()),
            // There is no early data after the handshake, which precedes the split.
            Progress::EarlyData(_)
            | Progress::Handled
            | Progress::ClientAuthentication
            | Progress::Closed => {}
        }
        Ok(())
    }

    /// Whether there is no application data and more may be received.
    fn wants_data(&self) -> bool {
        self.incoming.data().is_empty() && !self.reader.is_closed()
    }

    /// Decrypts the next record directly into the caller's buffer if it is application data and fits.
    fn receive_data(&mut self, buf: &mut [u8]) -> io::Result<Option<usize>> {
        let received = self.reader.receive_data(self.incoming.pending(), buf);
        self.order();
        Ok(received?.map(|data| {
            self.incoming.consume_record(data.consumed);
            data.length
        }))
    }
}

impl<S: Read> Read for ReadHalf<S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        self.to_writer.reads_here();
        while self.wants_data() {
            check_identity(&mut self.reader)?;
            match self.receive_data(buf)? {
                // An empty record is not the end.
                Some(0) => {}
                Some(read) => return Ok(read),
                None => self.pump()?,
            }
        }
        let read = self.incoming.data().read(buf)?;
        self.consume(read);
        Ok(read)
    }
}

impl<S: Read> BufRead for ReadHalf<S> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.to_writer.reads_here();
        while self.wants_data() {
            check_identity(&mut self.reader)?;
            self.pump()?;
        }
        Ok(self.incoming.data())
    }

    fn consume(&mut self, amount: usize) {
        self.incoming.consume_data(amount);
    }
}

impl<S: Write> WriteHalf<S> {
    /// Executes the orders received so far.
    fn obey(&mut self) -> io::Result<()> {
        while let Some(orders) = self.from_reader.next() {
            self.obey_one(orders)?;
        }
        Ok(())
    }

    fn obey_one(&mut self, mut orders: Orders) -> io::Result<()> {
        let was_closed = self.writer.is_closed();
        self.writer.obey(&mut orders, self.outgoing.end())?;
        self.ended_by_peer |= !was_closed && self.writer.is_closed();
        Ok(())
    }

    /// Executes orders until application data may be sent, and waits for the reading half if it performs a
    /// renegotiation.
    fn open(&mut self) -> io::Result<()> {
        self.obey()?;
        if !self.writer.is_held() {
            self.from_reader.forget_pause();
            return Ok(());
        }
        let wait = self.from_reader.wait_at_most(self.patience);
        while self.writer.is_held() {
            self.outgoing.flush(&mut self.transport)?;
            if !self.waits && !self.from_reader.is_over() {
                let words = "a renegotiation is in progress: write again after the next order";
                return Err(io::Error::new(io::ErrorKind::WouldBlock, words));
            }
            // If the reading half was dropped, no handshake will complete; writing reports that.
            let Some(orders) = self.from_reader.wait_for(wait)? else { break };
            self.obey_one(orders)?;
        }
        Ok(())
    }

    /// Closes our side: sends everything pending and close_notify. The reading half continues until the
    /// peer's close_notify. Read up to it before you drop both halves, so that the transport is not closed
    /// with unread data (see [`Stream::close`](crate::Stream::close)).
    ///
    /// A failing transport is no error here if only close_notify could not be sent, or if the reading half
    /// has received close_notify: the reading half reports how the connection ended.
    ///
    /// # Errors
    /// Other errors of the transport. After [`io::ErrorKind::WouldBlock`] and [`io::ErrorKind::TimedOut`],
    /// call this again.
    pub fn close(&mut self) -> io::Result<()> {
        self.obey()?;
        self.writer.close(self.outgoing.end())?;
        match self.outgoing.flush(&mut self.transport) {
            Err(error) if is_pause(&error) => Err(error),
            Err(error) if self.outgoing.has_data() && !self.ended_by_peer => Err(error),
            _ => {
                self.outgoing.drop_unsent();
                Ok(())
            }
        }
    }

    /// Returns the transport. Records that it has not accepted are lost: see [`WriteHalf::wants_write`]. The
    /// reading half can still read, but its messages are not sent any more.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.transport
    }

    /// Sets whether a write does not wait for a renegotiation of the reading half, but returns
    /// [`io::ErrorKind::WouldBlock`] at once. An event loop or an async runtime needs this:
    /// [`ReadHalf::on_order`] tells when to write again. The transport is not affected.
    pub const fn set_nonblocking(&mut self, nonblocking: bool) {
        self.waits = !nonblocking;
    }

    /// Whether the reading half has nothing more to order: our side is closed, or the reading half was
    /// dropped. A flush finds out.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.writer.is_closed() || self.from_reader.is_over()
    }

    /// The transport, for example to set its time-outs. Writing to it breaks the connection.
    #[must_use]
    pub const fn transport_mut(&mut self) -> &mut S {
        &mut self.transport
    }

    /// The writer, without its transport.
    #[must_use]
    pub const fn writer(&self) -> &Writer {
        &self.writer
    }

    /// The transport.
    #[must_use]
    pub const fn transport(&self) -> &S {
        &self.transport
    }

    /// Whether there are records that the transport has not accepted.
    #[must_use]
    pub const fn wants_write(&self) -> bool {
        !self.outgoing.is_empty()
    }
}

impl<S: Write> Write for WriteHalf<S> {
    /// As for a [`Stream`](crate::Stream): encrypted data counts as written, and the next call returns an
    /// error of the transport. See [`WriteHalf`] for renegotiations.
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(buf)])
    }

    /// As [`WriteHalf::write`](Write::write). Small slices share a record; their data is copied once for
    /// that.
    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        if slices.iter().all(|slice| slice.is_empty()) {
            return Ok(0);
        }
        self.open()?;
        self.outgoing.send(&mut self.transport)?;
        let sealed = seal(&mut self.writer, slices, &mut self.outgoing);
        self.outgoing.send_quietly(&mut self.transport);
        Ok(sealed?)
    }

    /// Executes the reading half's orders, sends everything, and flushes the transport.
    fn flush(&mut self) -> io::Result<()> {
        self.obey()?;
        self.outgoing.flush(&mut self.transport)
    }
}
