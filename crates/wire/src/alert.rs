//! The contents of alert and ChangeCipherSpec records.

use core::fmt;

use crate::codec::{Decode, Encode};
use crate::codes::{AlertDescription, AlertLevel};
use crate::error::{DecodeError, DecodeErrorKind, EncodeError};
use crate::reader::Reader;
use crate::writer::Writer;

/// An alert (RFC 5246 section 7.2).
///
/// Any level and any description decodes. The receiver decides how to treat unknown values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Alert {
    /// The severity.
    pub level: AlertLevel,
    /// The meaning of the alert.
    pub description: AlertDescription,
}

impl Alert {
    /// Creates an alert of level `fatal`, which terminates the connection.
    #[must_use]
    pub const fn fatal(description: AlertDescription) -> Self {
        Self { level: AlertLevel::FATAL, description }
    }

    /// Creates an alert of level `warning`.
    #[must_use]
    pub const fn warning(description: AlertDescription) -> Self {
        Self { level: AlertLevel::WARNING, description }
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.level, self.description)
    }
}

impl<'a> Decode<'a> for Alert {
    const SIZE: Option<usize> = Some(2);

    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            level: AlertLevel(r.u8("Alert.level")?),
            description: AlertDescription(r.u8("Alert.description")?),
        })
    }
}

impl Encode for Alert {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        self.level.encode(w)?;
        self.description.encode(w)
    }
}

/// The ChangeCipherSpec message: a single byte of value 1 (RFC 5246 section 7.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChangeCipherSpec;

impl<'a> Decode<'a> for ChangeCipherSpec {
    const SIZE: Option<usize> = Some(1);

    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let start = r.clone();
        // RFC 5246 section 7.1: "The message consists of a single byte of value 1."
        match r.u8("ChangeCipherSpec.type")? {
            1 => Ok(Self),
            value => {
                let kind = DecodeErrorKind::IllegalValue { value: value.into() };
                Err(start.error(kind, "ChangeCipherSpec.type"))
            }
        }
    }
}

impl Encode for ChangeCipherSpec {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.u8(1)
    }
}
