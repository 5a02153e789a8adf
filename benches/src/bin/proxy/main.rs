//! The proxy with many idle connections, and under a load that tries to break it.
//!
//! ```sh
//! cargo run --release -p cairn-benches --bin proxy -- idle 9000
//! cargo run --release -p cairn-benches --bin proxy -- soak 600
//! cargo run --release -p cairn-benches --bin proxy -- beside
//! ```
//!
//! The proxy runs in a process of its own; the clients and the upstream are in this one. `beside` compares it
//! with nginx, HAProxy and stunnel.
#![allow(clippy::expect_used, clippy::panic, reason = "a panic names the fault and its place")]

extern crate alloc;

mod beside;
mod child;
mod idle;
mod soak;

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = || tokio::runtime::Runtime::new().expect("a runtime");
    let number = |text: &str| text.parse().expect("a number");
    match *words {
        ["run", file] => runtime().block_on(child::run(file)),
        ["idle", count] => runtime().block_on(idle::run(number(count))),
        ["soak", seconds] => runtime().block_on(soak::run(number(seconds))),
        ["beside"] => beside::run(false),
        ["beside", "--quick"] => beside::run(true),
        _ => {
            eprintln!("usage: proxy idle CONNECTIONS | proxy soak SECONDS | proxy beside [--quick]");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
