//! Totals of cells, in the table of records and in that of HTTP/3.

use super::peer::No;
use crate::conformance::suite::{Outcome, Row};

/// The numbers of cells that passed and failed. Cells that are not offered count to neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) passed: u64,
    pub(super) failed: u64,
}

impl<'a> FromIterator<&'a Result<(), No>> for Totals {
    fn from_iter<I: IntoIterator<Item = &'a Result<(), No>>>(results: I) -> Self {
        let mut totals = Self::default();
        for result in results {
            match result {
                Ok(()) => totals.passed += 1,
                Err(No::Failed(_)) => totals.failed += 1,
                Err(No::NotOffered(_)) => {}
            }
        }
        totals
    }
}

impl Totals {
    /// The row of a peer. It has failed without a cell that passed: it was not tested.
    pub(super) fn row_of_peer(self, letter: char, name: &str, version: &str) -> Row {
        let Self { passed, failed } = self;
        let outcome = if failed == 0 && passed > 0 { Outcome::Passed } else { Outcome::Failed };
        Row::new(format!("{letter} = {name} {version}"), outcome)
            .detail(format!("{passed} cells passed, {failed} failed"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_are_not_offered_count_to_neither() {
        let results = [Ok(()), Err(No::NotOffered(String::new())), Err(No::Failed(String::new())), Ok(())];
        assert_eq!(results.iter().collect::<Totals>(), Totals { passed: 2, failed: 1 });
    }
}
