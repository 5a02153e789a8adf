//! The cases of x509-limbo: certification paths that a validator must accept or reject, according to RFC
//! 5280, the rules of the Web PKI, and known bugs of implementations.
//!
//! They are one JSON file, an array of objects: `id`, `features`, `kind` (`SERVER` or `CLIENT`), `roots`,
//! `inter` and `leaf` (DER in hex), `time` (seconds since 1970, or null for now), `expected` (`SUCCESS` or
//! `FAILURE`), `name` (kind and value, or null), `depth` (the maximum number of intermediates, or null) and
//! `crls` (their DER in hex, or only their number).

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::paths::{self, Case};
use super::suite::{Context, Row, Suite};

pub(super) const SUITE: Suite = Suite {
    name: "limbo",
    about: "certification paths of x509-limbo; docs/limbo.toml explains the differences",
    case: "a chain of the collection that must be accepted or rejected, for the time and name in the case",
    needs: &[],
    run,
};

fn run(context: &Context) -> Result<Vec<Row>, String> {
    let Some(file) = context.cases.as_ref().filter(|path| path.is_file()) else {
        return Ok(paths::without_cases("the file of x509-limbo's cases"));
    };
    let text = fs::read_to_string(file).map_err(|e| format!("{} cannot be read: {e}", file.display()))?;
    let value: Value = serde_json::from_str(&text).map_err(|e| format!("{}: {e}", file.display()))?;
    let cases = value.as_array().ok_or("the cases are not an array")?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|e| e.to_string())?.as_secs();
    let cases: Vec<Case> = cases.iter().map(|value| case(value, now)).collect::<Result<_, _>>()?;
    paths::run(context, &cases, "limbo.toml")
}

fn case(value: &Value, now: u64) -> Result<Case, String> {
    let id = text(value, "id")?;
    let fault = |what: &str| format!("{id}: {what}");
    let list = |key: &str| -> Result<String, String> {
        let items = value.get(key).and_then(Value::as_array).ok_or_else(|| fault(key))?;
        let items: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
        Ok(items.ok_or_else(|| fault(key))?.join(","))
    };
    let accepted = match text(value, "expected")? {
        "SUCCESS" => true,
        "FAILURE" => false,
        other => return Err(fault(other)),
    };
    let kind = match text(value, "kind")? {
        "SERVER" => "server",
        "CLIENT" => "client",
        other => return Err(fault(other)),
    };
    let time = value.get("time").and_then(Value::as_u64).unwrap_or(now);
    let name = value.get("name").and_then(|name| name.get(1)).and_then(Value::as_str).unwrap_or_default();
    let leaf = text(value, "leaf")?;
    let crls = match value.get("crls") {
        Some(Value::Array(_)) => list("crls")?,
        _ => String::new(),
    };
    let not_judged = if value.get("depth").is_some_and(|depth| !depth.is_null())
        && has(value, "max-chain-depth")
    {
        Some("the number of intermediates cannot be limited by configuration: MAX_CHAIN limits it".to_owned())
    } else if value.get("crls").and_then(Value::as_u64).is_some_and(|count| count > 0) {
        Some("the bytes of its CRLs are not in the file".to_owned())
    } else {
        None
    };
    let line = [kind, &time.to_string(), name, leaf, &list("inter")?, &list("roots")?, &crls].join("\t");
    let mut parts = id.split("::");
    let group = match (parts.next(), parts.next(), parts.next()) {
        (Some(first), Some(second), Some(_)) => format!("{first}::{second}"),
        (Some(first), ..) => first.to_owned(),
        _ => String::new(),
    };
    Ok(Case { id: id.to_owned(), group, accepted, line, not_judged })
}

fn has(value: &Value, feature: &str) -> bool {
    let features = value.get("features").and_then(Value::as_array);
    features.is_some_and(|features| features.iter().any(|known| known.as_str() == Some(feature)))
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str, String> {
    value.get(key).and_then(Value::as_str).ok_or_else(|| format!("a case has no {key}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_converted_to_a_line() {
        let value = serde_json::json!({
            "id": "rfc5280::nc::some", "features": [], "kind": "SERVER", "roots": ["aa", "bb"], "inter": [],
            "leaf": "cc", "time": 5, "expected": "FAILURE", "name": ["DNS", "a.test"],
            "depth": null, "crls": 0,
        });
        let read = case(&value, 9).unwrap();
        assert_eq!(read.line, "server\t5\ta.test\tcc\t\taa,bb\t");
        assert_eq!((read.group.as_str(), read.accepted, read.not_judged), ("rfc5280::nc", false, None));
        let mut with_crls = value;
        with_crls["crls"] = 1.into();
        assert!(case(&with_crls, 9).unwrap().not_judged.is_some());
        with_crls["crls"] = serde_json::json!(["dd"]);
        assert!(case(&with_crls, 9).unwrap().line.ends_with("\tdd"));
        assert!(case(&serde_json::json!({}), 9).is_err());
    }
}
