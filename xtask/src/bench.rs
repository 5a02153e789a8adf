//! `cargo xtask bench`: Cairn beside other stacks, and beside the primitives alone. What measures is a package of its own,
//! `benches/side-by-side`, outside the workspace; here it is started, and what it says is made a table.

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
    /// Only the rows whose name has this in it
    filter: Option<String>,
}

/// Builds, measures, prints.
///
/// # Errors
///
/// Says what could not be built, run, read or written.
pub(crate) fn run(options: &Options) -> Result<(), String> {
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
    if !output.status.success() {
        return Err(format!("the measurement failed ({})", output.status));
    }
    let rows: Value =
        serde_json::from_slice(&output.stdout).map_err(|e| format!("what was measured is not JSON: {e}"))?;
    print!("{}", table(&rows)?);
    if let Some(file) = &options.json {
        fs::write(file, &output.stdout).map_err(|e| format!("{}: {e}", file.display()))?;
    }
    Ok(())
}

/// The rows in Markdown: times in microseconds, and ours as so many times another's.
fn table(rows: &Value) -> Result<String, String> {
    let rows = rows.as_array().ok_or("what was measured is no array")?;
    let mut text = String::from(
        "| | Cairn, µs | rustls, µs | OpenSSL, µs | floor, µs | Cairn / rustls | Cairn / OpenSSL | Cairn / floor |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    for row in rows {
        let name = row.get("name").and_then(Value::as_str).ok_or("a row without a name")?;
        let time = |column: &str| row.get(column).and_then(Value::as_f64);
        let ours = time("cairn_ns");
        let others = ["rustls_ns", "openssl_ns", "floor_ns"].map(time);
        text += &format!("| `{name}`");
        for cell in core::iter::once(ours).chain(others) {
            text += &cell.map_or_else(|| " | ".to_owned(), |ns| format!(" | {:.2}", ns / 1000.0));
        }
        for other in others {
            text += &ours
                .zip(other)
                .map_or_else(|| " | ".to_owned(), |(ours, other)| format!(" | {:.2}", ours / other));
        }
        text += " |\n";
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::table;
    use serde_json::json;

    #[test]
    fn ratios_stand_where_both_were_measured() {
        let rows = json!([
            { "name": "a", "cairn_ns": 1500.0, "rustls_ns": 1000.0, "openssl_ns": null, "s2n_ns": null, "floor_ns": 750.0 }
        ]);
        let text = table(&rows).unwrap();
        assert_eq!(text.lines().last(), Some("| `a` | 1.50 | 1.00 |  | 0.75 | 1.50 |  | 2.00 |"));
    }

    #[test]
    fn what_is_no_row_is_refused() {
        assert!(table(&json!({})).is_err());
        assert!(table(&json!([{ "cairn_ns": 1.0 }])).is_err());
    }
}
