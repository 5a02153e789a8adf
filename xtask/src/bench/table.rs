//! The rows as Markdown tables, one for each kind of value.

use serde_json::{Map, Value, json};

use super::row::{figure, name};

/// The content of a table.
struct Table {
    /// The suffix of its fields: a row with a field `cairn_<unit>` belongs to this table.
    unit: &'static str,
    headline: &'static str,
    /// Formats a value.
    write: fn(f64) -> String,
    /// The unit of a second value, shown in parentheses.
    beside: Option<&'static str>,
    /// The meaning of the floor in this table.
    floor: Option<&'static str>,
}

const STACKS: [(&str, &str); 4] =
    [("cairn", "Cairn"), ("rustls", "rustls"), ("openssl", "OpenSSL"), ("s2n", "s2n-tls")];

/// Each row belongs to the first table whose unit it has.
const TABLES: [Table; 5] = [
    Table {
        unit: "ns",
        headline: "Time of one side, in µs",
        write: |ns| format!("{:.2}", ns / 1000.0),
        beside: None,
        floor: Some("floor"),
    },
    Table {
        unit: OWN,
        headline: "Own time of one side: above the floor, in µs",
        write: |ns| format!("{:.2}", ns / 1000.0),
        beside: None,
        floor: None,
    },
    Table {
        unit: "allocations",
        headline: "Allocations of one side in a handshake (and their bytes)",
        write: |count| format!("{count}"),
        beside: Some("bytes"),
        floor: None,
    },
    Table {
        unit: "bytes",
        headline: "Bytes on the heap for an open connection (and resident, with ten thousand of them)",
        write: |bytes| format!("{bytes}"),
        beside: Some("resident_bytes"),
        floor: Some("AEAD contexts"),
    },
    Table {
        unit: "per_second",
        headline: "Look-ups a second, in millions",
        write: |count| format!("{:.2}", count / 1e6),
        beside: None,
        floor: None,
    },
];

/// The unit of [`own`].
const OWN: &str = "own_ns";

/// The time that each stack spends above the floor. `None` if the row has no floor.
fn own(row: &Value) -> Option<Value> {
    let floor = figure(row, "floor", "ns")?;
    let mut own = Map::new();
    own.insert("name".to_owned(), row.get("name")?.clone());
    for (stack, _) in STACKS {
        if let Some(time) = figure(row, stack, "ns") {
            own.insert(format!("{stack}_{OWN}"), json!(time - floor));
        }
    }
    Some(Value::Object(own))
}

/// All tables that have rows.
///
/// # Errors
///
/// If a row has no name.
pub(super) fn tables(rows: &[Value]) -> Result<String, String> {
    let own = rows.iter().filter_map(own);
    let rows: Vec<Value> = rows.iter().cloned().chain(own).collect();
    let kind = |row: &Value| TABLES.iter().position(|table| figure(row, "cairn", table.unit).is_some());
    rows.iter().try_for_each(|row| name(row).map(drop))?;
    let mut text = String::new();
    for (number, table) in TABLES.iter().enumerate() {
        let rows: Vec<&Value> = rows.iter().filter(|row| kind(row) == Some(number)).collect();
        if !rows.is_empty() {
            if !text.is_empty() {
                text.push('\n');
            }
            text += &table.text(&rows)?;
        }
    }
    Ok(text)
}

impl Table {
    fn text(&self, rows: &[&Value]) -> Result<String, String> {
        let columns: Vec<(&str, &str)> =
            STACKS.into_iter().chain(self.floor.map(|title| ("floor", title))).collect();
        let mut text = format!("{}:\n\n| |", self.headline);
        let others = columns.get(1..).unwrap_or_default();
        columns.iter().for_each(|(_, title)| text += &format!(" {title} |"));
        others.iter().for_each(|(_, title)| text += &format!(" Cairn / {title} |"));
        text += "\n|---|";
        text += &"--:|".repeat(columns.len() + others.len());
        text.push('\n');
        for row in rows {
            text += &format!("| `{}`", name(row)?);
            let ours = figure(row, "cairn", self.unit);
            for (stack, _) in &columns {
                text += " | ";
                if let Some(figure) = figure(row, stack, self.unit) {
                    text += &(self.write)(figure);
                }
                if let Some(unit) = self.beside
                    && let Some(figure) = figure(row, stack, unit)
                {
                    text += &format!(" ({figure})");
                }
            }
            for (stack, _) in others {
                text += " | ";
                // Next to the floor a peer's own time may be measured as nothing or less.
                let other = figure(row, stack, self.unit).filter(|other| *other > 0.0);
                if let (Some(ours), Some(other)) = (ours, other) {
                    text += &format!("{:.2}", ours / other);
                }
            }
            text += " |\n";
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::tables;
    use serde_json::json;

    #[test]
    fn ratios_need_both_values() {
        let rows = [json!(
            {
                "name": "a", "cairn_ns": 1500.0, "rustls_ns": 1000.0, "openssl_ns": null, "s2n_ns": null,
                "floor_ns": 750.0
            }
        )];
        let text = tables(&rows).unwrap();
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| `")).collect();
        assert_eq!(
            rows,
            [
                "| `a` | 1.50 | 1.00 |  |  | 0.75 | 1.50 |  |  | 2.00 |",
                "| `a` | 0.75 | 0.25 |  |  | 3.00 |  |  |"
            ]
        );
    }

    #[test]
    fn time_of_the_floor_has_no_ratio() {
        let rows = [json!({ "name": "a", "cairn_ns": 1500.0, "rustls_ns": 1000.0, "floor_ns": 1000.0 })];
        let text = tables(&rows).unwrap();
        assert_eq!(text.lines().last(), Some("| `a` | 0.50 | 0.00 |  |  |  |  |  |"));
    }

    #[test]
    fn row_belongs_to_the_table_of_its_unit() {
        let rows = [
            json!({ "name": "heap", "cairn_allocations": 19.0, "cairn_bytes": 4000.0 }),
            json!({
                "name": "idle", "cairn_bytes": 2000.0, "rustls_bytes": 8000.0,
                "cairn_resident_bytes": 2100
            }),
            json!({ "name": "time", "cairn_ns": 1000.0 }),
        ];
        let text = tables(&rows).unwrap();
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| `")).collect();
        assert_eq!(
            rows,
            [
                "| `time` | 1.00 |  |  |  |  |  |  |  |  |",
                "| `heap` | 19 (4000) |  |  |  |  |  |  |",
                "| `idle` | 2000 (2100) | 8000 |  |  |  | 0.25 |  |  |  |",
            ]
        );
    }

    #[test]
    fn malformed_rows_are_rejected() {
        assert!(tables(&[json!({ "cairn_ns": 1.0 })]).is_err());
    }
}
