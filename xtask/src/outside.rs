//! `cargo xtask outside`: checks imports, formatting and lints of the packages outside the workspace, which
//! are rarely built. They have their own lock files, and commands with `--workspace` do not include them.

use std::path::Path;
use std::process::Command;

use crate::layers;
use crate::workspace::{cargo, folders};

/// Their folders. A test ensures that none is missing.
const OUTSIDE: [&str; 8] = [
    "benches/side-by-side",
    "examples/acme",
    "fuzz",
    "xtask/interop-peers/boring",
    "xtask/interop-peers/quiche",
    "xtask/interop-peers/quinn",
    "xtask/interop-peers/rustls",
    "xtask/interop-peers/s2n-tls",
];
/// Not linted, because BoringSSL takes minutes to build, and needs CMake and libclang. `.ci/full` builds
/// both.
const WITH_BORING: [&str; 2] = ["xtask/interop-peers/boring", "xtask/interop-peers/quiche"];

/// Checks all of them, and stops at the first failure.
///
/// # Errors
///
/// If a check fails; cargo has printed the reason.
pub(crate) fn run() -> Result<(), String> {
    let (root, target) = folders()?;
    // Quick checks first.
    for folder in OUTSIDE {
        layers::check_imports(&root.join(folder))?;
        check(&root.join(folder), &["fmt", "--all", "--check"])?;
    }
    for folder in OUTSIDE.into_iter().filter(|folder| !WITH_BORING.contains(folder)) {
        // Libraries and programs only, because some packages include sources whose tests belong to other
        // crates. They share the workspace's target folder.
        let target = target.to_string_lossy();
        let lint = ["clippy", "--quiet", "--locked", "--workspace", "--target-dir", &target];
        check(&root.join(folder), &[&lint[..], &["--", "-D", "warnings"]].concat())?;
    }
    println!("{} packages outside the workspace: no faults", OUTSIDE.len());
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

    /// Folders below this one that have their own workspace.
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
    fn no_package_outside_the_workspace_is_missing() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut found = Vec::new();
        workspaces(root, &mut found);
        found.sort();
        assert_eq!(found, OUTSIDE.map(|folder| root.join(folder)));
    }
}
