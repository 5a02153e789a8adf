//! The codec: `cargo bench -p cairn-benches --bench codec`.
#![allow(missing_docs)]

use cairn_benches::{Pair, Resume, configs};
use cairn_crypto::KeySpec;
use cairn_tls::wire::{CipherSuite, ClientHello, Decode, Encode, Writer};
use core::hint::black_box;
use criterion::{Criterion, criterion_group, criterion_main};

fn codec(c: &mut Criterion) {
    let (client, server) =
        configs(KeySpec::EcP256, CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, Resume::No);
    let mut first_flight = Vec::new();
    assert!(Pair::new(&client, &server).client.start(&mut first_flight).is_ok(), "started");
    // Record header and message header.
    let body = first_flight.get(9..).unwrap_or_default();

    c.bench_function("client-hello/parse", |b| b.iter(|| ClientHello::decode_exact(black_box(body))));
    let Ok(hello) = ClientHello::decode_exact(body) else { return };
    let mut place = [0; 1024];
    c.bench_function("client-hello/write", |b| {
        b.iter(|| hello.encode(&mut Writer::slice(black_box(&mut place))));
    });
}

criterion_group!(benches, codec);
criterion_main!(benches);
