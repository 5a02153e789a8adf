//! The rules about the length of lines and files.
//!
//! Lines of Rust have at most 110 columns, which rustfmt cannot ensure for comments, literals and macros.
//! Rows of transition tables have at most 100. A file has at most 450 lines of code: lines that are neither
//! blank nor comments. The test module inside a file of other code does not count; a file of tests does.

use core::ops::RangeInclusive;
use std::fs;
use std::path::{Path, PathBuf};

use syn::spanned::Spanned as _;
use syn::{Attribute, Item};

use super::source::{attributes, is_test};

/// The maximum number of columns.
const COLUMNS: usize = 110;
/// The maximum number of columns in a table.
const TABLE_COLUMNS: usize = 100;
/// The macros of tables.
const TABLES: [&str; 2] = ["transition_table", "interrupts"];
/// The maximum number of lines of code in a file.
const CODE_LINES: usize = 450;

/// Checks the lines of all Rust files below the root of the repository.
///
/// # Errors
///
/// A folder or file that cannot be read or parsed.
pub(super) fn long_lines(root: &Path) -> Result<Vec<String>, String> {
    let mut faults = Vec::new();
    for file in rust_files(root)? {
        let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        let name = file.strip_prefix(root).unwrap_or(&file).display().to_string().replace('\\', "/");
        for (line, columns, limit) in too_long(&text).map_err(|e| format!("{name}: {e}"))? {
            faults.push(format!("{name}:{line} has {columns} columns, at most {limit} are allowed"));
        }
    }
    Ok(faults)
}

/// Checks the size of all Rust files below the root of the repository, tests included.
///
/// # Errors
///
/// A folder or file that cannot be read or parsed.
pub(super) fn long_files(root: &Path) -> Result<Vec<String>, String> {
    let mut faults = Vec::new();
    for file in rust_files(root)? {
        let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        let name = file.strip_prefix(root).unwrap_or(&file).display().to_string().replace('\\', "/");
        let count = code_lines(&text).map_err(|e| format!("{name}: {e}"))?;
        if count > CODE_LINES {
            faults.push(format!(
                "{name} has {count} lines of code, at most {CODE_LINES} are allowed: divide it by idea"
            ));
        }
    }
    Ok(faults)
}

/// The Rust files below a folder, except for build output and hidden folders.
fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))? {
            let path = entry.map_err(|e| format!("{}: {e}", folder.display()))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") && path.is_file() {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The lines that are too long: the number of each, its columns and its limit.
fn too_long(text: &str) -> Result<Vec<(usize, usize, usize)>, String> {
    let file = syn::parse_file(text).map_err(|e| e.to_string())?;
    let mut tables = Vec::new();
    for item in &file.items {
        if let Item::Macro(table) = item
            && let Some(name) = table.mac.path.segments.last()
            && TABLES.iter().any(|table| name.ident == table)
        {
            tables.push(lines_of(item));
        }
    }
    let mut found = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        let is_in_table = tables.iter().any(|table| table.contains(&line));
        let limit = if is_in_table { TABLE_COLUMNS } else { COLUMNS };
        let columns = text.chars().count();
        if columns > limit {
            found.push((line, columns, limit));
        }
    }
    Ok(found)
}

/// The number of lines that are neither blank nor comments nor part of an item that only test builds have.
fn code_lines(text: &str) -> Result<usize, String> {
    let file = syn::parse_file(text).map_err(|e| e.to_string())?;
    let tests: Vec<RangeInclusive<usize>> =
        file.items.iter().filter(|item| is_test_only(attributes(item))).map(lines_of).collect();
    let is_code = |(line, text): &(usize, &str)| {
        let text = text.trim_start();
        let is_test = tests.iter().any(|test| test.contains(line));
        !text.is_empty() && !text.starts_with("//") && !is_test
    };
    Ok((1..).zip(text.lines()).filter(is_code).count())
}

/// Whether only a test build has the item. A `#[test]` does not say so: it is in a file of tests.
fn is_test_only(attributes: &[Attribute]) -> bool {
    let is_condition = |attribute: &Attribute| !attribute.path().is_ident("test");
    attributes.iter().any(|attribute| is_condition(attribute) && is_test(core::slice::from_ref(attribute)))
}

/// The lines of an item with its attributes.
fn lines_of(item: &Item) -> RangeInclusive<usize> {
    let span = item.span();
    span.start().line..=span.end().line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_measured_in_characters_and_tables_are_narrower() {
        let comment = format!("// {}\n", "é".repeat(COLUMNS - 3));
        assert_eq!(too_long(&comment), Ok(Vec::new()));
        assert_eq!(too_long(&format!("\n {comment}")), Ok(vec![(2, COLUMNS + 1, COLUMNS)]));
        let row = format!("    A => {};\n", "b".repeat(TABLE_COLUMNS - 10));
        assert_eq!(too_long(&format!("interrupts! {{\n{row}}}\n")), Ok(Vec::new()));
        let table = format!("interrupts! {{\n {row}}}\n{comment}");
        assert_eq!(too_long(&table), Ok(vec![(2, TABLE_COLUMNS + 1, TABLE_COLUMNS)]));
    }

    #[test]
    fn comments_blank_lines_and_tests_are_not_code() {
        let text = "//! A crate.\n\nuse a::b;\n\n/// A function.\nfn f() {\n    // Nothing.\n}\n\n\
                    #[cfg(test)]\nmod tests {\n    fn g() {}\n}\n\n#[cfg(test)]\nuse c::d;\n";
        assert_eq!(code_lines(text), Ok(3));
    }

    #[test]
    fn a_file_of_tests_has_lines_of_code() {
        assert_eq!(code_lines("//! Tests.\n\nmod support;\n\n#[test]\nfn f() {\n    g();\n}\n"), Ok(5));
    }
}
