//! Finished: computing verify_data from the master secret, and comparing it with the received value.

use crate::subject::{Fault, Subject, Trial, Variant};
use crate::valgrind;
use cairn_crypto::{HashAlgorithm, Provider, Secret};
use cairn_schedule::{MasterSecret, Side, verify_data};

struct Check {
    provider: Provider,
    master_secret: MasterSecret,
    received: [u8; 12],
    expected: bool,
    matched: bool,
    hidden: bool,
}

fn expected(provider: &Provider, master_secret: &MasterSecret) -> Result<cairn_schedule::VerifyData, Fault> {
    let hmac = provider.hmac(HashAlgorithm::Sha256).ok_or("HMAC")?;
    Ok(verify_data(&master_secret.prf(hmac)?, Side::Client, &[0x5a; 32])?)
}

impl Trial for Check {
    fn run(&mut self) {
        if let Ok(ours) = expected(&self.provider, &self.master_secret) {
            self.matched = ours.matches(&self.received);
            self.hidden = valgrind::is_hidden(ours.as_bytes());
        }
    }

    fn check(&mut self) -> Result<(), Fault> {
        if valgrind::is_hidden(self.master_secret.expose()) != self.hidden {
            return Err("memcheck no longer marks the result as secret".into());
        }
        valgrind::reveal(&mut self.matched);
        if self.matched == self.expected { Ok(()) } else { Err("wrong result".into()) }
    }
}

pub(crate) fn subject() -> Subject {
    let variants = [
        ("right", &[][..]),
        ("first byte", &[0]),
        ("last byte", &[11]),
        ("all but one", &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    ];
    let variant = |(name, wrong): (&str, &'static [usize])| {
        Variant::new(name, "any", move || {
            let provider = cairn_provider_aws_lc::provider();
            let mut secret = [3; 48];
            let known = MasterSecret::from(Secret::from(&secret));
            let mut received = *expected(&provider, &known)?.as_bytes();
            for at in wrong {
                received[*at] ^= 1;
            }
            valgrind::hide(&mut secret);
            let master_secret = MasterSecret::from(Secret::from(&secret));
            let expected = wrong.is_empty();
            Ok(Check { provider, master_secret, received, expected, matched: !expected, hidden: false })
        })
    };
    Subject {
        name: "finished".into(),
        about: "verify_data computed from a secret master secret, compared with the received one".into(),
        variants: variants.map(variant).into(),
        verdicts: Vec::new(),
        leaks: None,
    }
}
