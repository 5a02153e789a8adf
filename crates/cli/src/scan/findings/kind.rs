//! The parts of a finding.

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
    pub(crate) const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

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
pub(crate) struct Kind {
    /// A stable name.
    pub(crate) id: &'static str,
    pub(crate) severity: Severity,
    /// One line.
    pub(crate) title: &'static str,
    /// Why it matters.
    pub(crate) reason: &'static str,
    /// The RFC or advisory.
    pub(crate) reference: &'static str,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) kind: Kind,
    /// What it is about, such as names of suites; may be empty.
    pub(crate) detail: String,
}

impl Kind {
    /// A finding of this kind.
    pub(super) const fn with(self, detail: String) -> Finding {
        Finding { kind: self, detail }
    }

    /// A finding of this kind if the condition holds.
    pub(super) fn when(self, is_so: bool) -> Option<Finding> {
        is_so.then(|| self.with(String::new()))
    }

    /// A finding of this kind about these things, if there are any.
    pub(super) fn about<T: fmt::Display>(self, things: &[T]) -> Option<Finding> {
        let names: Vec<String> = things.iter().map(ToString::to_string).collect();
        (!names.is_empty()).then(|| self.with(names.join(", ")))
    }
}
