//! What the judge found.

use alloc::collections::BTreeMap;
use core::fmt;

/// What came of one check of one algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Every case passed.
    Passed,
    /// Some case did not, and here is what was wrong with the first few.
    Failed {
        /// How many cases failed.
        cases: usize,
        /// The first of them, in words.
        faults: Vec<String>,
    },
    /// The provider does not offer it. No fault.
    NotOffered,
}

/// One check of one algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What was judged: `"AES-128-GCM"`, say.
    pub algorithm: String,
    /// Who implements it, by its own account; empty if it is not offered.
    pub implementation: &'static str,
    /// Which check: `"Wycheproof"`, say. Empty if it is not offered.
    pub check: &'static str,
    /// How many cases passed.
    pub passed: usize,
    /// How many were left out, because TLS never has such a case.
    pub left_out: usize,
    /// What came of it.
    pub outcome: Outcome,
}

/// Everything that the judge found, algorithm by algorithm. Its `Display` is a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// One for each check of each algorithm, and one for each algorithm that is not offered.
    pub rows: Vec<Row>,
}

impl Report {
    /// Whether nothing failed, and something was there to be judged.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failures().next().is_none() && self.rows.iter().any(|row| row.outcome == Outcome::Passed)
    }

    /// The rows that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| matches!(row.outcome, Outcome::Failed { .. }))
    }

    /// The algorithms that are not offered.
    pub fn not_offered(&self) -> impl Iterator<Item = &str> {
        let rows = self.rows.iter().filter(|row| row.outcome == Outcome::NotOffered);
        rows.map(|row| row.algorithm.as_str())
    }

    /// How many cases passed, over all rows.
    #[must_use]
    pub fn cases(&self) -> usize {
        self.rows.iter().map(|row| row.passed).sum()
    }

    /// The one call in a test.
    ///
    /// # Panics
    /// With the whole table, unless [`Report::passed`].
    pub fn assert_passed(&self) {
        assert!(self.passed(), "the provider does not conform\n{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let judged: Vec<&Row> = self.rows.iter().filter(|row| row.outcome != Outcome::NotOffered).collect();
        let width =
            |text: fn(&Row) -> &str| judged.iter().map(|row| text(row).len()).max().unwrap_or(0).max(9);
        let (algorithm, by, check) =
            (width(|row| &row.algorithm), width(|row| row.implementation), width(|row| row.check));
        writeln!(
            f,
            "{:<algorithm$}  {:<by$}  {:<check$}  {:>6}  {:>6}  {:>8}",
            "algorithm", "by", "check", "passed", "failed", "left out"
        )?;
        for row in &judged {
            let (name, implementation) = (&row.algorithm, row.implementation);
            let failed = if let Outcome::Failed { cases, .. } = row.outcome { cases } else { 0 };
            let (passed, left_out) = (row.passed, row.left_out);
            writeln!(
                f,
                "{name:<algorithm$}  {implementation:<by$}  {:<check$}  {passed:>6}  {failed:>6}  {left_out:>8}",
                row.check
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
        write!(f, "{} cases passed in {} checks", self.cases(), judged.len())?;
        for (algorithm, checks) in failed {
            write!(f, "; {algorithm} FAILED in {}", checks.join(" and "))?;
        }
        Ok(())
    }
}
