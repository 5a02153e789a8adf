//! Oracles: the observable response to a malformed record or premaster secret must not depend on the defect.
//!
//! Each variant is a separate connection. Variants with the same observable response form a class, and there
//! must be exactly one class. Timing is not part of it: see `cargo xtask conformance constant-time`.

mod cbc;
mod premaster;

use crate::support::{End, records};
use std::collections::BTreeMap;

/// Everything that a peer observes of the response, except timing, and the error that the application
/// receives.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    /// The records received after each delivered fragment: type, version and length, in order.
    records: Vec<Vec<([u8; 3], usize)>>,
    /// The contents of these records, decrypted if they are protected.
    contents: Vec<Vec<u8>>,
    /// Application data that the side accepted.
    data: Vec<u8>,
    /// The fault that the side reports, with its state and alert.
    fault: String,
    closed: bool,
}

impl Seen {
    /// Delivers these fragments one by one and records the output of each. `open` decrypts a record, given
    /// the number of records before it.
    fn of(end: &mut End, pieces: &[&[u8]], open: impl Fn(usize, &[u8]) -> Vec<u8>) -> Self {
        let mut seen = Self::default();
        assert!(end.outbox.is_empty(), "an output is missing");
        for piece in pieces {
            end.take(piece);
            let came = records(&core::mem::take(&mut end.outbox));
            for record in &came {
                seen.contents.push(open(seen.contents.len(), record));
            }
            let shape = |record: &Vec<u8>| (record[..3].try_into().unwrap(), record.len());
            seen.records.push(came.iter().map(shape).collect());
        }
        seen.data.clone_from(&end.data);
        seen.fault = end.fault();
        seen.closed = end.closed;
        seen
    }
}

/// Variants, grouped by observation.
#[derive(Debug, Default)]
struct Classes(BTreeMap<Seen, Vec<String>>);

impl Classes {
    fn add(&mut self, variant: impl Into<String>, seen: Seen) {
        self.0.entry(seen).or_default().push(variant.into());
    }

    /// The only class.
    #[track_caller]
    fn only(&self, about: &str) -> &Seen {
        let mut told = format!("{about}: {} classes", self.0.len());
        for (seen, variants) in &self.0 {
            told += &format!("\n{}\n    {seen:?}", variants.join(", "));
        }
        assert_eq!(self.0.len(), 1, "{told}");
        self.0.keys().next().unwrap()
    }
}

#[test]
fn smallest_observable_difference_is_detected() {
    let seen = Seen {
        records: vec![vec![], vec![([21, 3, 3], 7)]],
        contents: vec![vec![2, 20]],
        data: vec![],
        fault: "bad_record_mac".into(),
        closed: false,
    };
    let others = [
        Seen { contents: vec![vec![2, 21]], ..seen.clone() },
        // The same output, but later.
        Seen { records: vec![vec![([21, 3, 3], 7)], vec![]], ..seen.clone() },
        Seen { records: vec![vec![], vec![([21, 3, 3], 8)]], ..seen.clone() },
        Seen { records: vec![vec![], vec![([21, 3, 3], 7), ([21, 3, 3], 7)]], ..seen.clone() },
        Seen { fault: "decrypt_error".into(), ..seen.clone() },
        Seen { data: vec![1], ..seen.clone() },
        Seen { closed: true, ..seen.clone() },
    ];
    let mut classes = Classes::default();
    classes.add("one", seen.clone());
    classes.add("the same again", seen.clone());
    assert_eq!(*classes.only("equal ones"), seen);
    for (number, other) in others.into_iter().enumerate() {
        classes.add(number.to_string(), other);
        assert_eq!(classes.0.len(), 2 + number);
        let told = std::panic::catch_unwind(|| classes.only("different ones").clone()).unwrap_err();
        let told = told.downcast_ref::<String>().unwrap();
        assert!(
            told.contains(&format!("{} classes", 2 + number)) && told.contains("the same again"),
            "{told}"
        );
    }
}
