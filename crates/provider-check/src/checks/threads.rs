//! Checks of concurrent use by several threads. The compiler guarantees that it is permitted (`Send`,
//! `Sync`); this check shows that the threads do not disturb each other.

use super::name;
use crate::cases::Cases;
use crate::fixtures::{KEYS, MESSAGE};
use crate::runner::{Outcomes, Runner};
use alloc::sync::Arc;
use cairn_crypto::{CryptoError, Provider};
use std::thread;

/// The number of threads and of operations per thread.
const THREADS: usize = 4;
const ROUNDS: usize = 50;

const fn may_be_shared<T: Send + Sync + Clone + 'static>() {}
const _: () = may_be_shared::<Provider>();

pub(super) fn run(runner: &mut Runner<'_>) {
    let provider = runner.provider;
    runner.row("all", "", name::THREADS, |cases| all(cases, provider));
}

/// An operation that always gives the same result.
type Work = Box<dyn Fn() -> Result<Vec<u8>, CryptoError> + Send + Sync>;

fn all(cases: &mut Cases, provider: &Provider) -> Outcomes {
    for (what, work) in deterministic(provider).map_err(|error| error.to_string())? {
        let wanted = work().map_err(|error| format!("{what}: {error}"))?;
        let all_same = thread::scope(|scope| {
            let same = || (0..ROUNDS).all(|_| work().as_ref() == Ok(&wanted));
            let handles: Vec<_> = (0..THREADS).map(|_| scope.spawn(same)).collect();
            handles.into_iter().all(|handle| handle.join().unwrap_or(false))
        });
        cases.expect(all_same, || format!("{what}: several threads at once disturb each other"));
    }
    let mut drawn: Vec<[u8; 32]> = thread::scope(|scope| {
        let draw = || {
            let mut drawn = [[0; 32]; ROUNDS];
            let filled = drawn.iter_mut().try_for_each(|place| provider.random.fill(place));
            filled.map(|()| drawn)
        };
        let handles: Vec<_> = (0..THREADS).map(|_| scope.spawn(draw)).collect();
        handles.into_iter().filter_map(|handle| handle.join().ok()?.ok()).flatten().collect()
    });
    cases.equal(&drawn.len(), &(THREADS * ROUNDS), "randomness drawn by several threads");
    drawn.sort_unstable();
    drawn.dedup();
    cases.equal(&drawn.len(), &(THREADS * ROUNDS), "distinct random bytes across threads");
    Ok(())
}

fn deterministic(provider: &Provider) -> Result<Vec<(String, Work)>, CryptoError> {
    let mut work: Vec<(String, Work)> = Vec::new();
    for hash in &provider.hashes {
        let hash = Arc::clone(hash);
        let what = format!("{hash:?}");
        work.push((what, Box::new(move || Ok(hash.hash(&[&[7; 300]])?.as_bytes().to_vec()))));
    }
    for hmac in &provider.hmacs {
        let (key, len) = (hmac.key(b"one key")?, hmac.hash_algorithm().output_len());
        work.push((
            format!("{hmac:?}"),
            Box::new(move || {
                let mut tag = vec![0; len];
                key.sign(&[b"in two", b" parts"], &mut tag).map(|()| tag)
            }),
        ));
    }
    for aead in &provider.aeads {
        let key = aead.key(&vec![7; aead.algorithm().key_len()])?;
        let mut sealed = vec![7; 300];
        let mut tag = vec![0; aead.algorithm().tag_len()];
        key.seal(&[1; 12], b"aad", &mut sealed, &mut tag)?;
        sealed.extend(tag);
        work.push((
            format!("{aead:?}"),
            Box::new(move || {
                let mut text = sealed.clone();
                key.open(&[1; 12], b"aad", &mut text).map(|_| text)
            }),
        ));
    }
    for cipher in &provider.block_ciphers {
        let (key, block) =
            (cipher.key(&vec![7; cipher.algorithm().key_len()])?, cipher.algorithm().block_len());
        work.push((
            format!("{cipher:?}"),
            Box::new(move || {
                let mut text = vec![7; 10 * block];
                key.encrypt_cbc(&vec![1; block], &mut text).map(|()| text)
            }),
        ));
    }
    for protection in &provider.header_protections {
        let key = protection.key(&vec![7; protection.algorithm().key_len()])?;
        work.push((
            format!("{protection:?}"),
            Box::new(move || key.mask(&[7; 16]).map(|mask| mask.to_vec())),
        ));
    }
    for fixture in &KEYS {
        let Some(key) = fixture.encodings.iter().find_map(|der| provider.keys.load(*der).ok()) else {
            continue;
        };
        let Some(verifier) = provider.verifiers.iter().find(|v| v.key_kind() == fixture.kind).cloned() else {
            continue;
        };
        let Some(scheme) = key.schemes().iter().copied().find(|scheme| *scheme == verifier.scheme()) else {
            continue;
        };
        let random = Arc::clone(&provider.random);
        let public = fixture.public;
        work.push((
            format!("{} with {scheme}", fixture.name),
            Box::new(move || {
                let signature = key.sign(scheme, MESSAGE, &mut cairn_crypto::ProviderRng(&*random))?;
                verifier.verify(public, MESSAGE, &signature).map(|()| Vec::new())
            }),
        ));
    }
    Ok(work)
}
