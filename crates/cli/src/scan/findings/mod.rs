//! Findings: the weaknesses of a server, each with its severity, its reason and a reference.

mod certificates;
mod key_exchange;
pub(super) mod kind;
mod protocol;
mod suites;

use super::facts::Facts;
use kind::Finding;

/// All findings about a server, the most severe first.
pub(super) fn of(facts: &Facts) -> Vec<Finding> {
    let mut all = Vec::new();
    all.extend(protocol::of(facts));
    all.extend(suites::of(facts));
    all.extend(key_exchange::of(facts));
    all.extend(certificates::of(facts));
    all.sort_by_key(|finding| core::cmp::Reverse(finding.kind.severity));
    all
}

/// All kinds of findings, for the documentation.
#[cfg(test)]
fn kinds() -> Vec<kind::Kind> {
    [protocol::KINDS, suites::KINDS, key_exchange::KINDS, certificates::KINDS].concat()
}

#[cfg(test)]
mod tests {
    use super::{kind::Severity, *};

    #[test]
    fn names_of_findings_are_unique() {
        let kinds = kinds();
        for (place, kind) in kinds.iter().enumerate() {
            assert!(kinds.iter().skip(place + 1).all(|other| other.id != kind.id), "{}", kind.id);
            assert!(!kind.reference.is_empty() && kind.reason.ends_with('.'), "{}", kind.id);
        }
    }

    #[test]
    fn documentation_lists_every_finding() {
        let page = include_str!("../../../../../docs/scan.md");
        for kind in kinds() {
            let row = format!("| `{}` | {} | {} | {} |", kind.id, kind.severity, kind.title, kind.reference);
            assert!(page.contains(&row), "docs/scan.md has no row {row}");
        }
    }

    #[test]
    fn severities_are_ordered() {
        assert!(Severity::ALL.is_sorted());
        assert!(Severity::Critical > Severity::High && Severity::Low > Severity::Info);
    }
}
