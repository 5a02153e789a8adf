//! The message order of RFC 5246 section 7.3 and of the RFCs that extend its figures. It is independent of
//! the machine's tables.
//!
//! The language: `C:Name` is sent by the client, `S:Name` by the server; at `Complete` a side considers the
//! handshake complete. Words follow each other in sequence; `( a | b )` is a choice; `?` after a word or a
//! group makes it optional, `*` repeats it any number of times.

use cairn_schedule::Side;
use core::{iter::Peekable, str::SplitWhitespace};
use std::collections::BTreeSet;

/// The key exchange, as far as it affects the order of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// RSA: no ServerKeyExchange (RFC 5246 section 7.4.3).
    Rsa,
    /// DHE and ECDHE with a certificate.
    Signed,
    /// DH_anon and ECDH_anon: no certificate, and no request for one (sections 7.4.2 and 7.4.4).
    Anonymous,
    /// PSK: ServerKeyExchange only for a hint (RFC 4279 section 2).
    Psk,
    /// DHE_PSK and ECDHE_PSK (RFC 4279 section 3, RFC 5489 section 2).
    DhePsk,
    /// RSA_PSK: a certificate, ServerKeyExchange only for a hint (RFC 4279 section 4).
    RsaPsk,
}

/// One configuration of two sides.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    pub name: &'static str,
    pub exchange: Exchange,
    /// The first handshake is the abbreviated one.
    pub resumed: bool,
    /// ServerHello announces a ticket.
    pub ticket: bool,
    /// ServerHello announces CertificateStatus.
    pub status: bool,
    /// Both sides permit renegotiation.
    pub renegotiation: bool,
}

/// A full handshake with the key exchange and nothing more.
const fn full(name: &'static str, exchange: Exchange) -> Config {
    Config { name, exchange, resumed: false, ticket: false, status: false, renegotiation: false }
}

const fn ticket(config: Config) -> Config {
    Config { ticket: true, ..config }
}

const fn status(config: Config) -> Config {
    Config { status: true, ..config }
}

const fn resumed(config: Config) -> Config {
    Config { resumed: true, ..config }
}

const fn again(config: Config) -> Config {
    Config { renegotiation: true, ..config }
}

/// Every configuration that is explored.
pub const CONFIGS: [Config; 34] = {
    use Exchange::{Anonymous, DhePsk, Psk, Rsa, RsaPsk, Signed};
    [
        full("full", Signed),
        full("with short fragments", Signed),
        full("with client authentication", Signed),
        full("with a client that has no certificate", Signed),
        ticket(full("with a ticket", Signed)),
        ticket(full("with a ticket and client authentication", Signed)),
        ticket(full("with a ticket and a client that has no certificate", Signed)),
        status(full("with a stapled response", Signed)),
        status(ticket(full("with everything", Signed))),
        full("session not found", Signed),
        full("without a session store", Signed),
        resumed(full("resumed", Signed)),
        resumed(full("resumed by ticket", Signed)),
        ticket(resumed(full("resumed by an old ticket", Signed))),
        full("TLS_RSA_WITH_AES_128_GCM_SHA256", Rsa),
        full("TLS_RSA_WITH_AES_128_GCM_SHA256, client authentication", Rsa),
        full("TLS_RSA_WITH_AES_128_GCM_SHA256, request", Rsa),
        ticket(full("TLS_RSA_WITH_AES_128_GCM_SHA256, ticket", Rsa)),
        status(full("TLS_RSA_WITH_AES_128_GCM_SHA256, stapled", Rsa)),
        full("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", Signed),
        full("TLS_ECDH_anon_WITH_AES_128_CBC_SHA", Anonymous),
        ticket(full("TLS_DH_anon_WITH_AES_128_GCM_SHA256, ticket", Anonymous)),
        full("TLS_PSK_WITH_AES_128_GCM_SHA256", Psk),
        full("TLS_PSK_WITH_AES_128_GCM_SHA256, hint", Psk),
        ticket(full("TLS_PSK_WITH_AES_128_GCM_SHA256, ticket", Psk)),
        full("TLS_DHE_PSK_WITH_AES_128_GCM_SHA256", DhePsk),
        full("TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256", DhePsk),
        full("TLS_RSA_PSK_WITH_AES_128_GCM_SHA256, hint", RsaPsk),
        status(full("TLS_RSA_PSK_WITH_AES_128_GCM_SHA256, stapled", RsaPsk)),
        status(full("TLS_RSA_WITH_AES_128_GCM_SHA256, request, stapled", Rsa)),
        status(full("TLS_RSA_PSK_WITH_AES_128_GCM_SHA256, hint, stapled", RsaPsk)),
        again(full("renegotiation", Signed)),
        again(full("renegotiation with client authentication", Signed)),
        again(resumed(full("renegotiation after a resumed session", Signed))),
    ]
};

