//! Pictures of a suite's: SVG files in its folder, one each, which the report shows below the suite's rows.
//!
//! Such a file is one `svg` element that needs nothing beside itself; its first `title` says what it shows. All of them
//! share one page with the report, so what a picture's style says must be about its own class alone.

use std::fs;
use std::path::{Path, PathBuf};

/// Keeps a picture in a suite's folder. They are shown in the order of their names.
///
/// # Errors
///
/// It cannot be written.
pub(super) fn keep(folder: &Path, name: &str, svg: &str) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|e| format!("{} cannot be made: {e}", folder.display()))?;
    let path = folder.join(format!("{name}.svg"));
    fs::write(&path, svg).map_err(|e| format!("{} cannot be written: {e}", path.display()))
}

/// Removes the pictures of an earlier run.
///
/// # Errors
///
/// One cannot be removed.
pub(super) fn clear(folder: &Path) -> Result<(), String> {
    for path in files(folder)? {
        fs::remove_file(&path).map_err(|e| format!("{} cannot be removed: {e}", path.display()))?;
    }
    Ok(())
}

/// The pictures that a suite has kept.
///
/// # Errors
///
/// One cannot be read.
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

/// What a picture shows, as it stands there: escaped.
pub(super) fn title(svg: &str) -> &str {
    let title = svg.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    title.map_or("", |(title, _)| title)
}

/// Text as it may stand in HTML and in SVG.
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
    fn what_is_kept_is_shown_in_order_until_the_next_run() {
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
        assert!(folder.join("a.txt").is_file(), "what is no picture stays");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_first_title_is_the_pictures() {
        assert_eq!(title("<svg>\n<title>a &lt; b</title><g><title>c</title></g></svg>"), "a &lt; b");
        assert_eq!(title("<svg></svg>"), "");
    }
}
