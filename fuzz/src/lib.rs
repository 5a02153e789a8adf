//! The fuzz targets: their invariants and their initial inputs.
//!
//! A [`Target`] is a function of bytes that panics if an invariant does not hold. The programs in
//! `fuzz_targets` call them from libFuzzer; `cargo test` runs each on its initial inputs. Randomness and time
//! are replaced, so that an input always has the same effect.
#![forbid(unsafe_code)]

pub mod certificates;
pub mod connection;
pub mod decompression;
pub mod differential;
mod end;
pub mod machine;
pub mod misuse;
pub mod packets;
pub mod records;
pub mod scenarios;
pub mod script;
pub mod sessions;
mod streams;
pub mod wire;
pub mod world;
mod world13;

/// A fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is that of its program in `fuzz_targets`.
    pub name: &'static str,
    /// Processes one input.
    pub run: fn(&[u8]),
    /// The initial inputs, from our own runs and from recordings of others.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Panics if the target could not find what it is meant to find.
    pub check: fn(),
}

/// The maximum length of a useful input in bytes.
pub const MAX_LEN: usize = 8192;

/// If the environment variable `CAIRN_FUZZ_SEEDS` names a folder, writes the initial inputs of a target to
/// it, one file each, and checks the target. The inputs are the same each time.
///
/// # Panics
/// If they cannot be written, or the check fails.
pub fn write_seeds(name: &str) {
    let Some(folder) = std::env::var_os("CAIRN_FUZZ_SEEDS").map(std::path::PathBuf::from) else { return };
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of that name");
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    for (number, seed) in (target.seeds)().iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{number:04}")), seed).expect("the folder can be written to");
    }
    (target.check)();
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "wire_messages", run: wire::messages, seeds: wire::message_seeds, check: nothing },
    Target { name: "wire_streams", run: wire::streams, seeds: wire::stream_seeds, check: nothing },
    Target { name: "differential", run: differential::run, seeds: differential::seeds, check: nothing },
    Target { name: "records", run: records::run, seeds: records::seeds, check: nothing },
    Target { name: "packets", run: packets::run, seeds: packets::seeds, check: nothing },
    Target { name: "certificates", run: certificates::run, seeds: certificates::seeds, check: nothing },
    Target {
        name: "decompression",
        run: decompression::run,
        seeds: decompression::seeds,
        check: decompression::check,
    },
    Target { name: "sessions", run: sessions::run, seeds: sessions::seeds, check: nothing },
    Target { name: "machine", run: machine::one, seeds: machine::seeds_of_one, check: machine::check },
    Target {
        name: "machine_pair",
        run: machine::pair,
        seeds: machine::seeds_of_pairs,
        check: scenarios::check,
    },
    Target {
        name: "connection",
        run: connection::one,
        seeds: connection::seeds_of_one,
        check: connection::check,
    },
    Target {
        name: "connection_pair",
        run: connection::pair,
        seeds: connection::seeds_of_pairs,
        check: connection::check_pair,
    },
    Target { name: "misuse", run: misuse::run, seeds: misuse::seeds, check: misuse::check },
];

/// For targets without a check of their own.
const fn nothing() {}

#[cfg(test)]
mod tests {
    use super::{MAX_LEN, TARGETS};

    #[test]
    fn every_target_passes_on_its_initial_inputs_and_parts_of_them() {
        for target in TARGETS {
            let seeds = (target.seeds)();
            assert!(!seeds.is_empty(), "{}", target.name);
            for seed in &seeds {
                assert!(seed.len() <= MAX_LEN, "{}: {} bytes", target.name, seed.len());
                (target.run)(seed);
                (target.run)(&seed[..seed.len() / 2]);
            }
            (target.run)(&[]);
            (target.check)();
        }
    }

    /// The inputs in the repository.
    #[test]
    fn every_target_passes_on_the_inputs_in_corpora() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora");
        for target in TARGETS {
            let folder = folder.join(target.name);
            let inputs: Vec<_> =
                std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
            assert!(!inputs.is_empty(), "{}", folder.display());
            for input in inputs {
                (target.run)(&std::fs::read(&input).unwrap());
            }
        }
    }

    #[test]
    fn every_target_has_a_program() {
        for target in TARGETS {
            let program = format!("{}/fuzz_targets/{}.rs", env!("CARGO_MANIFEST_DIR"), target.name);
            let text = std::fs::read_to_string(&program).unwrap();
            assert!(text.contains(&format!("write_seeds(\"{}\")", target.name)), "{program}");
            let manifest = include_str!("../Cargo.toml");
            assert!(manifest.contains(&format!("path = \"fuzz_targets/{}.rs\"", target.name)), "{program}");
        }
    }
}
