//! Decapsulation of ML-KEM (FIPS 203 algorithm 18).
//!
//! The ciphertext is marked as secret, in place of the message that it decrypts to. Everything derived from
//! it is checked: the message, the second encryption, the comparison of both ciphertexts, and the choice
//! between the secret and that of the implicit rejection.

use crate::generator::seeded;
use crate::subject::{Fault, Subject, Trial, Variant};
use crate::valgrind;
use cairn_crypto::{CryptoError, EphemeralKey, Provider};
use cairn_wire::NamedGroup;

/// Alters a ciphertext.
type Alter = fn(&mut [u8]);

/// The changes to a valid ciphertext.
const VARIANTS: [(&str, Alter); 6] = [
    ("valid", |_| {}),
    ("first byte", |ciphertext| change(ciphertext, 0)),
    ("last byte of u", |ciphertext| change(ciphertext, 959)),
    ("last byte", |ciphertext| change(ciphertext, 1087)),
    ("zeros", |ciphertext| ciphertext.fill(0)),
    ("ones", |ciphertext| ciphertext.fill(0xff)),
];

fn change(ciphertext: &mut [u8], at: usize) {
    if let Some(byte) = ciphertext.get_mut(at) {
        *byte ^= 1;
    }
}

struct Decapsulation {
    key: Option<Box<dyn EphemeralKey>>,
    ciphertext: Vec<u8>,
    /// The secret of the ciphertext before it was changed.
    original: Vec<u8>,
    is_valid: bool,
    secret: Result<Vec<u8>, CryptoError>,
    hidden: bool,
}

impl Trial for Decapsulation {
    fn run(&mut self) {
        let Some(key) = self.key.take() else { return };
        self.secret = key.agree(&self.ciphertext).map(|secret| {
            self.hidden = valgrind::is_hidden(secret.expose());
            secret.expose().to_vec()
        });
    }

    fn check(&mut self) -> Result<(), Fault> {
        let mut probe = [0];
        valgrind::hide(&mut probe);
        if self.hidden != valgrind::is_hidden(&probe) {
            return Err("memcheck no longer marks the result as secret".into());
        }
        let Ok(secret) = &mut self.secret else { return Err("it failed".into()) };
        valgrind::reveal(secret.as_mut_slice());
        if (*secret == self.original) == self.is_valid { Ok(()) } else { Err("wrong secret".into()) }
    }
}

/// Which variants must have the same cost.
#[derive(Clone, Copy)]
enum Cost {
    /// All, because they have the same key.
    Same,
    /// None. AWS-LC draws the key itself, and the cost of expanding the matrix depends on the key's public
    /// seed.
    OfItsKey,
}

fn subject(name: &str, by: &'static str, cost: Cost, provider: fn() -> Provider) -> Subject {
    let variant = |(name, alter): (&'static str, Alter)| {
        let class = match cost {
            Cost::Same => "any",
            Cost::OfItsKey => name,
        };
        Variant::new(name, class, move || {
            let provider = provider();
            let group = provider.group(NamedGroup::MLKEM768).ok_or("no ML-KEM-768")?;
            let key = group.generate(&mut seeded(1))?;
            let made = group.encapsulate(key.share(), &mut seeded(2))?;
            let mut ciphertext = made.share.clone();
            alter(&mut ciphertext);
            let is_valid = ciphertext == made.share;
            valgrind::hide(ciphertext.as_mut_slice());
            Ok(Decapsulation {
                key: Some(key),
                ciphertext,
                original: made.secret.expose().to_vec(),
                is_valid,
                secret: Err(CryptoError::Failed),
                hidden: false,
            })
        })
    };
    Subject {
        name: name.into(),
        about: format!("a ciphertext of ML-KEM-768 decapsulated, by {by}"),
        variants: VARIANTS.map(variant).into(),
        verdicts: Vec::new(),
        leaks: None,
    }
}

pub(crate) fn subjects() -> [Subject; 2] {
    [
        subject("ml-kem-aws-lc", "AWS-LC", Cost::OfItsKey, cairn_provider_aws_lc::provider),
        subject("ml-kem-rustcrypto", "RustCrypto", Cost::Same, cairn_provider_rustcrypto::provider),
    ]
}
