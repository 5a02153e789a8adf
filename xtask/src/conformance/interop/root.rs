//! The root folder of programs that are run by `chroot`.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Prepares an empty root folder, in which `files` has the same path as outside, and returns `files`. So all
/// paths on command lines are the same for programs inside and outside.
///
/// # Errors
///
/// If it cannot be written.
pub(super) fn prepare_root(root: &Path) -> Result<PathBuf, String> {
    let told = |e: std::io::Error| format!("{} cannot be prepared: {e}", root.display());
    let files = root.join("files");
    fs::create_dir_all(&files).and_then(|()| fs::create_dir_all(root.join("tmp"))).map_err(told)?;
    // The path of the root, seen from inside, leads to `/`.
    let inside = root.join(root.strip_prefix("/").unwrap_or(root));
    if !inside.is_symlink() {
        let parent = inside.parent().unwrap_or(root);
        fs::create_dir_all(parent).and_then(|()| symlink("/", &inside)).map_err(told)?;
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_of_a_file_is_the_same_inside_the_root() {
        let root = std::env::temp_dir().join(format!("cairn-root-{}", std::process::id()));
        for _ in 0..2 {
            let files = prepare_root(&root).unwrap();
            assert_eq!(files, root.join("files"));
            // As `chroot` resolves it: the link leads to the root itself.
            let inside = root.join(root.strip_prefix("/").unwrap());
            assert_eq!(fs::read_link(inside).unwrap(), Path::new("/"));
        }
        fs::remove_dir_all(&root).unwrap();
    }
}
