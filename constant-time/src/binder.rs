//! TLS 1.3: the binder of a PSK and the Finished of the peer, each computed from a secret and compared with
//! the received value (RFC 9846 sections 4.3.11.2 and 4.5.3).

use crate::subject::{Fault, Subject, Trial, Variant};
use crate::valgrind;
use cairn_crypto::{HashAlgorithm, HashOutput, SecretBytes};
use cairn_schedule::tls13::{ExternalPsk, HandshakeTrafficSecret, Kdf, Psk, PskSecret, TargetKdf};

/// The value to compare with.
#[derive(Clone, Copy)]
enum Value {
    /// The binder of a ticket's PSK.
    Resumption,
    /// The binder of an external PSK that is used directly.
    External,
    /// The binder of an imported PSK, and the import itself (RFC 9258).
    Imported,
    /// verify_data of Finished.
    Finished,
}

impl Value {
    /// Computes it from this secret, writes to `matched` whether it equals the received value, and returns
    /// it. The outcome depends on a secret, and in a `Result` it could decide which variant the compiler
    /// sees.
    fn compare(
        self,
        kdf: &Kdf,
        secret: &[u8],
        received: &[u8],
        matched: &mut bool,
    ) -> Result<HashOutput, Fault> {
        let secret = SecretBytes::from(secret);
        let transcript = HashOutput::new(&[0x5a; 32])?;
        let psk = match self {
            Self::Resumption => Psk::resumption(kdf, secret)?,
            Self::External => Psk::external(secret, kdf.algorithm())?,
            Self::Imported => {
                let target = TargetKdf::of(kdf.algorithm()).ok_or("a KDF without a number")?;
                ExternalPsk::new(kdf, b"identity".to_vec(), secret)?.import(b"context", target)?.psk
            }
            Self::Finished => {
                let ours = HandshakeTrafficSecret::new(kdf, secret)?.verify_data(&transcript)?;
                *matched = ours.matches(received);
                return Ok(HashOutput::new(ours.as_bytes())?);
            }
        };
        let ours = PskSecret::new(kdf, &psk)?.binder(&transcript)?;
        *matched = ours.matches(received);
        Ok(HashOutput::new(ours.as_bytes())?)
    }
}

/// The places of all bytes but the last.
const ALL_BUT_ONE: [usize; 31] = {
    let mut places = [0; 31];
    let mut place = 0;
    while place < places.len() {
        places[place] = place;
        place += 1;
    }
    places
};

struct Check {
    value: Value,
    kdf: Kdf,
    secret: [u8; 32],
    received: HashOutput,
    expected: bool,
    matched: bool,
    hidden: bool,
}

impl Trial for Check {
    fn run(&mut self) {
        let Self { value, kdf, secret, received, matched, .. } = self;
        if let Ok(ours) = value.compare(kdf, secret, received.as_bytes(), matched) {
            self.hidden = valgrind::is_hidden(ours.as_bytes());
        }
    }

    fn check(&mut self) -> Result<(), Fault> {
        if valgrind::is_hidden(&self.secret) != self.hidden {
            return Err("memcheck no longer marks the result as secret".into());
        }
        valgrind::reveal(&mut self.matched);
        if self.matched == self.expected { Ok(()) } else { Err("wrong result".into()) }
    }
}

fn subject(name: &str, about: &str, value: Value) -> Subject {
    let variants =
        [("right", &[][..]), ("first byte", &[0]), ("last byte", &[31]), ("all but one", &ALL_BUT_ONE)];
    let variant = |(name, wrong): (&str, &'static [usize])| {
        Variant::new(name, "any", move || {
            let kdf = Kdf::new(&cairn_provider_aws_lc::provider(), HashAlgorithm::Sha256)?;
            let mut secret = [3; 32];
            let right = value.compare(&kdf, &secret, &[], &mut false)?;
            let mut received = right.as_bytes().to_vec();
            for at in wrong {
                received[*at] ^= 1;
            }
            let received = HashOutput::new(&received)?;
            valgrind::hide(&mut secret);
            let expected = wrong.is_empty();
            Ok(Check { value, kdf, secret, received, expected, matched: !expected, hidden: false })
        })
    };
    Subject {
        name: name.into(),
        about: about.into(),
        variants: variants.map(variant).into(),
        verdicts: Vec::new(),
        leaks: None,
    }
}

pub(crate) fn subjects() -> [Subject; 4] {
    [
        subject("binder", "the binder of a secret PSK from a ticket, compared", Value::Resumption),
        subject("external-binder", "the binder of a secret external PSK, compared", Value::External),
        subject(
            "imported-binder",
            "a secret external PSK imported, and its binder, compared",
            Value::Imported,
        ),
        subject("finished-tls13", "verify_data from a secret traffic secret, compared", Value::Finished),
    ]
}
