//! Checks of randomness, as far as they are possible from outside: it is not constant, does not repeat, and
//! is not biased. All bounds are so wide that the probability of rejecting good randomness is negligible.

use super::name;
use crate::cases::Cases;
use crate::names::RANDOM;
use crate::runner::{Outcomes, Runner};
use alloc::collections::BTreeSet;
use cairn_crypto::RandomSource;

const SAMPLE: usize = 1 << 16;

pub(super) fn run(runner: &mut Runner<'_>) {
    let provider = runner.provider;
    runner.row(RANDOM, "", name::REPETITION, |cases| repetition(cases, &*provider.random));
}

fn repetition(cases: &mut Cases, random: &dyn RandomSource) -> Outcomes {
    cases.equal(&random.fill(&mut []), &Ok(()), "no bytes at all");
    for len in [1, 2, 31, 32, 33, 255, 256, 257, 4097] {
        let mut sum = vec![0_u8; len];
        for _ in 0..24 {
            let mut out = vec![0; len];
            random.fill(&mut out).map_err(|error| format!("{len} bytes: {error}"))?;
            for (sum, byte) in sum.iter_mut().zip(out) {
                *sum |= byte;
            }
        }
        // A byte is zero 24 times with a probability of 2^-192.
        cases.expect(sum.iter().all(|byte| *byte != 0), || format!("{len} bytes: some are never written"));
    }

    let mut sample = vec![0; SAMPLE];
    random.fill(&mut sample).map_err(|error| format!("{SAMPLE} bytes: {error}"))?;
    let mut counts = [0_usize; 256];
    for byte in &sample {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    // The expected number of each is 256, with a standard deviation of 16.
    let lopsided = counts.iter().position(|count| !(64..=448).contains(count));
    cases.expect(lopsided.is_none(), || format!("the byte {lopsided:?} is much too frequent or too rare"));

    let mut seen = BTreeSet::new();
    for _ in 0..64 {
        let mut block = [0; 16];
        random.fill(&mut block).map_err(|error| error.to_string())?;
        cases.expect(seen.insert(block.to_vec()), "the same 16 bytes occurred twice, in two calls");
    }
    let repeats = sample.chunks(16).any(|block| !seen.insert(block.to_vec()));
    cases.expect(!repeats, "the same 16 bytes occurred twice, in one call");
    Ok(())
}
