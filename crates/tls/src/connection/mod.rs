//! The connection without I/O: combines the handshake machine and the record layer.
//!
//! ```text
//!  bytes in ─▶ Reader: frame ─▶ open in place ─┬▶ handshake machine ─▶ Orders ─▶ Writer ─▶ bytes out
//!                                              └▶ application data ─▶ caller        ▲
//!                                                            caller's data ─────────┘
//! ```
//!
//! [`Reader`] and [`Writer`] share nothing that changes, except whether the peer has requested KeyUpdate. The
//! reader's [`Orders`] are passed to the writer.

mod orders;
mod reader;
mod writer;

pub use orders::Orders;
pub use reader::{ChannelBinding, ChannelBindingError, Notice, Progress, Reader, Received};
pub use writer::Writer;

use crate::{error::Error, trace::Trace};
use alloc::{sync::Arc, vec::Vec};
use cairn_config::{ClientConfig, ConnectionConfig, ServerConfig, ServerEndpoint};
use cairn_handshake::{Answer, Misuse, Question, QuestionId, Summary};
use cairn_record::{OpenedData, RecordLimits, Sealed};
use cairn_wire::KeyUpdateRequest;

/// Both halves of a connection, for a program that uses them on one thread.
///
/// Pass received bytes to [`Connection::receive`], and send the bytes that this and the other calls append
/// to `out`:
///
/// - **Send the appended bytes, also if a call fails.** With an error comes the alert that informs the peer,
///   so send `out` before you handle the error. The connection produces nothing more after an error.
/// - **Call `receive` until it returns [`Progress::NeedMore`].** A read from the socket may return several
///   records, or part of one. Each call consumes `consumed` bytes at the front of the input. Application data
///   lies in them, so use it before you discard them.
/// - **`needed` is a total**: the number of bytes that the input must have, including those already there.
///   With fewer, the result is the same. An input buffer of [`MAX_RECORD_LEN`](cairn_record::MAX_RECORD_LEN)
///   bytes always suffices.
/// - **Wait until the socket is readable, and until it is writable only if there is something to send.**
///   Reading must not wait for writing, because a peer that is writing may not read before we do. To bound
///   the output, stop writing data while much is unsent.
/// - **After [`Progress::Closed`], close our side too**: [`Connection::close`]. In TLS 1.3 the peer still
///   reads, so there may be something to write before ([`Reader::set_half_close`]). In TLS 1.2 our side is
///   closed already, and the call has no effect.
/// - **At the end of the transport, call [`Connection::transport_ended`]**: without close_notify, the end is
///   not orderly.
/// - After [`Progress::Question`], nothing is read until [`Connection::answer`] is called. Then call
///   `receive` again.
/// - During a renegotiation, call `receive` from time to time even if nothing is received, because it checks
///   the clock. Application data can be written while [`Writer::is_open`] returns `true`.
///
/// This is the loop for a blocking transport; `examples/sans_io` has one for a non-blocking transport.
///
/// ```
/// # #[cfg(all(feature = "aws-lc", feature = "std"))]
/// # mod example {
/// use cairn_tls::{Connection, Progress};
/// use std::io::{self, Read, Write};
///
/// /// Sends `request` and returns the response, up to the peer's close_notify.
/// pub fn ask<S: Read + Write>(tls: &mut Connection, socket: &mut S, request: &[u8]) -> io::Result<Vec<u8>> {
///     let (mut answer, mut to_send, mut input, mut needed) = (Vec::new(), Vec::new(), Vec::new(), 0);
///     let mut asked = false;
///     tls.start(&mut to_send)?;
///     loop {
///         // Send all output before waiting for input. Not earlier: a flight goes together.
///         if input.len() < needed {
///             socket.write_all(&core::mem::take(&mut to_send))?;
///             socket.flush()?;
///         }
///         while input.len() < needed {
///             let mut chunk = [0; 4096];
///             match socket.read(&mut chunk)? {
///                 0 => {
///                     tls.transport_ended()?;
///                     return Ok(answer);
///                 }
///                 length => input.extend_from_slice(&chunk[..length]),
///             }
///         }
///         let received = match tls.receive(&mut input, &mut to_send) {
///             Ok(received) => received,
///             Err(error) => {
///                 // Send the alert first. A failure to send it does not change the error.
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
///             Progress::Question(_) => return Err(io::Error::other("this program answers no questions")),
///             Progress::Closed => {
///                 // We have nothing more to say. A peer that has closed the socket needs no answer.
///                 tls.close(&mut to_send)?;
///                 let _gone = socket.write_all(&to_send).and_then(|()| socket.flush());
///                 return Ok(answer);
///             }
///             // A client gets none, and a server only if its configuration accepts it.
///             Progress::EarlyData(_) => {}
///             Progress::Data(_) | Progress::Handled | Progress::ClientAuthentication => {}
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
/// # use cairn_tls::x509::{Roots, issue::*};
/// # use cairn_tls::{ClientConfig, Connection, ServerConfig, ServerName, Stream};
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
/// #     let mut received = [0; 5];
/// #     tls.read_exact(&mut received).unwrap();
/// #     tls.write_all(&[7; 50_000]).unwrap();
/// #     tls.close().unwrap();
/// #     received
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
}

