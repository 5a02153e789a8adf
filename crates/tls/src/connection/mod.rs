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

/// Both halves of a connection, for a program that drives them on one thread.
///
/// Give what came to [`Connection::receive`]; send what it and the other calls append to their `out`. The rules:
///
/// - **Send what was appended, also when a call fails.** With an error comes the alert that tells the peer of it, so that
///   `out` is sent before the error is acted upon. After the error nothing more comes from the connection.
/// - **Call `receive` until it says [`Progress::NeedMore`].** A read from the socket can bring several records, or part of
///   one. `consumed` bytes at the front of the input are done with after each call; data lies inside of them, and must be
///   used before they are thrown away.
/// - **`needed` is a total**: how many bytes the input must hold, those that are there included. With fewer the answer is
///   the same. An input buffer of [`MAX_RECORD_LEN`](cairn_record::MAX_RECORD_LEN) bytes always suffices.
/// - **Wait for the socket to be readable, and to be writable only while there is something to send.** Reading must not wait
///   for writing: a peer that is busy writing may not read before we do. Stop sealing data while much is unsent, and the
///   output stays bounded.
/// - **When the transport ends, ask [`Connection::transport_ended`]** whether that is orderly: only close_notify says so.
/// - After [`Progress::Question`] nothing is read until [`Connection::answer`] was called; then go on with `receive`.
/// - During a renegotiation call `receive` now and then though nothing comes: it looks at the clock. Application data can be
///   written while [`Writer::is_open`] says so.
///
/// The loop for a transport that blocks; `examples/sans_io.rs` has it for one that does not.
///
/// ```
/// # #[cfg(all(feature = "aws-lc", feature = "std"))]
/// # mod example {
/// use cairn_tls::{Connection, Progress};
/// use std::io::{self, Read, Write};
///
/// /// Sends `request` and gives all that comes until the peer's close_notify.
/// pub fn ask(tls: &mut Connection, socket: &mut (impl Read + Write), request: &[u8]) -> io::Result<Vec<u8>> {
///     let (mut answer, mut to_send, mut input, mut needed) = (Vec::new(), Vec::new(), Vec::new(), 0);
///     let mut asked = false;
///     tls.start(&mut to_send)?;
///     loop {
///         // All that was appended goes before anything is waited for.
///         socket.write_all(&core::mem::take(&mut to_send))?;
///         socket.flush()?;
///         while input.len() < needed {
///             let mut chunk = [0; 4096];
///             match socket.read(&mut chunk)? {
///                 0 => {
///                     tls.transport_ended()?;
///                     return Ok(answer);
///                 }
///                 came => input.extend_from_slice(&chunk[..came]),
///             }
///         }
///         let received = match tls.receive(&mut input, &mut to_send) {
///             Ok(received) => received,
///             Err(error) => {
///                 // The alert first; that it finds nobody changes nothing.
///                 let _gone = socket.write_all(&to_send).and_then(|()| socket.flush());
///                 return Err(error.into());
///             }
///         };
///         if let Progress::Data(place) = &received.progress {
///             answer.extend_from_slice(&input[place.clone()]);
///         }
///         input.drain(..received.consumed);
///         needed = 0;
///         match received.progress {
///             Progress::NeedMore { needed: total } => needed = total,
///             Progress::Question(_) => return Err(io::Error::other("nobody answers questions here")),
///             Progress::Closed => {
///                 // Our close_notify is in `to_send`, and a peer that is gone already needs none.
///                 let _gone = socket.write_all(&to_send).and_then(|()| socket.flush());
///                 return Ok(answer);
///             }
///             Progress::Data(_) | Progress::Handled => {}
///         }
///         if !asked && tls.writer().is_open() {
///             asked = true;
///             tls.write(request, &mut to_send)?;
///         }
///     }
/// }
/// # }
/// # #[cfg(all(feature = "aws-lc", feature = "std"))]
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use cairn_tls::{ClientConfig, Connection, ServerConfig, ServerName, Stream, x509::Roots, x509::issue::*};
/// # use std::{io::{Read, Write}, net::{TcpListener, TcpStream}, thread};
/// # let provider = cairn_tls::default_provider();
/// # let template = Template::server("localhost").dns("localhost").valid(0, 4_000_000_000);
/// # let identity = template.self_signed(&provider, cairn_tls::crypto::KeySpec::EcP256)?;
/// # let mut roots = Roots::new();
/// # roots.add_der(identity.certificate())?;
/// # let client = ClientConfig::builder().trust(roots).build()?;
/// # let chain: Vec<&[u8]> = identity.chain().collect();
/// # let server = ServerConfig::builder().credential(&chain, identity.signing_key().clone())?.build()?;
/// # let listener = TcpListener::bind("127.0.0.1:0")?;
/// # let mut socket = TcpStream::connect(listener.local_addr()?)?;
/// # let server = thread::spawn(move || {
/// #     let mut tls = Stream::server(&server, listener.accept().unwrap().0).unwrap();
/// #     let mut came = [0; 5];
/// #     tls.read_exact(&mut came).unwrap();
/// #     tls.write_all(&[7; 50_000]).unwrap();
/// #     tls.close().unwrap();
/// #     came
/// # });
/// # let mut tls = Connection::client(&client, ServerName::parse("localhost")?);
/// # assert_eq!(example::ask(&mut tls, &mut socket, b"hello")?, [7; 50_000]);
/// # assert_eq!(&server.join().unwrap(), b"hello");
/// # Ok(()) }
/// # #[cfg(not(all(feature = "aws-lc", feature = "std")))]
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

    /// Takes the first record of `input`, the bytes that came and were not consumed yet, and decrypts it in place. The
    /// answer is appended to `out`; when this fails, that is the alert, which must be sent too.
    ///
    /// Call it again until it returns [`crate::Progress::NeedMore`].
    ///
    /// # Errors
    /// [`Error`] when the connection has failed, now or before.
    pub fn receive(&mut self, input: &mut [u8], out: &mut Vec<u8>) -> Result<Received, Error> {
        let received = self.reader.receive(input, &mut self.orders);
        self.obey(received, out)
    }

    /// Opens the first record of `input` straight into `place`, if it is application data. That saves a copy. The record
    /// must be complete, and `place` must have room for all that such a record can hold: with AEADs the length of its
    /// data, with CBC a little more. `None` means that nothing was done: go on with [`Connection::receive`].
    ///
    /// Data of no bytes is possible, and is not the end. Afterwards the record's bytes in `input` are unspecified.
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
