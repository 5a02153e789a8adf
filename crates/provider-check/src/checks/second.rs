//! Comparison with a second provider on random inputs. Deterministic primitives must give equal results. For
//! others, each provider must accept the output of the other.

use super::name;
use crate::cases::{Cases, Hex};
use crate::fixtures::{Group, KEYS, Key, groups, prefix};
use crate::names::{FINITE_FIELD, PREMASTER, RSA_ENCRYPTION, verifier_name};
use crate::runner::{Outcomes, Runner};
use cairn_crypto::{
    Aead, BlockCipher, CryptoError, DecryptingKey, FiniteField, FiniteFieldGroup, Hash, HeaderProtection,
    Hmac, KeyAgreement, KeyKind, Provider, RsaEncryption, Secret, SignatureVerifier, SigningKey,
};
use core::fmt::{self, Debug};
use core::ops::Deref;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

/// Number of random inputs for cheap primitives, and for those with public keys.
const MANY: u32 = 64;
const FEW: u32 = 8;

pub(super) fn run(runner: &mut Runner<'_>, other: &Provider) {
    let ours = runner.provider;
    for one in &ours.hashes {
        if let Some(two) = other.hash(one.algorithm()) {
            let label = one.algorithm().to_string();
            runner.row(&label, one.implementation(), name::SECOND, |cases| hash(cases, &**one, &**two));
        }
    }
    for one in &ours.hmacs {
        if let Some(two) = other.hmac(one.hash_algorithm()) {
            let label = format!("HMAC-{}", one.hash_algorithm());
            runner.row(&label, one.implementation(), name::SECOND, |cases| hmac(cases, &**one, &**two));
        }
    }
    for one in &ours.aeads {
        if let Some(two) = other.aead(one.algorithm()) {
            let label = one.algorithm().to_string();
            runner.row(&label, one.implementation(), name::SECOND, |cases| aead(cases, &**one, &**two));
        }
    }
    for one in &ours.block_ciphers {
        if let Some(two) = other.block_cipher(one.algorithm()) {
            let label = one.algorithm().to_string();
            runner.row(&label, one.implementation(), name::SECOND, |cases| cbc(cases, &**one, &**two));
        }
    }
    for one in &ours.header_protections {
        if let Some(two) = other.header_protection(one.algorithm()) {
            let label = one.algorithm().to_string();
            runner.row(&label, one.implementation(), name::SECOND, |cases| mask(cases, &**one, &**two));
        }
    }
    for one in &ours.groups {
        if let Some(two) = other.group(one.group()) {
            let label = one.group().to_string();
            runner.row(&label, one.implementation(), name::SECOND, |cases| {
                agreement(cases, (ours, &**one), (other, &**two))
            });
        }
    }
    if let (Some(one), Some(two)) = (&ours.finite_field, &other.finite_field) {
        runner.row(FINITE_FIELD, one.implementation(), name::SECOND, |cases| {
            finite_field(cases, (ours, &**one), (other, &**two))
        });
    }
    signatures(runner, other);
    rsa(runner, other);
}

/// Compares the two providers on a number of random inputs, which are always the same. A failing input is
/// minimized.
fn on_random<S: Strategy>(
    cases: &mut Cases,
    count: u32,
    inputs: &S,
    agree: impl Fn(S::Value) -> Result<bool, CryptoError>,
) -> Outcomes
where
    S::Value: Debug,
{
    let config = Config { cases: count, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome = runner.run(inputs, |input| match agree(input) {
        Ok(true) => Ok(()),
        Ok(false) => Err(TestCaseError::fail("they differ")),
        Err(error) => Err(TestCaseError::fail(error.to_string())),
    });
    match outcome {
        Ok(()) => cases.passed += usize::try_from(count).unwrap_or(0),
        Err(TestError::Fail(why, input)) => cases.fault_for(&why.to_string(), &format!("{input:?}")),
        Err(TestError::Abort(why)) => return Err(why.to_string()),
    }
    Ok(())
}

/// Bytes that are shown in hexadecimal if a check fails.
#[derive(Clone)]
struct Bytes(Vec<u8>);

impl Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Hex::new(&self.0).fmt(f)
    }
}

impl Deref for Bytes {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

fn bytes(max: usize) -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..=max).prop_map(Bytes)
}

fn exactly(len: usize) -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), len).prop_map(Bytes)
}

