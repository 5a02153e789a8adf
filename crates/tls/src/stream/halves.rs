//! A stream in two halves, for two threads. They share no lock: what the reading half wants sent goes to the writing
//! half as values through a channel.

use super::buffer::{Incoming, Outgoing};
use crate::{Error, Misuse, Orders, Progress, Reader, Summary, Writer};
use alloc::boxed::Box;
use std::{
    io::{self, BufRead, Read, Write},
    sync::mpsc,
};

/// The half that reads.
#[derive(Debug)]
pub struct ReadHalf<S> {
    reader: Reader,
    incoming: Incoming,
    transport: S,
    orders: mpsc::Sender<Orders>,
    on_order: OnOrder,
}

/// What the caller wants to be told with.
#[derive(Default)]
struct OnOrder(Option<Box<dyn FnMut() + Send>>);

impl core::fmt::Debug for OnOrder {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(if self.0.is_some() { "OnOrder(..)" } else { "OnOrder(none)" })
    }
}

/// The half that writes.
///
/// What the reading half orders (a renegotiation's messages, the answer to the peer's close_notify, an alert) is sent at the next write or flush:
/// who has nothing to write for a long time calls [`WriteHalf::flush`] when
/// [`ReadHalf::on_order`] says so, now and then, or after the reading half came to an end.
#[derive(Debug)]
pub struct WriteHalf<S> {
    writer: Writer,
    outgoing: Outgoing,
    transport: S,
    orders: mpsc::Receiver<Orders>,
    /// Whether the reading half has closed it, and not we ourselves.
    ended_by_peer: bool,
}

pub(super) fn pair<S>(
    (reader, incoming, read_from): (Reader, Incoming, S),
    (writer, outgoing, write_to): (Writer, Outgoing, S),
) -> (ReadHalf<S>, WriteHalf<S>) {
    let (sender, receiver) = mpsc::channel();
    (
        ReadHalf { reader, incoming, transport: read_from, orders: sender, on_order: OnOrder::default() },
        WriteHalf { writer, outgoing, transport: write_to, orders: receiver, ended_by_peer: false },
    )
}

impl<S> ReadHalf<S> {
    /// What was negotiated.
    #[must_use]
    pub fn summary(&self) -> Option<&Summary> {
        self.reader.summary()
    }

    /// The half that reads, without its transport.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The half that reads, to take notices or the summary from.
    #[must_use]
    pub const fn reader_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }

    /// The transport.
    #[must_use]
    pub const fn transport(&self) -> &S {
        &self.transport
    }
}

impl<S> ReadHalf<S> {
    /// Has this called, on this half's thread, each time that something is ordered of the writing half, so that somebody
    /// flushes it: who allows renegotiation needs that, for nothing of it is sent otherwise until something is written.
    /// A writing half that is busy takes its orders by itself: do not wait for it.
    pub fn on_order(&mut self, wake: impl FnMut() + Send + 'static) {
        self.on_order = OnOrder(Some(Box::new(wake)));
    }

    fn order(&mut self, orders: Orders) {
        if orders.is_empty() {
            return;
        }
        // A writing half that is gone sends no more; reading goes on.
        let _gone = self.orders.send(orders);
        if let Some(wake) = &mut self.on_order.0 {
            wake();
        }
    }

    /// Asks for another handshake: see [`Reader::renegotiate`] and [`ReadHalf::on_order`].
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn renegotiate(&mut self) -> Result<(), Misuse> {
        let mut orders = Orders::new();
        self.reader.renegotiate(&mut orders)?;
        self.order(orders);
        Ok(())
    }
}

impl<S: Read> ReadHalf<S> {
    fn pump(&mut self) -> io::Result<()> {
        let mut orders = Orders::new();
        let received = self.reader.receive(self.incoming.pending(), &mut orders);
        self.order(orders);
        let received = received?;
        self.incoming.consume_record(received.consumed);
        match received.progress {
            Progress::NeedMore { needed } => {
                let came = self.incoming.fill(&mut self.transport, needed);
                if came.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock) {
                    self.incoming.release();
                }
                if came? == 0 {
                    self.reader.transport_ended()?;
                }
            }
            Progress::Data(range) => self.incoming.set_data(range, received.consumed),
            Progress::Question(_) => return Err(super::unanswered()),
            Progress::Handled | Progress::Closed => {}
        }
        Ok(())
    }

    /// Whether there is no application data, and more may come.
    fn wants_data(&self) -> bool {
        self.incoming.data().is_empty() && !self.reader.is_closed()
    }

    /// Opens the record that came straight into the caller's buffer, if it is application data and fits.
    fn receive_data(&mut self, buf: &mut [u8]) -> io::Result<Option<usize>> {
        let mut orders = Orders::new();
        let received = self.reader.receive_data(self.incoming.pending(), buf, &mut orders);
        self.order(orders);
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
        while self.wants_data() {
            match self.receive_data(buf)? {
                // Data of no bytes is not the end.
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
        while self.wants_data() {
            self.pump()?;
        }
        Ok(self.incoming.data())
    }

    fn consume(&mut self, amount: usize) {
        self.incoming.consume_data(amount);
    }
}

impl<S: Write> WriteHalf<S> {
    /// Does what the reading half has ordered by now.
    fn obey(&mut self) -> Result<(), Error> {
        while let Ok(orders) = self.orders.try_recv() {
            self.obey_one(orders)?;
        }
        Ok(())
    }

    fn obey_one(&mut self, mut orders: Orders) -> Result<(), Error> {
        let was_closed = self.writer.is_closed();
        self.writer.obey(&mut orders, self.outgoing.end())?;
        self.ended_by_peer |= !was_closed && self.writer.is_closed();
        Ok(())
    }

    /// Does what is ordered until application data may go: waits for the reading half, which has another handshake under
    /// way.
    fn open(&mut self) -> io::Result<()> {
        self.obey()?;
        while self.writer.is_held() {
            self.outgoing.write_to(&mut self.transport)?;
            self.transport.flush()?;
            // A reading half that is gone completes no handshake; writing tells that it is not complete.
            let Ok(orders) = self.orders.recv() else { break };
            self.obey_one(orders)?;
        }
        Ok(())
    }

    /// Says that we send no more, and sends all that is pending.
    ///
    /// # Errors
    /// Those of the transport, unless the peer has said close_notify: it may be gone then.
    pub fn close(&mut self) -> io::Result<()> {
        self.obey()?;
        self.writer.close(self.outgoing.end())?;
        self.outgoing.close(&mut self.transport, self.ended_by_peer)
    }

    /// The half that writes, without its transport.
    #[must_use]
    pub const fn writer(&self) -> &Writer {
        &self.writer
    }

    /// The transport.
    #[must_use]
    pub const fn transport(&self) -> &S {
        &self.transport
    }

    /// Whether there are records that the transport has not taken yet.
    #[must_use]
    pub const fn wants_write(&self) -> bool {
        !self.outgoing.is_empty()
    }
}

impl<S: Write> Write for WriteHalf<S> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.open()?;
        self.outgoing.write_to(&mut self.transport)?;
        let sealed = super::seal(&mut self.writer, buf, &mut self.outgoing);
        super::taken(sealed, self.outgoing.write_to(&mut self.transport))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.obey()?;
        self.outgoing.write_to(&mut self.transport)?;
        self.transport.flush()
    }
}
