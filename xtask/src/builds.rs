//! `cargo xtask builds`: each crate that needs no `std` alone, as one who picks only that crate would build it: layers 1
//! to 6, and what stands beside them.
//!
//! A build of the whole workspace unifies features, and so hides a crate that leans on a feature which only its
//! neighbour asks for. Here cargo sees one crate at a time, with no features and with the default ones.
//!
//! Then `cairn-tls` without the feature `legacy`: its tests, its dependencies, and what the README says of their number.

mod lean;

use std::process::Command;
use std::time::Instant;

use crate::layers;
use crate::workspace::{Workspace, cargo};

/// What `cargo xtask builds` can be asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Build without default features only, for a target that has no standard library: the proof of `no_std`
    #[arg(long, value_name = "TARGET")]
    bare: Option<String>,
}

/// Builds them all, bottom up, and stops at the first that fails.
///
/// # Errors
///
/// Names the build that failed; the compiler has said why.
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
