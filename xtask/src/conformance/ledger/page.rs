//! A page of the ledger: an RFC and its requirements.
//!
//! ```toml
//! rfc = 5746
//! title = "Renegotiation Indication Extension"
//!
//! [[requirement]]
//! section = "3.5"
//! level = "MUST"          # MUST, MUST NOT, SHALL, SHALL NOT, SHOULD, SHOULD NOT, REQUIRED, RECOMMENDED, …
//! binds = "client"        # client, server, or both
//! says = "a renegotiating client sends client_verify_data in renegotiation_info"
//! code = "crates/handshake/src/ext/renegotiation.rs::verify_data"    # or a list of places
//! # or no_code = "not-implemented", if no line of code acts on the rule: see NoCode
//! tests = ["cairn-handshake/renegotiation::renegotiation_info_has_the_verify_data_of_the_last_handshake"]
//! # or excluded = "why it does not apply, on purpose", or open = "why no test proves it yet"
//! ```

use toml::{Table, Value};

use super::code::Place;

/// The requirements of one RFC.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) rfc: u16,
    pub(super) title: String,
    pub(super) requirements: Vec<Requirement>,
}

/// One requirement.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Requirement {
    pub(super) section: String,
    pub(super) level: String,
    pub(super) binds: String,
    /// A paraphrase or a quotation.
    pub(super) says: String,
    pub(super) acts: Acts,
    pub(super) shown: Shown,
}

/// The places where the code acts on the requirement.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Acts {
    /// In these places.
    In(Vec<Place>),
    /// Nowhere.
    Nowhere(NoCode),
}

/// The reason why no code acts on a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoCode {
    /// The feature that the requirement is about is not implemented.
    NotImplemented,
    /// The requirement forbids or excludes something that the code never does, so there is no line to show.
    Absent,
    /// The requirement binds applications or operators, not the TLS implementation.
    Application,
}

impl NoCode {
    /// All reasons with their names in the files and their meaning.
    pub(super) const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::NotImplemented, "not-implemented", "the feature is not implemented"),
        (Self::Absent, "absent", "the code never does what the requirement is about"),
        (Self::Application, "application", "it binds applications or operators"),
    ];

    /// The reason in words.
    pub(super) fn meaning(self) -> &'static str {
        Self::ALL.iter().find(|(reason, ..)| *reason == self).map_or("", |(.., meaning)| meaning)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(_, name, _)| *name == text);
        found.map(|(reason, ..)| *reason).ok_or_else(|| {
            let names = Self::ALL.map(|(_, name, _)| name).join(", ");
            format!("unknown no_code {text:?}: expected one of {names}")
        })
    }
}

/// Its status.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// These tests prove it: `package/target::path`, where the target is a test program or the package's
    /// library.
    By(Vec<String>),
    /// Excluded on purpose.
    Excluded(String),
    /// No test proves it.
    Open(String),
}

/// The key words of RFC 2119.
const LEVELS: [&str; 9] = [
    "MUST",
    "MUST NOT",
    "SHALL",
    "SHALL NOT",
    "REQUIRED",
    "SHOULD",
    "SHOULD NOT",
    "RECOMMENDED",
    "NOT RECOMMENDED",
];

impl Page {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let page: Table = text.parse().map_err(|e| format!("{e}"))?;
        let rfc = page.get("rfc").and_then(Value::as_integer).ok_or("no rfc")?;
        let rfc = u16::try_from(rfc).map_err(|_| "the RFC number is invalid")?;
        let title = string(&page, "title")?;
        let requirements = page.get("requirement").and_then(Value::as_array).ok_or("no requirement")?;
        let requirements = requirements
            .iter()
            .map(|requirement| requirement.as_table().ok_or("a requirement must be a table".to_owned()))
            .map(|table| Requirement::read(table?))
            .collect::<Result<Vec<Requirement>, _>>()?;
        Ok(Self { rfc, title, requirements })
    }
}

