//! Diffie-Hellman over finite fields: generating an exponent, its share, and the secret agreed with a peer's
//! share.

use crate::generator::Generator;
use crate::subject::{Fault, Subject, Trial, Variant, line};
use crate::valgrind;
use cairn_crypto::{CryptoError, FiniteField, FiniteFieldGroup, Provider};
use std::sync::Arc;

/// The primes of RFC 7919, in hexadecimal.
const GROUPS: &str = include_str!("../../crates/provider-parts/tests/groups/groups.txt");

/// The value of all bytes of the exponent.
const VARIANTS: [(&str, u8); 5] =
    [("zeros", 0), ("ones", 0xff), ("evens", 0x55), ("nibbles", 0xf0), ("one bit", 1)];

/// The prime of ffdhe2048.
fn prime() -> Result<Vec<u8>, Fault> {
    let digits = GROUPS.lines().next().and_then(|line| line.split(' ').nth(3)).ok_or("no group")?;
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?)).collect()
}

struct Agreement {
    field: Arc<dyn FiniteField>,
    p: Vec<u8>,
    byte: u8,
    secret: Result<Vec<u8>, CryptoError>,
    hidden: bool,
}

impl Trial for Agreement {
    fn run(&mut self) {
        let byte = self.byte;
        let mut rng = Generator(|out: &mut [u8]| {
            out.fill(byte);
            valgrind::hide(out);
        });
        let group = FiniteFieldGroup { p: &self.p, g: &[2] };
        let answer = self.field.encapsulate(group, &[0xab; 250], &mut rng);
        self.secret = answer.map(|answer| {
            self.hidden = valgrind::is_hidden(answer.secret.expose());
            answer.secret.expose().to_vec()
        });
    }

    fn check(&mut self) -> Result<(), Fault> {
        let mut probe = [0];
        valgrind::hide(&mut probe);
        if self.hidden != valgrind::is_hidden(&probe) {
            return Err("memcheck no longer marks the result as secret".into());
        }
        match &self.secret {
            Ok(secret) if secret.len() == 256 => Ok(()),
            _ => Err("it failed".into()),
        }
    }
}

pub(crate) fn subject() -> Subject {
    let variant = |(name, byte): (&'static str, u8)| {
        Variant::new(name, "any", move || {
            let Provider { finite_field, .. } = cairn_provider_aws_lc::provider();
            let (field, p) = (finite_field.ok_or("no finite fields")?, prime()?);
            Ok(Agreement { field, p, byte, secret: Err(CryptoError::Failed), hidden: false })
        })
    };
    Subject {
        name: "finite-field".into(),
        about: "a secret agreed in ffdhe2048 with a secret exponent, by cairn-provider-parts".into(),
        variants: VARIANTS.map(variant).into(),
        verdicts: vec![line(
            "crates/provider-parts/src/finite_field.rs",
            "if is_at_most_one(secret.expose()) { Err(CryptoError::BadPeerShare) } else { Ok(secret) }",
            "only a share of small order leads there, and a peer that sends one knows the secret",
        )],
        leaks: None,
    }
}
