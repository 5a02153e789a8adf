//! SMTP and FTP, whose servers answer with numbers.

use super::exchange::{Machine, Step, Trouble, shown, without_end};
use core::net::IpAddr;

/// An answer of one or more lines, each after the other.
#[derive(Debug, Default)]
struct Reply {
    code: Option<u16>,
    lines: Vec<Vec<u8>>,
}

/// The number at the start of a line, and whether it is the last line of the answer.
fn numbered(line: &[u8]) -> Option<(u16, bool)> {
    let code = line.get(..3).filter(|code| code.iter().all(u8::is_ascii_digit))?;
    let code = code.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
    match line.get(3) {
        None | Some(b' ') => Some((code, true)),
        Some(b'-') => Some((code, false)),
        Some(_) => None,
    }
}

impl Reply {
    /// Takes a line, and returns the number of the answer if it is complete. Between the first and the last
    /// line of an answer, FTP permits lines without a number (RFC 959 section 4.2).
    fn take(&mut self, line: &[u8], any_between: bool) -> Result<Option<u16>, Trouble> {
        let line = without_end(line);
        let unexpected = || Trouble::Unexpected { expected: "a line with a number", got: shown(line) };
        self.lines.push(line.to_vec());
        match (self.code, numbered(line)) {
            (None, Some((code, true))) => return Ok(Some(code)),
            (None, Some((code, false))) => self.code = Some(code),
            (Some(first), Some((code, true))) if first == code => return Ok(Some(code)),
            (Some(first), Some((code, false))) if first == code => {}
            (Some(_), _) if any_between => {}
            _ => return Err(unexpected()),
        }
        Ok(None)
    }

    /// The last line, for messages.
    fn words(&self) -> String {
        shown(self.lines.last().map(Vec::as_slice).unwrap_or_default())
    }

    /// Whether a line of the answer is this keyword, perhaps with parameters.
    fn has(&self, keyword: &str) -> bool {
        let mut words =
            self.lines.iter().filter_map(|line| line.get(4..)?.split(|byte| *byte == b' ').next());
        words.any(|word| word.eq_ignore_ascii_case(keyword.as_bytes()))
    }
}

/// SMTP (RFC 3207 section 4).
pub(super) struct Smtp {
    /// Our address, for EHLO (RFC 5321 section 4.1.3).
    us: Option<IpAddr>,
    state: SmtpState,
    reply: Reply,
}

enum SmtpState {
    Greeting,
    Ehlo,
    StartTls,
}

impl Smtp {
    pub(super) fn new(us: Option<IpAddr>) -> Self {
        Self { us, state: SmtpState::Greeting, reply: Reply::default() }
    }

    fn ehlo(&self) -> Vec<u8> {
        let name = match self.us {
            Some(IpAddr::V4(address)) => format!("[{address}]"),
            Some(IpAddr::V6(address)) => format!("[IPv6:{address}]"),
            None => "localhost".into(),
        };
        format!("EHLO {name}\r\n").into()
    }
}

impl Machine for Smtp {
    fn take(&mut self, unit: &[u8]) -> Result<Step, Trouble> {
        let Some(code) = self.reply.take(unit, false)? else { return Ok(Step::Wait) };
        let reply = core::mem::take(&mut self.reply);
        match (&self.state, code) {
            (SmtpState::Greeting, 220) => {
                self.state = SmtpState::Ehlo;
                Ok(Step::Send(self.ehlo()))
            }
            (SmtpState::Ehlo, 250) if !reply.has("STARTTLS") => Err(Trouble::NotOffered),
            (SmtpState::Ehlo, 250) => {
                self.state = SmtpState::StartTls;
                Ok(Step::Send(b"STARTTLS\r\n".to_vec()))
            }
            (SmtpState::StartTls, 220) => Ok(Step::Start(Vec::new())),
            (_, 400..600) => Err(Trouble::Refused(reply.words())),
            (SmtpState::Ehlo, _) => Err(Trouble::Unexpected { expected: "250", got: reply.words() }),
            _ => Err(Trouble::Unexpected { expected: "220", got: reply.words() }),
        }
    }
}

/// FTP (RFC 4217 section 4).
#[derive(Default)]
pub(super) struct Ftp {
    is_greeted: bool,
    reply: Reply,
}

impl Machine for Ftp {
    fn take(&mut self, unit: &[u8]) -> Result<Step, Trouble> {
        let Some(code) = self.reply.take(unit, true)? else { return Ok(Step::Wait) };
        let reply = core::mem::take(&mut self.reply);
        match (self.is_greeted, code) {
            // RFC 959 section 5.4: 120 announces that the service is ready later.
            (false, 120) => Ok(Step::Wait),
            (false, 220) => {
                self.is_greeted = true;
                Ok(Step::Send(b"AUTH TLS\r\n".to_vec()))
            }
            (true, 234) => Ok(Step::Start(Vec::new())),
            (_, 400..600) => Err(Trouble::Refused(reply.words())),
            (false, _) => Err(Trouble::Unexpected { expected: "220", got: reply.words() }),
            (true, _) => Err(Trouble::Unexpected { expected: "234", got: reply.words() }),
        }
    }
}
