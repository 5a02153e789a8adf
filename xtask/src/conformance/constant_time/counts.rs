//! Instruction counts from callgrind.
//!
//! The C library is excluded: the cost of an allocation depends on earlier allocations, and the cost of a
//! copy on alignment. Differences in the number of allocated and copied bytes are visible in the callers, and
//! memcheck detects comparisons by the C library.

use alloc::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::subject::Subject;
use crate::callgrind;

/// The counts of the variants of a subject, by class.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Counts(BTreeMap<String, Vec<(String, u64)>>);

impl Counts {
    /// Reads the files of a folder: callgrind writes one per variant and names the variant in it.
    pub(super) fn read(folder: &Path, subject: &Subject) -> Result<Self, String> {
        let unreadable = |e| format!("{} cannot be read: {e}", folder.display());
        let mut counted = BTreeMap::new();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let text = fs::read_to_string(entry.map_err(unreadable)?.path()).map_err(unreadable)?;
            if let Some((name, count)) = of_variant(&text)? {
                counted.insert(name, count);
            }
        }
        Self::of(&counted, subject)
    }

    fn of(counted: &BTreeMap<String, u64>, subject: &Subject) -> Result<Self, String> {
        // A single variant is always equal to itself, which shows nothing.
        if subject.variants.len() < 2 {
            return Err(format!(
                "{} has {} variants, which is too few to compare",
                subject.name,
                subject.variants.len()
            ));
        }
        let mut classes: BTreeMap<String, Vec<(String, u64)>> = BTreeMap::new();
        for variant in &subject.variants {
            let count =
                *counted.get(&variant.name).ok_or_else(|| format!("{} was not counted", variant.name))?;
            if count == 0 {
                return Err(format!("{} took no instruction at all", variant.name));
            }
            classes.entry(variant.class.clone()).or_default().push((variant.name.clone(), count));
        }
        Ok(Self(classes))
    }

    pub(super) fn len(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Returns `true` if two variants of a class have different counts.
    pub(super) fn differ(&self) -> bool {
        self.0.values().any(|variants| !are_equal(variants))
    }

    /// One line per class, and for classes that differ one per variant.
    pub(super) fn table(&self) -> String {
        let mut lines = Vec::new();
        for (class, variants) in &self.0 {
            let all = variants.len();
            if are_equal(variants) {
                let counts = || variants.iter().map(|(_, count)| *count);
                let (least, most) = (counts().min().unwrap_or(0), counts().max().unwrap_or(0));
                let more =
                    if most > least { format!(" and up to {} more", most - least) } else { String::new() };
                lines.push(format!("{class}: {all} variants, {least}{more} each"));
            } else {
                lines.push(format!("{class}: {all} variants, not equal"));
                lines.extend(variants.iter().map(|(name, count)| format!("    {count:>12}  {name}")));
            }
        }
        lines.join("\n")
    }
}

/// Returns `true` if the counts are equal, up to two in a million. A compiled copy loop first checks whether
/// its buffers overlap, and the allocator decides where they are: a surplus of 14 in 11,753,778 stayed with
/// the second of five variants when the variants were exchanged. Memcheck reports branches and addresses
/// that depend on secrets.
fn are_equal(variants: &[(String, u64)]) -> bool {
    let first = first(variants).unwrap_or(0);
    variants.iter().all(|(_, count)| count.abs_diff(first) <= first / 500_000)
}

fn first(variants: &[(String, u64)]) -> Option<u64> {
    variants.first().map(|(_, count)| *count)
}

/// The variant and count of one callgrind file; `None` for the file with everything after the last variant.
fn of_variant(text: &str) -> Result<Option<(String, u64)>, String> {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    if field("events:") != Some("Ir") {
        return Err("the file counts something other than instructions".to_owned());
    }
    let Some(variant) = field("desc: Trigger: Client Request:") else { return Ok(None) };
    let total = own_instructions(text)?;
    Ok(Some((variant.to_owned(), total)))
}

/// The instructions of all functions outside the C library.
fn own_instructions(text: &str) -> Result<u64, String> {
    let mut total = 0_u64;
    callgrind::each_cost(text, |cost| {
        if !cost.is_of_libc() {
            total = total.saturating_add(cost.instructions);
        }
    })?;
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::super::subject::{Leaks, Variant};
    use super::*;

    fn subject(variants: &[(&str, &str)]) -> Subject {
        let variant =
            |(name, class): &(&str, &str)| Variant { name: (*name).to_owned(), class: (*class).to_owned() };
        let variants = variants.iter().map(variant).collect();
        Subject { name: "s".to_owned(), variants, verdicts: Vec::new(), leaks: Leaks::No }
    }

    fn counts(counted: &[(&str, u64)]) -> Result<Counts, String> {
        let counted = counted.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        Counts::of(&counted, &subject(&[("a", "bad"), ("b", "bad"), ("c", "good")]))
    }

    #[test]
    fn single_extra_instruction_is_a_difference() {
        let equal = counts(&[("a", 100), ("b", 100), ("c", 90)]).unwrap();
        assert!(!equal.differ());
        assert_eq!(equal.table(), "bad: 2 variants, 100 each\ngood: 1 variants, 90 each");
        let other = counts(&[("a", 100), ("b", 101), ("c", 90)]).unwrap();
        assert!(other.differ());
        assert!(other.table().contains("101  b"), "{}", other.table());
    }

    #[test]
    fn variants_without_a_count_are_not_equal() {
        assert!(counts(&[("a", 100), ("c", 90)]).is_err());
        assert!(counts(&[("a", 0), ("b", 0), ("c", 90)]).is_err());
    }

    #[test]
    fn callgrind_file_is_read() {
        let file = "\
version: 1
desc: Trigger: Client Request: MAC, padding 0
events: Ir
summary: 4711

ob=(1) /house/target/release/x
fl=(1) /house/x.rs
fn=(1) open
17 100
cob=(2) /usr/lib/libc.so.6
cfn=(2) malloc
calls=1 8
+1 4000
+2 11
ob=(2)
fn=(2)
3 4000
ob=(1)
fn=(3) other
* 600
";
        assert_eq!(of_variant(file), Ok(Some(("MAC, padding 0".to_owned(), 711))));
        assert!(of_variant(&file.replace("ob=(1)\n", "ob=(9)\n")).is_err());
        assert!(of_variant(&file.replace("* 600", "*")).is_err());
        let end = "version: 1\ndesc: Trigger: Program termination\nevents: Ir\ntotals: 0\n";
        assert_eq!(of_variant(end), Ok(None));
        assert!(of_variant("events: Ir Dr\n").is_err());
    }
}
