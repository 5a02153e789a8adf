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
//! says = "a renegotiating client puts client_verify_data into renegotiation_info"
//! tests = ["cairn-handshake/renegotiation::renegotiation_info_has_the_verify_data_of_the_last_handshake"]
//! # or excluded = "why it is left out on purpose", or open = "why nothing shows it yet"
//! ```

use toml::{Table, Value};

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
    /// A paraphrase.
    pub(super) says: String,
    pub(super) shown: Shown,
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
            .collect::<Result<_, _>>()?;
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
        let known = ["section", "level", "binds", "says", "tests", "excluded", "open"];
        if let Some(key) = table.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(about(format!("unknown key {key:?}")));
        }
        let shown = match (table.get("tests"), table.get("excluded"), table.get("open")) {
            (Some(tests), None, None) => Shown::By(names(tests).map_err(about)?),
            (None, Some(_), None) => Shown::Excluded(string(table, "excluded").map_err(about)?),
            (None, None, Some(_)) => Shown::Open(string(table, "open").map_err(about)?),
            _ => return Err(about("expected exactly one of tests, excluded and open".into())),
        };
        Ok(Self { section, level, binds, says, shown })
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

fn string(table: &Table, key: &str) -> Result<String, String> {
    match table.get(key).and_then(Value::as_str) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(format!("no {key}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "rfc = 1\ntitle = \"t\"\n[[requirement]]\nsection = \"2\"\nsays = \"s\"\n";

    fn read(rest: &str) -> Result<Page, String> {
        Page::parse(&format!("{HEAD}{rest}"))
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
