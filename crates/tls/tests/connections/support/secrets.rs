//! A key log in memory, and the traffic secrets of TLS 1.3 in it.

use super::provider;
use cairn_crypto::SecretBytes;
use cairn_schedule::tls13::{ApplicationTrafficSecret, HandshakeTrafficSecret, Kdf, SUITES, Tls13Suite};
use cairn_tls::{KeyLog, KeyLogLine, Side};
use std::sync::{Mutex, MutexGuard};

/// Keeps the lines of a key log.
#[derive(Debug, Default)]
pub(crate) struct Secrets(Mutex<Vec<KeyLogLine>>);

impl KeyLog for Secrets {
    fn log(&self, line: &KeyLogLine) {
        let KeyLogLine { label, client_random, ref secret } = *line;
        let secret = SecretBytes::from(secret.expose());
        self.0.lock().unwrap().push(KeyLogLine { label, client_random, secret });
    }
}

impl Secrets {
    /// The lines so far.
    pub(crate) fn lines(&self) -> MutexGuard<'_, Vec<KeyLogLine>> {
        self.0.lock().unwrap()
    }

    /// The latest secret with this label.
    fn latest(&self, label: &str) -> SecretBytes {
        let lines = self.lines();
        let line = lines.iter().rfind(|line| line.label == label).unwrap();
        SecretBytes::from(line.secret.expose())
    }

    /// The secret of the handshake messages of `sender`, and a suite with its hash.
    pub(crate) fn handshake(&self, sender: Side) -> (HandshakeTrafficSecret, &'static Tls13Suite) {
        let secret = self.latest(match sender {
            Side::Client => "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
            Side::Server => "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        });
        let suite = SUITES.iter().find(|suite| suite.hash.output_len() == secret.expose().len()).unwrap();
        let kdf = Kdf::new(provider(), suite.hash).unwrap();
        (HandshakeTrafficSecret::new(&kdf, secret).unwrap(), suite)
    }

    /// The first secret of the client's application data.
    pub(crate) fn client_application(&self, suite: &Tls13Suite) -> ApplicationTrafficSecret {
        let kdf = Kdf::new(provider(), suite.hash).unwrap();
        ApplicationTrafficSecret::new(&kdf, self.latest("CLIENT_TRAFFIC_SECRET_0")).unwrap()
    }
}
