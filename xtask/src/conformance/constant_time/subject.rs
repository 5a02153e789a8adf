//! The output of `cairn-constant-time list`.

use serde_json::Value;

/// An operation whose time must not depend on its secrets.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) name: String,
    pub(super) variants: Vec<Variant>,
    pub(super) verdicts: Vec<Verdict>,
    pub(super) leaks: Leaks,
}

/// A variant. Variants of one class must have the same cost.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Variant {
    pub(super) name: String,
    pub(super) class: String,
}

/// A place where a branch on a secret is permitted, and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) place: Place,
    pub(super) why: String,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A line with this text, in a file whose path ends like this.
    Line { file: String, text: String },
    /// An external function whose name contains this text.
    Function(String),
}

/// Whether the subject leaks on purpose, and which tool must detect it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaks {
    No,
    InBoth,
    InMemoryOnly,
}

impl Subject {
    /// Parses one subject per line.
    pub(super) fn all(list: &str) -> Result<Vec<Self>, String> {
        let subjects = list.lines().map(|line| {
            let value: Value =
                serde_json::from_str(line).map_err(|e| format!("the list is not JSON: {e}"))?;
            Self::read(&value)
        });
        let subjects = subjects.collect::<Result<Vec<_>, String>>()?;
        // Without controls, a list would prove nothing.
        for leaks in [Leaks::InBoth, Leaks::InMemoryOnly, Leaks::No] {
            if !subjects.iter().any(|subject| subject.leaks == leaks) {
                return Err(format!("the list has no control that leaks {leaks:?}"));
            }
        }
        Ok(subjects)
    }

    fn read(value: &Value) -> Result<Self, String> {
        let variants = array(value, "variants")?
            .iter()
            .map(|value| Ok(Variant { name: text(value, "name")?, class: text(value, "class")? }));
        let verdicts = array(value, "verdicts")?.iter().map(|value| {
            let place = match text(value, "function") {
                Ok(name) => Place::Function(name),
                Err(_) => Place::Line { file: text(value, "file")?, text: text(value, "text")? },
            };
            Ok(Verdict { place, why: text(value, "why")? })
        });
        Ok(Self {
            name: text(value, "name")?,
            variants: variants.collect::<Result<_, String>>()?,
            verdicts: verdicts.collect::<Result<_, String>>()?,
            leaks: match text(value, "leaks")?.as_str() {
                "no" => Leaks::No,
                "both" => Leaks::InBoth,
                "memory" => Leaks::InMemoryOnly,
                other => return Err(format!("the list has an unknown kind of leak {other:?}")),
            },
        })
    }
}

fn text(value: &Value, field: &str) -> Result<String, String> {
    let text = value.get(field).and_then(Value::as_str);
    text.filter(|text| !text.is_empty()).map(str::to_owned).ok_or_else(|| format!("the list has no {field}"))
}

fn array<'a>(value: &'a Value, field: &str) -> Result<&'a Vec<Value>, String> {
    value.get(field).and_then(Value::as_array).ok_or_else(|| format!("the list has no {field}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn line(leaks: &str) -> String {
        json!({
            "name": "a", "about": "b", "leaks": leaks,
            "variants": [{ "name": "v", "class": "c" }],
            "verdicts": [{ "file": "f", "text": "t", "why": "w" }, { "function": "g", "why": "w" }],
        })
        .to_string()
    }

    #[test]
    fn list_is_parsed() {
        let list = [line("no"), line("both"), line("memory")].join("\n");
        let subjects = Subject::all(&list).unwrap();
        assert_eq!(subjects[0].variants, [Variant { name: "v".to_owned(), class: "c".to_owned() }]);
        let places: Vec<&Place> = subjects[1].verdicts.iter().map(|verdict| &verdict.place).collect();
        let line = Place::Line { file: "f".to_owned(), text: "t".to_owned() };
        assert_eq!(places, [&line, &Place::Function("g".to_owned())]);
    }

    #[test]
    fn list_without_controls_is_rejected() {
        for list in [String::new(), line("no"), [line("both"), line("memory")].join("\n"), "x".to_owned()] {
            assert!(Subject::all(&list).is_err(), "{list}");
        }
        assert!(Subject::all(&[line("no"), line("both"), line("perhaps")].join("\n")).is_err());
    }
}
