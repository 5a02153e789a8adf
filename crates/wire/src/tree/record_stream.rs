//! The tree of a stream of records.

use alloc::vec::Vec;
use core::fmt;

use super::handshake_stream::{Fault, Nowhere, fail, message};
use super::negotiated::{Negotiated, is_second_client_hello};
use super::printer::{Code, DescribeCertificate, Printer};
use crate::alert::{Alert, ChangeCipherSpec};
use crate::codec::Decode;
use crate::codes::ContentType;
use crate::error::{DecodeError, DecodeErrorKind};
use crate::handshake::HandshakeHeader;
use crate::list::List;
use crate::reader::Reader;
use crate::record::RecordHeader;

/// The encoded records sent by one side; the `Display` prints their tree.
///
/// A handshake message that spans several records is printed under the record that completes it. Offsets
/// within such a message ignore the record headers between its fragments. Records after ChangeCipherSpec are
/// encrypted; they and application data are printed as bytes. The version and the key exchange are determined
/// as in [`HandshakeTree`](super::HandshakeTree).
#[derive(Clone, Debug)]
pub struct RecordTree<'a> {
    stream: Reader<'a>,
    before: Negotiated,
    certificates: Option<DescribeCertificate>,
}

impl<'a> RecordTree<'a> {
    /// Creates the tree of the records in `stream`.
    #[must_use]
    pub const fn new(stream: &'a [u8]) -> Self {
        Self { stream: Reader::new(stream), before: Negotiated::Unknown, certificates: None }
    }

    /// States the negotiated parameters, for a stream without ServerHello such as the client's side.
    #[must_use]
    pub const fn after(mut self, before: Negotiated) -> Self {
        self.before = before;
        self
    }

    /// Prints the description of each certificate below its bytes.
    #[must_use]
    pub const fn describing_certificates(mut self, describe: DescribeCertificate) -> Self {
        self.certificates = Some(describe);
        self
    }

    /// The negotiated parameters at the end of the stream, or at its first error.
    #[must_use]
    pub fn negotiated(&self) -> Negotiated {
        let mut walk = Walk::new(self);
        // `check` reports errors.
        let _ = walk.run(&mut Printer::new(&mut Nowhere));
        walk.negotiated
    }

    /// Decodes the stream without printing it.
    ///
    /// # Errors
    ///
    /// The first error in the stream, which is also the last line of the tree.
    pub fn check(&self) -> Result<(), DecodeError> {
        match Walk::new(self).run(&mut Printer::new(&mut Nowhere)) {
            Err(Fault::Input(error)) => Err(error),
            Err(Fault::Output) | Ok(()) => Ok(()),
        }
    }
}

impl fmt::Display for RecordTree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Walk::new(self).run(&mut Printer::with(f, self.certificates)) {
            Err(Fault::Output) => Err(fmt::Error),
            // Already printed.
            Err(Fault::Input(_)) | Ok(()) => Ok(()),
        }
    }
}

/// The state of decoding.
struct Walk<'a> {
    r: Reader<'a>,
    negotiated: Negotiated,
    encrypted: bool,
    /// The fragments of an incomplete handshake message, and its offset.
    begun: Vec<u8>,
    begun_at: usize,
}

impl<'a> Walk<'a> {
    fn new(tree: &RecordTree<'a>) -> Self {
        Self {
            r: tree.stream.clone(),
            negotiated: tree.before,
            encrypted: false,
            begun: Vec::new(),
            begun_at: 0,
        }
    }

    fn run(&mut self, p: &mut Printer<'_>) -> Result<(), Fault> {
        while !self.r.is_empty() {
            self.record(p)?;
        }
        if self.begun.is_empty() {
            return Ok(());
        }
        // The message is incomplete: this prints its readable part and fails.
        p.line(format_args!("incomplete handshake message:"))?;
        p.nest(|p| message(&mut Reader::at(self.begun_at, &self.begun), &mut self.negotiated, p))
    }

    fn record(&mut self, p: &mut Printer<'_>) -> Result<(), Fault> {
        let place = self.r.offset();
        let header = match RecordHeader::decode(&mut self.r) {
            Ok(header) => header,
            Err(error) => return fail(error, p),
        };
        p.line(format_args!(
            "record @{place}: {}, {}, {} bytes",
            Code(header.content_type),
            Code(header.version),
            header.length
        ))?;
        let offset = self.r.offset();
        let fragment = match self.r.bytes(header.length.into(), "TLSPlaintext.fragment") {
            Ok(fragment) => Reader::at(offset, fragment),
            Err(error) => return p.nest(|p| fail(error, p)),
        };
        p.nest(|p| self.content(header.content_type, fragment, p))
    }

