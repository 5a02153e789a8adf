//! The program under test.

use super::{Finished, Kind, Peer, Pki, pki};
use std::{net::TcpListener, process::Command};

/// The program with these arguments.
pub(crate) fn cairn(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
    command
        .args(arguments)
        .env_remove("SSLKEYLOGFILE")
        .env_remove("SSL_CERT_FILE")
        .env_remove("SSL_CERT_DIR");
    command
}

/// A port that was free a moment ago, for peers that cannot choose one themselves.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// `cairn serve` on a free port.
#[derive(Debug)]
pub(crate) struct Serve {
    peer: Peer,
    /// `127.0.0.1:port`.
    pub(crate) address: String,
    pub(crate) port: u16,
}

impl Serve {
    /// Starts it with a certificate of this kind.
    pub(crate) fn start(pki: &Pki, kind: Kind, arguments: &[&str]) -> Self {
        Self::with(&[pki.server(kind)], arguments)
    }

    /// Starts it with these certificates.
    pub(crate) fn with(files: &[pki::Files], arguments: &[&str]) -> Self {
        let mut command = cairn(&["serve", "--listen", "127.0.0.1:0"]);
        for files in files {
            command.args(["--cert", &files.cert, "--key", &files.key]);
        }
        let mut peer = Peer::start(command.args(arguments));
        let address = peer.wait_for("an address", |text| {
            let line = text.split_once('\n')?.0;
            Some(line.strip_prefix("listening on ")?.to_owned())
        });
        let port = address.rsplit_once(':').unwrap().1.parse().unwrap();
        Self { peer, address, port }
    }

    /// Waits until it has logged this text.
    pub(crate) fn wait_for_text(&mut self, wanted: &str) {
        self.peer.wait_for_text(wanted);
    }

    /// Its log so far.
    pub(crate) fn log(&self) -> String {
        self.peer.stderr()
    }

    /// Waits until it exits, if `--once` is given.
    pub(crate) fn finish(self) -> Finished {
        self.peer.finish()
    }
}