impl Requirement {
    fn read(table: &Table) -> Result<Self, String> {
        let section = string(table, "section")?;
        let about = |what: String| format!("section {section}: {what}");
        let level = string(table, "level").map_err(about)?;
        if !LEVELS.contains(&level.as_str()) {
            return Err(about(format!("unknown level {level:?}")));
        }
        let binds = string(table, "binds").map_err(about)?;
        if !["client", "server", "both"].contains(&binds.as_str()) {
            return Err(about(format!("unknown party {binds:?}")));
        }
        let says = string(table, "says").map_err(about)?;
        let known = ["section", "level", "binds", "says", "code", "no_code", "tests", "excluded", "open"];
        if let Some(key) = table.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(about(format!("unknown key {key:?}")));
        }
        let shown = match (table.get("tests"), table.get("excluded"), table.get("open")) {
            (Some(tests), None, None) => Shown::By(names(tests).map_err(about)?),
            (None, Some(_), None) => Shown::Excluded(string(table, "excluded").map_err(about)?),
            (None, None, Some(_)) => Shown::Open(string(table, "open").map_err(about)?),
            _ => return Err(about("expected exactly one of tests, excluded and open".into())),
        };
        let acts = match (table.get("code"), table.get("no_code")) {
            (Some(code), None) => Acts::In(places(code).map_err(about)?),
            (None, Some(_)) => {
                Acts::Nowhere(NoCode::parse(&string(table, "no_code").map_err(about)?).map_err(about)?)
            }
            _ => return Err(about(format!("expected exactly one of code and no_code: {says}"))),
        };
        Ok(Self { section, level, binds, says, acts, shown })
    }

    /// The code places that the requirement names.
    pub(super) fn places(&self) -> &[Place] {
        match &self.acts {
            Acts::In(places) => places,
            Acts::Nowhere(_) => &[],
        }
    }

    /// The tests that the requirement names.
    pub(super) fn tests(&self) -> &[String] {
        match &self.shown {
            Shown::By(names) => names,
            _ => &[],
        }
    }
}

fn names(value: &Value) -> Result<Vec<String>, String> {
    let names: Option<Vec<String>> =
        value.as_array().map(|names| names.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    match names {
        Some(names)
            if !names.is_empty() && names.iter().all(|name| name.contains('/') && name.contains("::")) =>
        {
            Ok(names)
        }
        _ => Err("expected at least one test, as package/target::path".into()),
    }
}

/// One code place or a list of them.
fn places(value: &Value) -> Result<Vec<Place>, String> {
    let texts: Option<Vec<&str>> = match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(list) => list.iter().map(Value::as_str).collect(),
        _ => None,
    };
    match texts {
        Some(texts) if !texts.is_empty() => texts.into_iter().map(Place::parse).collect(),
        _ => Err("expected at least one code place".into()),
    }
}

fn string(table: &Table, key: &str) -> Result<String, String> {
    match table.get(key).and_then(Value::as_str) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(format!("no {key}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &str = "rfc = 1\ntitle = \"t\"\n[[requirement]]\nsection = \"2\"\nsays = \"s\"\n";

    fn read(rest: &str) -> Result<Page, String> {
        Page::parse(&format!("{START}no_code = \"absent\"\n{rest}"))
    }

    #[test]
    fn requirement_has_code_or_one_of_the_reasons() {
        let acts = |code: &str| {
            let page =
                Page::parse(&format!("{START}level = \"MUST\"\nbinds = \"both\"\nopen = \"why\"\n{code}"));
            page.map(|mut page| page.requirements.remove(0).acts)
        };
        let place = |item: &str| Place { file: "a/b.rs".into(), item: item.into() };
        assert_eq!(acts("code = \"a/b.rs::c\""), Ok(Acts::In(vec![place("c")])));
        assert_eq!(
            acts("code = [\"a/b.rs::c\", \"a/b.rs::C::d\"]"),
            Ok(Acts::In(vec![place("c"), place("C::d")]))
        );
        for (reason, name, _) in NoCode::ALL {
            assert_eq!(acts(&format!("no_code = \"{name}\"")), Ok(Acts::Nowhere(reason)));
        }
        for bad in [
            "",
            "code = []",
            "code = [1]",
            "code = \"c\"",
            "no_code = \"because\"",
            "code = \"a/b.rs::c\"\nno_code = \"absent\"",
        ] {
            assert!(acts(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn requirement_has_tests_or_a_reason() {
        let shown = |rest: &str| {
            let page = read(&format!("level = \"MUST\"\nbinds = \"both\"\n{rest}"));
            page.map(|mut page| page.requirements.remove(0).shown)
        };
        assert_eq!(shown("tests = [\"p/t::x\"]"), Ok(Shown::By(vec!["p/t::x".into()])));
        assert_eq!(shown("excluded = \"why\""), Ok(Shown::Excluded("why".into())));
        assert_eq!(shown("open = \"why\""), Ok(Shown::Open("why".into())));
        for bad in [
            "",
            "open = \"\"",
            "tests = []",
            "tests = [\"x\"]",
            "tests = [\"p/t::x\"]\nopen = \"why\"",
            "open = \"why\"\nother = 1",
        ] {
            assert!(shown(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_the_key_words_of_rfc_2119_are_accepted() {
        assert!(read("level = \"must\"\nbinds = \"both\"\nopen = \"why\"").is_err());
        assert!(read("level = \"MUST\"\nbinds = \"everybody\"\nopen = \"why\"").is_err());
        assert!(Page::parse("rfc = 1").is_err() && Page::parse("rfc").is_err());
    }
}
