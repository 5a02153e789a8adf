//! `cargo xtask builds`: builds each `no_std` crate on its own, as a user of only that crate would: layers 1
//! to 6, and the crates beside them.
//!
//! A build of the entire workspace unifies features, which hides that a crate relies on a feature that only
//! another crate enables. Here cargo builds one crate at a time, with no features and with the default ones.
//!
//! Afterwards it checks `cairn-tls` without the feature `legacy`: its tests, its dependencies, and their
//! number in the README.

mod lean;

use std::process::Command;
use std::time::Instant;

use crate::layers;
use crate::workspace::{Workspace, cargo};

/// The crate with the algorithms for the compression of certificates, and their features.
const COMPRESSION: (&str, &str) = ("cairn-config", "zlib,brotli,zstd");

/// Arguments of `cargo xtask builds`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Build only without default features, for a target without a standard library: this proves `no_std`
    #[arg(long, value_name = "TARGET")]
    bare: Option<String>,
}

/// Builds all crates, bottom up, and stops at the first failure.
///
/// # Errors
///
/// If a build fails; the compiler has printed the reason.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let begun = Instant::now();
    let mut count = 0_usize;
    let workspace = Workspace::load()?;
    let there = |name: &&str| workspace.members.iter().any(|member| member.name == *name);
    for name in layers::no_std_crates().filter(there) {
        match &options.bare {
            Some(target) => build(&["-p", name, "--no-default-features", "--target", target])?,
            None => {
                build(&["-p", name, "--no-default-features"])?;
                build(&["-p", name])?;
                count += 1;
            }
        }
        count += 1;
        // Features that no default includes, and that must not need `std` either.
        if name == COMPRESSION.0 {
            let mut arguments = vec!["-p", name, "--no-default-features", "--features", COMPRESSION.1];
            arguments.extend(options.bare.iter().flat_map(|target| ["--target", target]));
            build(&arguments)?;
            count += 1;
        }
    }
    if options.bare.is_none() {
        lean::run()?;
    }
    println!("{count} builds, none failed, {:.1} s", begun.elapsed().as_secs_f32());
    Ok(())
}

fn build(arguments: &[&str]) -> Result<(), String> {
    let line = format!("cargo build {}", arguments.join(" "));
    println!("{line}");
    let status = Command::new(cargo())
        .args(["build", "--quiet"])
        .args(arguments)
        .status()
        .map_err(|e| format!("`{line}` could not be started: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{line}` failed ({status})")) }
}
