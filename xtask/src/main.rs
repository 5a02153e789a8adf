//! The project's own chores, run as `cargo xtask <chore>`.
//!
//! | chore | what it does |
//! |---|---|
//! | `layers` | prints the table of layers, and fails on an edge between our crates that is not allowed |
//! | `builds` | builds each crate that needs no `std` alone, with and without its default features |
//! | `outside` | checks format and lints of the packages that are not of the workspace |
//! | `readme` | compiles the programs of the documentation word for word, and runs each client against its server |
//! | `conformance` | runs what speaks for the stack, suite by suite, and writes a report |
//! | `counts` | counts what the main paths cost, and fails where it is more than what is recorded |
//! | `bench` | measures Cairn beside other stacks, and prints a table of ratios |
//!
//! A chore that fails says why on standard error and exits with 1.

extern crate alloc;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod builds;
mod callgrind;
mod conformance;
mod counts;
mod house_rules;
mod layers;
mod outside;
mod readme;
mod workspace;

/// The project's own chores.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Xtask {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Print the table of layers; fail on an edge between our crates that is not allowed
    Layers,
    /// Build each crate that needs no `std` alone, with and without its default features
    Builds(builds::Options),
    /// Check format and lints of the packages that are not of the workspace
    Outside,
    /// Compile the programs of the documentation word for word, and run each client against its server
    Readme(readme::Options),
    /// Run the conformance suites, and write target/conformance/report.{md,json,html}
    Conformance(conformance::Options),
    /// Count instructions, allocations and copied bytes of the main paths; fail where they are more than recorded
    Counts(counts::Options),
    /// Measure Cairn beside other stacks, and print a table of ratios
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let outcome = match Xtask::parse().chore {
        Chore::Layers => layers::run(),
        Chore::Builds(options) => builds::run(&options),
        Chore::Outside => outside::run(),
        Chore::Readme(options) => readme::run(&options),
        Chore::Conformance(options) => conformance::run(&options),
        Chore::Counts(options) => counts::run(&options),
        Chore::Bench(options) => bench::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
