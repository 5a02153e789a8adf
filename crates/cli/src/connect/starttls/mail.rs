//! IMAP, POP3 and ManageSieve, whose servers answer with words.

use super::exchange::{MAX_UNIT, Machine, Step, Trouble, line, shown, without_end};

/// The words of a line.
fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    without_end(line).split(|byte| *byte == b' ').filter(|word| !word.is_empty())
}

fn is(word: Option<&[u8]>, expected: &str) -> bool {
    word.is_some_and(|word| word.eq_ignore_ascii_case(expected.as_bytes()))
}

/// IMAP (RFC 9051 section 6.2.1).
#[derive(Default)]
pub(super) struct Imap {
    state: ImapState,
    offers_tls: bool,
}

#[derive(Default)]
enum ImapState {
    #[default]
    Greeting,
    Capability,
    StartTls,
}

impl ImapState {
    /// The tag of the command to which the answer is expected.
    const fn tag(&self) -> &'static str {
        match self {
            Self::Greeting => "*",
            Self::Capability => "c1",
            Self::StartTls => "c2",
        }
    }
}

impl Machine for Imap {
    fn take(&mut self, unit: &[u8]) -> Result<Step, Trouble> {
        let mut parts = words(unit);
        let (tag, word) = (parts.next(), parts.next());
        if is(tag, "*") && is(word, "BYE") {
            return Err(Trouble::Refused(shown(unit)));
        }
        if let ImapState::Greeting = self.state {
            // A session that is already authenticated cannot start TLS (RFC 9051 section 7.1.4).
            if is(tag, "*") && is(word, "PREAUTH") {
                return Err(Trouble::Refused(shown(unit)));
            }
            if !is(tag, "*") || !is(word, "OK") {
                return Err(Trouble::Unexpected { expected: "* OK", got: shown(unit) });
            }
            self.state = ImapState::Capability;
            return Ok(Step::Send(b"c1 CAPABILITY\r\n".to_vec()));
        }
        if is(tag, "*") {
            if is(word, "CAPABILITY") {
                self.offers_tls |= parts.any(|word| is(Some(word), "STARTTLS"));
            }
            return Ok(Step::Wait);
        }
        if !is(tag, self.state.tag()) {
            return Err(Trouble::Unexpected { expected: "an answer to our command", got: shown(unit) });
        }
        if !is(word, "OK") {
            return Err(Trouble::Refused(shown(unit)));
        }
        match self.state {
            ImapState::StartTls => Ok(Step::Start(Vec::new())),
            _ if !self.offers_tls => Err(Trouble::NotOffered),
            _ => {
                self.state = ImapState::StartTls;
                Ok(Step::Send(b"c2 STARTTLS\r\n".to_vec()))
            }
        }
    }

    /// RFC 9051 section 7: a server may send untagged data at any time.
    fn may_be_unasked(&self, start: &[u8]) -> bool {
        start.starts_with(b"*")
    }
}

/// POP3 (RFC 2595 section 4).
#[derive(Default)]
pub(super) struct Pop3 {
    is_greeted: bool,
}

impl Machine for Pop3 {
    fn take(&mut self, unit: &[u8]) -> Result<Step, Trouble> {
        let word = words(unit).next();
        if is(word, "-ERR") {
            return Err(Trouble::Refused(shown(unit)));
        }
        if !is(word, "+OK") {
            return Err(Trouble::Unexpected { expected: "+OK", got: shown(unit) });
        }
        if self.is_greeted {
            return Ok(Step::Start(Vec::new()));
        }
        self.is_greeted = true;
        Ok(Step::Send(b"STLS\r\n".to_vec()))
    }
}

/// ManageSieve (RFC 5804 sections 1.7 and 2.2).
#[derive(Default)]
pub(super) struct Sieve {
    offers_tls: bool,
    is_asked: bool,
}

impl Machine for Sieve {
    /// A line, with the strings in it that are literals: a line that ends in `{5}` goes on after 5 bytes.
    fn unit(&self, bytes: &[u8]) -> Result<Option<usize>, Trouble> {
        let mut length = 0_usize;
        loop {
            let rest = bytes.get(length..).unwrap_or_default();
            let Some(end) = line(rest) else { return Ok(None) };
            length = length.saturating_add(end);
            match literal(rest.get(..end).unwrap_or_default())? {
                Some(more) => length = length.saturating_add(more),
                None => return Ok(Some(length)),
            }
        }
    }

    fn take(&mut self, unit: &[u8]) -> Result<Step, Trouble> {
        let word = words(unit).next();
        if is(word, "NO") || is(word, "BYE") {
            return Err(Trouble::Refused(shown(unit)));
        }
        if is(word, "OK") {
            return match (self.is_asked, self.offers_tls) {
                (true, _) => Ok(Step::Start(Vec::new())),
                (false, false) => Err(Trouble::NotOffered),
                (false, true) => {
                    self.is_asked = true;
                    Ok(Step::Send(b"STARTTLS\r\n".to_vec()))
                }
            };
        }
        if self.is_asked || !matches!(unit.first(), Some(b'"' | b'{')) {
            return Err(Trouble::Unexpected { expected: "OK or a capability", got: shown(unit) });
        }
        self.offers_tls |= is(word, "\"STARTTLS\"");
        Ok(Step::Wait)
    }
}

/// The length of the literal that a line announces at its end.
fn literal(line: &[u8]) -> Result<Option<usize>, Trouble> {
    let line = without_end(line);
    let Some(start) =
        line.strip_suffix(b"}").and_then(|line| Some((line, line.iter().rposition(|b| *b == b'{')?)))
    else {
        return Ok(None);
    };
    let (line, brace) = start;
    let digits = line.get(brace.saturating_add(1)..).unwrap_or_default();
    let digits = digits.strip_suffix(b"+").unwrap_or(digits);
    let number = core::str::from_utf8(digits).ok().and_then(|digits| digits.parse::<usize>().ok());
    match number {
        Some(length) if length <= MAX_UNIT => Ok(Some(length)),
        Some(_) => Err(Trouble::TooLong),
        None => Ok(None),
    }
}
