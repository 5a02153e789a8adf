//! What is fuzzed, what must hold whatever the input is, and where the first inputs come from.
//!
//! A [`Target`] is a plain function from bytes to nothing, which panics where something does not hold. The programs in
//! `fuzz_targets` are doors to them for libFuzzer; `cargo test` takes each through its own first inputs. All that is
//! random or tells the time is replaced, so an input does the same each time.
#![forbid(unsafe_code)]

pub mod certificates;
pub mod connection;
pub mod differential;
pub mod machine;
pub mod misuse;
pub mod records;
pub mod script;
pub mod sessions;
pub mod wire;
pub mod world;

/// One thing to fuzz.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// By which it is asked for; the program in `fuzz_targets` has the same.
    pub name: &'static str,
    /// Takes one input.
    pub run: fn(&[u8]),
    /// The first inputs, from runs of our own and from bytes that others have recorded.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Panics when the target would not see what it is there to see.
    pub check: fn(),
}

/// The longest input that is worth its time, in bytes.
pub const MAX_LEN: usize = 8192;

/// Writes the first inputs of a target to the folder that the environment names in `CAIRN_FUZZ_SEEDS`, a file for each, and
/// makes sure that the target is in order; without that, nothing. The inputs come out the same each time.
///
/// # Panics
/// When they cannot be written, and when the target is not in order.
pub fn plant(name: &str) {
    let Some(folder) = std::env::var_os("CAIRN_FUZZ_SEEDS").map(std::path::PathBuf::from) else { return };
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of that name");
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    for (number, seed) in (target.seeds)().iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{number:04}")), seed).expect("the folder can be written to");
    }
    (target.check)();
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "wire_messages", run: wire::messages, seeds: wire::message_seeds, check: nothing },
    Target { name: "wire_streams", run: wire::streams, seeds: wire::stream_seeds, check: nothing },
    Target { name: "differential", run: differential::run, seeds: differential::seeds, check: nothing },
    Target { name: "records", run: records::run, seeds: records::seeds, check: nothing },
    Target { name: "certificates", run: certificates::run, seeds: certificates::seeds, check: nothing },
    Target { name: "sessions", run: sessions::run, seeds: sessions::seeds, check: nothing },
    Target { name: "machine", run: machine::one, seeds: machine::seeds_of_one, check: machine::check },
    Target { name: "machine_pair", run: machine::pair, seeds: machine::seeds_of_pairs, check: world::check },
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

/// Some need no more than what they are.
const fn nothing() {}

#[cfg(test)]
mod tests {
    use super::{MAX_LEN, TARGETS};

    #[test]
    fn every_target_takes_its_first_inputs_and_pieces_of_them() {
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

    /// What the repository keeps of what was found.
    #[test]
    fn every_target_takes_the_inputs_that_are_kept_for_it() {
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
    fn each_has_a_door() {
        for target in TARGETS {
            let door = format!("{}/fuzz_targets/{}.rs", env!("CARGO_MANIFEST_DIR"), target.name);
            let text = std::fs::read_to_string(&door).unwrap();
            assert!(text.contains(&format!("plant(\"{}\")", target.name)), "{door}");
            let manifest = include_str!("../Cargo.toml");
            assert!(manifest.contains(&format!("path = \"fuzz_targets/{}.rs\"", target.name)), "{door}");
        }
    }
}
