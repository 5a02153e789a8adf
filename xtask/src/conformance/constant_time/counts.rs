//! Instruction counts, as callgrind wrote them.
//!
//! What the C library does is left out: how long an allocation takes depends on what was allocated before, and how long
//! a copy takes on where it lies. That the same number of bytes is allocated and copied shows in who asks for it; a
//! comparison by the C library is seen by memcheck.

use alloc::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::subject::Subject;
use crate::callgrind;

/// What each variant of a subject took, by class.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Counts(BTreeMap<String, Vec<(String, u64)>>);

impl Counts {
    /// Reads the files of a folder: callgrind writes one for each variant, and names the variant in it.
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
        // One variant is equal to itself, which shows nothing.
        if subject.variants.len() < 2 {
            return Err(format!(
                "{} has {} variants, and so none to compare",
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

    /// Whether two variants of a class took different numbers.
    pub(super) fn differ(&self) -> bool {
        self.0.values().any(|variants| !are_equal(variants))
    }

    /// A line for each class, and where a class differs one for each of its variants.
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

/// Whether they took the same number of instructions: exactly, or up to two in a million. A compiled copy loop first checks
/// whether its two buffers overlap, and the allocator decides where they are: a surplus of 14 in 11,753,778 stayed with the
/// second of five variants when the variants were exchanged. memcheck reports what depends on a secret.
fn are_equal(variants: &[(String, u64)]) -> bool {
    let first = first(variants).unwrap_or(0);
    variants.iter().all(|(_, count)| count.abs_diff(first) <= first / 500_000)
}

fn first(variants: &[(String, u64)]) -> Option<u64> {
    variants.first().map(|(_, count)| *count)
}

/// Variant and count in one file of callgrind's; none in the file for what follows the last variant.
fn of_variant(text: &str) -> Result<Option<(String, u64)>, String> {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    if field("events:") != Some("Ir") {
        return Err("a file of counts that counts something else than instructions".to_owned());
    }
    let Some(variant) = field("desc: Trigger: Client Request:") else { return Ok(None) };
    let total = own_instructions(text)?;
    Ok(Some((variant.to_owned(), total)))
}

/// The instructions of all functions outside of the C library.
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
    fn one_instruction_more_is_a_difference() {
        let equal = counts(&[("a", 100), ("b", 100), ("c", 90)]).unwrap();
        assert!(!equal.differ());
        assert_eq!(equal.table(), "bad: 2 variants, 100 each\ngood: 1 variants, 90 each");
        let other = counts(&[("a", 100), ("b", 101), ("c", 90)]).unwrap();
        assert!(other.differ());
        assert!(other.table().contains("101  b"), "{}", other.table());
    }

    #[test]
    fn what_was_not_counted_is_not_equal() {
        assert!(counts(&[("a", 100), ("c", 90)]).is_err());
        assert!(counts(&[("a", 0), ("b", 0), ("c", 90)]).is_err());
    }

    #[test]
    fn a_file_of_callgrind_is_read() {
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
