//! Scripted servers in the test's own process.

use cairn_tls::{ServerConfig, ServerConfigBuilder, Stream, wire::CipherSuite};
use std::{
    net::{TcpListener, TcpStream},
    process::Command,
    thread::{self, JoinHandle},
};

/// A server with a pre-shared key that runs a script with each client.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) address: String,
    ended: Option<JoinHandle<()>>,
}

impl Script {
    /// Runs this script for this many clients, after a handshake.
    pub(crate) fn play(
        times: usize,
        configure: impl FnOnce(ServerConfigBuilder) -> ServerConfigBuilder,
        part: impl Fn(Stream<TcpStream>) + Send + 'static,
    ) -> Self {
        let builder = ServerConfig::builder().psk(b"id", &[0, 0x11, 0x22, 0x33]).unwrap();
        let builder = builder.suites(&[CipherSuite::TLS_PSK_WITH_AES_128_GCM_SHA256]).unwrap();
        let config = configure(builder).build().unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let ended = thread::spawn(move || {
            for _ in 0..times {
                let (tcp, _) = listener.accept().unwrap();
                tcp.set_read_timeout(Some(super::PATIENCE)).unwrap();
                let mut tls = Stream::server(&config, tcp).unwrap();
                if tls.handshake().is_ok() {
                    part(tls);
                }
            }
        });
        Self { address, ended: Some(ended) }
    }

    /// `cairn connect` to this server.
    pub(crate) fn connect(&self, arguments: &[&str]) -> Command {
        let mut command = super::cairn(&["connect", &self.address, "--psk", "id:00112233"]);
        command.args(["--suites", "TLS_PSK_WITH_AES_128_GCM_SHA256", "--name", "localhost"]).args(arguments);
        command
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if let Some(ended) = self.ended.take()
            && !thread::panicking()
        {
            ended.join().unwrap();
        }
    }
}
