//! PKCS #11 URIs (RFC 7512).

mod error;
mod percent;

pub use self::error::UriError;

use self::percent::{PATH, QUERY, decode};
use crate::{
    error::Error,
    filter::{KeyFilter, TokenFilter},
    pin::Pin,
};
use core::str::FromStr;
use std::path::{Path, PathBuf};

/// A PKCS #11 URI (RFC 7512) that names a private key, and optionally its token, its module and the PIN.
///
/// ```
/// use cairn_pkcs11::Uri;
///
/// let uri: Uri = "pkcs11:token=web;object=server?pin-source=/run/secrets/pin".parse()?;
/// assert_eq!(uri.token_filter().to_string(), "label \"web\"");
/// assert_eq!(uri.key_filter().to_string(), "label \"server\"");
/// # Ok::<(), cairn_pkcs11::UriError>(())
/// ```
///
/// The attributes are `token`, `serial`, `manufacturer`, `model`, `slot-id`, `object`, `id` and `type` (which
/// must be `private`) in the path, and `pin-value`, `pin-source` and `module-path` in the query. `pin-source`
/// is a path or a `file:` URI. Any other attribute is an error, because a key that it excludes must not be
/// used.
///
/// The PIN is zeroized and never printed. Prefer `pin-source`: a URI with `pin-value` is a secret.
#[derive(Clone, Debug, Default)]
pub struct Uri {
    token: TokenFilter,
    key: KeyFilter,
    pin: Option<PinFrom>,
    module_path: Option<PathBuf>,
}

#[derive(Clone, Debug)]
enum PinFrom {
    Value(Pin),
    File(PathBuf),
}

/// The attributes of the path.
const PATH_ATTRIBUTES: &[&str] =
    &["token", "serial", "manufacturer", "model", "slot-id", "object", "id", "type"];

/// The attributes of the query.
const QUERY_ATTRIBUTES: &[&str] = &["pin-value", "pin-source", "module-path"];

impl Uri {
    /// Parses a URI.
    ///
    /// # Errors
    /// [`UriError`].
    pub fn parse(uri: &str) -> Result<Self, UriError> {
        let (scheme, rest) = uri.split_once(':').ok_or(UriError::Scheme)?;
        if !scheme.eq_ignore_ascii_case("pkcs11") {
            return Err(UriError::Scheme);
        }
        let (path, query) = rest.split_once('?').map_or((rest, ""), |(path, query)| (path, query));
        let mut parsed = Self::default();
        for (name, value) in attributes(path, ';', PATH_ATTRIBUTES)? {
            parsed.path_attribute(name, value)?;
        }
        for (name, value) in attributes(query, '&', QUERY_ATTRIBUTES)? {
            parsed.query_attribute(name, value)?;
        }
        Ok(parsed)
    }

    fn path_attribute(&mut self, name: &'static str, value: &str) -> Result<(), UriError> {
        let bytes = decode(name, value, PATH)?;
        if name == "id" {
            self.key.id = Some(bytes.to_vec());
            return Ok(());
        }
        let text = core::str::from_utf8(&bytes).map_err(|_| UriError::NotUtf8(name))?;
        match name {
            "token" => self.token.label = Some(text.to_owned()),
            "serial" => self.token.serial = Some(text.to_owned()),
            "manufacturer" => self.token.manufacturer = Some(text.to_owned()),
            "model" => self.token.model = Some(text.to_owned()),
            "slot-id" => self.token.slot = Some(slot_id(text)?),
            "object" => self.key.label = Some(text.to_owned()),
            // The type.
            _ if text == "private" => {}
            _ => return Err(UriError::Type),
        }
        Ok(())
    }

    fn query_attribute(&mut self, name: &'static str, value: &str) -> Result<(), UriError> {
        let bytes = decode(name, value, QUERY)?;
        let text = core::str::from_utf8(&bytes).map_err(|_| UriError::NotUtf8(name))?;
        let pin = match name {
            "pin-value" => PinFrom::Value(Pin::new(text)),
            "pin-source" => PinFrom::File(pin_file(text)?),
            _ => {
                self.module_path = Some(PathBuf::from(text));
                return Ok(());
            }
        };
        match self.pin.replace(pin) {
            None => Ok(()),
            Some(_) => Err(UriError::TwoPins),
        }
    }

    /// The properties of the token.
    #[must_use]
    pub const fn token_filter(&self) -> &TokenFilter {
        &self.token
    }

    /// The properties of the private key.
    #[must_use]
    pub const fn key_filter(&self) -> &KeyFilter {
        &self.key
    }

    /// The path of the module, if the URI has one.
    #[must_use]
    pub fn module_path(&self) -> Option<&Path> {
        self.module_path.as_deref()
    }

    /// The PIN, if the URI has one. A `pin-source` is read now.
    ///
    /// # Errors
    /// [`Error::PinFile`].
    pub fn pin(&self) -> Result<Option<Pin>, Error> {
        match &self.pin {
            None => Ok(None),
            Some(PinFrom::Value(pin)) => Ok(Some(pin.clone())),
            Some(PinFrom::File(path)) => {
                let fail = |reason| Error::PinFile { path: path.clone(), reason };
                Pin::read(path).map(Some).map_err(fail)
            }
        }
    }
}

impl FromStr for Uri {
    type Err = UriError;

    fn from_str(uri: &str) -> Result<Self, UriError> {
        Self::parse(uri)
    }
}

/// The names and values of the attributes in a part. No name may occur twice (RFC 7512).
fn attributes<'a>(
    part: &'a str,
    separator: char,
    known: &[&'static str],
) -> Result<Vec<(&'static str, &'a str)>, UriError> {
    let mut found: Vec<(&'static str, &str)> = Vec::new();
    if part.is_empty() {
        return Ok(found);
    }
    for attribute in part.split(separator) {
        // If an `&` in the PIN is not encoded, the rest of the PIN looks like an attribute.
        let after_pin = found.iter().any(|(name, _)| *name == "pin-value");
        let error = |error| if after_pin { UriError::AfterPin } else { error };
        let (name, value) = attribute.split_once('=').ok_or_else(|| error(UriError::NoValue))?;
        let unknown = || error(UriError::UnknownAttribute(name.to_owned()));
        let name = *known.iter().find(|known| **known == name).ok_or_else(unknown)?;
        if found.iter().any(|(other, _)| *other == name) {
            return Err(UriError::Twice(name));
        }
        found.push((name, value));
    }
    Ok(found)
}

/// `1*DIGIT` (RFC 7512).
fn slot_id(text: &str) -> Result<u64, UriError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or(UriError::SlotId)
}

/// A `pin-source` (RFC 7512) that is a `file:` URI or an absolute path. A command after `|` is refused.
fn pin_file(source: &str) -> Result<PathBuf, UriError> {
    let path = match source.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("file") => {
            // `file:/path`, `file:///path` or `file://localhost/path` (RFC 8089).
            let local = rest.strip_prefix("//localhost").filter(|path| path.starts_with('/'));
            local.or_else(|| rest.strip_prefix("//")).unwrap_or(rest)
        }
        _ => source,
    };
    let path = Path::new(path);
    if path.has_root() { Ok(path.to_owned()) } else { Err(UriError::PinSource) }
}

#[cfg(test)]
mod tests;
