//! `cargo xtask readme`: compiles the Rust code of the documentation verbatim, each block as its own program,
//! and runs each client with its server, over sockets and with files, exactly as copied. A program with both
//! sides runs alone.
//!
//! Only the port is changed, to one that the system selects. In addition to the documented clients there are
//! variations: one that sends nothing, one that closes before it reads, and so on. No correct client may see
//! an error, and neither may its server.

mod blocks;
mod package;
mod runs;

use std::time::Instant;

use crate::workspace::folders;
use blocks::Part;
use package::Package;

/// Arguments of `cargo xtask readme`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How often to run a client, and those that send nothing; other variations run a quarter as often
    #[arg(long, value_name = "N", default_value_t = 100)]
    runs: u32,
}

/// Compiles and runs all programs.
///
/// # Errors
///
/// If a block does not compile, or a client fails; the message says how often and why.
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
        let is_its_server = |other: &&blocks::Block| {
            (&other.file, other.is_async(), other.part())
                == (&block.file, block.is_async(), Some(Part::Server))
        };
        let server = found.iter().find(is_its_server);
        let server =
            server.ok_or_else(|| format!("{}:{}: a client without a server", block.file, block.line))?;
        pairs.push(package.pair(block, server)?);
    }
    let mut alone = Vec::new();
    for block in &found {
        let name = package::name(block);
        match block.part() {
            Some(Part::Client | Part::Server) => continue,
            Some(Part::Both) => alone.push(name.clone()),
            None => {}
        }
        package.add(&name, &block.program())?;
    }
    if pairs.len() < 4 {
        return Err("a client and a server are missing: the README must have blocking and async ones, and \
                    cairn-tls and cairn-tokio one pair each"
            .into());
    }
    package.build()?;
    package.make_files()?;
    let mut failures = Vec::new();
    let count = pairs.len();
    for pair in pairs {
        failures.extend(runs::run(&package, pair, options.runs)?);
    }
    for name in &alone {
        if let Err(words) = runs::run_alone(&package, name) {
            failures.push(format!("{name} failed: {words}"));
        }
    }
    println!("{} programs, {count} pairs, {:.1} s", found.len(), begun.elapsed().as_secs_f32());
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}
