//! The results of the checks.

use alloc::collections::BTreeMap;
use core::fmt;

/// The outcome of one check of one algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Every case passed.
    Passed,
    /// Some cases failed.
    Failed {
        /// The number of cases that failed.
        cases: usize,
        /// Descriptions of the first failures.
        faults: Vec<String>,
    },
    /// The provider does not support the algorithm. This is not a fault.
    NotOffered,
}

/// One check of one algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The algorithm, for example `"AES-128-GCM"`.
    pub algorithm: String,
    /// The name of the implementation, as it reports itself. Empty if the algorithm is not supported.
    pub implementation: &'static str,
    /// The name of the check, for example `"Wycheproof"`. Empty if the algorithm is not supported.
    pub check: &'static str,
    /// The number of cases that passed.
    pub passed: usize,
    /// The number of skipped cases, which cannot occur in TLS.
    pub skipped: usize,
    /// The outcome.
    pub outcome: Outcome,
}

/// All results, by algorithm. The `Display` implementation prints a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// One row for each check of each algorithm, and one for each algorithm that is not supported.
    pub rows: Vec<Row>,
}

impl Report {
    /// Returns `true` if at least one check ran and none failed.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failures().next().is_none() && self.rows.iter().any(|row| row.outcome == Outcome::Passed)
    }

    /// The rows that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| matches!(row.outcome, Outcome::Failed { .. }))
    }

    /// The algorithms that are not supported.
    pub fn not_offered(&self) -> impl Iterator<Item = &str> {
        let rows = self.rows.iter().filter(|row| row.outcome == Outcome::NotOffered);
        rows.map(|row| row.algorithm.as_str())
    }

    /// The number of cases that passed, over all rows.
    #[must_use]
    pub fn cases(&self) -> usize {
        self.rows.iter().map(|row| row.passed).sum()
    }

    /// Panics if a check failed. Meant for tests.
    ///
    /// # Panics
    /// With the entire table, unless [`Report::passed`].
    pub fn assert_passed(&self) {
        assert!(self.passed(), "the provider does not conform\n{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let checked: Vec<&Row> = self.rows.iter().filter(|row| row.outcome != Outcome::NotOffered).collect();
        let width =
            |text: fn(&Row) -> &str| checked.iter().map(|row| text(row).len()).max().unwrap_or(0).max(9);
        let (algorithm, by, check) =
            (width(|row| &row.algorithm), width(|row| row.implementation), width(|row| row.check));
        writeln!(
            f,
            "{:<algorithm$}  {:<by$}  {:<check$}  {:>6}  {:>6}  {:>8}",
            "algorithm", "by", "check", "passed", "failed", "skipped"
        )?;
        for row in &checked {
            let (name, implementation) = (&row.algorithm, row.implementation);
            let failed = if let Outcome::Failed { cases, .. } = row.outcome { cases } else { 0 };
            let (passed, skipped) = (row.passed, row.skipped);
            writeln!(
                f,
                "{name:<algorithm$}  {implementation:<by$}  {:<check$}  {passed:>6}  {failed:>6}  {:>8}",
                row.check, skipped
            )?;
            if let Outcome::Failed { cases, faults } = &row.outcome {
                for fault in faults {
                    writeln!(f, "    FAILED: {fault}")?;
                }
                if *cases > faults.len() {
                    writeln!(f, "    and {} more", cases - faults.len())?;
                }
            }
        }
        let absent: Vec<&str> = self.not_offered().collect();
        if !absent.is_empty() {
            writeln!(f, "not offered: {}", absent.join(", "))?;
        }
        let mut failed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for row in self.failures() {
            failed.entry(&row.algorithm).or_default().push(row.check);
        }
        write!(f, "{} cases passed in {} checks", self.cases(), checked.len())?;
        for (algorithm, checks) in failed {
            write!(f, "; {algorithm} FAILED in {}", checks.join(" and "))?;
        }
        Ok(())
    }
}
