//! PostgreSQL and MySQL.

use super::exchange::{MAX_UNIT, Machine, Step, Trouble, shown};

/// PostgreSQL: SSLRequest, which the server answers with one byte ("Message Flow", "SSL Session Encryption").
pub(super) struct Postgres;

/// The length of the message and its code.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

impl Machine for Postgres {
    fn opening(&self) -> Vec<u8> {
        SSL_REQUEST.to_vec()
    }

    /// One byte, or ErrorResponse: its type, and its length without the type.
    fn unit(&self, bytes: &[u8]) -> Result<Option<usize>, Trouble> {
        match bytes {
            [] | [b'E'] | [b'E', _] | [b'E', _, _] | [b'E', _, _, _] => Ok(None),
            [b'E', a, b, c, d, ..] => {
                let length = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).unwrap_or(usize::MAX);
                let whole = length.saturating_add(1);
                if whole > MAX_UNIT {
                    return Err(Trouble::TooLong);
                }
                Ok((bytes.len() >= whole).then_some(whole))
            }
            _ => Ok(Some(1)),
        }
    }

    fn take(&mut self, unit: &[u8]) -> Result<Step, Trouble> {
        match unit {
            b"S" => Ok(Step::Start(Vec::new())),
            b"N" => Err(Trouble::NotOffered),
            [b'E', _, _, _, _, fields @ ..] => Err(Trouble::Refused(message(fields))),
            _ => Err(Trouble::Unexpected { expected: "S or N", got: shown(unit) }),
        }
    }
}

/// The field M of an ErrorResponse, the message for people.
fn message(fields: &[u8]) -> String {
    let field = fields.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(b"M"));
    field.map_or_else(|| shown(fields), shown)
}

/// MySQL and MariaDB: the handshake of version 10, and SSLRequest.
pub(super) struct Mysql;

const CLIENT_PROTOCOL_41: u32 = 0x200;
const CLIENT_SSL: u32 = 0x800;
const CLIENT_SECURE_CONNECTION: u32 = 0x8000;

/// utf8mb4_general_ci, which every server knows.
const CHARACTER_SET: u8 = 45;

/// The length of the header of a packet: three bytes of length, one of sequence number.
const HEADER: usize = 4;

impl Machine for Mysql {
    fn unit(&self, bytes: &[u8]) -> Result<Option<usize>, Trouble> {
        let [a, b, c, sequence, ..] = bytes else { return Ok(None) };
        let whole = HEADER.saturating_add(usize::from(*a) | usize::from(*b) << 8 | usize::from(*c) << 16);
        // The first packet of a server has the number 0, and no server needs a long one for its greeting.
        if *sequence != 0 || whole > MAX_UNIT {
            return Err(unexpected(bytes));
        }
        Ok((bytes.len() >= whole).then_some(whole))
    }

    fn take(&mut self, unit: &[u8]) -> Result<Step, Trouble> {
        match unit.get(HEADER..).unwrap_or_default() {
            // ERR: the code, and before the client's capabilities are known no more than the message.
            [0xff, _, _, message @ ..] => Err(Trouble::Refused(shown(message))),
            [10, greeting @ ..] => {
                let flags = capabilities(greeting).ok_or_else(|| unexpected(unit))?;
                if flags & CLIENT_SSL == 0 {
                    return Err(Trouble::NotOffered);
                }
                Ok(Step::Start(request()))
            }
            _ => Err(unexpected(unit)),
        }
    }
}

fn unexpected(bytes: &[u8]) -> Trouble {
    Trouble::Unexpected { expected: "a greeting of MySQL of version 10", got: shown(bytes) }
}

/// The lower half of the capability flags in a greeting, after the version of the protocol. Before them come
/// the version of the server up to a zero byte, the number of the thread, eight bytes of a challenge, and a
/// zero byte.
fn capabilities(greeting: &[u8]) -> Option<u32> {
    let version = greeting.iter().position(|byte| *byte == 0)?;
    let rest = greeting.get(version.saturating_add(1)..)?;
    let flags = rest.get(4 + 8 + 1..)?.first_chunk::<2>()?;
    Some(u32::from(u16::from_le_bytes(*flags)))
}

/// SSLRequest: capabilities, the maximum size of a packet, the character set, and 23 zero bytes.
fn request() -> Vec<u8> {
    const MAX_PACKET: u32 = 1 << 24;
    let flags = CLIENT_PROTOCOL_41 | CLIENT_SSL | CLIENT_SECURE_CONNECTION;
    let mut request = vec![32, 0, 0, 1];
    request.extend(flags.to_le_bytes());
    request.extend(MAX_PACKET.to_le_bytes());
    request.push(CHARACTER_SET);
    request.extend([0; 23]);
    request
}
