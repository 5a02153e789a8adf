//! Runs the checks one after another.

use crate::cases::Cases;
use crate::report::{Outcome, Report, Row};
use crate::{checks, names, vectors};
use cairn_crypto::Provider;
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

/// What a check does: count cases, or say why it could not even begin.
pub(crate) type Outcomes = Result<(), String>;

/// A provider to be judged, and how.
#[derive(Clone, Debug)]
pub struct Check<'a> {
    provider: &'a Provider,
    other: Option<&'a Provider>,
}

impl<'a> Check<'a> {
    /// Judges `provider` by itself.
    #[must_use]
    pub fn new(provider: &'a Provider) -> Self {
        Self { provider, other: None }
    }

    /// Holds it against a second provider besides, on random inputs, as far as both offer the same. Signatures that the
    /// first makes are checked by the second too.
    #[must_use]
    pub fn against(self, other: &'a Provider) -> Self {
        Self { other: Some(other), ..self }
    }

    /// Runs every check.
    #[must_use]
    pub fn run(&self) -> Report {
        let mut judge = Judge { provider: self.provider, report: Report::default() };
        checks::run(&mut judge, self.other);
        vectors::run(&mut judge);
        names::not_offered(&mut judge);
        judge.report
    }
}

/// The judge at work.
pub(crate) struct Judge<'a> {
    pub(crate) provider: &'a Provider,
    report: Report,
}

impl Judge<'_> {
    /// Runs one check of one algorithm, and keeps what came of it. A check that had no case at all has failed, and so
    /// has one that panicked.
    pub(crate) fn row(
        &mut self,
        algorithm: &str,
        implementation: &'static str,
        check: &'static str,
        body: impl FnOnce(&mut Cases) -> Outcomes,
    ) {
        let mut cases = Cases::default();
        match catch_unwind(AssertUnwindSafe(|| body(&mut cases))) {
            Ok(Ok(())) if cases.passed + cases.failed == 0 => cases.fault("no case was tried".to_owned()),
            Ok(Ok(())) => {}
            Ok(Err(why)) => cases.fault(why),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no text");
                cases.fault(format!("panicked after {} good cases: {text}", cases.passed));
            }
        }
        let Cases { passed, left_out, failed, faults, .. } = cases;
        let outcome = if failed == 0 { Outcome::Passed } else { Outcome::Failed { cases: failed, faults } };
        self.report.rows.push(Row {
            algorithm: algorithm.to_owned(),
            implementation,
            check,
            passed,
            left_out,
            outcome,
        });
    }

    /// Notes that something is not offered.
    pub(crate) fn not_offered(&mut self, algorithm: &str) {
        self.report.rows.push(Row {
            algorithm: algorithm.to_owned(),
            implementation: "",
            check: "",
            passed: 0,
            left_out: 0,
            outcome: Outcome::NotOffered,
        });
    }
}
