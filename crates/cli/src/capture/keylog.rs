//! Key logs: files in the format of NSS (RFC 9850), as `SSLKEYLOGFILE` makes them.

use cairn_tls::crypto::SecretBytes;
use std::collections::HashMap;

/// The secrets that records are opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Label {
    /// The master secret of TLS 1.2.
    Master,
    ClientEarly,
    ClientHandshake,
    ServerHandshake,
    ClientTraffic,
    ServerTraffic,
}

impl Label {
    const ALL: [Self; 6] = [
        Self::Master,
        Self::ClientEarly,
        Self::ClientHandshake,
        Self::ServerHandshake,
        Self::ClientTraffic,
        Self::ServerTraffic,
    ];

    /// The name in a key log (RFC 9850 section 2).
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Master => "CLIENT_RANDOM",
            Self::ClientEarly => "CLIENT_EARLY_TRAFFIC_SECRET",
            Self::ClientHandshake => "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
            Self::ServerHandshake => "SERVER_HANDSHAKE_TRAFFIC_SECRET",
            Self::ClientTraffic => "CLIENT_TRAFFIC_SECRET_0",
            Self::ServerTraffic => "SERVER_TRAFFIC_SECRET_0",
        }
    }
}

/// The longest secret: an output of SHA-512 is longer than any that TLS has.
const MAX_SECRET: usize = 64;

/// The secrets of connections, by the random of their ClientHello. The last line with a secret counts.
#[derive(Debug, Default)]
pub(crate) struct KeyLog {
    secrets: HashMap<([u8; 32], Label), SecretBytes>,
    /// Whether there was any log.
    is_given: bool,
}

impl KeyLog {
    /// Adds the lines of a log. Comments, and secrets of other purposes, are passed over. Returns a
    /// description of the first line that should be a secret and is not.
    pub(crate) fn add(&mut self, log: &[u8]) -> Option<String> {
        self.is_given = true;
        let mut fault = None;
        for (number, line) in (1_usize..).zip(log.split(|byte| *byte == b'\n')) {
            let line = line.trim_ascii();
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            if let Err(what) = self.line(line) {
                fault.get_or_insert_with(|| format!("line {number} of the key log {what}"));
            }
        }
        fault
    }

    fn line(&mut self, line: &[u8]) -> Result<(), &'static str> {
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let (Some(label), Some(random), Some(secret), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err("has not the form LABEL RANDOM SECRET");
        };
        let Some(label) = Label::ALL.into_iter().find(|each| each.name().as_bytes() == label) else {
            // EXPORTER_SECRET, for example.
            return Ok(());
        };
        let mut key = [0; 32];
        if !hex(random, &mut key) {
            return Err("has not a random of 64 hexadecimal digits");
        }
        let length = secret.len() / 2;
        let fault = "has not a secret in hexadecimal";
        let secret = SecretBytes::try_with(length.min(MAX_SECRET), |out| {
            if hex(secret, out) { Ok(()) } else { Err(fault) }
        })?;
        self.secrets.insert((key, label), secret);
        Ok(())
    }

    /// The secret of a connection.
    pub(super) fn get(&self, random: &[u8; 32], label: Label) -> Option<&SecretBytes> {
        self.secrets.get(&(*random, label))
    }

    /// Whether there is a log at all.
    pub(super) const fn is_given(&self) -> bool {
        self.is_given
    }
}

/// Writes the bytes of hexadecimal digits. `false` unless they fill `out` exactly.
fn hex(digits: &[u8], out: &mut [u8]) -> bool {
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    digits.len() == out.len().saturating_mul(2)
        && digits.chunks_exact(2).zip(out).all(|(pair, place)| match pair {
            [high, low] => match (value(*high), value(*low)) {
                (Some(high), Some(low)) => {
                    *place = high << 4 | low;
                    true
                }
                _ => false,
            },
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn secrets_are_found_by_random_and_label() {
        let (random, other) = ("07".repeat(32), "08".repeat(32));
        let log = format!(
            "# comment\r\nCLIENT_RANDOM {random} {}\r\n\nEXPORTER_SECRET {random} 00\n\
             SERVER_TRAFFIC_SECRET_0 {random} 0aFF\nSERVER_TRAFFIC_SECRET_0 {other} 0b\n",
            "01".repeat(48)
        );
        let mut keys = KeyLog::default();
        assert!(!keys.is_given());
        assert_eq!(keys.add(log.as_bytes()), None);
        assert!(keys.is_given());
        assert_eq!(keys.get(&[7; 32], Label::Master).unwrap().expose(), [1; 48]);
        assert_eq!(keys.get(&[7; 32], Label::ServerTraffic).unwrap().expose(), [10, 255]);
        assert_eq!(keys.get(&[8; 32], Label::ServerTraffic).unwrap().expose(), [11]);
        assert_eq!(keys.get(&[7; 32], Label::ClientTraffic), None);
        assert_eq!(keys.get(&[9; 32], Label::Master), None);
    }

    #[test]
    fn the_last_secret_of_a_label_is_kept_and_no_other() {
        let random = "07".repeat(32);
        let lines: Vec<String> =
            (0..50_u8).map(|value| format!("CLIENT_RANDOM {random} {value:02x}\n")).collect();
        let mut keys = KeyLog::default();
        keys.add(lines.concat().as_bytes());
        keys.add(format!("CLIENT_TRAFFIC_SECRET_0 {random} 77").as_bytes());
        assert_eq!(keys.secrets.len(), 2);
        assert_eq!(keys.get(&[7; 32], Label::Master).unwrap().expose(), [49]);
        assert_eq!(keys.get(&[7; 32], Label::ClientTraffic).unwrap().expose(), [0x77]);
    }

    #[test]
    fn malformed_lines_are_named_and_the_others_are_read() {
        let random = "07".repeat(32);
        for line in [
            "CLIENT_RANDOM".to_owned(),
            "CLIENT_RANDOM 07 01".to_owned(),
            format!("CLIENT_RANDOM {random} 0x"),
            format!("CLIENT_RANDOM {random} 012"),
            format!("CLIENT_RANDOM {random} {}", "01".repeat(65)),
            format!("CLIENT_RANDOM {random} 01 02"),
        ] {
            let mut keys = KeyLog::default();
            let fault = keys.add(format!("\n{line}\nCLIENT_RANDOM {random} 01").as_bytes()).unwrap();
            assert!(fault.starts_with("line 2 of the key log has not "), "{line}: {fault}");
            assert_eq!(keys.get(&[7; 32], Label::Master).unwrap().expose(), [1]);
        }
    }
}
