//! `cargo xtask layers`: prints the table of layers and checks the architecture.
//!
//! - A crate depends on lower layers only, never sideways, never up. [`LIST`] names every crate of the
//!   workspace and the workspace crates that it may have as normal or build dependencies. Dev-dependencies
//!   are exempt. A new edge requires a change of the list.
//! - Inside a crate, and inside a test, no files import each other in a circle; and files import an item from
//!   the module where it lives: see [`imports`].
//! - Lines and files are not too long: see [`lines`].
//! - Manifests inherit the workspace's lints, and libraries that need no `std` declare `#![no_std]`.
//! - The examples in the README of a library are tested.

mod imports;
mod lines;
mod list;
mod source;
mod table;

use std::fs;
use std::path::Path;

use crate::house_rules::{declares_no_std, inherits_workspace_lints, tests_its_readme};
use crate::workspace::{Edge, Kind, Member, Workspace, folders};
use list::{Entry, LIST};
pub(crate) use source::{attributes as item_attributes, is_test};
use table::table;

/// The file of the list, for messages.
const WHERE: &str = "the list of allowed edges is LIST in xtask/src/layers/list.rs";

/// Prints the table, and checks the workspace against the list and the rules about files.
///
/// # Errors
///
/// All faults, one per line, or the reason why the workspace could not be read.
pub(crate) fn run() -> Result<(), String> {
    let workspace = Workspace::load()?;
    print!("{}", table(&workspace));

    let mut faults = faults(&workspace);
    let (root, _) = folders()?;
    faults.extend(lines::long_lines(&root)?);
    faults.extend(lines::long_files(&root)?);
    for member in &workspace.members {
        faults.extend(faults_in_files(member)?);
        for root in &member.roots {
            faults.extend(imports::faults(&member.name, &source::read(root)?));
        }
        for root in &member.test_roots {
            faults.extend(imports::faults_of_test(&member.name, &source::read(root)?));
        }
    }
    if faults.is_empty() {
        println!(
            "Edges and imports are allowed, lines and files are not too long, lints are inherited, and \
             no_std is declared where required."
        );
        return Ok(());
    }
    Err(format!("{} faults:\n  - {}\n({WHERE})", faults.len(), faults.join("\n  - ")))
}

/// Checks the imports inside a package that is not in the workspace.
///
/// # Errors
///
/// A file that cannot be read or parsed, or all faults, one per line.
pub(crate) fn check_imports(package: &Path) -> Result<(), String> {
    let name = package.display().to_string();
    let mut faults = Vec::new();
    for root in ["src/lib.rs", "src/main.rs"].map(|root| package.join(root)) {
        if root.exists() {
            faults.extend(imports::faults_of_program(&name, &source::read(&root)?));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

/// The crates that need no `std`, bottom up.
pub(crate) fn no_std_crates() -> impl Iterator<Item = &'static str> {
    let mut crates: Vec<&Entry> = LIST.iter().filter(|entry| entry.no_std).collect();
    crates.sort_by_key(|entry| entry.place.height());
    crates.into_iter().map(|entry| entry.name)
}

/// Checks the dependencies between crates of the workspace.
fn faults(workspace: &Workspace) -> Vec<String> {
    let mut faults = Vec::new();
    for member in &workspace.members {
        let Some(entry) = Entry::of(&member.name) else {
            faults.push(format!(
                "{} ({}) is a crate of the workspace that is not in the list",
                member.name, member.folder
            ));
            continue;
        };
        for edge in &member.edges {
            if let Err(why) = entry.judge(edge) {
                let (Member { name, folder, .. }, Edge { to, .. }) = (member, edge);
                let kind = if edge.kind == Kind::Build { "build-dependency" } else { "dependency" };
                faults.push(format!("{name} -> {to} ({kind} in {folder}/Cargo.toml) is not allowed: {why}"));
            }
        }
    }
    faults
}

/// Checks the manifest and the root file of a crate.
fn faults_in_files(member: &Member) -> Result<Vec<String>, String> {
    let read = |path| fs::read_to_string(path).map_err(|e| format!("{}: {e}", member.name));
    let mut faults = Vec::new();
    let own_lints = Entry::of(&member.name).is_some_and(|entry| entry.own_lints);
    if !own_lints && !inherits_workspace_lints(&read(&member.manifest)?) {
        faults.push(format!("{}/Cargo.toml does not contain `[lints] workspace = true`", member.folder));
    }
    if Entry::of(&member.name).is_some_and(|entry| entry.no_std) {
        match &member.lib {
            None => faults.push(format!("{} has no library", member.name)),
            Some(lib) if declares_no_std(&read(lib)?) => {}
            Some(_) => faults.push(format!("the lib.rs of {} does not declare `#![no_std]`", member.name)),
        }
    }
    let readme = member.manifest.with_file_name("README.md");
    if let Some(lib) = &member.lib
        && readme.exists()
        && !tests_its_readme(&read(&readme)?, &read(lib)?)
    {
        let words = "/README.md has examples that no test compiles: its lib.rs does not include it";
        faults.push(format!("{}{words}", member.folder));
    }
    Ok(faults)
}

#[cfg(test)]
mod tests;
