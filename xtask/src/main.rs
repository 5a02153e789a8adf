//! The maintenance tasks of the project, run as `cargo xtask <task>`.
//!
//! | task | what it does |
//! |---|---|
//! | `layers` | prints the table of layers; fails on a forbidden dependency or import |
//! | `builds` | builds each `no_std` crate on its own, with and without its default features |
//! | `outside` | checks formatting and lints of the packages outside the workspace |
//! | `readme` | compiles the programs of the documentation verbatim, and runs each client with its server |
//! | `conformance` | runs the conformance suites and writes a report |
//! | `rule` | prints the requirements of an RFC's section, with the lines of code and the tests |
//! | `counts` | counts the cost of the main paths, and fails if it exceeds the recorded figures |
//! | `bench` | compares Cairn with other stacks, and prints a table of ratios |
//!
//! A task that fails prints the reason on standard error and exits with 1.

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

/// The maintenance tasks of the project.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Xtask {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Print the table of layers; fail on a forbidden dependency or import
    Layers,
    /// Build each `no_std` crate on its own, with and without its default features
    Builds(builds::Options),
    /// Check formatting and lints of the packages outside the workspace
    Outside,
    /// Compile the programs of the documentation verbatim, and run each client with its server
    Readme(readme::Options),
    /// Run the conformance suites, and write target/conformance/report.{md,json,html}
    Conformance(conformance::Options),
    /// Print the requirements of an RFC's section, with the lines of code that act on them and their tests
    Rule(conformance::ledger::rule::Options),
    /// Count instructions, allocations and copied bytes of the main paths; fail if they exceed the record
    Counts(counts::Options),
    /// Compare Cairn with other stacks, and print a table of ratios
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let outcome = match Xtask::parse().chore {
        Chore::Layers => layers::run(),
        Chore::Builds(options) => builds::run(&options),
        Chore::Outside => outside::run(),
        Chore::Readme(options) => readme::run(&options),
        Chore::Conformance(options) => conformance::run(&options),
        Chore::Rule(options) => conformance::ledger::rule::run(&options),
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
