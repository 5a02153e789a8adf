//! The parts of the `cargo metadata` of the workspace that the tasks need.

use alloc::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The workspace: its members, in cargo's order.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) members: Vec<Member>,
}

/// A crate of the workspace.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// The path of `Cargo.toml`.
    pub(crate) manifest: PathBuf,
    /// The folder, relative to the workspace's root, with forward slashes.
    pub(crate) folder: String,
    /// The root source file of the library; `None` for a crate with binaries only.
    pub(crate) lib: Option<PathBuf>,
    /// The root source files of library and binaries.
    pub(crate) roots: Vec<PathBuf>,
    /// The root source files of tests, benchmarks and examples.
    pub(crate) test_roots: Vec<PathBuf>,
    /// Dependencies on crates of the workspace: those given by a path, and those that are members.
    pub(crate) edges: Vec<Edge>,
    /// The number of external crates among the normal and build dependencies.
    pub(crate) external: usize,
    /// The number of external crates that are only dev-dependencies.
    pub(crate) external_dev: usize,
}

/// A dependency of one workspace crate on another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edge {
    pub(crate) to: String,
    pub(crate) kind: Kind,
    pub(crate) optional: bool,
}

/// The table of `Cargo.toml` with the dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Normal,
    Build,
    Dev,
}

impl Workspace {
    /// Loads the workspace of the current folder.
    ///
    /// `--no-deps` needs neither a lock file nor the registry, so this works without a network. If cargo
    /// fails nevertheless, the command is repeated without `--offline`.
    ///
    /// # Errors
    ///
    /// If cargo cannot be started, fails, or prints something unexpected.
    pub(crate) fn load() -> Result<Self, String> {
        let metadata = metadata(&["--offline"]).or_else(|_| metadata(&[]))?;
        let metadata =
            serde_json::from_slice(&metadata).map_err(|e| format!("cargo metadata is not JSON: {e}"))?;
        Self::from_metadata(&metadata)
    }

    /// Parses the JSON of `cargo metadata --format-version 1 --no-deps`.
    ///
    /// # Errors
    ///
    /// The name of a field that is missing or has another type.
    pub(crate) fn from_metadata(metadata: &Value) -> Result<Self, String> {
        let root = Path::new(text(metadata, "workspace_root")?);
        let packages = array(metadata, "packages")?;
        let names = packages.iter().map(|p| text(p, "name")).collect::<Result<BTreeSet<_>, _>>()?;
        let members =
            packages.iter().map(|p| Member::from_metadata(p, root, &names)).collect::<Result<_, _>>()?;
        Ok(Self { members })
    }
}

impl Member {
    fn from_metadata(package: &Value, root: &Path, members: &BTreeSet<&str>) -> Result<Self, String> {
        let manifest = PathBuf::from(text(package, "manifest_path")?);
        let folder = manifest.parent().unwrap_or(root);
        let folder = folder.strip_prefix(root).unwrap_or(folder).display().to_string().replace('\\', "/");

        let (mut lib, mut roots, mut test_roots) = (None, Vec::new(), Vec::new());
        for target in array(package, "targets")? {
            let kinds = array(target, "kind")?;
            let path = PathBuf::from(text(target, "src_path")?);
            if kinds.iter().any(|kind| kind == "lib" || kind == "bin") {
                roots.push(path.clone());
            } else if !kinds.iter().any(|kind| kind == "custom-build") {
                test_roots.push(path.clone());
            }
            if kinds.iter().any(|kind| kind == "lib") {
                lib = Some(path);
            }
        }

        let (mut edges, mut external, mut external_dev) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for dependency in array(package, "dependencies")? {
            // The name in the registry, even if the dependency is renamed.
            let name = text(dependency, "name")?;
            let kind = match dependency.get("kind").and_then(Value::as_str) {
                None => Kind::Normal,
                Some("build") => Kind::Build,
                Some("dev") => Kind::Dev,
                Some(other) => {
                    return Err(format!("cargo metadata: {name} is a dependency of unknown kind {other}"));
                }
            };
            let by_path = dependency.get("path").is_some_and(Value::is_string);
            if by_path || members.contains(name) {
                let optional = dependency.get("optional").and_then(Value::as_bool).unwrap_or(false);
                edges.insert(Edge { to: name.to_owned(), kind, optional });
            } else if kind == Kind::Dev {
                external_dev.insert(name);
            } else {
                external.insert(name);
            }
        }

        Ok(Self {
            name: text(package, "name")?.to_owned(),
            folder,
            lib,
            roots,
            test_roots,
            edges: edges.into_iter().collect(),
            external: external.len(),
            external_dev: external_dev.difference(&external).count(),
            manifest,
        })
    }
}

/// The current cargo, or the one on the path.
pub(crate) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The workspace's root, and the target directory.
///
/// # Errors
///
/// As [`Workspace::load`].
pub(crate) fn folders() -> Result<(PathBuf, PathBuf), String> {
    let metadata = metadata(&["--offline"]).or_else(|_| metadata(&[]))?;
    let metadata: Value =
        serde_json::from_slice(&metadata).map_err(|e| format!("cargo metadata is not JSON: {e}"))?;
    let folder = |field| text(&metadata, field).map(PathBuf::from);
    Ok((folder("workspace_root")?, folder("target_directory")?))
}

fn metadata(extra: &[&str]) -> Result<Vec<u8>, String> {
    let output = Command::new(cargo())
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .args(extra)
        .output()
        .map_err(|e| format!("cargo metadata could not be started: {e}"))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(format!("cargo metadata failed:\n{}", String::from_utf8_lossy(&output.stderr)))
    }
}

fn text<'a>(value: &'a Value, field: &str) -> Result<&'a str, String> {
    value.get(field).and_then(Value::as_str).ok_or_else(|| format!("cargo metadata: no text {field:?}"))
}

fn array<'a>(value: &'a Value, field: &str) -> Result<&'a Vec<Value>, String> {
    value.get(field).and_then(Value::as_array).ok_or_else(|| format!("cargo metadata: no array {field:?}"))
}
