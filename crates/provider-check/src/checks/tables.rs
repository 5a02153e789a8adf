//! Checks of the tables as a whole. The second of two entries for the same algorithm would never be found,
//! and the preference would be ambiguous.

use super::name;
use crate::runner::Runner;
use core::fmt::Debug;

pub(super) fn run(runner: &mut Runner<'_>) {
    let provider = runner.provider;
    runner.row("tables", "", name::TABLE, |cases| {
        let mut once = |table: &str, twice: Option<String>| {
            cases.expect(twice.is_none(), || format!("{table}: {} occurs twice", twice.unwrap_or_default()));
        };
        once("hashes", twice(provider.hashes.iter().map(|hash| hash.algorithm())));
        once("hmacs", twice(provider.hmacs.iter().map(|hmac| hmac.hash_algorithm())));
        once("aeads", twice(provider.aeads.iter().map(|aead| aead.algorithm())));
        once("block_ciphers", twice(provider.block_ciphers.iter().map(|cipher| cipher.algorithm())));
        let protections = provider.header_protections.iter().map(|protection| protection.algorithm());
        once("header_protections", twice(protections));
        once("groups", twice(provider.groups.iter().map(|group| group.group())));
        let pairs = provider.verifiers.iter().map(|verifier| (verifier.key_kind(), verifier.scheme()));
        once("verifiers", twice(pairs));
        Ok(())
    });
}

fn twice<T: PartialEq + Debug>(items: impl Iterator<Item = T>) -> Option<String> {
    let mut seen = Vec::new();
    for item in items {
        if seen.contains(&item) {
            return Some(format!("{item:?}"));
        }
        seen.push(item);
    }
    None
}
