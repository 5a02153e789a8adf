//! The proxy in a process of its own.

use cairn_proxy::Proxy;
use cairn_tokio::{
    TlsConnector,
    tls::{
        ClientConfig,
        crypto::KeySpec,
        default_provider,
        x509::issue::{Identity, Template},
    },
};
use core::net::SocketAddr;
use std::{env, fs, path::PathBuf, process::Stdio};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines, stdin},
    net::TcpListener,
    process::{Child, ChildStdin, ChildStdout, Command},
};

/// Runs a proxy until standard input ends. Each line reloads it.
pub(crate) async fn run(file: &str) {
    let mut proxy = Proxy::start(file.as_ref()).await.expect("settings");
    for (name, address) in proxy.addresses() {
        println!("{name} {address}");
    }
    println!("ready");
    let mut lines = BufReader::new(stdin()).lines();
    while let Ok(Some(_)) = lines.next_line().await {
        proxy.reload().await.expect("settings");
        println!("ready");
    }
    proxy.stop().await;
}

/// A running proxy.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Lines<BufReader<ChildStdout>>,
    pub(crate) folder: PathBuf,
    identity: Identity,
    addresses: Vec<(String, SocketAddr)>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.folder);
    }
}

impl Running {
    /// Starts a proxy with two listeners, `tls` and `plain`, that forward to this upstream.
    pub(crate) async fn start(upstream: SocketAddr) -> Self {
        let folder = env::temp_dir().join(format!("cairn-bench-proxy-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let template = Template::server("localhost").dns("localhost").valid(0, 4_000_000_000);
        let identity = template.self_signed(&default_provider(), KeySpec::EcP256).expect("a certificate");
        fs::write(folder.join("cert.pem"), identity.chain_pem()).expect("a file");
        fs::write(folder.join("key.pem"), identity.key().to_pem().as_bytes()).expect("a file");
        let settings = format!(
            "[[listener]]\nname = 'tls'\nlisten = '127.0.0.1:0'\n[listener.tls]\n\
             [[listener.tls.certificate]]\nchain = 'cert.pem'\nkey = 'key.pem'\n[[listener.route]]\n\
             upstream = '{upstream}'\n[[listener]]\nname = 'plain'\nlisten = '127.0.0.2:0'\n\
             [[listener.route]]\nupstream = '{upstream}'\n"
        );
        let file = folder.join("proxy.toml");
        fs::write(&file, settings).expect("a file");
        let program = env::current_exe().expect("this program");
        let mut command = Command::new(program);
        command.arg("run").arg(&file).stdin(Stdio::piped()).stdout(Stdio::piped());
        // A line for each connection would cost more than the connection.
        command.stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().expect("a process");
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take().expect("its output"));
        let stdout = BufReader::new(stdout).lines();
        let mut running = Self { child, stdin, stdout, folder, identity, addresses: Vec::new() };
        running.await_ready().await;
        running
    }

    async fn await_ready(&mut self) {
        loop {
            let line = self.stdout.next_line().await.expect("its output").expect("the proxy has ended");
            match line.split_once(' ') {
                Some((name, address)) => {
                    self.addresses.push((name.to_owned(), address.parse().expect("an address")));
                }
                None => return,
            }
        }
    }

    pub(crate) fn address(&self, name: &str) -> SocketAddr {
        self.addresses.iter().find(|(other, _)| other == name).expect("a listener").1
    }

    pub(crate) fn connector(&self) -> TlsConnector {
        let config = ClientConfig::builder().trust_pem(self.identity.certificate_pem().as_bytes());
        TlsConnector::new(config.expect("a certificate").build().expect("a configuration"))
    }

    /// Reloads the settings.
    pub(crate) async fn reload(&mut self) {
        let stdin = self.stdin.as_mut().expect("its input");
        stdin.write_all(b"reload\n").await.expect("its input");
        self.await_ready().await;
    }

    /// The memory of its process in KiB, on Linux.
    pub(crate) fn memory(&self) -> u64 {
        let id = self.child.id().expect("it runs");
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    }

    /// Stops it, and waits for its end.
    pub(crate) async fn stop(mut self) {
        self.stdin = None;
        assert!(self.child.wait().await.expect("its end").success(), "the proxy has failed");
    }
}

/// An upstream that echoes.
pub(crate) async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        loop {
            let Ok((mut tcp, _)) = listener.accept().await else { continue };
            let _slower = tcp.set_nodelay(true);
            tokio::spawn(async move {
                let (mut read, mut write) = tcp.split();
                // A connection that breaks is the client's business.
                if tokio::io::copy(&mut read, &mut write).await.is_ok() {
                    let _gone = write.shutdown().await;
                }
            });
        }
    });
    address
}