impl Connection {
    /// Creates a client that connects to `server`: a [`ServerName`](crate::ServerName), or one with its port.
    #[must_use]
    pub fn client(config: &ClientConfig, server: impl Into<ServerEndpoint>) -> Self {
        Self::client_with_limits(config, server, RecordLimits::default())
    }

    /// As [`Connection::client`], with limits on the memory and work that the peer's records can cause, and
    /// on the size of sent records.
    #[must_use]
    pub fn client_with_limits(
        config: &ClientConfig,
        server: impl Into<ServerEndpoint>,
        limits: RecordLimits,
    ) -> Self {
        let (reader, writer) = Reader::whole(ConnectionConfig::client(config, server), limits);
        Self { reader, writer }
    }

    /// Creates a server.
    #[must_use]
    pub fn server(config: &ServerConfig) -> Self {
        Self::server_with_limits(config, RecordLimits::default())
    }

    /// As [`Connection::server`], with limits on the memory and work that the peer's records can cause, and
    /// on the size of sent records.
    #[must_use]
    pub fn server_with_limits(config: &ServerConfig, limits: RecordLimits) -> Self {
        let (reader, writer) = Reader::whole(ConnectionConfig::server(config), limits);
        Self { reader, writer }
    }

    /// Starts the handshake. A client sends ClientHello.
    ///
    /// # Errors
    /// [`Error`] if the provider fails.
    pub fn start(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        let started = self.reader.start();
        self.obey(started, out)
    }

    /// Processes the first record of `input`, the received bytes that have not been consumed, and decrypts it
    /// in place. The response is appended to `out`. If the call fails, that is the alert, which must be sent
    /// too.
    ///
    /// Call it again until it returns [`crate::Progress::NeedMore`].
    ///
    /// # Errors
    /// [`Error`] if the connection has failed, now or earlier.
    pub fn receive(&mut self, input: &mut [u8], out: &mut Vec<u8>) -> Result<Received, Error> {
        let received = self.reader.receive(input);
        self.obey(received, out)
    }

    /// Decrypts the first record of `input` directly into `place` if it is application data, which saves a
    /// copy. The record must be complete, and `place` must have room for the largest content of such a
    /// record: with AEADs the length of the data, in TLS 1.3 with its padding and one byte more, with CBC a
    /// little more. If this returns `None`, call [`Connection::receive`] with the same input.
    ///
    /// Empty data is possible and is not the end. Afterwards the bytes of the record in `input` are
    /// unspecified.
    ///
    /// # Errors
    /// [`Error`] if the connection has failed now; `place` then has no data of the record, and `out` has the
    /// alert.
    pub fn receive_data(
        &mut self,
        input: &mut [u8],
        place: &mut [u8],
        out: &mut Vec<u8>,
    ) -> Result<Option<OpenedData>, Error> {
        let received = self.reader.receive_data(input, place);
        self.obey(received, out)
    }

    /// Answers the pending question. Then call [`Connection::receive`] again.
    ///
    /// # Errors
    /// [`Misuse`] if the answer does not fit. The connection is unchanged.
    pub fn answer(&mut self, id: QuestionId, answer: Answer, out: &mut Vec<u8>) -> Result<(), Misuse> {
        self.reader.answer(id, answer)?;
        if let Err(error) = self.writer.execute(self.reader.tasks_mut(), out) {
            self.reader.fail_with(error);
        }
        Ok(())
    }

    /// Requests a renegotiation. See [`Reader::renegotiate`].
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn renegotiate(&mut self, out: &mut Vec<u8>) -> Result<(), Misuse> {
        self.reader.renegotiate()?;
        if let Err(error) = self.writer.execute(self.reader.tasks_mut(), out) {
            self.reader.fail_with(error);
        }
        Ok(())
    }

    /// Updates the keys for writing, in TLS 1.3. See [`Reader::update_keys`].
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn update_keys(&mut self, request_update: KeyUpdateRequest, out: &mut Vec<u8>) -> Result<(), Misuse> {
        self.reader.update_keys(request_update)?;
        if let Err(error) = self.writer.execute(self.reader.tasks_mut(), out) {
            self.reader.fail_with(error);
        }
        Ok(())
    }

