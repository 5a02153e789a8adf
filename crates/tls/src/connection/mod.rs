//! The connection without I/O: joins the handshake machine and the record layer.
//!
//! ```text
//!  bytes in ─▶ Reader: frame ─▶ open in place ─┬▶ handshake machine ─▶ Orders ─▶ Writer ─▶ bytes out
//!                                              └▶ application data ─▶ caller        ▲
//!                                                            caller's data ─────────┘
//! ```
//!
//! [`Reader`] and [`Writer`] share nothing. What the reader wants sent goes to the writer as a value, [`Orders`].

mod answers;
mod orders;
mod reader;
mod server_endpoint;
mod writer;

pub use orders::Orders;
pub use reader::{ChannelBinding, ChannelBindingError, Notice, Progress, Reader, Received};
pub use server_endpoint::ServerEndpoint;
pub use writer::Writer;

use crate::{ClientConfig, Error, ServerConfig, Trace};
use alloc::{sync::Arc, vec::Vec};
use cairn_handshake::{Answer, Misuse, Question, QuestionId, Summary};
use cairn_record::{OpenedData, Sealed};

/// Both halves of a connection, for who drives them on one thread.
///
/// Give what came to [`Connection::receive`]; send what it and the other calls append to their `out`.
///
/// ```
/// # #[cfg(feature = "aws-lc")]
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cairn_tls::{ClientConfig, Connection, Progress, ServerName};
///
/// let config = ClientConfig::builder().danger_accept_any_certificate().build()?;
/// let mut client = Connection::client(&config, ServerName::parse("localhost")?);
/// let mut to_send = Vec::new();
/// client.start(&mut to_send)?;
/// assert_eq!(to_send[..3], [22, 3, 1], "a handshake record, the first flight of a client");
///
/// let mut came: Vec<u8> = Vec::new(); // from the peer, later
/// let received = client.receive(&mut came, &mut to_send)?;
/// assert_eq!(received.progress, Progress::NeedMore { needed: 5 });
/// # Ok(()) }
/// # #[cfg(not(feature = "aws-lc"))]
/// # fn main() {}
/// ```
#[derive(Debug)]
pub struct Connection {
    reader: Reader,
    writer: Writer,
    orders: Orders,
}

impl Connection {
    /// A client that means to talk to `server`: a [`ServerName`](crate::ServerName), or one with its port.
    #[must_use]
    pub fn client(config: &ClientConfig, server: impl Into<ServerEndpoint>) -> Self {
        let (reader, writer) = Reader::client(config, server);
        Self { reader, writer, orders: Orders::new() }
    }

    /// A server.
    #[must_use]
    pub fn server(config: &ServerConfig) -> Self {
        let (reader, writer) = Reader::server(config);
        Self { reader, writer, orders: Orders::new() }
    }

    /// Begins: a client says hello.
    ///
    /// # Errors
    /// [`Error`] when the provider fails.
    pub fn start(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        let started = self.reader.start(&mut self.orders);
        self.obey(started, out)
    }

    /// Looks at the first record of `input`, the bytes that came and were not consumed yet, and decrypts it in place.
    /// What is to be sent in answer is appended to `out`, also when it ends with an error: that is the alert.
    ///
    /// Call it until it wants more.
    ///
    /// # Errors
    /// [`Error`] when the connection has failed, now or before.
    pub fn receive(&mut self, input: &mut [u8], out: &mut Vec<u8>) -> Result<Received, Error> {
        let received = self.reader.receive(input, &mut self.orders);
        self.obey(received, out)
    }

    /// The same, if the first record of `input` is application data that can be opened straight into `place`: that saves
    /// its copy. It must be all there, and `place` must have room for whatever such a record may hold: with AEADs what it
    /// does hold, with CBC a little more. `None` says that nothing was done: go on with [`Connection::receive`].
    ///
    /// Data of no bytes is possible, and is not the end. What the record's bytes in `input` are afterwards is not defined.
    ///
    /// # Errors
    /// [`Error`] when the connection has failed now; nothing of the record is in `place` then, and `out` has the alert.
    pub fn receive_data(
        &mut self,
        input: &mut [u8],
        place: &mut [u8],
        out: &mut Vec<u8>,
    ) -> Result<Option<OpenedData>, Error> {
        let received = self.reader.receive_data(input, place, &mut self.orders);
        self.obey(received, out)
    }

