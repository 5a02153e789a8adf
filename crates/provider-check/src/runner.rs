//! Runs one check and records its outcome in the report.

use crate::cases::Cases;
use crate::report::{Outcome, Report, Row};
use cairn_crypto::Provider;
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

/// The result of a check function: it counts cases, or returns why it could not start.
pub(crate) type Outcomes = Result<(), String>;

/// The state of a run.
pub(crate) struct Runner<'a> {
    pub(crate) provider: &'a Provider,
    report: Report,
}

impl<'a> Runner<'a> {
    pub(crate) fn new(provider: &'a Provider) -> Self {
        Self { provider, report: Report::default() }
    }

    /// The rows so far.
    pub(crate) fn into_report(self) -> Report {
        self.report
    }

    /// Runs one check of one algorithm and records the outcome. A check without any case fails, and so does
    /// one that panics.
    pub(crate) fn row(
        &mut self,
        algorithm: &str,
        implementation: &'static str,
        check: &'static str,
        body: impl FnOnce(&mut Cases) -> Outcomes,
    ) {
        let mut cases = Cases::default();
        match catch_unwind(AssertUnwindSafe(|| body(&mut cases))) {
            Ok(Ok(())) if cases.passed + cases.failed == 0 => cases.fault("there were no cases".to_owned()),
            Ok(Ok(())) => {}
            Ok(Err(why)) => cases.fault(why),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
                cases.fault(format!("panicked after {} passed cases: {text}", cases.passed));
            }
        }
        let Cases { passed, skipped, failed, faults, .. } = cases;
        let outcome = if failed == 0 { Outcome::Passed } else { Outcome::Failed { cases: failed, faults } };
        self.report.rows.push(Row {
            algorithm: algorithm.to_owned(),
            implementation,
            check,
            passed,
            skipped,
            outcome,
        });
    }

    /// Records that the provider does not support an algorithm.
    pub(crate) fn not_offered(&mut self, algorithm: &str) {
        self.report.rows.push(Row {
            algorithm: algorithm.to_owned(),
            implementation: "",
            check: "",
            passed: 0,
            skipped: 0,
            outcome: Outcome::NotOffered,
        });
    }
}
