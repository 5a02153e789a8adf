//! Reads the traces of RFC 8448 from `tests/rfc8448.txt`, which `tests/rfc8448.py` writes.

use alloc::{string::String, vec::Vec};

const TRACES: &str = include_str!("../../../tests/rfc8448.txt");

/// A section of RFC 8448.
pub(super) struct Trace {
    pub(super) title: &'static str,
    pub(super) steps: Vec<Step>,
}

/// A paragraph of a trace.
pub(super) struct Step {
    /// The side and its action.
    pub(super) title: &'static str,
    values: Vec<(&'static str, Vec<u8>)>,
}

impl Step {
    pub(super) fn find(&self, name: &str) -> Option<&[u8]> {
        self.values.iter().find(|(other, _)| *other == name).map(|(_, value)| &value[..])
    }

    pub(super) fn value(&self, name: &str) -> &[u8] {
        self.find(name).unwrap_or_else(|| panic!("{}: no {name}", self.title))
    }

    /// The label in quotes, without its prefix.
    pub(super) fn label(&self) -> &'static [u8] {
        self.title.split('"').nth(1).unwrap().strip_prefix("tls13 ").unwrap().as_bytes()
    }

    /// The message that the step constructs.
    pub(super) fn message(&self) -> Option<&[u8]> {
        self.title.contains(" construct a").then(|| &self.values[0].1[..])
    }
}

impl Trace {
    /// The value `name` of the step `title`.
    pub(super) fn value(&self, title: &str, name: &str) -> &[u8] {
        self.steps.iter().find(|step| step.title == title).unwrap_or_else(|| panic!("no {title}")).value(name)
    }

    pub(super) fn has(&self, title: &str) -> bool {
        self.steps.iter().any(|step| step.title == title)
    }
}

pub(super) fn traces() -> Vec<Trace> {
    let mut traces: Vec<Trace> = Vec::new();
    for line in TRACES.lines() {
        if let Some(title) = line.strip_prefix("= ") {
            traces.push(Trace { title, steps: Vec::new() });
        } else if let Some(title) = line.strip_prefix("- ") {
            traces.last_mut().unwrap().steps.push(Step { title, values: Vec::new() });
        } else {
            let (name, digits) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
            traces.last_mut().unwrap().steps.last_mut().unwrap().values.push((name, bytes(digits)));
        }
    }
    traces
}

fn bytes(digits: &str) -> Vec<u8> {
    let digits: Vec<char> = digits.chars().collect();
    let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}