    /// Requests a certificate from the client, as a server of TLS 1.3 after its handshake. See
    /// [`Reader::request_client_certificate`].
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn request_client_certificate(&mut self, out: &mut Vec<u8>) -> Result<(), Misuse> {
        self.reader.request_client_certificate()?;
        if let Err(error) = self.writer.execute(self.reader.tasks_mut(), out) {
            self.reader.fail_with(error);
        }
        Ok(())
    }

    /// Sets the configuration for a server's later handshakes. See [`Reader::set_server_config`].
    ///
    /// # Errors
    /// [`Misuse`], as there.
    pub fn set_server_config(&mut self, config: &ServerConfig) -> Result<(), Misuse> {
        self.reader.set_server_config(config)
    }

    /// Encrypts application data and appends the records to `out`. [`Connection::write_slice`] is slightly
    /// faster.
    ///
    /// # Errors
    /// As [`Writer::write`].
    pub fn write(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.writer.write(data, out)
    }

    /// Encrypts early data of a client, and appends the records to `out`. See [`Writer::write_early`].
    ///
    /// # Errors
    /// As there.
    pub fn write_early(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<usize, Error> {
        self.writer.write_early(data, out)
    }

    /// Encrypts 0.5-RTT data of a server, to a client that has proved nothing yet, and appends the records to
    /// `out`. See [`Writer::write_half_rtt`].
    ///
    /// # Errors
    /// As there.
    pub fn write_half_rtt(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<usize, Error> {
        self.writer.write_half_rtt(data, out)
    }

    /// Encrypts as much application data as `out` has room for, starting at the front.
    ///
    /// # Errors
    /// As [`Writer::write_slice`].
    pub fn write_slice(&mut self, data: &[u8], out: &mut [u8]) -> Result<Sealed, Error> {
        self.writer.write_slice(data, out)
    }

    /// Closes our side: appends close_notify to `out`, once.
    ///
    /// # Errors
    /// [`Error`] if the provider fails.
    pub fn close(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.writer.close(out)
    }

    /// Reports the end of the transport, and distinguishes truncation from an orderly close.
    ///
    /// # Errors
    /// [`Error`] with [`crate::ErrorKind::Truncated`] if close_notify was not received, or the error that
    /// ended the connection earlier.
    pub fn transport_ended(&mut self) -> Result<(), Error> {
        self.reader.transport_ended()
    }

    /// Passes each message of both directions to `trace`.
    pub fn set_trace(&mut self, trace: &Arc<dyn Trace>) {
        self.reader.set_trace(Some(Arc::clone(trace)));
        self.writer.set_trace(Some(Arc::clone(trace)));
    }

    /// The reading half, with the handshake, the questions and the summary.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The reading half.
    #[must_use]
    pub const fn reader_mut(&mut self) -> &mut Reader {
        &mut self.reader
    }

    /// The writing half.
    #[must_use]
    pub const fn writer(&self) -> &Writer {
        &self.writer
    }

    /// The writing half, for example for [`Writer::seal_in_place`].
    #[must_use]
    pub const fn writer_mut(&mut self) -> &mut Writer {
        &mut self.writer
    }

    /// The pending question that the configuration does not answer.
    #[must_use]
    pub fn question(&self) -> Option<(QuestionId, Question<'_>)> {
        self.reader.question()
    }

    /// Whether the first handshake is complete and the connection has not failed. A premature end of the
    /// peer's transport does not count as a failure.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.reader.is_complete()
    }

    /// The negotiated parameters, after the handshake is complete.
    #[must_use]
    pub fn summary(&self) -> Option<&Summary> {
        self.reader.summary()
    }

    /// Splits the connection into its halves, for two threads. The caller must then pass the orders of the
    /// reader to the writer: [`Reader::take_orders`] and [`Writer::obey`].
    #[must_use]
    pub fn into_halves(self) -> (Reader, Writer) {
        let Self { mut reader, mut writer } = self;
        reader.separate(&mut writer);
        (reader, writer)
    }

    /// Lets the writer execute the reader's orders, whatever the reader's result.
    fn obey<T>(&mut self, result: Result<T, Error>, out: &mut Vec<u8>) -> Result<T, Error> {
        let tasks = self.reader.tasks_mut();
        if !tasks.is_empty()
            && let Err(error) = self.writer.execute(tasks, out)
        {
            self.reader.fail_with(error);
            // The reader's error came first.
            return result.and(Err(error));
        }
        result
    }
}
