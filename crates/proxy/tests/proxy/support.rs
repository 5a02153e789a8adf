//! A folder with certificates and settings, upstreams, and clients.

use cairn_proxy::Proxy;
use cairn_tokio::{
    TlsAcceptor, TlsConnector, TlsStream,
    tls::{
        ClientConfig, ClientConfigBuilder, ServerConfig, ServerName, Versions,
        crypto::KeySpec,
        x509::{
            issue::{Identity, OcspTemplate, Template},
            ocsp::State,
        },
    },
};
use std::{
    fs, io,
    net::SocketAddr,
    path::PathBuf,
    process,
    sync::atomic::{AtomicU32, Ordering},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// The end of the validity of all certificates.
const LATER: u64 = 4_000_000_000;

/// A folder that is removed at the end, with an authority and certificates that it has issued.
pub(crate) struct Folder {
    path: PathBuf,
    authority: Identity,
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.path);
    }
}

impl Folder {
    /// A new folder with the certificate of `a.example`.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("cairn-proxy-{}-{number}", process::id()));
        fs::create_dir_all(&path).unwrap();
        let template = Template::authority("A CA").valid(0, LATER);
        let authority = template.self_signed(&cairn_tokio::tls::default_provider(), KeySpec::EcP256).unwrap();
        let folder = Self { path, authority };
        folder.put("ca.pem", &folder.authority.certificate_pem());
        folder.issue("a", "a.example");
        folder
    }

    pub(crate) fn put(&self, name: &str, text: &str) {
        fs::write(self.path.join(name), text).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.path.join(name).display().to_string()
    }

    /// Issues a certificate for a name, as the files `{file}.pem` and `{file}.key`.
    pub(crate) fn issue(&self, file: &str, name: &str) -> Identity {
        let template = Template::server(name).dns(name).valid(0, LATER);
        let provider = cairn_tokio::tls::default_provider();
        let identity = template.issue(&provider, KeySpec::EcP256, &self.authority).unwrap();
        self.put(&format!("{file}.pem"), &identity.chain_pem());
        self.put(&format!("{file}.key"), &identity.key().to_pem());
        identity
    }

    /// Writes an OCSP response about a certificate that was issued here, and returns it.
    pub(crate) fn put_ocsp(&self, name: &str, of: &Identity, this_update: u64) -> Vec<u8> {
        let template = OcspTemplate::new(State::Good, this_update, Some(LATER));
        let provider = cairn_tokio::tls::default_provider();
        let response = template.sign(&provider, of.certificate(), &self.authority, &self.authority).unwrap();
        fs::write(self.path.join(name), &response).unwrap();
        response
    }

    /// Issues the certificate of a client.
    pub(crate) fn issue_client(&self, name: &str) -> (String, String) {
        let template = Template::client(name).dns(name).valid(0, LATER);
        let provider = cairn_tokio::tls::default_provider();
        let identity = template.issue(&provider, KeySpec::EcP256, &self.authority).unwrap();
        (identity.chain_pem(), identity.key().to_pem().to_string())
    }

    /// Starts a proxy with these settings.
    pub(crate) async fn start(&self, settings: &str) -> Result<Proxy, String> {
        self.put("proxy.toml", settings);
        Proxy::start(&self.path.join("proxy.toml")).await
    }

    pub(crate) fn client(&self) -> ClientConfigBuilder {
        ClientConfig::builder().trust_pem(self.authority.certificate_pem().as_bytes()).unwrap()
    }

    /// A TLS server of its own for a name, whose answers begin with its name.
    pub(crate) async fn tls_upstream(&self, name: &'static str) -> SocketAddr {
        let identity = self.issue(name, name);
        let chain: Vec<&[u8]> = identity.chain().collect();
        let config = ServerConfig::builder().credential(&chain, identity.signing_key().clone()).unwrap();
        let acceptor = TlsAcceptor::new(config.alpn(["h2", "http/1.1"]).build().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut tls = acceptor.accept(tcp).await?;
                    let alpn = tls.summary().and_then(|summary| summary.alpn.clone());
                    let alpn = alpn.map_or("none".into(), |alpn| String::from_utf8_lossy(&alpn).into_owned());
                    answer(&mut tls, &format!("{name} {alpn}")).await
                });
            }
        });
        address
    }
}

/// Reads to the end, and answers with a name and the data that was read.
async fn answer(io: &mut (impl AsyncRead + AsyncWrite + Unpin), name: &str) -> io::Result<()> {
    let mut request = Vec::new();
    io.read_to_end(&mut request).await?;
    io.write_all(format!("{name}: {}", String::from_utf8_lossy(&request)).as_bytes()).await?;
    io.shutdown().await
}

/// An upstream without TLS.
pub(crate) async fn upstream(name: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut tcp, _) = listener.accept().await.unwrap();
            tokio::spawn(async move { answer(&mut tcp, name).await });
        }
    });
    address
}

/// An upstream on a Unix socket.
#[cfg(unix)]
pub(crate) fn unix_upstream(path: &str, name: &'static str) {
    let listener = tokio::net::UnixListener::bind(path).unwrap();
    tokio::spawn(async move {
        loop {
            let (mut unix, _) = listener.accept().await.unwrap();
            tokio::spawn(async move { answer(&mut unix, name).await });
        }
    });
}

/// The settings of a listener that terminates TLS, without its routes.
pub(crate) fn terminating(name: &str, listen: &str) -> String {
    format!(
        "[[listener]]\nname = '{name}'\nlisten = '{listen}'\n[listener.tls]\nalpn = ['h2', 'http/1.1']\n\
         [[listener.tls.certificate]]\nchain = 'a.pem'\nkey = 'a.key'\n"
    )
}

pub(crate) fn route(upstream: impl core::fmt::Display) -> String {
    format!("[[listener.route]]\nupstream = '{upstream}'\n")
}

pub(crate) fn address(proxy: &Proxy, name: &str) -> SocketAddr {
    proxy.addresses().find(|(other, _)| *other == name).unwrap().1
}

/// A TLS connection to the proxy.
pub(crate) async fn connect(
    config: ClientConfigBuilder,
    name: &str,
    proxy: SocketAddr,
) -> io::Result<TlsStream<TcpStream>> {
    let tcp = TcpStream::connect(proxy).await?;
    let connector = TlsConnector::new(config.build().unwrap());
    Ok(connector.connect(ServerName::parse(name).unwrap(), tcp).await?)
}

/// Sends a request, closes our side, and reads the response.
pub(crate) async fn ask(io: &mut (impl AsyncRead + AsyncWrite + Unpin), request: &str) -> io::Result<String> {
    io.write_all(request.as_bytes()).await?;
    io.shutdown().await?;
    let mut response = String::new();
    io.read_to_string(&mut response).await?;
    Ok(response)
}

/// A request by TLS 1.3 with a name.
pub(crate) async fn ask_tls(folder: &Folder, name: &str, proxy: SocketAddr) -> io::Result<String> {
    let mut tls = connect(folder.client().versions(Versions::Tls13), name, proxy).await?;
    ask(&mut tls, "hello").await
}

/// A page of the HTTP server for metrics and health.
pub(crate) async fn page(proxy: &Proxy, path: &str) -> String {
    let mut tcp = TcpStream::connect(proxy.admin().unwrap()).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    tcp.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    tcp.read_to_string(&mut response).await.unwrap();
    response
}