/// Associated data: some short, some so long that the encoding of the length in CCM changes.
fn associated() -> impl Strategy<Value = Bytes> {
    prop_oneof![8 => bytes(100), 1 => exactly(0xfeff), 1 => exactly(0xff00), 1 => exactly(0xff01)]
}

fn hash(cases: &mut Cases, one: &dyn Hash, two: &dyn Hash) -> Outcomes {
    on_random(cases, MANY, &(bytes(600), bytes(300)), |(a, b)| {
        Ok(one.hash(&[&a, &b])? == two.hash(&[&a, &b])?)
    })
}

fn hmac(cases: &mut Cases, one: &dyn Hmac, two: &dyn Hmac) -> Outcomes {
    let len = one.hash_algorithm().output_len();
    on_random(cases, MANY, &(bytes(300), bytes(600), bytes(300)), |(key, a, b)| {
        let mut tags = [vec![0; len], vec![1; len]];
        let [first, second] = &mut tags;
        one.key(&key)?.sign(&[&a, &b], first)?;
        two.key(&key)?.sign(&[&a, &b], second)?;
        Ok(first == second)
    })
}

fn aead(cases: &mut Cases, one: &dyn Aead, two: &dyn Aead) -> Outcomes {
    let (key_len, tag_len) = (one.algorithm().key_len(), one.algorithm().tag_len());
    let inputs = (exactly(key_len), exactly(12), associated(), bytes(2000), bytes(300));
    on_random(cases, MANY, &inputs, |(key, nonce, aad, text, suffix)| {
        let seal = |aead: &dyn Aead| {
            let (mut sealed, mut tag) = (text.to_vec(), vec![0; tag_len]);
            aead.key(&key)?.seal(&nonce, &aad, &mut sealed, &mut tag)?;
            Ok::<_, CryptoError>([sealed, tag].concat())
        };
        let sealed = seal(one)?;
        let mut opened = sealed.clone();
        let len = two.key(&key)?.open(&nonce, &aad, &mut opened)?;
        opened.truncate(len);
        let mut longer = vec![0; text.len() + suffix.len() + tag_len];
        one.key(&key)?.seal_into(&nonce, &aad, &text, &suffix, &mut longer)?;
        let len = two.key(&key)?.open(&nonce, &aad, &mut longer)?;
        longer.truncate(len);
        Ok(sealed == seal(two)? && opened == *text && longer == [&text[..], &suffix].concat())
    })
}

fn cbc(cases: &mut Cases, one: &dyn BlockCipher, two: &dyn BlockCipher) -> Outcomes {
    let block = one.algorithm().block_len();
    let inputs = (exactly(one.algorithm().key_len()), exactly(block), bytes(1000));
    on_random(cases, MANY, &inputs, |(key, iv, text)| {
        let text = prefix(&text, text.len() / block * block).to_vec();
        let (mut first, mut second) = (text.clone(), text.clone());
        let (one, two) = (one.key(&key)?, two.key(&key)?);
        one.encrypt_cbc(&iv, &mut first)?;
        two.encrypt_cbc(&iv, &mut second)?;
        let same = first == second;
        one.decrypt_cbc(&iv, &mut second)?;
        two.decrypt_cbc(&iv, &mut first)?;
        Ok(same && first == text && second == text)
    })
}

fn mask(cases: &mut Cases, one: &dyn HeaderProtection, two: &dyn HeaderProtection) -> Outcomes {
    let inputs = (exactly(one.algorithm().key_len()), any::<[u8; 16]>());
    on_random(cases, MANY, &inputs, |(key, sample)| {
        Ok(one.key(&key)?.mask(&sample)? == two.key(&key)?.mask(&sample)?)
    })
}

fn agreement(
    cases: &mut Cases,
    (ours, one): (&Provider, &dyn KeyAgreement),
    (other, two): (&Provider, &dyn KeyAgreement),
) -> Outcomes {
    for _ in 0..FEW {
        let met = (|| {
            let key = one.generate(&mut ours.rng())?;
            let answer = two.encapsulate(key.share(), &mut other.rng())?;
            let there = key.agree(&answer.share)? == answer.secret;
            let key = two.generate(&mut other.rng())?;
            let answer = one.encapsulate(key.share(), &mut ours.rng())?;
            Ok::<_, CryptoError>(there && key.agree(&answer.share)? == answer.secret)
        })();
        cases.equal(&met, &Ok(true), "key agreement between the providers");
    }
    Ok(())
}

