//! Builds, finds and runs tests by name.

use alloc::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::conformance::suite::Context;

/// The results of the tests.
#[derive(Debug, Default)]
pub(super) struct Tests {
    /// Whether each passed, by `package/target::path`.
    passed: BTreeMap<String, bool>,
}

/// A test program.
#[derive(Debug)]
struct Program {
    /// `package/target`.
    name: String,
    path: PathBuf,
    /// Its working directory: the package.
    folder: PathBuf,
}

impl Tests {
    /// Builds the tests of the workspace and runs those with these names.
    pub(super) fn run(context: &Context, named: &BTreeSet<&str>) -> Result<Self, String> {
        let mut tests = Self::default();
        for program in programs(context)? {
            let prefix = format!("{}::", program.name);
            let wanted: Vec<&str> = named.iter().filter_map(|name| name.strip_prefix(&prefix)).collect();
            if wanted.is_empty() {
                continue;
            }
            let output = Command::new(&program.path)
                .arg("--exact")
                .args(wanted)
                .current_dir(&program.folder)
                .stderr(Stdio::null())
                .output()
                .map_err(|e| format!("{}: {e}", program.path.display()))?;
            let said = String::from_utf8_lossy(&output.stdout);
            let told = results(&said).map(|(test, passed)| (format!("{prefix}{test}"), passed));
            tests.passed.extend(told);
        }
        Ok(tests)
    }

    /// Returns the problem with a test, or `None` if it passed.
    pub(super) fn fault(&self, name: &str) -> Option<String> {
        match self.passed.get(name) {
            Some(true) => None,
            Some(false) => Some(format!("{name} FAILED")),
            None => Some(format!("there is no test {name}, or it did not run")),
        }
    }
}

/// All test programs of the workspace.
fn programs(context: &Context) -> Result<Vec<Program>, String> {
    let output = context
        .cargo()
        .args(["test", "--workspace", "--no-run", "--message-format=json-render-diagnostics"])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("cargo could not be started: {e}"))?;
    if !output.status.success() {
        return Err("the tests do not build".into());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().filter_map(|line| program(&serde_json::from_str(line).ok()?)).collect())
}

/// The test program in a line of cargo's output.
fn program(line: &Value) -> Option<Program> {
    let path = PathBuf::from(line.get("executable")?.as_str()?);
    let is_test = line.get("profile")?.get("test")?.as_bool()?;
    let manifest = PathBuf::from(line.get("manifest_path")?.as_str()?);
    let target = line.get("target")?.get("name")?.as_str()?;
    let folder = manifest.parent()?.to_path_buf();
    let package = package(line.get("package_id")?.as_str()?, &folder)?;
    is_test.then(|| Program { name: format!("{package}/{target}"), path, folder })
}

/// The name of the package: between `#` and `@`, or the name of the folder if only a version follows `#`.
fn package(id: &str, folder: &std::path::Path) -> Option<String> {
    let fragment = id.rsplit_once('#')?.1;
    match fragment.split_once('@') {
        Some((name, _)) => Some(name.to_owned()),
        None => Some(folder.file_name()?.to_str()?.to_owned()),
    }
}

/// Parses the output of a test program: `test path ... ok`.
fn results(said: &str) -> impl Iterator<Item = (&str, bool)> {
    said.lines().filter_map(|line| {
        let (test, rest) = line.strip_prefix("test ")?.split_once(" ... ")?;
        let test = test.strip_suffix(" - should panic").unwrap_or(test);
        match rest.split([',', ' ']).next()? {
            "ok" => Some((test, true)),
            "FAILED" => Some((test, false)),
            // Ignored: it did not run.
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_of_a_test_program_is_parsed() {
        let said = "running 4 tests\ntest a::b ... ok\ntest c - should panic ... ok\ntest d ... FAILED\n\
                    test e ... ignored, why\n\ntest result: FAILED. 2 passed";
        let told: Vec<_> = results(said).collect();
        assert_eq!(told, [("a::b", true), ("c", true), ("d", false)]);
    }

    #[test]
    fn package_is_known_by_its_id() {
        let folder = std::path::Path::new("/x/crates/tls");
        assert_eq!(package("path+file:///x/crates/tls#cairn-tls@0.1.0", folder).unwrap(), "cairn-tls");
        assert_eq!(package("path+file:///x/xtask#0.1.0", std::path::Path::new("/x/xtask")).unwrap(), "xtask");
    }

    #[test]
    fn test_that_did_not_run_is_a_fault() {
        let tests = Tests { passed: BTreeMap::from([("p/t::x".into(), true), ("p/t::y".into(), false)]) };
        assert_eq!(tests.fault("p/t::x"), None);
        assert!(tests.fault("p/t::y").is_some() && tests.fault("p/t::z").is_some());
    }
}
