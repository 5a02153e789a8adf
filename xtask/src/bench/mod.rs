//! `cargo xtask bench`: Cairn beside other stacks, and beside the primitives alone. What measures is a package of its own,
//! `benches/side-by-side`, outside the workspace; here it is started, and what it says is made tables and a chart.

mod chart;
mod table;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::workspace::{cargo, folders};

/// What `cargo xtask bench` can be asked.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// A tenth of the time: for a look, not for figures to publish
    #[arg(long)]
    quick: bool,
    /// Write the rows to this file, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a chart of the ratios to this file, as SVG
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Measure nothing, and take the rows from this file, as --json has written it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["quick", "json", "filter"])]
    from: Option<PathBuf>,
    /// Only the rows whose name has this in it
    filter: Option<String>,
}

/// Builds, measures, prints.
///
/// # Errors
///
/// Says what could not be built, run, read or written.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let measured = match &options.from {
        Some(file) => fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?,
        None => measure(options)?,
    };
    let rows: Value =
        serde_json::from_slice(&measured).map_err(|e| format!("what was measured is not JSON: {e}"))?;
    let rows = rows.as_array().ok_or("what was measured is no array")?;
    print!("{}", table::tables(rows)?);
    let write = |file: &Option<PathBuf>, bytes: &[u8]| match file {
        Some(file) => fs::write(file, bytes).map_err(|e| format!("{}: {e}", file.display())),
        None => Ok(()),
    };
    write(&options.json, &measured)?;
    write(&options.svg, chart::svg(rows)?.as_bytes())
}

/// What the program of `benches/side-by-side` says.
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

/// A row's name.
fn name(row: &Value) -> Result<&str, String> {
    row.get("name").and_then(Value::as_str).ok_or_else(|| "a row without a name".to_owned())
}

/// A figure of a row, where it has one.
fn figure(row: &Value, stack: &str, unit: &str) -> Option<f64> {
    row.get(format!("{stack}_{unit}")).and_then(Value::as_f64)
}
