//! Writes files as a whole.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// Makes a file with these permissions, less those of the umask. A file that exists, or a link, is an error.
/// If writing fails, no file is left.
pub(crate) fn create(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        let _none = fs::remove_file(path);
    }
    written
}

/// Writes a file beside the old one, which it then replaces. If that fails, the old one stays as it was. A
/// link is replaced, not followed. The permissions are those of [`create`].
pub(crate) fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    replace_by(path, &format!(".{}.new", std::process::id()), bytes, mode)
}

/// As [`replace`]; the name of the new file has this end until then. Two processes must not use the same name
/// at once.
pub(crate) fn replace_by(path: &Path, end: &str, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(end);
    let new = path.with_file_name(name);
    // One that an earlier process has left behind.
    let _none = fs::remove_file(&new);
    let done = create(&new, bytes, mode).and_then(|()| fs::rename(&new, path));
    if done.is_err() {
        let _none = fs::remove_file(&new);
    }
    done
}
