//! `cargo xtask counts`: measures the cost of the main paths in figures that do not depend on the machine,
//! and compares them with the recorded ones.
//!
//! `benches/src/bin/path.rs` runs the paths, and valgrind counts, for one round of each:
//!
//! - the instructions of Rust functions, by callgrind: those of Cairn, and those of other crates that are
//!   compiled in. The C library and the library of cryptography are excluded, because the processor
//!   determines which of their routines run;
//! - allocations and their bytes, and the number of copied bytes, by dhat.

use core::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, thread};

use serde_json::Value;

use crate::callgrind;
use crate::workspace::{cargo, folders};

/// Arguments of `cargo xtask counts`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Record the figures in benches/counts.toml
    #[arg(long)]
    record: bool,
}

const PATHS: [&str; 11] = [
    "full-ecdsa",
    "full-rsa",
    "resume-id-sha256",
    "resume-ticket-sha256",
    "bulk-send",
    "bulk-recv",
    "full13-ecdsa",
    "resume13-dhe-sha256",
    "resume13-ke-sha256",
    "bulk13-send",
    "bulk13-recv",
];
const FIGURES: [&str; 4] = ["instructions", "allocations", "allocated-bytes", "copied-bytes"];
const ROUNDS: u32 = 50;
/// The permitted increase of a figure over the recorded one.
const TOLERANCE: f64 = 0.03;
/// The permitted increase if another compiler built the program.
const TOLERANCE_OF_COMPILERS: f64 = 0.1;
/// The function of `path.rs` that contains everything to be counted.
const COUNTED: &str = "path::counted";

/// The figures of one path, in the order of [`FIGURES`].
type Counts = [f64; FIGURES.len()];

/// Builds, counts, and compares or records.
///
/// # Errors
///
/// If something cannot be built, run, read or written, or a figure has increased.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        println!("the recorded figures are for x86-64 Linux: nothing to compare on this machine");
        return Ok(());
    }
    let (root, target) = folders()?;
    let file = root.join("benches").join("counts.toml");
    let program = build(&target)?;
    let folder = target.join("counts");
    fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut counted = Vec::new();
    for path in PATHS {
        counted.push((path, count(&program, path, &folder)?));
    }
    let compiler = compiler()?;
    if options.record {
        let text = recorded(&compiler, &counted);
        return fs::write(&file, text).map_err(|e| format!("{}: {e}", file.display()));
    }
    let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let record: toml::Table = toml::from_str(&text).map_err(|e| format!("{}: {e}", file.display()))?;
    let (table, more) = compare(&record, &compiler, &counted)?;
    print!("{table}");
    if more.is_empty() {
        return Ok(());
    }
    Err(format!(
        "more than recorded: {}\nIf that is necessary, record it (`cargo xtask counts \
         --record`), and explain it in the commit",
        more.join("; ")
    ))
}

fn build(target: &Path) -> Result<PathBuf, String> {
    let status = Command::new(cargo())
        .args(["build", "--quiet", "--release", "--package", "cairn-benches", "--bin", "path"])
        .status()
        .map_err(|e| format!("cargo could not be started: {e}"))?;
    if status.success() {
        Ok(target.join("release").join(format!("path{}", env::consts::EXE_SUFFIX)))
    } else {
        Err(format!("the paths could not be built ({status})"))
    }
}

