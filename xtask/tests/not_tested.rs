//! Reports the tests of the workspace that tested nothing, because a program that they need is missing on
//! this machine.
//!
//! libtest cannot ignore a running test, so such a test passes and writes a note to `target/tmp/not-tested`.
//! This program has no test harness. It runs after the tests of all other packages, whose names sort before
//! `xtask`, and reports the notes as libtest would: each as ignored, with the reason. The notes are then
//! removed.

use std::path::Path;
use std::{env, fs};

fn main() {
    // Listing tests runs none.
    if env::args().any(|argument| argument == "--list") {
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("not-tested");
    let mut notes = notes(&folder);
    notes.sort();
    println!("\nrunning {} tests", notes.len() + 1);
    for (test, why) in &notes {
        println!("test {test} ... ignored, {why}");
    }
    println!("test tests_that_tested_nothing_are_reported ... ok");
    if !notes.is_empty() {
        println!(
            "\n*** {} tests have TESTED NOTHING on this machine: see above for what is missing ***",
            notes.len()
        );
    }
    println!("\ntest result: ok. 1 passed; 0 failed; {} ignored; 0 measured; 0 filtered out\n", notes.len());
}

/// Names and reasons; empty if there is no folder of notes.
fn notes(folder: &Path) -> Vec<(String, String)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.ok()?.path();
        let test = path.file_name()?.to_str()?.replace("--", "::");
        let why = fs::read_to_string(&path).ok()?;
        fs::remove_file(&path).ok()?;
        Some((test, why))
    };
    entries.filter_map(read).collect()
}
