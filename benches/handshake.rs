//! Handshakes, both ends together: `cargo bench -p cairn-benches --bench handshake`.
#![allow(missing_docs)]

use cairn_benches::{Pair, Resume, configs};
use cairn_crypto::KeySpec;
use cairn_tls::wire::CipherSuite;
use criterion::{Criterion, criterion_group, criterion_main};

fn handshakes(c: &mut Criterion) {
    let kinds = [
        ("ecdsa-p256", KeySpec::EcP256, CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
        ("rsa-2048", KeySpec::Rsa { bits: 2048 }, CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256),
    ];
    for (name, spec, suite) in kinds {
        let (client, server) = configs(spec, suite, Resume::No);
        c.bench_function(&format!("full/{name}"), |b| {
            b.iter(|| Pair::new(&client, &server).shake_hands());
        });
        let (client, server) = configs(spec, suite, Resume::Id);
        Pair::new(&client, &server).shake_hands();
        c.bench_function(&format!("resumed/{name}"), |b| {
            b.iter(|| {
                let mut pair = Pair::new(&client, &server);
                pair.shake_hands();
                assert!(pair.client.summary().is_some_and(|summary| summary.is_resumed()), "resumed");
            });
        });
    }
}

criterion_group!(benches, handshakes);
criterion_main!(benches);