    /// Answers the pending question. Then go on with [`Connection::receive`].
    ///
    /// # Errors
    /// [`Misuse`] when the answer does not fit; nothing has changed then.
    pub fn answer(&mut self, id: QuestionId, answer: Answer, out: &mut Vec<u8>) -> Result<(), Misuse> {
        self.reader.answer(id, answer, &mut self.orders)?;
        if let Err(error) = self.writer.obey(&mut self.orders, out) {
            self.reader.fail_with(error);
        }
        Ok(())
    }

    /// Asks for another handshake. See [`Reader::renegotiate`].
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn renegotiate(&mut self, out: &mut Vec<u8>) -> Result<(), Misuse> {
        self.reader.renegotiate(&mut self.orders)?;
        if let Err(error) = self.writer.obey(&mut self.orders, out) {
            self.reader.fail_with(error);
        }
        Ok(())
    }

    /// Another configuration for a server's handshakes to come. See [`Reader::set_server_config`].
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn set_server_config(&mut self, config: &ServerConfig) -> Result<(), Misuse> {
        self.reader.set_server_config(config, &mut self.orders)
    }

    /// Seals application data and appends the records to `out`. [`Connection::write_slice`] does it a little quicker.
    ///
    /// # Errors
    /// As [`Writer::write`].
    pub fn write(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.writer.write(data, out)
    }

    /// Seals as much application data as `out` has room for, from its beginning on.
    ///
    /// # Errors
    /// As [`Writer::write_slice`].
    pub fn write_slice(&mut self, data: &[u8], out: &mut [u8]) -> Result<Sealed, Error> {
        self.writer.write_slice(data, out)
    }

    /// Says that we send no more: appends close_notify to `out`, once.
    ///
    /// # Errors
    /// [`Error`] when the provider fails.
    pub fn close(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.writer.close(out)
    }

    /// The transport has ended: tells truncation from an orderly end.
    ///
    /// # Errors
    /// [`Error`] with [`crate::ErrorKind::Truncated`] unless close_notify came before, or the error that ended the
    /// connection earlier.
    pub fn transport_ended(&mut self) -> Result<(), Error> {
        self.reader.transport_ended()
    }

    /// Shows each message of both directions to `trace`.
    pub fn set_trace(&mut self, trace: &Arc<dyn Trace>) {
        self.reader.set_trace(Some(Arc::clone(trace)));
        self.writer.set_trace(Some(Arc::clone(trace)));
    }

    /// The half that reads, with the handshake, the questions and the report.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The half that reads.
    #[must_use]
    pub const fn reader_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }

    /// The half that writes.
    #[must_use]
    pub const fn writer(&self) -> &Writer {
        &self.writer
    }

    /// The half that writes: for [`Writer::seal_in_place`], say.
    #[must_use]
    pub const fn writer_mut(&mut self) -> &mut Writer {
        &mut self.writer
    }

    /// The pending question that the configuration does not answer.
    #[must_use]
    pub fn question(&self) -> Option<(QuestionId, Question<'_>)> {
        self.reader.question()
    }

    /// Whether the first handshake is complete and the connection has not failed. That the peer's transport has ended too
    /// soon is no failure of ours: it may read on.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.reader.is_complete()
    }

    /// What was negotiated, once the handshake is complete.
    #[must_use]
    pub fn summary(&self) -> Option<&Summary> {
        self.reader.summary()
    }

    /// Parts the two halves, for two threads. From here on the caller carries [`Orders`] from the reader to the
    /// writer.
    #[must_use]
    pub fn into_halves(self) -> (Reader, Writer) {
        (self.reader, self.writer)
    }

    /// Lets the writer do what the reader ordered, whatever came of it for the reader.
    fn obey<T>(&mut self, came: Result<T, Error>, out: &mut Vec<u8>) -> Result<T, Error> {
        if !self.orders.is_empty()
            && let Err(error) = self.writer.obey(&mut self.orders, out)
        {
            self.reader.fail_with(error);
            // What the reader found came first.
            return came.and(Err(error));
        }
        came
    }
}
