//! `cargo xtask bench`: compares Cairn with other stacks and with the bare primitives. A separate package
//! outside the workspace, `benches/side-by-side`, measures. This module runs it and turns its output into
//! tables and a chart.

mod chart;
mod row;
mod table;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::workspace::{cargo, folders};

/// Arguments of `cargo xtask bench`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// A tenth of the time: for a first impression, not for publication
    #[arg(long)]
    quick: bool,
    /// Write the rows to this file, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a chart of the ratios to this file, as SVG
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Do not measure; read the rows from this file, as written by --json
    #[arg(long, value_name = "FILE", conflicts_with_all = ["quick", "json", "filter"])]
    from: Option<PathBuf>,
    /// Only the rows whose name contains this text
    filter: Option<String>,
}

/// Builds, measures and prints.
///
/// # Errors
///
/// If something cannot be built, run, read or written.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let measured = match &options.from {
        Some(file) => fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?,
        None => measure(options)?,
    };
    let rows: Value =
        serde_json::from_slice(&measured).map_err(|e| format!("the measurements are not JSON: {e}"))?;
    let rows = rows.as_array().ok_or("the measurements are not an array")?;
    print!("{}", table::tables(rows)?);
    let write = |file: &Option<PathBuf>, bytes: &[u8]| match file {
        Some(file) => fs::write(file, bytes).map_err(|e| format!("{}: {e}", file.display())),
        None => Ok(()),
    };
    write(&options.json, &measured)?;
    let chart = if options.svg.is_some() { chart::svg(rows)? } else { String::new() };
    write(&options.svg, chart.as_bytes())
}

/// The output of `benches/side-by-side`.
fn measure(options: &Options) -> Result<Vec<u8>, String> {
    let (root, target) = folders()?;
    let folder = root.join("benches").join("side-by-side");
    let output = Command::new(cargo())
        .args(["run", "--quiet", "--release", "--target-dir"])
        .arg(target)
        .arg("--")
        .args(options.quick.then_some("--quick"))
        .args(&options.filter)
        .current_dir(&folder)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("cargo could not be started in {}: {e}", folder.display()))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(format!("the measurement failed ({})", output.status))
    }
}
