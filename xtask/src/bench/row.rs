//! The fields of a measured row.

use serde_json::Value;

/// The name of a row.
pub(super) fn name(row: &Value) -> Result<&str, String> {
    row.get("name").and_then(Value::as_str).ok_or_else(|| "a row has no name".to_owned())
}

/// A value of a row, if present.
pub(super) fn figure(row: &Value, stack: &str, unit: &str) -> Option<f64> {
    row.get(format!("{stack}_{unit}")).and_then(Value::as_f64)
}
