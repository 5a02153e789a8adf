//! Measures the cost of drawing ephemeral keys from the caller's generator instead of AWS-LC's own.
//!
//! Run with `cargo run --release -p cairn-provider-aws-lc --example cost_of_ephemerals`.

use aws_lc_rs::agreement;
use core::time::Duration;
use std::time::Instant;

const RUNS: u32 = 10;
const ROUNDS: u32 = 300;

/// The minimum of the means of several runs, because disturbances only make a run slower.
fn time(mut work: impl FnMut() -> bool) -> Duration {
    let run = |_| {
        let start = Instant::now();
        for _ in 0..ROUNDS {
            assert!(work());
        }
        start.elapsed() / ROUNDS
    };
    (0..RUNS).map(run).min().unwrap_or_default()
}

fn main() {
    let provider = cairn_provider_aws_lc::provider();
    let modules = [&agreement::X25519, &agreement::ECDH_P256, &agreement::ECDH_P384, &agreement::ECDH_P521];
    println!("{:12} {:>14} {:>14} {:>14}", "group", "drawn by us", "by AWS-LC", "agree");
    for (group, module) in provider.groups.iter().zip(modules) {
        let ours = time(|| group.generate(&mut provider.rng()).is_ok());
        let theirs = time(|| {
            agreement::PrivateKey::generate(module).is_ok_and(|key| key.compute_public_key().is_ok())
        });
        let both = match group.generate(&mut provider.rng()) {
            Ok(peer) => time(|| group.encapsulate(peer.share(), &mut provider.rng()).is_ok()),
            Err(error) => {
                println!("{error}");
                return;
            }
        };
        println!(
            "{:12} {:>14} {:>14} {:>14}",
            format!("{}", group.group()),
            format!("{ours:.1?}"),
            format!("{theirs:.1?}"),
            format!("{:.1?}", both.saturating_sub(ours)),
        );
    }
}
