//! LDAP (RFC 4511 section 4.14).

use super::exchange::{MAX_UNIT, Machine, Step, Trouble, shown};

/// LDAPMessage with messageID 1 and an ExtendedRequest for 1.3.6.1.4.1.1466.20037, in BER.
const REQUEST: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const ENUMERATED: u8 = 0x0a;
const OCTET_STRING: u8 = 0x04;
/// `[APPLICATION 24]`.
const EXTENDED_RESPONSE: u8 = 0x78;

/// The exchange.
pub(super) struct Ldap;

impl Machine for Ldap {
    fn opening(&self) -> Vec<u8> {
        REQUEST.to_vec()
    }

    fn unit(&self, bytes: &[u8]) -> Result<Option<usize>, Trouble> {
        match bytes.first() {
            None => return Ok(None),
            Some(&SEQUENCE) => {}
            Some(_) => return Err(unexpected(bytes)),
        }
        let Some(header) = header(bytes).map_err(|()| unexpected(bytes))? else { return Ok(None) };
        let whole = header.start.saturating_add(header.length);
        if whole > MAX_UNIT {
            return Err(Trouble::TooLong);
        }
        Ok((bytes.len() >= whole).then_some(whole))
    }

    fn take(&mut self, unit: &[u8]) -> Result<Step, Trouble> {
        let response = Response::read(unit).ok_or_else(|| unexpected(unit))?;
        // RFC 4511 section 4.4: the ID 0 is that of a notice that the server closes the connection.
        match (response.id, response.code) {
            ([1], [0]) => Ok(Step::Start(Vec::new())),
            ([0] | [1], code) => {
                let name = name(code);
                let message = shown(response.message);
                Err(Trouble::Refused(if response.message.is_empty() {
                    name
                } else {
                    format!("{name}, {message}")
                }))
            }
            _ => Err(unexpected(unit)),
        }
    }
}

fn unexpected(bytes: &[u8]) -> Trouble {
    Trouble::Unexpected { expected: "an ExtendedResponse of LDAP", got: shown(bytes) }
}

/// The result code in words (RFC 4511 section 4.1.9).
fn name(code: &[u8]) -> String {
    match code {
        [1] => "operationsError".into(),
        [2] => "protocolError".into(),
        [10] => "referral".into(),
        [13] => "confidentialityRequired".into(),
        [51] => "busy".into(),
        [52] => "unavailable".into(),
        [53] => "unwillingToPerform".into(),
        [other] => format!("result code {other}"),
        _ => "an unknown result code".into(),
    }
}

/// The parts of an ExtendedResponse that matter here.
struct Response<'a> {
    id: &'a [u8],
    code: &'a [u8],
    message: &'a [u8],
}

impl<'a> Response<'a> {
    fn read(unit: &'a [u8]) -> Option<Self> {
        let (message, rest) = element(unit, SEQUENCE)?;
        if !rest.is_empty() {
            return None;
        }
        let (id, rest) = element(message, INTEGER)?;
        let (response, _controls) = element(rest, EXTENDED_RESPONSE)?;
        let (code, rest) = element(response, ENUMERATED)?;
        let (_matched_dn, rest) = element(rest, OCTET_STRING)?;
        let (message, _more) = element(rest, OCTET_STRING)?;
        Some(Self { id, code, message })
    }
}

/// The contents of the first element, which must have this tag, and the bytes after it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    if bytes.first() != Some(&tag) {
        return None;
    }
    let header = header(bytes).ok()??;
    bytes.get(header.start..)?.split_at_checked(header.length)
}

/// The place and the length of the contents of an element.
struct Header {
    start: usize,
    length: usize,
}

/// Reads the tag and the length of an element. `None` if bytes are missing. Some servers use long forms of
/// the length for short elements, which BER permits and DER does not. RFC 4511 section 5.1 permits only the
/// definite form.
fn header(bytes: &[u8]) -> Result<Option<Header>, ()> {
    let Some(first) = bytes.get(1) else { return Ok(None) };
    match first {
        0..=0x7f => Ok(Some(Header { start: 2, length: usize::from(*first) })),
        0x81..=0x84 => {
            let count = usize::from(first & 0x0f);
            let start = count.saturating_add(2);
            let Some(digits) = bytes.get(2..start) else { return Ok(None) };
            let length = digits.iter().fold(0_u32, |length, digit| length << 8 | u32::from(*digit));
            Ok(Some(Header { start, length: usize::try_from(length).unwrap_or(usize::MAX) }))
        }
        _ => Err(()),
    }
}
