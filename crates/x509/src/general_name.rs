//! Parses `GeneralName` (RFC 5280 section 4.2.1.6) without copying.

use crate::tlv::{self, Element, Elements, SEQUENCE};

/// A `GeneralName` of an alternative name or a name constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GeneralName<'a> {
    /// `rfc822Name`: a mailbox; in a constraint also a host or a domain.
    Mail(&'a [u8]),
    /// `dNSName`.
    Dns(&'a [u8]),
    /// `directoryName`: a distinguished name in DER.
    Directory(&'a [u8]),
    /// `uniformResourceIdentifier`; in a constraint a host or a domain.
    Uri(&'a [u8]),
    /// `iPAddress`; in a constraint followed by its mask.
    Address(&'a [u8]),
    /// An unsupported kind, with its tag.
    Other(u8),
}

impl<'a> GeneralName<'a> {
    /// Reads the next name.
    pub(crate) fn take(names: &mut Elements<'a>) -> der::Result<Self> {
        Self::of(names.any()?)
    }

    /// The name in an element.
    pub(crate) fn of(name: Element<'a>) -> der::Result<Self> {
        const OTHER_NAME: u8 = tlv::explicit(0);
        const MAIL: u8 = tlv::context(1);
        const DNS: u8 = tlv::context(2);
        const X400_ADDRESS: u8 = tlv::explicit(3);
        const DIRECTORY: u8 = tlv::explicit(4);
        const EDI_PARTY: u8 = tlv::explicit(5);
        const URI: u8 = tlv::context(6);
        const ADDRESS: u8 = tlv::context(7);
        const REGISTERED_ID: u8 = tlv::context(8);
        Ok(match name.tag {
            MAIL => Self::Mail(name.contents),
            DNS => Self::Dns(name.contents),
            DIRECTORY => {
                Elements::only(name.contents, SEQUENCE)?;
                Self::Directory(name.contents)
            }
            URI => Self::Uri(name.contents),
            ADDRESS => Self::Address(name.contents),
            OTHER_NAME | X400_ADDRESS | EDI_PARTY | REGISTERED_ID => Self::Other(name.tag),
            _ => return Err(tlv::malformed()),
        })
    }
}

/// Reads `SubjectAltName`, which has at least one name.
pub(crate) fn alternative_names(encoded: &[u8]) -> der::Result<AlternativeNames<'_>> {
    let names = Elements::only(encoded, SEQUENCE)?;
    if names.is_empty() { Err(tlv::malformed()) } else { Ok(AlternativeNames(Elements::of(names))) }
}

/// An iterator over the names of a `SubjectAltName`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AlternativeNames<'a>(Elements<'a>);

impl<'a> Iterator for AlternativeNames<'a> {
    type Item = der::Result<GeneralName<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_finished() {
            return None;
        }
        let name = GeneralName::take(&mut self.0);
        if name.is_err() {
            self.0 = Elements::of(&[]);
        }
        Some(name)
    }
}
