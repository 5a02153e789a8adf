//! A key log in a file, for Wireshark and its like.

use crate::KeyLog;
use alloc::string::String;
use cairn_handshake::KeyLogLine;
use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    sync::Mutex,
};
use zeroize::Zeroizing;

/// Appends secrets to a file in the format that NSS began: `CLIENT_RANDOM <client random> <master secret>`, in hex.
///
/// Whoever has the file can read the connections. Nothing writes one unless it is put into a configuration, and the
/// environment alone does not do that.
#[derive(Debug)]
pub struct KeyLogFile(Mutex<File>);

impl KeyLogFile {
    /// Opens a file to append to; on Unix a new one is for its owner only.
    ///
    /// # Errors
    /// Those of opening it.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self(Mutex::new(options.open(path)?)))
    }

    /// The file that the environment variable `SSLKEYLOGFILE` names, if it is set. To call this is the opt-in.
    ///
    /// # Errors
    /// Those of opening it.
    pub fn from_env() -> io::Result<Option<Self>> {
        std::env::var_os("SSLKEYLOGFILE").filter(|path| !path.is_empty()).map(Self::open).transpose()
    }
}

impl KeyLog for KeyLogFile {
    /// A line that cannot be written is lost; the connection goes on.
    fn log(&self, line: &KeyLogLine) {
        let mut text = Zeroizing::new(String::with_capacity(192));
        text.push_str(line.label);
        for part in [&line.client_random.0[..], &line.secret.expose()[..]] {
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