    fn content(
        &mut self,
        content_type: ContentType,
        mut fragment: Reader<'a>,
        p: &mut Printer<'_>,
    ) -> Result<(), Fault> {
        if self.encrypted
            && content_type == ContentType::HANDSHAKE
            && self.negotiated == Negotiated::Unknown
            && is_second_client_hello(fragment.peek())
        {
            (self.encrypted, self.negotiated) = (false, Negotiated::Tls13);
        }
        match content_type {
            ContentType::HANDSHAKE | ContentType::ALERT if self.encrypted => {
                Ok(p.bytes("encrypted", fragment.rest())?)
            }
            ContentType::HANDSHAKE => self.handshake(fragment, p),
            ContentType::ALERT => match List::<Alert>::decode(&mut fragment) {
                Ok(alerts) => Ok(alerts.iter().try_for_each(|alert| {
                    p.line(format_args!("{} {}", Code(alert.level), Code(alert.description)))
                })?),
                Err(error) => fail(error, p),
            },
            ContentType::CHANGE_CIPHER_SPEC => {
                let end = fragment.clone();
                match ChangeCipherSpec::decode(&mut fragment)
                    .and_then(|_| fragment.finish("ChangeCipherSpec"))
                {
                    Ok(()) if self.begun.is_empty() => {
                        // In TLS 1.3 it means nothing, and encrypted records are application_data (RFC 9846
                        // section 5).
                        self.encrypted = !matches!(self.negotiated, Negotiated::Tls13);
                        Ok(())
                    }
                    Ok(()) => fail(within(&end, self.begun.len()), p),
                    Err(error) => fail(error, p),
                }
            }
            ContentType::APPLICATION_DATA => Ok(p.bytes("application_data", fragment.rest())?),
            _ => Ok(p.bytes("fragment", fragment.rest())?),
        }
    }

    fn handshake(&mut self, mut fragment: Reader<'a>, p: &mut Printer<'_>) -> Result<(), Fault> {
        if !self.begun.is_empty() {
            let Some(missing) = missing(&self.begun, fragment.peek()) else {
                self.begun.extend_from_slice(fragment.rest());
                return Ok(
                    p.line(format_args!("next fragment of a message, {} bytes so far", self.begun.len()))?
                );
            };
            // `missing` is at most the length of the fragment.
            self.begun.extend_from_slice(fragment.bytes(missing, "Handshake.body").unwrap_or_default());
            let whole = core::mem::take(&mut self.begun);
            message(&mut Reader::at(self.begun_at, &whole), &mut self.negotiated, p)?;
        }
        while !fragment.is_empty() {
            if missing(&[], fragment.peek()).is_none() {
                self.begun_at = fragment.offset();
                self.begun.extend_from_slice(fragment.rest());
                return Ok(p.line(format_args!("first fragment of a message, {} bytes", self.begun.len()))?);
            }
            message(&mut fragment, &mut self.negotiated, p)?;
        }
        Ok(())
    }
}

/// The number of bytes of `more` that complete the message starting with `begun`, or `None` if `more` is too
/// short.
fn missing(begun: &[u8], more: &[u8]) -> Option<usize> {
    let mut header = [0; HandshakeHeader::LEN];
    for (place, byte) in header.iter_mut().zip(begun.iter().chain(more)) {
        *place = *byte;
    }
    let have = begun.len().checked_add(more.len())?;
    if have < HandshakeHeader::LEN {
        return None;
    }
    let [_, high, middle, low] = header;
    let body = usize::try_from(u32::from_be_bytes([0, high, middle, low])).ok()?;
    let whole = body.checked_add(HandshakeHeader::LEN)?;
    if have < whole { None } else { whole.checked_sub(begun.len()) }
}

/// RFC 5246 section 7.1: ChangeCipherSpec must not interrupt a handshake message.
fn within(r: &Reader<'_>, begun: usize) -> DecodeError {
    r.error(DecodeErrorKind::TrailingBytes { count: begun }, "ChangeCipherSpec within a handshake message")
}
