//! Pictures of a suite: SVG files in its folder, which the report shows below the rows of the suite.
//!
//! Each file is a self-contained `svg` element, and its first `title` describes it. All of them are embedded
//! in the page of the report, so the style of a picture must be limited to its own class.

use std::fs;
use std::path::{Path, PathBuf};

/// Saves a picture in the folder of a suite. Pictures are shown in the order of their names.
///
/// # Errors
///
/// If it cannot be written.
pub(super) fn keep(folder: &Path, name: &str, svg: &str) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|e| format!("{} cannot be made: {e}", folder.display()))?;
    let path = folder.join(format!("{name}.svg"));
    fs::write(&path, svg).map_err(|e| format!("{} cannot be written: {e}", path.display()))
}

/// Removes the pictures of an earlier run.
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

/// The pictures of a suite.
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
    let is_picture = |path: &PathBuf| path.extension().is_some_and(|end| end == "svg") && path.is_file();
    let mut files: Vec<PathBuf> =
        entries.filter_map(Result::ok).map(|entry| entry.path()).filter(is_picture).collect();
    files.sort();
    Ok(files)
}

/// The title of a picture, still escaped.
pub(super) fn title(svg: &str) -> &str {
    let title = svg.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    title.map_or("", |(title, _)| title)
}

/// Escapes text for HTML and SVG.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A count as a length.
pub(super) fn length(count: usize) -> f64 {
    u32::try_from(count).map_or(0.0, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_shown_in_order_until_the_next_run() {
        let folder = std::env::temp_dir().join(format!("cairn-pictures-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        assert_eq!(gather(&folder).unwrap(), Vec::<String>::new(), "no folder, no picture");
        clear(&folder).unwrap();
        keep(&folder, "b", "<svg>2</svg>").unwrap();
        keep(&folder, "a", "<svg>1</svg>").unwrap();
        fs::write(folder.join("a.txt"), "a log").unwrap();
        assert_eq!(gather(&folder).unwrap(), ["<svg>1</svg>", "<svg>2</svg>"]);
        clear(&folder).unwrap();
        assert_eq!(gather(&folder).unwrap(), Vec::<String>::new());
        assert!(folder.join("a.txt").is_file(), "other files stay");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn title_is_the_first_one() {
        assert_eq!(title("<svg>\n<title>a &lt; b</title><g><title>c</title></g></svg>"), "a &lt; b");
        assert_eq!(title("<svg></svg>"), "");
    }
}