/// The words that can be sent to a side. `EmptyCertificate` is the client's Certificate without a certificate
/// (RFC 5246 section 7.4.6), and `Unknown` a handshake message of a type that TLS 1.2 does not have.
pub const LETTERS: [&str; 16] = [
    "HelloRequest",
    "ClientHello",
    "ServerHello",
    "NewSessionTicket",
    "Certificate",
    "EmptyCertificate",
    "CertificateStatus",
    "ServerKeyExchange",
    "CertificateRequest",
    "ServerHelloDone",
    "CertificateVerify",
    "ClientKeyExchange",
    "Finished",
    "ChangeCipherSpec",
    "NoRenegotiation",
    "Unknown",
];

/// The messages after ClientHello in a full handshake: figure 1.
fn figure_1(config: &Config) -> String {
    use Exchange::{Anonymous, DhePsk, Psk, Rsa, RsaPsk, Signed};
    // RFC 6066 section 8: immediately after Certificate, and a server that announced it may still omit it.
    let status = if config.status { "S:CertificateStatus ?" } else { "" };
    let certificate = match config.exchange {
        Rsa | Signed | RsaPsk => format!("S:Certificate {status}"),
        Anonymous | Psk | DhePsk => String::new(),
    };
    let key_exchange = match config.exchange {
        Rsa => "",
        Signed | Anonymous | DhePsk => "S:ServerKeyExchange",
        Psk | RsaPsk => "S:ServerKeyExchange ?",
    };
    // RFC 5246 section 7.4.4: an anonymous server must not send CertificateRequest. RFC 4279 section 2:
    // neither does a server with a PSK suite. Section 7.4.8: CertificateVerify follows a certificate that can
    // sign.
    let client = match config.exchange {
        Rsa | Signed => {
            "( S:ServerHelloDone C:ClientKeyExchange
             | S:CertificateRequest S:ServerHelloDone
               ( C:Certificate C:ClientKeyExchange C:CertificateVerify
               | C:EmptyCertificate C:ClientKeyExchange ) )"
        }
        Anonymous | Psk | DhePsk | RsaPsk => "S:ServerHelloDone C:ClientKeyExchange",
    };
    let ticket = new_session_ticket(config);
    format!(
        "S:ServerHello {certificate} {key_exchange} {client} C:ChangeCipherSpec C:Finished
         {ticket} S:ChangeCipherSpec S:Finished Complete"
    )
}

/// The messages after ClientHello in an abbreviated handshake: figure 2, and figure 2 of RFC 5077 section
/// 3.1.
fn figure_2(config: &Config) -> String {
    let ticket = new_session_ticket(config);
    format!("S:ServerHello {ticket} S:ChangeCipherSpec S:Finished C:ChangeCipherSpec C:Finished Complete")
}

/// RFC 5077 section 3.3: before the server's ChangeCipherSpec, if and only if ServerHello announced it.
const fn new_session_ticket(config: &Config) -> &'static str {
    if config.ticket { "S:NewSessionTicket" } else { "" }
}

/// The complete language of a configuration.
pub fn figure(config: &Config) -> String {
    let first = if config.resumed { figure_2(config) } else { figure_1(config) };
    // Sections 7.4.1.1 and 7.2.2: a renegotiation is refused with no_renegotiation.
    let later = if config.renegotiation {
        let again = figure_1(config);
        format!(
            "( S:HelloRequest ? C:ClientHello ( S:NoRenegotiation | {again} )
             | S:HelloRequest C:NoRenegotiation ) *"
        )
    } else {
        "( S:HelloRequest C:NoRenegotiation | C:ClientHello S:NoRenegotiation ) *".to_owned()
    };
    format!("C:ClientHello {first} {later}")
}

/// The sender of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Side(Side),
    /// `Complete`: each side separately.
    Each,
}

/// A nondeterministic automaton: the outgoing edges of each state.
#[derive(Debug, Default)]
struct Automaton {
    silent: Vec<Vec<usize>>,
    words: Vec<Vec<(By, String, usize)>>,
}

impl Automaton {
    fn state(&mut self) -> usize {
        self.silent.push(Vec::new());
        self.words.push(Vec::new());
        self.words.len() - 1
    }

    fn closed(&self, states: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        let mut todo: Vec<usize> = states.into_iter().collect();
        let mut all = BTreeSet::new();
        while let Some(state) = todo.pop() {
            if all.insert(state) {
                todo.extend(&self.silent[state]);
            }
        }
        all
    }
}

struct Parser<'a> {
    words: Peekable<SplitWhitespace<'a>>,
    automaton: Automaton,
}

