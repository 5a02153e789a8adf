//! `cargo xtask readme`: what the documentation says in Rust is compiled word for word, each block as a program of its own,
//! and each client is run against its server, over sockets and with files, as somebody would who has just copied them.
//!
//! Of a program nothing is changed but the port, which is one that the system picks. Beside the clients of the
//! documentation come variations of them: one that sends nothing, one that closes before it reads, and so on. A healthy
//! client must never see an error, and its server neither.

mod blocks;
mod package;
mod runs;

use std::time::Instant;

use crate::workspace::folders;
use blocks::Part;
use package::Package;

/// What `cargo xtask readme` can be asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How often each client is run
    #[arg(long, value_name = "N", default_value_t = 200)]
    runs: u32,
}

/// Compiles and runs them all.
///
/// # Errors
///
/// Names the block that does not compile, or says how often which client failed and in which words.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let begun = Instant::now();
    let (root, target) = folders()?;
    let found = blocks::all(&root)?;
    let mut pairs = Vec::new();
    let mut package = Package::new(&root, &target)?;
    for block in &found {
        println!("{}:{}", block.file, block.line);
        if block.part() != Some(Part::Client) {
            continue;
        }
        let server =
            found.iter().find(|other| other.file == block.file && other.part() == Some(Part::Server));
        let server =
            server.ok_or_else(|| format!("{}:{}: a client without a server", block.file, block.line))?;
        pairs.push(package.pair(block, server)?);
    }
    for block in found.iter().filter(|block| block.part().is_none()) {
        package.add(&package::name(block), &block.program())?;
    }
    if pairs.len() < 2 {
        return Err(
            "the README and the documentation of cairn-tls must each have a client and a server".into()
        );
    }
    package.build()?;
    package.make_files()?;
    let mut failures = Vec::new();
    let count = pairs.len();
    for pair in pairs {
        failures.extend(runs::run(&package, pair, options.runs)?);
    }
    println!("{} programs, {count} pairs, {:.1} s", found.len(), begun.elapsed().as_secs_f32());
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}