fn finite_field(
    cases: &mut Cases,
    (ours, one): (&Provider, &dyn FiniteField),
    (other, two): (&Provider, &dyn FiniteField),
) -> Outcomes {
    for Group { name, p, g } in groups().iter().filter(|group| group.name != "ffdhe8192") {
        let group = FiniteFieldGroup { p, g };
        if one.generate(group, &mut ours.rng()).is_err() || two.generate(group, &mut other.rng()).is_err() {
            // A provider may reject such a short group.
            cases.skip();
            continue;
        }
        let met = (|| {
            let key = one.generate(group, &mut ours.rng())?;
            let answer = two.encapsulate(group, key.share(), &mut other.rng())?;
            let there = key.agree(&answer.share)? == answer.secret;
            let key = two.generate(group, &mut other.rng())?;
            let answer = one.encapsulate(group, key.share(), &mut ours.rng())?;
            Ok::<_, CryptoError>(there && key.agree(&answer.share)? == answer.secret)
        })();
        cases.equal(&met, &Ok(true), || format!("key agreement between the providers in {name}"));
    }
    Ok(())
}

/// Each provider verifies the signatures of the other.
fn signatures(runner: &mut Runner<'_>, other: &Provider) {
    let ours = runner.provider;
    for fixture in &KEYS {
        let load =
            |provider: &Provider| fixture.encodings.iter().find_map(|der| provider.keys.load(*der).ok());
        let (our_key, other_key) = (load(ours), load(other));
        for (scheme, _) in fixture.signatures {
            let verifiers = (ours.verifier(fixture.kind, *scheme), other.verifier(fixture.kind, *scheme));
            let mut pairs: Vec<(&Provider, &dyn SigningKey, &dyn SignatureVerifier)> = Vec::new();
            if let (Some(key), (_, Some(verifier))) = (&our_key, verifiers) {
                pairs.push((ours, &**key, &**verifier));
            }
            if let (Some(key), (Some(verifier), _)) = (&other_key, verifiers) {
                pairs.push((other, &**key, &**verifier));
            }
            pairs.retain(|(_, key, _)| key.schemes().contains(scheme));
            if pairs.is_empty() {
                continue;
            }
            let by = verifiers.0.map_or(ours.keys.implementation(), |verifier| verifier.implementation());
            runner.row(&verifier_name(fixture.kind, *scheme), by, name::SECOND, |cases| {
                for (signer, key, verifier) in pairs {
                    on_random(cases, FEW, &bytes(300), |message| {
                        let signature = key.sign(*scheme, &message, &mut signer.rng())?;
                        Ok(verifier.verify(fixture.public, &message, &signature).is_ok())
                    })?;
                }
                Ok(())
            });
        }
    }
}

/// Each provider decrypts the ciphertexts of the other.
fn rsa(runner: &mut Runner<'_>, other: &Provider) {
    let ours = runner.provider;
    let Some(fixture) = Key::of(KeyKind::Rsa) else { return };
    let key = |provider: &Provider| {
        fixture.encodings.iter().find_map(|der| provider.keys.load_decrypting(*der).ok())
    };
    if let (Some(one), Some(key)) = (&ours.rsa_encryption, key(other)) {
        runner.row(RSA_ENCRYPTION, one.implementation(), name::SECOND, |cases| {
            exchange(cases, (ours, &**one), (other, &*key), fixture)
        });
    }
    if let (Some(two), Some(key)) = (&other.rsa_encryption, key(ours)) {
        runner.row(PREMASTER, ours.keys.implementation(), name::SECOND, |cases| {
            exchange(cases, (other, &**two), (ours, &*key), fixture)
        });
    }
}

fn exchange(
    cases: &mut Cases,
    (from, encryption): (&Provider, &dyn RsaEncryption),
    (to, key): (&Provider, &dyn DecryptingKey),
    fixture: &Key,
) -> Outcomes {
    on_random(cases, FEW, &any::<[u8; 16]>(), |random| {
        let premaster: [u8; 48] =
            [[3; 16], random, random].concat().try_into().map_err(|_| CryptoError::Failed)?;
        let ciphertext = encryption.encrypt(fixture.public, &premaster, &mut from.rng())?;
        let fallback = Secret::from(&[0xfa; 48]);
        let got = key.decrypt_premaster(&ciphertext, [3, 3], &fallback, &mut to.rng())?;
        Ok(*got.expose() == premaster)
    })
}
