//! Findings: what is wrong with a server, how severe it is, why, and where that is written.

mod certificates;
mod key_exchange;
mod protocol;
mod suites;

use super::facts::Facts;
use core::fmt;

/// How severe a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// Worth knowing, and not a weakness.
    Info,
    /// A weakness without a practical attack, or a missing defence in depth.
    Low,
    /// A weakness that an attacker can use under unusual conditions.
    Medium,
    /// A weakness with a known attack.
    High,
    /// No protection, or hardly any.
    Critical,
}

impl Severity {
    /// All severities, the least first.
    pub(super) const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The name on the command line and in reports.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The part of a finding that does not depend on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    /// A stable name.
    pub(super) id: &'static str,
    pub(super) severity: Severity,
    /// One line.
    pub(super) title: &'static str,
    /// Why it matters.
    pub(super) reason: &'static str,
    /// The RFC or advisory.
    pub(super) reference: &'static str,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) kind: Kind,
    /// What it is about, such as names of suites; may be empty.
    pub(super) detail: String,
}

impl Kind {
    /// A finding of this kind.
    const fn with(self, detail: String) -> Finding {
        Finding { kind: self, detail }
    }

    /// A finding of this kind if the condition holds.
    fn when(self, is_so: bool) -> Option<Finding> {
        is_so.then(|| self.with(String::new()))
    }

    /// A finding of this kind about these things, if there are any.
    fn about<T: fmt::Display>(self, things: &[T]) -> Option<Finding> {
        let names: Vec<String> = things.iter().map(ToString::to_string).collect();
        (!names.is_empty()).then(|| self.with(names.join(", ")))
    }
}

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
fn kinds() -> Vec<Kind> {
    [protocol::KINDS, suites::KINDS, key_exchange::KINDS, certificates::KINDS].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

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