/// The version of cargo's compiler, without its commit.
fn compiler() -> Result<String, String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output =
        Command::new(rustc).arg("--version").output().map_err(|e| format!("rustc --version: {e}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    said.split(' ').nth(1).map(str::to_owned).ok_or_else(|| format!("rustc --version says {said:?}"))
}

/// Runs one path three times concurrently.
fn count(program: &Path, path: &str, folder: &Path) -> Result<Counts, String> {
    let tool = |tool: &str, name: &str, options: &[&str]| -> Result<String, String> {
        let file = folder.join(format!("{path}.{name}"));
        let output = Command::new("valgrind")
            .arg(format!("--tool={tool}"))
            .arg("--quiet")
            .arg(format!("--{tool}-out-file={}", file.display()))
            .args(options)
            .arg(program)
            .args([path, &ROUNDS.to_string()])
            .stdin(Stdio::null())
            .output()
            .map_err(|e| format!("valgrind could not be started: {e}"))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("{path} under {tool} ended with {}: {}", output.status, said.trim()));
        }
        let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        let _left_there = fs::remove_file(file);
        Ok(text)
    };
    let toggle = format!("--toggle-collect={COUNTED}*");
    // Deeper than any call stack here.
    let deep = "--num-callers=200";
    let (instructions, heap, copies) = thread::scope(|scope| {
        let instructions =
            scope.spawn(|| tool("callgrind", "instructions", &["--collect-atstart=no", &toggle]));
        let heap = scope.spawn(|| tool("dhat", "heap", &[deep]));
        let copies = tool("dhat", "copies", &["--mode=copy", deep]);
        (instructions.join(), heap.join(), copies)
    });
    let lost = |_| "a thread of this program panicked".to_owned();
    let instructions = of_rust(&instructions.map_err(lost)??)?;
    let (allocations, bytes) = of_counted(&heap.map_err(lost)??)?;
    let (_, copied) = of_counted(&copies?)?;
    let counts = [instructions, allocations, bytes, copied];
    if instructions == 0 {
        return Err(format!("{path}: nothing was counted"));
    }
    Ok(counts.map(each))
}

/// The share of one round, rounded to a tenth.
fn each(count: u64) -> f64 {
    #[expect(clippy::as_conversions, reason = "less than 2^53, of which each is a number in f64")]
    let count = count as f64;
    (count / f64::from(ROUNDS) * 10.0).round() / 10.0
}

/// The instructions of Rust functions, which have a path in their names; those of C and assembly do not.
fn of_rust(text: &str) -> Result<u64, String> {
    let mut total = 0_u64;
    callgrind::each_cost(text, |cost| {
        if cost.function.contains("::") && !cost.is_of_libc() {
            total = total.saturating_add(cost.instructions);
        }
    })?;
    Ok(total)
}

/// The blocks and bytes that dhat saw within [`COUNTED`].
fn of_counted(text: &str) -> Result<(u64, u64), String> {
    let value: Value =
        serde_json::from_str(text).map_err(|e| format!("the output of dhat is not JSON: {e}"))?;
    let sum = || {
        let frames = value.get("ftbl")?.as_array()?;
        let (mut blocks, mut bytes) = (0_u64, 0_u64);
        for place in value.get("pps")?.as_array()? {
            let is_counted = |frame: &Value| {
                let frame = usize::try_from(frame.as_u64()?).ok()?;
                Some(frames.get(frame)?.as_str()?.contains(COUNTED))
            };
            if place.get("fs")?.as_array()?.iter().any(|frame| is_counted(frame) == Some(true)) {
                blocks = blocks.saturating_add(place.get("tbk")?.as_u64()?);
                bytes = bytes.saturating_add(place.get("tb")?.as_u64()?);
            }
        }
        Some((blocks, bytes))
    };
    sum().ok_or_else(|| "the output of dhat does not have format version 2".to_owned())
}

/// The content of the file.
fn recorded(compiler: &str, counted: &[(&str, Counts)]) -> String {
    let mut text = String::from(
        "# What one round of each main path costs. Written by `cargo xtask counts --record`, which \
         docs/performance.md explains.\n",
    );
    // Writing to a String cannot fail.
    _ = writeln!(text, "rustc = \"{compiler}\"");
    for (path, counts) in counted {
        _ = writeln!(text, "\n[{path}]");
        for (figure, count) in FIGURES.iter().zip(counts) {
            _ = writeln!(text, "{figure} = {count:.1}");
        }
    }
    text
}

