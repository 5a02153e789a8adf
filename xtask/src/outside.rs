//! `cargo xtask outside`: format and lints of the packages that are not of the workspace, so that what few build does not
//! rot: they have lock files of their own, and no command with `--workspace` sees them.

use std::path::Path;
use std::process::Command;

use crate::workspace::{cargo, folders};

/// Their folders. A test sees to it that none is missing.
const OUTSIDE: [&str; 3] = ["benches/side-by-side", "fuzz", "xtask/interop-peers/rustls"];

/// Checks them all, and stops at the first that fails.
///
/// # Errors
///
/// Names what failed; cargo has said why.
pub(crate) fn run() -> Result<(), String> {
    let (root, target) = folders()?;
    // First what is quick.
    for folder in OUTSIDE {
        check(&root.join(folder), &["fmt", "--all", "--check"])?;
    }
    for folder in OUTSIDE {
        // Libraries and programs: some of them are of sources whose tests are at home elsewhere. What is built for the
        // workspace serves here too.
        let target = target.to_string_lossy();
        let lint = ["clippy", "--quiet", "--locked", "--workspace", "--target-dir", &target];
        check(&root.join(folder), &[&lint[..], &["--", "-D", "warnings"]].concat())?;
    }
    println!("{} packages outside the workspace, none with a fault", OUTSIDE.len());
    Ok(())
}

fn check(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    let line = format!("cargo {} in {}", arguments.join(" "), folder.display());
    let status = Command::new(cargo())
        .args(arguments)
        .current_dir(folder)
        .status()
        .map_err(|e| format!("`{line}` could not be started: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{line}` failed ({status})")) }
}

#[cfg(test)]
mod tests {
    use super::OUTSIDE;
    use std::fs;
    use std::path::{Path, PathBuf};

    /// Folders below this one with a workspace of their own.
    fn workspaces(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                let manifest = fs::read_to_string(path.join("Cargo.toml")).unwrap_or_default();
                if manifest.lines().any(|line| line.trim() == "[workspace]") {
                    found.push(path.clone());
                }
                workspaces(&path, found);
            }
        }
    }

    #[test]
    fn none_is_missing() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut found = Vec::new();
        workspaces(root, &mut found);
        found.sort();
        assert_eq!(found, OUTSIDE.map(|folder| root.join(folder)));
    }
}
