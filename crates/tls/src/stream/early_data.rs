//! The data of a stream before the handshake is complete: early data of a client (RFC 9846 section 2.3), and
//! 0.5-RTT data of a server (section 2).

use super::{Stream, seal::MAX_WRITE};
use crate::connection::Connection;
use cairn_schedule::Side;
use core::ops::Range;
use std::io::{self, Read, Write};

impl<S: Read + Write> Stream<S> {
    /// Sends early data of a client, before the handshake: a request that the server can execute one round
    /// trip earlier (RFC 9846 section 2.3). Returns the number of bytes that were sent. It is 0 if there is
    /// no ticket that permits early data, if the configuration does not offer it
    /// ([`ClientConfigBuilder::early_data`](crate::ClientConfigBuilder::early_data)), and after
    /// [`Stream::handshake`] or another call has continued the handshake.
    ///
    /// **Early data can be replayed and has no forward secrecy.** An attacker can record it and send it to
    /// the server again. Send only requests that are safe to execute more than once.
    ///
    /// After the handshake, [`Tls13Summary::early_data`](crate::Tls13Summary::early_data) states whether the
    /// server accepted the early data. If not, it is lost: write it again if it still makes sense on this
    /// connection.
    ///
    /// # Errors
    /// As [`Writer::write_early`](crate::Writer::write_early). As with other writes, encrypted data counts as
    /// sent, and an error of the transport after that is returned by the next call that writes.
    pub fn write_early(&mut self, data: &[u8]) -> io::Result<usize> {
        let written = self.connection.write_early(data, self.outgoing.end_for_data())?;
        self.send_encrypted();
        Ok(written)
    }

    /// Early data that was received and not read: see [`Stream::read_early`].
    #[must_use]
    pub fn unread_early(&self) -> &[u8] {
        &self.early
    }

    /// Reads early data of a client, before the handshake is complete. `Ok(0)` is its end: the client has
    /// sent none, or the handshake is complete. Reading with [`Read::read`] never returns early data.
    ///
    /// **It can be replayed and has no forward secrecy.** An attacker can record early data and send it to
    /// the server again. Execute only requests that are safe to execute more than once. Refuse others, in
    /// HTTP with the status 425 (Too Early, RFC 8470), or execute them after [`Stream::handshake`].
    ///
    /// # Errors
    /// As [`Stream::handshake`].
    pub fn read_early(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.used = true;
        while self.early.is_empty() && self.may_get_early_data() {
            self.pump_answered()?;
        }
        let length = buf.len().min(self.early.len());
        for (place, byte) in buf.iter_mut().zip(self.early.drain(..length)) {
            *place = byte;
        }
        Ok(length)
    }

    /// Sends 0.5-RTT data of a server: application data before the client's Finished, which the client gets a
    /// round trip earlier (RFC 9846 section 2). It may be the response to [`Stream::read_early`]. The
    /// handshake is continued up to the server's Finished. Returns the number of bytes that were sent, at
    /// most 64 KiB in one call. It is 0 if the handshake had to be completed first, and on a client: then
    /// write as usual.
    ///
    /// The configuration must permit it
    /// ([`ServerConfigBuilder::half_rtt_data`](crate::ServerConfigBuilder::half_rtt_data)), and a handshake
    /// that requests a client certificate has no such data.
    ///
    /// **The client is not authenticated yet**, and its ClientHello may be a replay: see
    /// [`Writer::write_half_rtt`](crate::Writer::write_half_rtt). [`Stream::handshake`] completes the
    /// handshake.
    ///
    /// # Errors
    /// As [`Stream::handshake`]. As with other writes, encrypted data counts as sent, and an error of the
    /// transport after that is returned by the next call that writes.
    pub fn write_half_rtt(&mut self, data: &[u8]) -> io::Result<usize> {
        let is_client = self.connection.reader().side() == Side::Client;
        let may_go = |connection: &Connection| connection.writer().is_open_for_half_rtt();
        if !is_client {
            self.used = true;
            self.run_answered(|connection| connection.is_complete() || may_go(connection))?;
        }
        if data.is_empty() || !may_go(&self.connection) {
            return Ok(0);
        }
        let now = data.get(..MAX_WRITE).unwrap_or(data);
        let written = self.connection.write_half_rtt(now, self.outgoing.end_for_data())?;
        self.send_encrypted();
        Ok(written)
    }

    /// Sends encrypted data as far as the transport accepts it. An error is stored, because the caller would
    /// encrypt the data again.
    fn send_encrypted(&mut self) {
        self.outgoing.send_quietly(&mut self.transport);
        self.outgoing.flush_quietly(&mut self.transport);
    }

    fn may_get_early_data(&self) -> bool {
        !self.connection.is_complete() && !self.connection.reader().is_closed()
    }

    /// Stores early data that was received. The record is the first of the input. The limit of the ticket
    /// bounds the stored data.
    pub(super) fn hold_early_data(&mut self, range: Range<usize>, record_len: usize) {
        let data = self.incoming.pending().get(range).unwrap_or_default();
        self.early.extend_from_slice(data);
        self.incoming.consume_record(record_len);
    }
}
