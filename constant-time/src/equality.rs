//! The comparison of secrets with `==`.

use crate::subject::{Fault, Subject, Trial, Variant};
use crate::valgrind;
use cairn_crypto::{Secret, SecretBytes};
use cairn_schedule::MasterSecret;
use std::hint::black_box;

struct Comparison<S> {
    secret: S,
    other: S,
    expected: bool,
    equal: bool,
}

impl<S: PartialEq> Trial for Comparison<S> {
    fn run(&mut self) {
        self.equal = *black_box(&self.secret) == *black_box(&self.other);
    }

    fn check(&mut self) -> Result<(), Fault> {
        valgrind::reveal(&mut self.equal);
        if self.equal == self.expected { Ok(()) } else { Err("wrong result".into()) }
    }
}

fn subject<S: PartialEq + 'static>(name: &str, secret: fn(&[u8; 48]) -> S) -> Subject {
    let variants = [
        ("equal", &[][..]),
        ("first byte", &[0]),
        ("a byte in the middle", &[23]),
        ("last byte", &[47]),
        ("both ends", &[0, 47]),
    ];
    let variant = |(name, wrong): (&str, &'static [usize])| {
        Variant::new(name, "any", move || {
            let mut bytes = [7; 48];
            let mut other = bytes;
            for at in wrong {
                other[*at] ^= 0x80;
            }
            valgrind::hide(&mut bytes);
            let (secret, other) = (secret(&bytes), secret(&other));
            Ok(Comparison { secret, other, expected: wrong.is_empty(), equal: false })
        })
    };
    Subject {
        name: format!("equal-{name}"),
        about: format!("two of type {name} compared"),
        variants: variants.map(variant).into(),
        verdicts: Vec::new(),
        leaks: None,
    }
}

pub(crate) fn subjects() -> Vec<Subject> {
    vec![
        subject("Secret", |bytes| Secret::from(bytes)),
        subject("SecretBytes", |bytes| SecretBytes::from(&bytes[..])),
        subject("MasterSecret", |bytes| MasterSecret::from(Secret::from(bytes))),
    ]
}
