//! The lines of a certificate's description, and the forms of their values.

use alloc::borrow::Cow;
use core::time::Duration;

/// A line of a certificate's description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The label, in lower case with blanks.
    pub(crate) label: Cow<'static, str>,
    /// The value.
    pub(crate) value: Value,
}

/// A value, or several of the same kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// Exactly one.
    One(String),
    /// Any number.
    Many(Vec<String>),
}

impl Line {
    pub(super) fn one(label: &'static str, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: Value::One(value.into()) }
    }

    pub(super) fn many(label: impl Into<Cow<'static, str>>, values: Vec<String>) -> Self {
        Self { label: label.into(), value: Value::Many(values) }
    }
}

/// Bytes in hexadecimal, separated by colons.
pub(crate) fn colons(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}

/// A time in seconds since 1970 as a date.
pub(crate) fn date(seconds: u64) -> String {
    match der::DateTime::from_unix_duration(Duration::from_secs(seconds)) {
        Ok(date) => date.to_string(),
        Err(_) => format!("{seconds} seconds after 1970"),
    }
}
