#!/bin/bash -eu
# Builds the targets of fuzz/ for ClusterFuzzLite, each with the corpus that the repository keeps for it. SRC and OUT are
# set by the image; `cargo fuzz` and a nightly compiler are in it.
cd "$SRC/cairn"
cargo fuzz build --release --debug-assertions
for source in fuzz/fuzz_targets/*.rs; do
    target=$(basename "$source" .rs)
    cp "fuzz/target/x86_64-unknown-linux-gnu/release/$target" "$OUT/"
    if [[ -d fuzz/corpora/$target ]]; then
        zip --quiet --junk-paths --recurse-paths "$OUT/${target}_seed_corpus.zip" "fuzz/corpora/$target"
    fi
    # The bounds of xtask/src/conformance/fuzz.rs.
    printf '[libfuzzer]\nmax_len = 8192\ntimeout = 60\nrss_limit_mb = 2560\n' >"$OUT/$target.options"
done
