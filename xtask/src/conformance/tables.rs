//! Additional tables of a suite: HTML files in its folder, which the report shows below the rows of the
//! suite.
//!
//! Each file is one `table` element with a caption. The report has the style.

use std::fs;
use std::path::{Path, PathBuf};

/// Saves a table in the folder of a suite. Tables are shown in the order of their names.
///
/// # Errors
///
/// If it cannot be written.
pub(super) fn keep(folder: &Path, name: &str, html: &str) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|e| format!("{} cannot be made: {e}", folder.display()))?;
    let path = folder.join(format!("{name}.html"));
    fs::write(&path, html).map_err(|e| format!("{} cannot be written: {e}", path.display()))
}

/// Removes the tables of an earlier run.
///
/// # Errors
///
/// If one cannot be removed.
pub(super) fn clear(folder: &Path) -> Result<(), String> {
    for path in files(folder)? {
        fs::remove_file(&path).map_err(|e| format!("{} cannot be removed: {e}", path.display()))?;
    }
    Ok(())
}

/// The tables of a suite.
///
/// # Errors
///
/// If one cannot be read.
pub(super) fn gather(folder: &Path) -> Result<Vec<String>, String> {
    let read = |path: PathBuf| {
        fs::read_to_string(&path).map_err(|e| format!("{} cannot be read: {e}", path.display()))
    };
    files(folder)?.into_iter().map(read).collect()
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).map_err(|e| format!("{} cannot be read: {e}", folder.display()))?;
    let is_table = |path: &PathBuf| path.extension().is_some_and(|end| end == "html") && path.is_file();
    let mut files: Vec<PathBuf> =
        entries.filter_map(Result::ok).map(|entry| entry.path()).filter(is_table).collect();
    files.sort();
    Ok(files)
}

/// Escapes text for HTML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_shown_in_order_until_the_next_run() {
        let folder = std::env::temp_dir().join(format!("cairn-tables-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        assert_eq!(gather(&folder).unwrap(), Vec::<String>::new(), "no folder, no table");
        clear(&folder).unwrap();
        keep(&folder, "b", "<table>2</table>").unwrap();
        keep(&folder, "a", "<table>1</table>").unwrap();
        fs::write(folder.join("a.txt"), "a log").unwrap();
        assert_eq!(gather(&folder).unwrap(), ["<table>1</table>", "<table>2</table>"]);
        clear(&folder).unwrap();
        assert_eq!(gather(&folder).unwrap(), Vec::<String>::new());
        assert!(folder.join("a.txt").is_file(), "other files stay");
        fs::remove_dir_all(&folder).unwrap();
    }
}