/// The table, and the figures that have increased too much.
fn compare(
    record: &toml::Table,
    compiler: &str,
    counted: &[(&str, Counts)],
) -> Result<(String, Vec<String>), String> {
    let by = record.get("rustc").and_then(toml::Value::as_str).unwrap_or("another compiler");
    let tolerance = if by == compiler { TOLERANCE } else { TOLERANCE_OF_COMPILERS };
    let (mut table, mut more, mut less) = (String::new(), Vec::new(), false);
    _ = writeln!(table, "rustc {compiler}, recorded with {by}: {:.0} % more pass", tolerance * 100.0);
    for (path, counts) in counted {
        for (figure, count) in FIGURES.iter().zip(counts) {
            let before = record
                .get(*path)
                .and_then(|path| path.get(figure)?.as_float())
                .ok_or_else(|| format!("{figure} of {path} is not recorded"))?;
            let change = if *count == before { 0.0 } else { count / before - 1.0 };
            _ = writeln!(
                table,
                "{path:>22}  {figure:<16} {count:>11.1}  recorded {before:>11.1}  {:>+7.2} %",
                change * 100.0
            );
            if change > tolerance {
                more.push(format!("{figure} of {path} by {:.1} %", change * 100.0));
            }
            less |= change < -tolerance;
        }
    }
    if less {
        table.push_str("some are less by more than that: `cargo xtask counts --record` keeps it so\n");
    }
    Ok((table, more))
}

#[cfg(test)]
mod tests {
    use super::{PATHS, compare, of_counted, of_rust, recorded};

    fn more(now: [f64; 4], compiler: &str) -> (String, Vec<String>) {
        let record = recorded("1.95.0", &[("a", [1000.0, 20.0, 4000.0, 0.0])]);
        compare(&toml::from_str(&record).unwrap(), compiler, &[("a", now)]).unwrap()
    }

    #[test]
    fn recorded_figures_pass() {
        let (table, more) = more([1000.0, 20.0, 4000.0, 0.0], "1.95.0");
        assert!(more.is_empty() && !table.contains("less by more"), "{table}{more:?}");
    }

    #[test]
    fn increase_above_the_tolerance_fails() {
        assert!(more([1029.0, 20.0, 4000.0, 0.0], "1.95.0").1.is_empty());
        assert_eq!(more([1031.0, 21.0, 4000.0, 0.0], "1.95.0").1.len(), 2);
        assert_eq!(more([1000.0, 20.0, 4000.0, 16.0], "1.95.0").1.len(), 1, "from nothing to something");
    }

    #[test]
    fn another_compiler_has_a_larger_tolerance() {
        assert!(more([1090.0, 20.0, 4000.0, 0.0], "1.96.0").1.is_empty());
        assert_eq!(more([1110.0, 20.0, 4000.0, 0.0], "1.96.0").1.len(), 1);
    }

    #[test]
    fn decrease_passes_and_is_reported() {
        let (table, more) = more([900.0, 20.0, 4000.0, 0.0], "1.95.0");
        assert!(more.is_empty() && table.contains("less by more"), "{table}");
    }

    #[test]
    fn missing_record_is_a_fault() {
        let record = toml::from_str("rustc = \"1.95.0\"").unwrap();
        assert!(compare(&record, "1.95.0", &[("a", [0.0; 4])]).is_err());
    }

    #[test]
    fn every_path_is_recorded() {
        let record: toml::Table = toml::from_str(include_str!("../../benches/counts.toml")).unwrap();
        assert_eq!(record.keys().filter(|key| *key != "rustc").count(), PATHS.len());
        for path in PATHS {
            assert!(record.contains_key(path), "{path}");
        }
    }

    #[test]
    fn instructions_of_c_are_not_counted() {
        let file = "\
ob=(1) /house/path
fn=(1) cairn_tls::open
1 100
fn=(2) aws_lc_gcm
1 1000
fn=(3) <alloc::vec::Vec<u8> as core::clone::Clone>::clone
1 10
ob=(2) /usr/lib/libc.so.6
fn=(4) memcpy
1 10000
";
        assert_eq!(of_rust(file), Ok(110));
    }

    #[test]
    fn only_allocations_below_the_counted_function_are_included() {
        let file = r#"{ "ftbl": ["[root]", "0x1: path::counted (path.rs:60)", "0x2: path::main (path.rs:1)"],
            "pps": [{ "tb": 30, "tbk": 2, "fs": [1, 2] }, { "tb": 100, "tbk": 1, "fs": [2] }] }"#;
        assert_eq!(of_counted(file), Ok((2, 30)));
        assert!(of_counted("{}").is_err());
    }
}