impl Parser<'_> {
    fn choice(&mut self, from: usize) -> usize {
        let to = self.automaton.state();
        loop {
            let end = self.sequence(from);
            self.automaton.silent[end].push(to);
            if self.words.next_if_eq(&"|").is_none() {
                return to;
            }
        }
    }

    fn sequence(&mut self, from: usize) -> usize {
        let mut at = from;
        while self.words.peek().is_some_and(|word| !["|", ")"].contains(word)) {
            at = self.term(at);
        }
        at
    }

    fn term(&mut self, from: usize) -> usize {
        let begin = self.automaton.state();
        self.automaton.silent[from].push(begin);
        let word = self.words.next().expect("a word");
        let end = if word == "(" {
            let end = self.choice(begin);
            assert_eq!(self.words.next(), Some(")"), "a group is not closed");
            end
        } else {
            let (by, letter) = match word.split_once(':') {
                Some(("C", letter)) => (By::Side(Side::Client), letter),
                Some(("S", letter)) => (By::Side(Side::Server), letter),
                _ => (By::Each, word),
            };
            assert!(LETTERS.contains(&letter) || word == "Complete", "no such word: {word}");
            let end = self.automaton.state();
            self.automaton.words[begin].push((by, letter.to_owned(), end));
            end
        };
        if self.words.next_if_eq(&"?").is_some() {
            self.automaton.silent[begin].push(end);
        } else if self.words.next_if_eq(&"*").is_some() {
            let out = self.automaton.state();
            self.automaton.silent[begin].push(out);
            self.automaton.silent[end].push(begin);
            return out;
        }
        end
    }
}

/// A figure, and the position of one side in it.
#[derive(Debug)]
pub struct Model {
    automaton: Automaton,
    own: Side,
    at: BTreeSet<usize>,
    end: usize,
}

impl Model {
    pub fn new(figure: &str, own: Side) -> Self {
        let mut parser =
            Parser { words: figure.split_whitespace().peekable(), automaton: Automaton::default() };
        let begin = parser.automaton.state();
        let end = parser.choice(begin);
        assert_eq!(parser.words.next(), None, "a group is not opened");
        let automaton = parser.automaton;
        let at = automaton.closed([begin]);
        Self { automaton, own, at, end }
    }

    /// The possible positions of this side in the figure.
    pub const fn at(&self) -> &BTreeSet<usize> {
        &self.at
    }

    fn by(&self, by: By, letter: &str) -> Option<BTreeSet<usize>> {
        let ways = self.at.iter().flat_map(|&state| &self.automaton.words[state]);
        let to: Vec<usize> =
            ways.filter(|(who, word, _)| *who == by && word == letter).map(|(_, _, to)| *to).collect();
        (!to.is_empty()).then(|| self.automaton.closed(to))
    }

    /// The state after this word of the peer; `None` if the word is not permitted.
    pub fn heard(&self, letter: &str) -> Option<BTreeSet<usize>> {
        let peer = if self.own == Side::Client { Side::Server } else { Side::Client };
        self.by(By::Side(peer), letter).or_else(|| {
            // RFC 5246 section 7.4.1.1: a client that is negotiating ignores HelloRequest. Section 7.2: a
            // warning without a meaning here has no effect.
            let ignored =
                (letter == "HelloRequest" && self.own == Side::Client) || letter == "NoRenegotiation";
            ignored.then(|| self.at.clone())
        })
    }

    pub fn go(&mut self, to: BTreeSet<usize>) {
        self.at = to;
    }

    /// This side sends a word or considers the handshake complete. Returns whether that is permitted.
    pub fn says(&mut self, letter: &str) -> bool {
        let by = if letter == "Complete" { By::Each } else { By::Side(self.own) };
        match self.by(by, letter) {
            Some(to) => {
                self.at = to;
                true
            }
            None => false,
        }
    }

    /// Whether it may wait for the peer without sending anything first.
    pub fn may_wait(&self) -> bool {
        self.at.iter().any(|&state| {
            state == self.end
                || self.automaton.words[state]
                    .iter()
                    .any(|(by, _, _)| matches!(by, By::Side(side) if *side != self.own))
        })
    }
}

#[test]
fn the_model_language_is_interpreted_correctly() {
    let says = |figure: &str, words: &[&str]| {
        let mut model = Model::new(figure, Side::Client);
        words.iter().all(|word| model.says(word)) && model.at.contains(&model.end)
    };
    let figure = "C:ClientHello ( C:Certificate ? C:Finished | C:ClientKeyExchange ) *";
    assert!(says(figure, &["ClientHello"]));
    assert!(says(figure, &["ClientHello", "Finished", "ClientKeyExchange", "Certificate", "Finished"]));
    assert!(!says(figure, &["ClientHello", "Certificate"]));
    assert!(!says(figure, &["ClientHello", "Certificate", "ClientKeyExchange"]));
    assert!(!says(figure, &[]));
}
