//! XMPP (RFC 6120 section 5).

use super::exchange::{Machine, Step, Trouble, shown};

const NAMESPACE: &str = "urn:ietf:params:xml:ns:xmpp-tls";

/// The exchange.
pub(super) struct Xmpp {
    /// The domain of the server.
    domain: String,
    /// `jabber:client` or `jabber:server`.
    namespace: &'static str,
    state: State,
    /// The server offers TLS in its features.
    offers_tls: bool,
    /// The element whose children say why the server ends the stream or refuses TLS.
    failure: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the start of the server's stream.
    Start,
    /// Before the end of its features.
    Features,
    /// After our request.
    Asked,
    /// After the start tag of `proceed`, which is not empty.
    Proceeding,
}

impl Xmpp {
    pub(super) fn new(domain: String, is_server: bool) -> Self {
        let namespace = if is_server { "jabber:server" } else { "jabber:client" };
        Self { domain, namespace, state: State::Start, offers_tls: false, failure: false }
    }
}

impl Machine for Xmpp {
    fn opening(&self) -> Vec<u8> {
        let Self { domain, namespace, .. } = self;
        format!(
            "<?xml version='1.0'?><stream:stream xmlns='{namespace}' \
            xmlns:stream='http://etherx.jabber.org/streams' to='{domain}' version='1.0'>"
        )
        .into()
    }

    /// White space, text, or a tag up to its closing bracket outside of quotes.
    fn unit(&self, bytes: &[u8]) -> Result<Option<usize>, Trouble> {
        match bytes.first() {
            None => Ok(None),
            Some(b'<') => {
                let mut quote = None;
                for (place, byte) in bytes.iter().enumerate() {
                    match (quote, byte) {
                        (None, b'>') => return Ok(Some(place.saturating_add(1))),
                        (None, b'\'' | b'"') => quote = Some(*byte),
                        (Some(open), byte) if open == *byte => quote = None,
                        _ => {}
                    }
                }
                Ok(None)
            }
            Some(_) => Ok(Some(bytes.iter().position(|byte| *byte == b'<').unwrap_or(bytes.len()))),
        }
    }

    /// There may be white space between elements.
    fn may_be_unasked(&self, start: &[u8]) -> bool {
        start.first().is_some_and(u8::is_ascii_whitespace)
    }

    fn take(&mut self, unit: &[u8]) -> Result<Step, Trouble> {
        let Some(tag) = Tag::read(unit) else { return self.text(unit) };
        if self.failure && tag.kind != Kind::End {
            return Err(Trouble::Refused(shown(unit)));
        }
        match (self.state, tag.name.as_str(), tag.kind) {
            (State::Start, "?xml", _) => Ok(Step::Wait),
            (State::Start, "stream", Kind::Start) => {
                self.state = State::Features;
                Ok(Step::Wait)
            }
            (State::Features | State::Asked, "error" | "failure", Kind::Start) => {
                self.failure = true;
                Ok(Step::Wait)
            }
            (State::Features, "features", Kind::Empty | Kind::End) => {
                if !self.offers_tls {
                    return Err(Trouble::NotOffered);
                }
                self.state = State::Asked;
                Ok(Step::Send(format!("<starttls xmlns='{NAMESPACE}'/>").into()))
            }
            (State::Features, "starttls", Kind::Start | Kind::Empty) => {
                self.offers_tls |= tag.text.contains(NAMESPACE);
                Ok(Step::Wait)
            }
            (_, "stream", Kind::End) => Err(Trouble::Refused(shown(unit))),
            // Other features do not matter.
            (State::Features, ..) => Ok(Step::Wait),
            (State::Asked, "proceed", Kind::Empty) if tag.text.contains(NAMESPACE) => {
                Ok(Step::Start(Vec::new()))
            }
            (State::Asked, "proceed", Kind::Start) if tag.text.contains(NAMESPACE) => {
                self.state = State::Proceeding;
                Ok(Step::Wait)
            }
            (State::Proceeding, "proceed", Kind::End) => Ok(Step::Start(Vec::new())),
            (State::Asked, "failure", _) => Err(Trouble::Refused(shown(unit))),
            (State::Start, ..) => Err(unexpected("a stream of XMPP", unit)),
            _ => Err(unexpected("<proceed/>", unit)),
        }
    }
}

impl Xmpp {
    /// Text between tags. There may be white space anywhere, and more only inside of features and failures.
    fn text(&self, unit: &[u8]) -> Result<Step, Trouble> {
        let is_blank = unit.iter().all(u8::is_ascii_whitespace);
        match self.state {
            _ if is_blank || self.failure => Ok(Step::Wait),
            State::Features => Ok(Step::Wait),
            State::Start => Err(unexpected("a stream of XMPP", unit)),
            State::Asked | State::Proceeding => Err(unexpected("<proceed/>", unit)),
        }
    }
}

fn unexpected(expected: &'static str, unit: &[u8]) -> Trouble {
    Trouble::Unexpected { expected, got: shown(unit) }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Start,
    End,
    Empty,
}

/// A tag, as far as it matters here.
struct Tag {
    kind: Kind,
    /// The name without its prefix.
    name: String,
    /// The whole tag.
    text: String,
}

impl Tag {
    /// `None` for text.
    fn read(unit: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(unit).into_owned();
        let inner = text.strip_prefix('<')?.strip_suffix('>')?;
        let (kind, inner) = match (inner.strip_prefix('/'), inner.strip_suffix('/')) {
            (Some(inner), _) => (Kind::End, inner),
            (None, Some(inner)) => (Kind::Empty, inner),
            (None, None) => (Kind::Start, inner),
        };
        let name = inner.split(|c: char| c.is_ascii_whitespace()).next().unwrap_or_default();
        let name = name.rsplit_once(':').map_or(name, |(_, name)| name).to_owned();
        Some(Self { kind, name, text })
    }
}
