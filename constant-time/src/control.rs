//! Comparisons that leak. A tool that does not detect them proves nothing.

use crate::subject::{Fault, Leaks, Subject, Trial, Variant};
use crate::valgrind;
use std::hint::black_box;

const LEN: usize = 48;

struct Comparison {
    compare: fn(&[u8], &[u8]) -> bool,
    secret: Vec<u8>,
    guess: Vec<u8>,
    expected: bool,
    equal: bool,
}

impl Trial for Comparison {
    fn run(&mut self) {
        self.equal = (self.compare)(&self.secret, &self.guess);
    }

    fn check(&mut self) -> Result<(), Fault> {
        valgrind::reveal(&mut self.equal);
        if self.equal == self.expected { Ok(()) } else { Err("wrong result".into()) }
    }
}

fn subject(name: &str, about: &str, leaks: Leaks, compare: fn(&[u8], &[u8]) -> bool) -> Subject {
    let variants = [("equal", None), ("first byte", Some(0)), ("last byte", Some(LEN - 1))];
    let variant = |(name, wrong): (&str, Option<usize>)| {
        Variant::new(name, "any", move || {
            let mut secret = vec![7; LEN];
            let mut guess = secret.clone();
            if let Some(byte) = wrong.and_then(|at| guess.get_mut(at)) {
                *byte = 8;
            }
            valgrind::hide(&mut secret);
            Ok(Comparison { compare, secret, guess, expected: wrong.is_none(), equal: false })
        })
    };
    Subject {
        name: name.into(),
        about: about.into(),
        variants: variants.map(variant).into(),
        verdicts: Vec::new(),
        leaks: Some(leaks),
    }
}

/// Ends at the first difference.
pub(crate) fn branch() -> Subject {
    subject("control-branch", "a comparison that ends at the first difference", Leaks::InBoth, |a, b| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| black_box(*a) == *b)
    })
}

/// Has no branch, but a table lookup.
pub(crate) fn index() -> Subject {
    static TABLE: [u8; 256] = {
        let mut table = [1; 256];
        table[0] = 0;
        table
    };
    subject("control-index", "a comparison with a table lookup", Leaks::InMemoryOnly, |a, b| {
        let differ = |(a, b): (&u8, &u8)| black_box(&TABLE).get(usize::from(a ^ b)).copied().unwrap_or(1);
        let differences = a.iter().zip(b).map(differ);
        differences.fold(0, |seen, now| black_box(seen | now)) == 0
    })
}
