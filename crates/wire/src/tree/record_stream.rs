//! A stream of records as a tree.

use alloc::vec::Vec;
use core::fmt;

use super::handshake_stream::{Fault, Nowhere, fail, message};
use super::printer::{Code, Printer};
use crate::{
    Alert, ChangeCipherSpec, ContentType, Decode, DecodeError, DecodeErrorKind, HandshakeHeader,
    KeyExchangeAlgorithm, List, Reader, RecordHeader,
};

/// The bytes of records that one side sent, one after the other, as a tree with `Display`.
///
/// Handshake messages are joined where they go over several records, and shown under the record that completes them
/// (places within such a message count as if no record header stood between its parts). What follows a ChangeCipherSpec
/// is encrypted, and shown as bytes, as application data is. The key exchange is known as in
/// [`HandshakeTree`](super::HandshakeTree).
#[derive(Clone, Debug)]
pub struct RecordTree<'a> {
    stream: Reader<'a>,
    key_exchange: Option<KeyExchangeAlgorithm>,
}

impl<'a> RecordTree<'a> {
    /// The tree of these records.
    #[must_use]
    pub const fn new(stream: &'a [u8]) -> Self {
        Self { stream: Reader::new(stream), key_exchange: None }
    }

    /// With the key exchange that was agreed, where it does not stand in this stream: the client's half of a connection
    /// has no ServerHello.
    #[must_use]
    pub const fn with_key_exchange(mut self, key_exchange: Option<KeyExchangeAlgorithm>) -> Self {
        self.key_exchange = key_exchange;
        self
    }

    /// The key exchange that is agreed at the end of the stream, or at its first error.
    #[must_use]
    pub fn key_exchange(&self) -> Option<KeyExchangeAlgorithm> {
        let mut walk = Walk::new(self);
        // Its errors are for `check`.
        let _ = walk.run(&mut Printer::new(&mut Nowhere));
        walk.key_exchange
    }

    /// Walks through the stream.
    ///
    /// # Errors
    ///
    /// The first error in it, which is also the last line of the tree.
    pub fn check(&self) -> Result<(), DecodeError> {
        match Walk::new(self).run(&mut Printer::new(&mut Nowhere)) {
            Err(Fault::Input(error)) => Err(error),
            Err(Fault::Output) | Ok(()) => Ok(()),
        }
    }
}

impl fmt::Display for RecordTree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Walk::new(self).run(&mut Printer::new(f)) {
            Err(Fault::Output) => Err(fmt::Error),
            // Printed where it happened.
            Err(Fault::Input(_)) | Ok(()) => Ok(()),
        }
    }
}

/// What is known half-way through the stream.
struct Walk<'a> {
    r: Reader<'a>,
    key_exchange: Option<KeyExchangeAlgorithm>,
    encrypted: bool,
    /// A handshake message whose end has not come yet, and where it began.
    begun: Vec<u8>,
    begun_at: usize,
}

impl<'a> Walk<'a> {
    fn new(tree: &RecordTree<'a>) -> Self {
        Self {
            r: tree.stream.clone(),
            key_exchange: tree.key_exchange,
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
        // It cannot be whole, so that this prints what there is of it and fails.
        p.line(format_args!("a handshake message that does not end:"))?;
        p.nest(|p| message(&mut Reader::at(self.begun_at, &self.begun), &mut self.key_exchange, p))
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
                        self.encrypted = true;
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
                    p.line(format_args!("the next part of a message, {} bytes so far", self.begun.len()))?
                );
            };
            // `missing` is at most what the fragment has.
            self.begun.extend_from_slice(fragment.bytes(missing, "Handshake.body").unwrap_or_default());
            let whole = core::mem::take(&mut self.begun);
            message(&mut Reader::at(self.begun_at, &whole), &mut self.key_exchange, p)?;
        }
        while !fragment.is_empty() {
            if missing(&[], fragment.peek()).is_none() {
                self.begun_at = fragment.offset();
                self.begun.extend_from_slice(fragment.rest());
                return Ok(p.line(format_args!("the first part of a message, {} bytes", self.begun.len()))?);
            }
            message(&mut fragment, &mut self.key_exchange, p)?;
        }
        Ok(())
    }
}

/// How many bytes of `more` complete the message that begins with `begun`; `None` where all of them do not.
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

/// RFC 5246 section 7.1: a ChangeCipherSpec stands between messages.
fn within(r: &Reader<'_>, begun: usize) -> DecodeError {
    r.error(DecodeErrorKind::TrailingBytes { count: begun }, "ChangeCipherSpec within a handshake message")
}
