//! Pebble, an ACME authority for tests, which validates challenges as real ones do.

use cairn_tokio::{
    HttpsConnector, TlsConnector,
    tls::{
        ClientConfig,
        crypto::KeySpec,
        default_provider,
        x509::issue::{Identity, Template},
    },
};
use http::Uri;
use http_body_util::{BodyExt, Empty};
use hyper_util::{client::legacy, rt::TokioExecutor};
use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tokio::net::TcpStream;

/// Pebble, and a name server that resolves each name to 127.0.0.1. Both are ended on drop.
pub(crate) struct Pebble {
    folder: PathBuf,
    programs: Vec<Child>,
    identity: Identity,
    port: u16,
    management: u16,
}

impl Pebble {
    /// Starts it. It connects to `port` for challenges.
    pub(crate) async fn start(port: u16) -> Self {
        let template = Template::server("localhost").dns("localhost").valid(0, 4_000_000_000);
        let identity = template.self_signed(&default_provider(), KeySpec::EcP256).unwrap();
        let folder = std::env::temp_dir().join(format!("cairn-acme-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let [directory, management, names, names_management] = free_ports();
        let mut pebble = Self { folder, programs: Vec::new(), identity, port: directory, management };
        let [cert, key] = [
            pebble.write("cert.pem", &pebble.identity.certificate_pem()),
            pebble.write("key.pem", &pebble.identity.key().to_pem()),
        ];
        let config = format!(
            r#"{{"pebble": {{"listenAddress": "127.0.0.1:{directory}",
                "managementListenAddress": "127.0.0.1:{management}", "certificate": {cert:?},
                "privateKey": {key:?}, "httpPort": 1, "tlsPort": {port}}}}}"#
        );
        let config = pebble.write("config.json", &config);
        let mut names_program = Command::new("pebble-challtestsrv");
        names_program.args(["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", ""]);
        names_program.args(["-dns01", &format!("127.0.0.1:{names}")]);
        pebble.run(names_program.args(["-management", &format!("127.0.0.1:{names_management}")]));
        let mut authority = Command::new("pebble");
        authority.arg("-config").arg(config).args(["-dnsserver", &format!("127.0.0.1:{names}")]);
        // Each order is validated, without delay.
        authority.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_AUTHZREUSE", "0");
        pebble.run(authority.env("PEBBLE_WFE_NONCEREJECT", "0"));
        for port in [directory, management, names_management] {
            pebble.wait(port).await;
        }
        pebble
    }

    fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.join(name);
        fs::write(&path, content).unwrap();
        path
    }

    fn run(&mut self, command: &mut Command) {
        let log = fs::File::create(self.folder.join(format!("log-{}", self.programs.len()))).unwrap();
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let program = command.spawn().unwrap_or_else(|error| {
            panic!("{:?} cannot be started: {error}; it is in Debian's package pebble", command.get_program())
        });
        self.programs.push(program);
    }

    /// Waits until a program listens.
    async fn wait(&self, port: u16) {
        let begun = Instant::now();
        while let Err(error) = TcpStream::connect(("127.0.0.1", port)).await {
            assert!(begun.elapsed() < Duration::from_secs(20), "port {port}: {error}; {}", self.logs());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) fn logs(&self) -> String {
        let log = |number| fs::read_to_string(self.folder.join(format!("log-{number}")));
        (0..self.programs.len()).filter_map(|number| log(number).ok()).collect()
    }

    pub(crate) fn directory(&self) -> String {
        format!("https://localhost:{}/dir", self.port)
    }

    /// A client that trusts the server of the directory.
    pub(crate) fn trust(&self) -> ClientConfig {
        let trust = ClientConfig::builder().trust_pem(self.identity.certificate_pem().as_bytes());
        trust.unwrap().build().unwrap()
    }

    /// A client that trusts the issued certificates.
    pub(crate) async fn client(&self) -> ClientConfig {
        let https = HttpsConnector::new(TlsConnector::new(self.trust()));
        let client = legacy::Client::builder(TokioExecutor::new()).build::<_, Empty<&[u8]>>(https);
        let uri: Uri = format!("https://localhost:{}/roots/0", self.management).parse().unwrap();
        let root = client.get(uri).await.unwrap().into_body().collect().await.unwrap().to_bytes();
        ClientConfig::builder().trust_pem(&root).unwrap().build().unwrap()
    }
}

impl Drop for Pebble {
    fn drop(&mut self) {
        for program in &mut self.programs {
            let _ended = program.kill();
            let _ended = program.wait();
        }
        let _gone = fs::remove_dir_all(&self.folder);
    }
}

/// Ports that were free a moment ago.
fn free_ports() -> [u16; 4] {
    [(); 4]
        .map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap())
        .map(|listener| listener.local_addr().unwrap().port())
}
