//! Locks the file of sessions against other runs, and replaces it.

use crate::{
    failure::{Code, Failure},
    files,
};
use cairn_tls::crypto::SecretBytes;
use core::time::Duration;
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read},
    path::Path,
    thread,
    time::Instant,
};

/// The time to wait for other runs. Each locks the file only for the time of a change.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// The pause between two attempts to lock the file.
const PAUSE: Duration = Duration::from_millis(5);

/// The maximum size of a file.
const MAX_FILE: u64 = 1 << 22;

/// The end of the name of a new file before it replaces the old one.
#[cfg(unix)]
pub(super) const NEW: &str = ".cairn-new";

const NO_FOLDER: &str = "the sessions cannot be written: there is no such folder";

/// A file that no other run reads or changes until this value is dropped.
pub(super) struct Locked<'a> {
    path: &'a Path,
    file: File,
}

impl<'a> Locked<'a> {
    /// Locks a file; `None` if it does not exist.
    pub(super) fn existing(path: &'a Path, patience: Duration) -> Result<Option<Self>, Failure> {
        Self::open(path, patience, |options| options.open(path))
    }

    /// Locks a file, which is made for its owner alone if it does not exist.
    pub(super) fn existing_or_new(path: &'a Path, patience: Duration) -> Result<Self, Failure> {
        let open = |options: &mut OpenOptions| match options.open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                for_owner(options.create_new(true)).open(path)
            }
            opened => opened,
        };
        let locked = Self::open(path, patience, open)?;
        locked.ok_or_else(|| files::about(path, NO_FOLDER))
    }

    fn open(
        path: &'a Path,
        patience: Duration,
        open: impl Fn(&mut OpenOptions) -> io::Result<File>,
    ) -> Result<Option<Self>, Failure> {
        let end = Instant::now() + patience;
        loop {
            // Some file systems lock exclusively only what is open for writing.
            let file = match open(OpenOptions::new().read(true).write(true)) {
                Ok(file) => Some(file),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                // Another run has made it meanwhile.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => None,
                Err(error) => return Err(files::about(path, error)),
            };
            if let Some(file) = file {
                check_access(path, &file)?;
                match file.try_lock() {
                    Ok(()) if is_at(&file, path) => return Ok(Some(Self { path, file })),
                    // Another run has replaced the file since it was opened here, or changes it now.
                    Ok(()) | Err(TryLockError::WouldBlock) => {}
                    Err(TryLockError::Error(error)) => {
                        return Err(files::about(path, format_args!("the file cannot be locked: {error}")));
                    }
                }
            }
            if Instant::now() >= end {
                return Err(files::about(path, "another program has locked this file for too long"));
            }
            thread::sleep(PAUSE);
        }
    }

    /// The contents of the file.
    pub(super) fn read(&self) -> Result<SecretBytes, Failure> {
        let failed = |error| files::about(self.path, error);
        let length = self.file.metadata().map_err(failed)?.len();
        if length > MAX_FILE {
            return Err(foreign(self.path, "it is too long"));
        }
        // The whole length at once: a growing buffer would leave copies of the secrets behind.
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default().saturating_add(1));
        (&self.file).take(MAX_FILE).read_to_end(&mut bytes).map_err(failed)?;
        Ok(SecretBytes::new(bytes))
    }

    /// Writes a new file beside the old one, which it then replaces, so that the file is whole at any time.
    /// The new one is not locked.
    #[cfg(unix)]
    pub(super) fn replace(self, bytes: &SecretBytes) -> io::Result<()> {
        files::replace_by(self.path, NEW, bytes.expose(), 0o600)
    }

    /// Overwrites the file: a run that waits for the lock could not find out here that the file was replaced.
    #[cfg(not(unix))]
    pub(super) fn replace(self, bytes: &SecretBytes) -> io::Result<()> {
        let mut file = self.file;
        io::Seek::rewind(&mut file)?;
        file.set_len(0)?;
        io::Write::write_all(&mut file, bytes.expose())?;
        file.sync_all()
    }
}

/// Makes new files for their owner alone.
fn for_owner(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Whether an open file is the one at this path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |about: fs::Metadata| (about.dev(), about.ino());
    match (file.metadata(), fs::metadata(path)) {
        (Ok(opened), Ok(there)) => place(opened) == place(there),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true
}

/// The failure for a file with other contents.
pub(super) fn foreign(path: &Path, why: &str) -> Failure {
    files::about(path, format_args!("this is not a file of sessions of cairn connect: {why}"))
        .hint("The file was not changed. --session-file needs a name of its own; a new file is created.")
}

/// Refuses what cannot be read and replaced as a file, before it is opened: opening a FIFO waits for its
/// other end.
pub(super) fn check_kind(path: &Path) -> Result<(), Failure> {
    match fs::metadata(path) {
        Ok(about) if about.is_file() => Ok(()),
        Ok(_) => Err(files::about(path, "this is not a regular file, so it cannot keep sessions")),
        Err(_) if fs::symlink_metadata(path).is_ok_and(|about| about.is_symlink()) => {
            Err(files::about(path, "this link leads to no file").hint("Make its target first, or remove it."))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // The folder of a bare name is the current one.
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            match folder.map(fs::metadata) {
                None => Ok(()),
                Some(Ok(about)) if about.is_dir() => Ok(()),
                Some(_) => Err(files::about(path, NO_FOLDER)),
            }
        }
        Err(error) => Err(files::about(path, error)),
    }
}

/// Refuses a file that other users can read or write.
#[cfg(unix)]
fn check_access(path: &Path, file: &File) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata().map_err(|error| files::about(path, error))?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(Failure::new(
        Code::Local,
        format!(
            "{}: other users can access this file, and it has the secrets of connections",
            files::shown(path)
        ),
    )
    .hint(format!("`chmod 600 {}` gives it to its owner alone.", files::shown(path))))
}

#[cfg(not(unix))]
fn check_access(_path: &Path, _file: &File) -> Result<(), Failure> {
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::env;

    const SHORT: Duration = Duration::from_millis(20);

    #[test]
    fn lock_excludes_others_until_it_is_dropped() {
        let path = env::temp_dir().join(format!("cairn-locked-{}", std::process::id()));
        let _none = fs::remove_file(&path);
        assert!(Locked::existing(&path, SHORT).unwrap().is_none());
        let locked = Locked::existing_or_new(&path, SHORT).unwrap();
        let refused = Locked::existing(&path, SHORT).err().unwrap();
        assert!(refused.message().contains("locked this file for too long"), "{refused}");
        locked.replace(&SecretBytes::new(b"first".to_vec())).unwrap();
        let locked = Locked::existing(&path, SHORT).unwrap().unwrap();
        assert_eq!(locked.read().unwrap().expose(), b"first");
        assert!(Locked::existing_or_new(&path, SHORT).is_err());
        drop(locked);
        fs::remove_file(&path).unwrap();
    }
}
