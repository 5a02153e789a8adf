//! Files that are read again when they change.

use alloc::{boxed::Box, vec::Vec};
#[cfg(feature = "net")]
use core::time::Duration;
use std::{fs, path::PathBuf, time::SystemTime};

/// Reads files again when they change: certificates with their keys, OCSP responses, roots or CRLs.
///
/// `load` reads the files and puts the result into use, for example with
/// [`TlsAcceptor::set_config`](crate::TlsAcceptor::set_config). If it fails, the earlier state stays in use.
/// Files that belong together change one after the other, so `load` may meet a new chain with an old key: it
/// fails, and is called again when the key changes too. It is also called once more at the next check.
///
/// The files are checked at intervals. So the file systems of networks and containers work too, and files
/// that are replaced by renaming or by a symbolic link.
///
/// ```no_run
/// # #[cfg(feature = "aws-lc")]
/// # async fn run(acceptor: cairn_tokio::TlsAcceptor) {
/// use cairn_tokio::{Reloader, tls::ServerConfig};
/// use std::{fs, time::Duration};
///
/// let mut reloader = Reloader::new(["cert.pem", "key.pem"], move || {
///     let config = ServerConfig::builder()
///         .credential_pem(&fs::read("cert.pem")?, &fs::read("key.pem")?)?
///         .build()?;
///     acceptor.set_config(config);
///     Ok(())
/// });
/// loop {
///     tokio::time::sleep(Duration::from_secs(10)).await;
///     match reloader.check() {
///         Ok(true) => println!("the certificate was replaced"),
///         Ok(false) => {}
///         Err(error) => eprintln!("the old certificate stays in use: {error}"),
///     }
/// }
/// # }
/// ```
pub struct Reloader {
    files: Vec<PathBuf>,
    seen: Vec<Option<Stamp>>,
    load: Load,
    /// Whether to load again although nothing has changed.
    again: bool,
}

type Load = Box<dyn FnMut() -> Result<(), ReloadError> + Send>;

/// The error of a [`Reloader`]: that of its function.
pub type ReloadError = Box<dyn core::error::Error + Send + Sync>;

/// The properties by which a change of a file is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    /// The number of the file in its file system, where there is one.
    inode: u64,
}

impl Stamp {
    fn of(file: &PathBuf) -> Option<Self> {
        let metadata = fs::metadata(file).ok()?;
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
        #[cfg(not(unix))]
        let inode = 0;
        Some(Self { modified: metadata.modified().ok(), length: metadata.len(), inode })
    }
}

impl core::fmt::Debug for Reloader {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Reloader").field("files", &self.files).finish_non_exhaustive()
    }
}

impl Reloader {
    /// Creates a reloader. The state of the files now counts as read.
    pub fn new<P: Into<PathBuf>>(
        files: impl IntoIterator<Item = P>,
        load: impl FnMut() -> Result<(), ReloadError> + Send + 'static,
    ) -> Self {
        let files: Vec<PathBuf> = files.into_iter().map(Into::into).collect();
        let seen = files.iter().map(Stamp::of).collect();
        Self { files, seen, load: Box::new(load), again: false }
    }

    /// Loads the files if one of them has changed since the last call, and returns whether it did. This reads
    /// files, so it blocks as long as they do.
    ///
    /// # Errors
    /// That of the function: a file is missing, incomplete or wrong. The earlier state stays in use.
    pub fn check(&mut self) -> Result<bool, ReloadError> {
        let now: Vec<_> = self.files.iter().map(Stamp::of).collect();
        let has_changed = now != self.seen;
        if !has_changed && !self.again {
            return Ok(false);
        }
        // A file that changes from now on is seen by the next call.
        self.seen = now;
        self.call(has_changed).map(|()| true)
    }

    /// Loads the files in any case, for example on a signal.
    ///
    /// # Errors
    /// As [`Reloader::check`]. The next check then loads them again.
    pub fn load(&mut self) -> Result<(), ReloadError> {
        self.seen = self.files.iter().map(Stamp::of).collect();
        self.call(true)
    }

    /// Calls the function. If it fails, the next check calls it too, if `again`.
    fn call(&mut self, again: bool) -> Result<(), ReloadError> {
        let loaded = (self.load)();
        self.again = again && loaded.is_err();
        loaded
    }

    /// Checks the files every `period` for ever, in a thread for blocking work, and passes each result that
    /// is not `Ok(false)` to `report`. It needs the timer of the tokio runtime.
    #[cfg(feature = "net")]
    pub async fn run(self, period: Duration, mut report: impl FnMut(Result<(), ReloadError>)) {
        let mut reloader = self;
        loop {
            tokio::time::sleep(period).await;
            let checked = tokio::task::spawn_blocking(move || {
                let result = reloader.check();
                (reloader, result)
            });
            // The function has panicked, and is gone.
            let Ok((back, result)) = checked.await else { return };
            reloader = back;
            match result {
                Ok(false) => {}
                done => report(done.map(|_| ())),
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use alloc::sync::Arc;
    use std::sync::Mutex;

    #[test]
    fn files_are_loaded_when_they_change_and_a_broken_one_keeps_the_old() {
        let folder = std::env::temp_dir().join(format!("cairn-reload-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("file");
        fs::write(&file, "first").unwrap();
        let in_use = Arc::new(Mutex::new(String::new()));
        let (load, target) = (file.clone(), Arc::clone(&in_use));
        let mut reloader = Reloader::new([&file], move || {
            let text = fs::read_to_string(&load)?;
            if text.starts_with("broken") {
                return Err("the file is broken".into());
            }
            *target.lock().unwrap() = text;
            Ok(())
        });
        assert!(!reloader.check().unwrap());
        reloader.load().unwrap();
        assert_eq!(*in_use.lock().unwrap(), "first");
        assert!(!reloader.check().unwrap());
        // Replaced by renaming, as certificate tools do.
        let new = folder.join("new");
        fs::write(&new, "other").unwrap();
        fs::rename(&new, &file).unwrap();
        assert!(reloader.check().unwrap());
        assert_eq!(*in_use.lock().unwrap(), "other");
        fs::write(&file, "broken file").unwrap();
        reloader.check().unwrap_err();
        // Once more, because another file may have changed at the same time.
        reloader.check().unwrap_err();
        assert!(!reloader.check().unwrap());
        reloader.load().unwrap_err();
        reloader.check().unwrap_err();
        assert!(!reloader.check().unwrap());
        fs::remove_file(&file).unwrap();
        reloader.check().unwrap_err();
        assert_eq!(*in_use.lock().unwrap(), "other");
        fs::write(&file, "the third").unwrap();
        assert!(reloader.check().unwrap());
        assert_eq!(*in_use.lock().unwrap(), "the third");
        fs::remove_dir_all(&folder).unwrap();
    }
}
