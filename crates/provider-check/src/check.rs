//! The entry point of this crate: all checks of one provider.

use crate::report::Report;
use crate::runner::Runner;
use crate::{checks, not_offered, vectors};
use cairn_crypto::Provider;

/// The checks of one provider.
#[derive(Clone, Debug)]
pub struct Check<'a> {
    provider: &'a Provider,
    other: Option<&'a Provider>,
}

impl<'a> Check<'a> {
    /// Checks `provider` on its own.
    #[must_use]
    pub fn new(provider: &'a Provider) -> Self {
        Self { provider, other: None }
    }

    /// Also compares it with a second provider, on random inputs, for all algorithms that both support. The
    /// second provider also verifies the signatures of the first.
    #[must_use]
    pub fn against(self, other: &'a Provider) -> Self {
        Self { other: Some(other), ..self }
    }

    /// Runs all checks.
    #[must_use]
    pub fn run(&self) -> Report {
        let mut runner = Runner::new(self.provider);
        checks::run(&mut runner, self.other);
        vectors::run(&mut runner);
        not_offered::run(&mut runner);
        runner.into_report()
    }
}
