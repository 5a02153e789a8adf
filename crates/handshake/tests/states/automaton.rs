//! The language in which figures are written, and a position in a figure.
//!
//! `C:Name` is sent by the client, `S:Name` by the server; a word without a sender is something that a side
//! does on its own. Words follow each other in sequence; `( a | b )` is a choice; `?` after a word or a group
//! makes it optional, `*` repeats it any number of times.

use cairn_schedule::Side;
use core::{iter::Peekable, str::SplitWhitespace};
use std::collections::BTreeSet;

/// The words of a version.
#[derive(Clone, Copy, Debug)]
pub struct Language {
    /// What can be sent to a side.
    pub letters: &'static [&'static str],
    /// What a side does without sending anything.
    pub acts: &'static [&'static str],
    /// Whether a side ignores this letter wherever it is not expected.
    pub ignores: fn(Side, &str) -> bool,
}

/// The sender of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Side(Side),
    /// What each side does on its own.
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
    language: Language,
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
            let known = if by == By::Each { self.language.acts } else { self.language.letters };
            assert!(known.contains(&letter), "no such word: {word}");
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
    language: Language,
    automaton: Automaton,
    own: Side,
    at: BTreeSet<usize>,
    end: usize,
}

impl Model {
    pub fn new(language: Language, figure: &str, own: Side) -> Self {
        let words = figure.split_whitespace().peekable();
        let mut parser = Parser { language, words, automaton: Automaton::default() };
        let begin = parser.automaton.state();
        let end = parser.choice(begin);
        assert_eq!(parser.words.next(), None, "a group is not opened");
        let automaton = parser.automaton;
        let at = automaton.closed([begin]);
        Self { language, automaton, own, at, end }
    }

    /// The possible positions of this side in the figure.
    pub const fn at(&self) -> &BTreeSet<usize> {
        &self.at
    }

    /// The positions of [`Self::at`] from which something follows, or at which the figure ends. Different
    /// paths to the same place have these in common.
    pub fn place(&self) -> BTreeSet<usize> {
        let is_place = |state: &usize| *state == self.end || !self.automaton.words[*state].is_empty();
        self.at.iter().copied().filter(is_place).collect()
    }

    /// Whether this side may send a message now.
    pub fn permits(&self, letter: &str) -> bool {
        self.by(By::Side(self.own), letter).is_some()
    }

    fn by(&self, by: By, letter: &str) -> Option<BTreeSet<usize>> {
        let ways = self.at.iter().flat_map(|&state| &self.automaton.words[state]);
        let to: Vec<usize> =
            ways.filter(|(who, word, _)| *who == by && word == letter).map(|(_, _, to)| *to).collect();
        (!to.is_empty()).then(|| self.automaton.closed(to))
    }

    /// The state after this word of the peer; `None` if the word is not permitted.
    pub fn heard(&self, letter: &str) -> Option<BTreeSet<usize>> {
        self.by(By::Side(self.own.peer()), letter)
            .or_else(|| (self.language.ignores)(self.own, letter).then(|| self.at.clone()))
    }

    pub fn go(&mut self, to: BTreeSet<usize>) {
        self.at = to;
    }

    /// This side sends a word or considers the handshake complete. Returns whether that is permitted.
    pub fn says(&mut self, letter: &str) -> bool {
        let is_act = self.language.acts.contains(&letter);
        let by = if is_act { By::Each } else { By::Side(self.own) };
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
        let language = Language {
            letters: &["ClientHello", "Certificate", "ClientKeyExchange", "Finished"],
            acts: &[],
            ignores: |_, _| false,
        };
        let mut model = Model::new(language, figure, Side::Client);
        words.iter().all(|word| model.says(word)) && model.at.contains(&model.end)
    };
    let figure = "C:ClientHello ( C:Certificate ? C:Finished | C:ClientKeyExchange ) *";
    assert!(says(figure, &["ClientHello"]));
    assert!(says(figure, &["ClientHello", "Finished", "ClientKeyExchange", "Certificate", "Finished"]));
    assert!(!says(figure, &["ClientHello", "Certificate"]));
    assert!(!says(figure, &["ClientHello", "Certificate", "ClientKeyExchange"]));
    assert!(!says(figure, &[]));
}
