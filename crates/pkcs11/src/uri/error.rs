//! Errors of URIs.

use core::fmt;

/// The reason why a text is not a PKCS #11 URI that names a private key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UriError {
    /// It does not begin with `pkcs11:`.
    Scheme,
    /// An attribute has no `=`.
    NoValue,
    /// This attribute is unknown or not supported.
    UnknownAttribute(String),
    /// An attribute after `pin-value` has no `=` or is not supported. It can be a part of the PIN, so it is
    /// not named.
    AfterPin,
    /// This attribute occurs twice.
    Twice(&'static str),
    /// The value of this attribute contains a character that must be percent-encoded.
    Character(&'static str),
    /// The value of this attribute has a `%` without two hexadecimal digits.
    PercentEncoding(&'static str),
    /// The value of this attribute is not UTF-8.
    NotUtf8(&'static str),
    /// The `slot-id` is not a number.
    SlotId,
    /// The `type` is not `private`.
    Type,
    /// It has both `pin-value` and `pin-source` (RFC 7512).
    TwoPins,
    /// The `pin-source` is not the path of a file. Commands are not run.
    PinSource,
}

impl fmt::Display for UriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheme => f.write_str("a PKCS #11 URI begins with pkcs11:"),
            Self::NoValue => f.write_str("an attribute of the PKCS #11 URI has no ="),
            Self::UnknownAttribute(name) => {
                write!(f, "the attribute {name:?} of the PKCS #11 URI is not supported here")
            }
            Self::AfterPin => f.write_str(
                "an attribute after pin-value in the PKCS #11 URI is not supported; in the PIN, & is %26",
            ),
            Self::Twice(name) => write!(f, "the attribute {name} of the PKCS #11 URI occurs twice"),
            Self::Character(name) => {
                write!(f, "{name} in the PKCS #11 URI has a character that must be percent-encoded")
            }
            Self::PercentEncoding(name) => {
                write!(f, "{name} in the PKCS #11 URI has a % without two hexadecimal digits")
            }
            Self::NotUtf8(name) => write!(f, "{name} in the PKCS #11 URI is not UTF-8"),
            Self::SlotId => f.write_str("slot-id in the PKCS #11 URI is not a number"),
            Self::Type => f.write_str("type in the PKCS #11 URI must be private"),
            Self::TwoPins => f.write_str("the PKCS #11 URI has both pin-value and pin-source"),
            Self::PinSource => {
                f.write_str("pin-source in the PKCS #11 URI must be an absolute path or a file: URI")
            }
        }
    }
}

impl core::error::Error for UriError {}
