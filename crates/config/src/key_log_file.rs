//! A key log file, for Wireshark and similar tools.

use crate::key_log::KeyLog;
use alloc::string::String;
use cairn_handshake::KeyLogLine;
use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    sync::Mutex,
};
use zeroize::Zeroizing;

/// Appends secrets to a file in the NSS format: `CLIENT_RANDOM <client random> <master secret>`, in
/// hexadecimal.
///
/// Anyone who can read the file can decrypt the connections. Nothing is written unless the key log is part of
/// a configuration; the environment variable alone has no effect.
#[derive(Debug)]
pub struct KeyLogFile(Mutex<File>);

impl KeyLogFile {
    /// Opens a file for appending. On Unix, a new file is accessible by its owner only.
    ///
    /// # Errors
    /// The error of opening the file.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self(Mutex::new(options.open(path)?)))
    }

    /// Opens the file that the environment variable `SSLKEYLOGFILE` names, if it is set. Calling this is the
    /// opt-in.
    ///
    /// # Errors
    /// The error of opening the file.
    pub fn from_env() -> io::Result<Option<Self>> {
        std::env::var_os("SSLKEYLOGFILE").filter(|path| !path.is_empty()).map(Self::open).transpose()
    }
}

/// The bytes of a line beside its parts: two spaces and the end of the line.
const SEPARATORS: usize = 3;

impl KeyLog for KeyLogFile {
    /// If a line cannot be written, it is lost and the connection continues.
    fn log(&self, line: &KeyLogLine) {
        // Exactly as long as the line: a growing buffer would leave copies of the secret behind.
        let digits = 2 * (line.client_random.0.len() + line.secret.len());
        let mut text = Zeroizing::new(String::with_capacity(line.label.len() + digits + SEPARATORS));
        text.push_str(line.label);
        for part in [&line.client_random.0[..], line.secret.expose()] {
            text.push(' ');
            for byte in part {
                for nibble in [byte >> 4, byte & 15] {
                    text.extend(char::from_digit(u32::from(nibble), 16));
                }
            }
        }
        text.push('\n');
        if let Ok(mut file) = self.0.lock() {
            let _lost = file.write_all(text.as_bytes());
        }
    }
}
