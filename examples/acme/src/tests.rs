//! The example with Pebble.

use super::{Server, account, pebble::Pebble, until};
use cairn_tokio::{
    TlsConnector, TlsStream,
    tls::{ClientConfig, ServerName},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const NAME: &str = "www.example.com";

async fn connect(config: &ClientConfig, port: u16) -> std::io::Result<TlsStream<TcpStream>> {
    let tcp = TcpStream::connect(("127.0.0.1", port)).await?;
    let connector = TlsConnector::new(config.clone());
    Ok(connector.connect(ServerName::parse(NAME).unwrap(), tcp).await?)
}

fn certificate(tls: &TlsStream<TcpStream>) -> Vec<u8> {
    tls.summary().unwrap().peer_certificate().unwrap().to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_come_from_an_authority_while_the_server_runs() {
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = tcp.local_addr().unwrap().port();
    let pebble = Pebble::start(port).await;
    let server = Server::start(tcp, NAME).unwrap();
    let client = pebble.client().await;
    let error = connect(&client, port).await.unwrap_err().to_string();
    assert!(error.contains("certificate"), "{error}");

    let account = account(&pebble.directory(), pebble.trust()).await.unwrap();
    let renew = async |server: &Server| {
        server.renew(&account).await.map_err(|error| format!("{error}; {}", pebble.logs()))
    };
    let not_after = renew(&server).await.unwrap();
    assert!(!until(not_after).unwrap().is_zero());
    let mut first = connect(&client, port).await.unwrap();
    renew(&server).await.unwrap();
    let second = connect(&client, port).await.unwrap();
    assert_ne!(certificate(&first), certificate(&second));
    // The renewal has not interrupted the earlier connection.
    let request = format!("GET / HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n");
    first.write_all(request.as_bytes()).await.unwrap();
    let mut page = String::new();
    first.read_to_string(&mut page).await.unwrap();
    assert!(page.starts_with("HTTP/1.1 200 OK") && page.ends_with("hello\n"), "{page}");

    // The protocol of the challenge is not spoken without a challenge.
    let error = connect(&client.with_alpn(["acme-tls/1"]).unwrap(), port).await.unwrap_err().to_string();
    assert!(error.contains("no_application_protocol"), "{error}");
    // So a server on another port cannot prove that the name is its own.
    let other = Server::start(TcpListener::bind("127.0.0.1:0").await.unwrap(), NAME).unwrap();
    let error = renew(&other).await.unwrap_err();
    assert!(error.contains("Failed to connect") && error.contains("tls-alpn-01"), "{error}");
}
