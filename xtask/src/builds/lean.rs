//! `cairn-tls` without the feature `legacy`: its tests, its dependencies, and the figures in the README.

use alloc::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::workspace::cargo;

/// A build without the feature `legacy`.
struct Lean {
    features: &'static str,
    /// Crates that must not be among its dependencies.
    without: &'static [&'static str],
}

const LEAN: [Lean; 2] = [
    Lean {
        features: "std,aws-lc",
        without: &["rsa", "des", "cbc", "crypto-bigint", "crypto-primes", "num-traits"],
    },
    // Here `rsa` only signs and verifies; it brings its own dependencies and does not decrypt.
    Lean { features: "std,rustcrypto", without: &["des", "cbc"] },
];

/// The target for which dependencies are counted, so that every machine gets the same number.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// The text before each of the two figures in the README.
const FIGURES: [&str; 2] = ["needs ", " crates from elsewhere in place of "];

/// Tests the lean build and checks its dependencies.
///
/// # Errors
///
/// If a command fails, a dependency is not permitted, or a figure in the README is wrong.
pub(super) fn run() -> Result<(), String> {
    let mut figure = 0;
    for Lean { features, without } in LEAN {
        let lean = dependencies(&["--no-default-features", "--features", features])?;
        for name in without {
            if lean.contains(*name) {
                return Err(format!("cairn-tls with {features} alone must not depend on `{name}`"));
            }
        }
        println!("cairn-tls with {features}: {} crates from elsewhere", lean.len());
        if figure == 0 {
            figure = lean.len();
        }
    }
    // Without this, a misspelled or outdated name in the list would always pass.
    let full = dependencies(&[])?;
    if let Some(name) = LEAN.iter().flat_map(|lean| lean.without).find(|name| !full.contains(**name)) {
        return Err(format!(
            "`{name}` is no dependency of the full build either: the list in lean.rs is out of date"
        ));
    }
    let readme = fs::read_to_string("README.md").map_err(|e| format!("README.md: {e}"))?;
    check_figures(&readme, figure, full.len())?;
    test()
}

/// The external crates among the normal dependencies of a build of `cairn-tls`.
fn dependencies(arguments: &[&str]) -> Result<BTreeSet<String>, String> {
    let output = Command::new(cargo())
        .args(["tree", "-p", "cairn-tls", "-e", "normal", "--prefix", "none", "--target", TARGET])
        .args(arguments)
        .output()
        .map_err(|e| format!("`cargo tree` could not be started: {e}"))?;
    if !output.status.success() {
        return Err(format!("`cargo tree` failed: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok(from_elsewhere(&String::from_utf8_lossy(&output.stdout)))
}

fn from_elsewhere(tree: &str) -> BTreeSet<String> {
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    names.filter(|name| !name.starts_with("cairn-")).map(Into::into).collect()
}

/// Checks that the README states these numbers of dependencies.
fn check_figures(readme: &str, lean: usize, full: usize) -> Result<(), String> {
    let [before, between] = FIGURES;
    // Line breaks do not matter.
    let text = readme.split_whitespace().collect::<Vec<_>>().join(" ");
    let expected = format!("{before}{lean}{between}{full}");
    let figures = text.match_indices(&expected).map(|(at, _)| text.get(at + expected.len()..));
    if figures.flatten().any(|rest| !rest.starts_with(|next: char| next.is_ascii_digit())) {
        Ok(())
    } else {
        Err(format!("README.md must say of the lean build that it \"{expected}\""))
    }
}

/// Tests the default provider's lean build on its own, and checks that the other one compiles.
fn test() -> Result<(), String> {
    for arguments in [
        ["test", "--quiet", "-p", "cairn-tls", "--no-default-features", "--features", "std,aws-lc"],
        ["check", "--quiet", "-p", "cairn-tls", "--no-default-features", "--features", "std,rustcrypto"],
        ["check", "--quiet", "-p", "cairn-cli", "--no-default-features", "--features", "rustcrypto"],
    ] {
        let line = format!("cargo {}", arguments.join(" "));
        println!("{line}");
        let status = Command::new(cargo())
            .args(arguments)
            .status()
            .map_err(|e| format!("`{line}` could not be started: {e}"))?;
        if !status.success() {
            return Err(format!("`{line}` failed ({status})"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_external_crate_counts_once() {
        let tree = "cairn-tls v0.1.0 (/a)\ncairn-wire v0.1.0 (/b)\n\
                    subtle v2.6.1\nzeroize v1.9.2\nsubtle v2.6.1 (*)\n";
        assert_eq!(from_elsewhere(tree), ["subtle", "zeroize"].map(String::from).into());
    }

    #[test]
    fn figures_of_the_readme_are_compared_as_numbers() {
        let readme = "The lean build\nneeds 31 crates from\nelsewhere in place of 38.";
        assert_eq!(check_figures(readme, 31, 38), Ok(()));
        for (lean, full) in [(30, 38), (31, 3), (3, 38), (31, 39)] {
            assert!(check_figures(readme, lean, full).is_err(), "{lean}, {full}");
        }
    }
}
