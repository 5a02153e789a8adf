//! The threat model: each attack in `docs/threat-model.md`, with the tests that prove its mitigation.
//!
//! An attack is a table row whose last cell names tests in backticks, as `package/target::path` like in the
//! ledger, or starts with "no test:" and a reason.

use std::fs;
use std::path::Path;

use super::tests_run::Tests;
use crate::conformance::suite::{Outcome, Row};

/// The file.
const PAGE: &str = "docs/threat-model.md";

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Threat {
    /// The name of the attack.
    pub(super) name: String,
    /// The tests that prove the mitigation; empty if the row gives a reason.
    pub(super) tests: Vec<String>,
}

/// Parses the attacks.
///
/// # Errors
///
/// If the page cannot be read, or an attack has neither a test nor a reason.
pub(super) fn read(root: &Path) -> Result<Vec<Threat>, String> {
    let path = root.join(PAGE);
    parse(&fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?)
}

/// The head of a table of attacks.
const HEAD: &str = "| attack | how it is met | tests |";

fn parse(page: &str) -> Result<Vec<Threat>, String> {
    let mut threats = Vec::new();
    let mut lines = page.lines();
    while lines.any(|line| line == HEAD) {
        // The separator line.
        lines.next();
        for line in lines.by_ref().take_while(|line| line.starts_with('|')) {
            threats.push(threat(line)?);
        }
    }
    if threats.is_empty() { Err(format!("{PAGE} has no table of attacks")) } else { Ok(threats) }
}

fn threat(line: &str) -> Result<Threat, String> {
    let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
    let [name, _, shown] = cells.as_slice() else {
        return Err(format!("{PAGE}: a line of three cells was expected: {line}"));
    };
    let tests: Vec<String> =
        shown.split('`').skip(1).step_by(2).filter(|test| is_test(test)).map(str::to_owned).collect();
    if tests.is_empty() && !shown.starts_with("no test: ") {
        return Err(format!("{PAGE}: {name} names neither a test nor a reason why there is none"));
    }
    Ok(Threat { name: (*name).to_owned(), tests })
}

fn is_test(name: &str) -> bool {
    name.contains('/') && name.contains("::")
}

/// The number of mitigated attacks, and the ones that are not.
pub(super) fn row(threats: &[Threat], tests: &Tests) -> Row {
    let mut faults = Vec::new();
    let (mut passed, mut reasons) = (0, 0_u64);
    for threat in threats {
        let bad: Vec<String> = threat.tests.iter().filter_map(|name| tests.fault(name)).collect();
        if !bad.is_empty() {
            faults.push(format!("{}: {}", threat.name, bad.join("; ")));
        } else if threat.tests.is_empty() {
            reasons += 1;
        } else {
            passed += 1;
        }
    }
    let failed = u64::try_from(faults.len()).unwrap_or(u64::MAX);
    let outcome = if failed == 0 && passed > 0 { Outcome::Passed } else { Outcome::Failed };
    faults.insert(0, format!("attacks that {PAGE} names; {reasons} more have a reason instead of a test"));
    Row::new("threat model", outcome).counts(passed, failed).detail(faults.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "# Title\n\n| attack | how it is met | tests |\n|---|---|---|\n\
        | A (RFC 1) | by `b::c`, and so on | `p/t::x`, `p/t::y` |\n\
        | B | not here | no test: the code is not there |\n\nmore\n";

    #[test]
    fn attack_names_tests_or_a_reason() {
        let threats = parse(TABLE).unwrap();
        let tests = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let a = Threat { name: "A (RFC 1)".into(), tests: tests(&["p/t::x", "p/t::y"]) };
        assert_eq!(threats, [a, Threat { name: "B".into(), tests: Vec::new() }]);
        assert!(parse("# Title\n").is_err());
        assert!(parse(&TABLE.replace("no test: the code", "the code")).is_err());
        assert!(parse(&TABLE.replace("| not here ", "")).is_err());
    }

    #[test]
    fn missing_test_fails_its_attack() {
        let threats = parse(TABLE).unwrap();
        let row = row(&threats, &Tests::default());
        assert_eq!((row.outcome, row.passed, row.failed), (Outcome::Failed, 0, 1));
        assert!(row.detail.contains("A (RFC 1): there is no test p/t::x"), "{}", row.detail);
    }

    #[test]
    fn threat_model_is_readable() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        assert!(read(root).unwrap().len() > 20);
    }
}
