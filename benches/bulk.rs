//! Application data in records of 16 KiB: `cargo bench -p cairn-benches --bench bulk`.
#![allow(missing_docs)]

use cairn_benches::{Pair, Resume, configs};
use cairn_crypto::KeySpec;
use cairn_tls::{Progress, wire::CipherSuite};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const RECORD: usize = 16_384;
const RECORD_BYTES: u64 = 16_384;

fn bulk(c: &mut Criterion) {
    let suites = [
        ("aes-128-gcm", CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
        ("aes-256-gcm", CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384),
        ("chacha20-poly1305", CipherSuite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256),
    ];
    for (name, suite) in suites {
        let (client, server) = configs(KeySpec::EcP256, suite, Resume::No);
        let mut group = c.benchmark_group(format!("bulk/{name}"));
        group.throughput(Throughput::Bytes(RECORD_BYTES));

        let mut pair = Pair::new(&client, &server);
        pair.shake_hands();
        let data = vec![7; RECORD];
        let mut out = Vec::with_capacity(2 * RECORD);
        group.bench_function("send", |b| {
            b.iter(|| {
                out.clear();
                pair.client.write(&data, &mut out)
            });
        });

        let writer = pair.client.writer_mut();
        let mut record = vec![7; writer.payload_offset() + RECORD + writer.suffix_len()];
        group.bench_function("send-in-place", |b| b.iter(|| writer.seal_in_place(&mut record)));

        let mut pair = Pair::new(&client, &server);
        pair.shake_hands();
        group.bench_function("receive", |b| {
            b.iter_batched_ref(
                || {
                    let mut record = Vec::new();
                    assert!(pair.client.write(&data, &mut record).is_ok(), "sealed");
                    record
                },
                |record| {
                    let received = pair.server.receive(record, &mut Vec::new());
                    assert!(received.is_ok_and(|r| matches!(r.progress, Progress::Data(_))), "opened");
                },
                // One at a time, because records must be opened in the order in which they were sealed.
                BatchSize::NumIterations(1),
            );
        });
        group.finish();
    }
}

criterion_group!(benches, bulk);
criterion_main!(benches);
