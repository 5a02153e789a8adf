//! Reloads, and the end.

use super::support::{Folder, address, ask, ask_tls, connect, page, route, terminating, upstream};
use cairn_provider_parts::pbes2;
use cairn_tokio::tls::{crypto::PrivateKeyDer, x509::pem};
use core::time::Duration;
use tokio::{io::AsyncReadExt, io::AsyncWriteExt, net::TcpStream, time::timeout};

const LONG: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_reload_replaces_certificates_and_keeps_connections_sessions_and_sockets() {
    let folder = Folder::new();
    let settings = format!(
        "admin = '127.0.0.1:0'\n{}{}",
        terminating("web", "127.0.0.1:0"),
        route(upstream("plain").await)
    );
    let mut proxy = folder.start(&settings).await.unwrap();
    let before = address(&proxy, "web");
    let config = folder.client();
    let connector = cairn_tokio::TlsConnector::new(config.build().unwrap());
    let name = || cairn_tokio::tls::ServerName::parse("a.example").unwrap();
    let visit = async |connector: &cairn_tokio::TlsConnector| {
        let tcp = TcpStream::connect(before).await.unwrap();
        connector.connect(name(), tcp).await.unwrap()
    };
    let mut open = visit(&connector).await;
    let serial = |stream: &cairn_tokio::TlsStream<TcpStream>| {
        stream.summary().unwrap().peer_certificate().unwrap().to_vec()
    };
    let old = serial(&open);
    folder.issue("a", "a.example");
    proxy.reload().await.unwrap();
    assert_eq!(address(&proxy, "web"), before);
    // The open connection goes on, and gets its tickets.
    assert_eq!(ask(&mut open, "old").await.unwrap(), "plain: old");
    let resumed = visit(&connector).await;
    assert!(resumed.summary().unwrap().is_resumed());
    let fresh = connect(folder.client(), "a.example", before).await.unwrap();
    assert_ne!(serial(&fresh), old);

    // A broken file changes nothing.
    folder.put("proxy.toml", &format!("{settings}colour = 'blue'\n"));
    proxy.reload().await.unwrap_err();
    folder.put("proxy.toml", &settings);
    folder.put("a.key", "broken");
    let error = proxy.reload().await.unwrap_err();
    assert!(error.contains("a.key"), "{error}");
    assert_eq!(ask_tls(&folder, "a.example", before).await.unwrap(), "plain: hello");
    let metrics = page(&proxy, "/metrics").await;
    assert!(metrics.contains("cairn_reloads_total{result=\"failed\"} 2"), "{metrics}");
}

#[tokio::test]
async fn a_reload_adds_and_removes_listeners() {
    let folder = Folder::new();
    let plain = upstream("plain").await;
    let one = format!("[[listener]]\nname = 'one'\nlisten = '127.0.0.1:0'\n{}", route(plain));
    let mut proxy = folder.start(&one).await.unwrap();
    let first = address(&proxy, "one");
    let two = one.replace("one", "two").replace("127.0.0.1:0'\n[[", "127.0.0.2:0'\n[[");
    folder.put("proxy.toml", &two);
    proxy.reload().await.unwrap();
    let mut tcp = TcpStream::connect(address(&proxy, "two")).await.unwrap();
    assert_eq!(ask(&mut tcp, "hello").await.unwrap(), "plain: hello");
    // The old socket is closed when its task has ended.
    let gone = async {
        while TcpStream::connect(first).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(LONG, gone).await.unwrap();
}

#[tokio::test]
async fn a_raised_limit_on_connections_frees_a_full_listener() {
    let folder = Folder::new();
    let plain = upstream("plain").await;
    let settings = |max| {
        format!(
            "[[listener]]\nname = 'one'\nlisten = '127.0.0.1:0'\nmax_connections = {max}\n{}",
            route(plain)
        )
    };
    let mut proxy = folder.start(&settings(1)).await.unwrap();
    let place = address(&proxy, "one");
    let _full = TcpStream::connect(place).await.unwrap();
    let mut waiting = TcpStream::connect(place).await.unwrap();
    waiting.write_all(b"hello").await.unwrap();
    waiting.shutdown().await.unwrap();
    let mut response = String::new();
    timeout(Duration::from_millis(300), waiting.read_to_string(&mut response)).await.unwrap_err();
    folder.put("proxy.toml", &settings(2));
    proxy.reload().await.unwrap();
    timeout(LONG, waiting.read_to_string(&mut response)).await.unwrap().unwrap();
    assert_eq!(response, "plain: hello");
    // A smaller limit holds once connections have ended.
    folder.put("proxy.toml", &settings(1));
    proxy.reload().await.unwrap();
    let mut third = TcpStream::connect(place).await.unwrap();
    third.write_all(b"x").await.unwrap();
    timeout(Duration::from_millis(300), third.read(&mut [0; 10])).await.unwrap_err();
}

#[tokio::test]
async fn a_stop_waits_for_open_connections_up_to_its_time_limit() {
    let folder = Folder::new();
    let settings = terminating("web", "127.0.0.1:0") + &route(upstream("plain").await);
    let proxy = folder.start(&format!("drain_seconds = 60\n{settings}")).await.unwrap();
    let proxied = address(&proxy, "web");
    let mut open = connect(folder.client(), "a.example", proxied).await.unwrap();
    let stopping = tokio::spawn(proxy.stop());
    open.write_all(b"late").await.unwrap();
    open.shutdown().await.unwrap();
    let mut response = String::new();
    open.read_to_string(&mut response).await.unwrap();
    assert_eq!(response, "plain: late");
    timeout(LONG, stopping).await.unwrap().unwrap();
    TcpStream::connect(proxied).await.unwrap_err();

    let proxy = folder.start(&format!("drain_seconds = 1\n{settings}")).await.unwrap();
    let _open = connect(folder.client(), "a.example", address(&proxy, "web")).await.unwrap();
    timeout(LONG, proxy.stop()).await.unwrap();
}

#[tokio::test]
async fn changed_files_are_noticed_and_mended_settings_too() {
    let folder = Folder::new();
    let settings = terminating("web", "127.0.0.1:0") + &route(upstream("plain").await);
    let watched = format!("watch_seconds = 1\nadmin = '127.0.0.1:0'\n{settings}");
    let mut proxy = folder.start(&watched).await.unwrap();
    let web = address(&proxy, "web");
    timeout(Duration::from_millis(1500), proxy.changed()).await.unwrap_err();
    let leaf = async || {
        let tls = connect(folder.client(), "a.example", web).await.unwrap();
        tls.summary().unwrap().peer_certificate().unwrap().to_vec()
    };
    let old = leaf().await;
    folder.issue("a", "a.example");
    timeout(LONG, proxy.changed()).await.unwrap();
    // A change is not forgotten before the reload.
    timeout(Duration::from_millis(500), proxy.changed()).await.unwrap();
    proxy.reload().await.unwrap();
    assert_ne!(leaf().await, old);
    timeout(Duration::from_millis(1500), proxy.changed()).await.unwrap_err();
    // The file that broken settings name is awaited too.
    folder.put("proxy.toml", &watched.replace("a.pem", "missing.pem"));
    timeout(LONG, proxy.changed()).await.unwrap();
    let error = proxy.reload().await.unwrap_err();
    assert!(error.contains("missing.pem cannot be read"), "{error}");
    std::fs::copy(folder.path("a.pem"), folder.path("missing.pem")).unwrap();
    timeout(LONG, proxy.changed()).await.unwrap();
    proxy.reload().await.unwrap();
    // Without the setting, nothing is noticed.
    folder.put("proxy.toml", &settings);
    timeout(LONG, proxy.changed()).await.unwrap();
    proxy.reload().await.unwrap();
    folder.issue("a", "a.example");
    timeout(Duration::from_millis(1500), proxy.changed()).await.unwrap_err();
}

#[tokio::test]
async fn a_renewed_ocsp_response_is_noticed_and_stapled() {
    let folder = Folder::new();
    let identity = folder.issue("a", "a.example");
    let first = folder.put_ocsp("a.ocsp", &identity, 1000);
    let settings = terminating("web", "127.0.0.1:0").replace("key =", "ocsp = 'a.ocsp'\nkey =");
    let settings = settings + &route(upstream("plain").await);
    let mut proxy =
        folder.start(&format!("watch_seconds = 1\nadmin = '127.0.0.1:0'\n{settings}")).await.unwrap();
    let web = address(&proxy, "web");
    let stapled = async || {
        let tls = connect(folder.client(), "a.example", web).await.unwrap();
        tls.summary().unwrap().stapled().unwrap().ocsp_response.clone()
    };
    assert_eq!(stapled().await, Some(first));
    let second = folder.put_ocsp("a.ocsp", &identity, 2000);
    timeout(LONG, proxy.changed()).await.unwrap();
    proxy.reload().await.unwrap();
    assert_eq!(stapled().await, Some(second.clone()));
    // A broken response keeps the old one.
    folder.put("a.ocsp", "broken");
    timeout(LONG, proxy.changed()).await.unwrap();
    let error = proxy.reload().await.unwrap_err();
    assert!(error.contains("a.ocsp"), "{error}");
    assert_eq!(stapled().await, Some(second));
}

#[tokio::test]
async fn an_encrypted_key_is_decrypted_and_a_wrong_passphrase_keeps_the_old_one() {
    let folder = Folder::new();
    let issue_encrypted = |passphrase: &[u8]| {
        let identity = folder.issue("a", "a.example");
        let PrivateKeyDer::Pkcs8(key) = identity.key().as_der() else { panic!("another form") };
        let key = pbes2::encrypt(key, passphrase, &[1; 16], [2; 16]).unwrap();
        folder.put("a.key", &pem::encode_encrypted_private_key(&key));
        identity.certificate().to_vec()
    };
    let first = issue_encrypted(b"one");
    folder.put("passphrase", "one\r\nnot part of it\n");
    let without = terminating("web", "127.0.0.1:0") + &route(upstream("plain").await);
    let settings = without.replace("key =", "passphrase_file = 'passphrase'\nkey =");
    let mut proxy = folder.start(&settings).await.unwrap();
    let web = address(&proxy, "web");
    let leaf = async || {
        let tls = connect(folder.client(), "a.example", web).await.unwrap();
        tls.summary().unwrap().peer_certificate().unwrap().to_vec()
    };
    assert_eq!(leaf().await, first);

    let second = issue_encrypted(b"two");
    let error = proxy.reload().await.unwrap_err();
    assert!(error.contains("a.key: encrypted private key: the passphrase is wrong"), "{error}");
    assert_eq!(leaf().await, first);
    folder.put("proxy.toml", &without);
    let error = proxy.reload().await.unwrap_err();
    assert!(error.contains("name a file with its passphrase in passphrase_file"), "{error}");
    assert_eq!(leaf().await, first);
    folder.put("proxy.toml", &settings);
    folder.put("passphrase", "two");
    proxy.reload().await.unwrap();
    assert_eq!(leaf().await, second);
}

#[cfg(not(feature = "redis"))]
#[tokio::test]
async fn settings_for_parts_that_are_not_compiled_are_refused() {
    let folder = Folder::new();
    folder.put("root.key", "x");
    let settings = terminating("web", "127.0.0.1:0") + &route("127.0.0.1:1");
    let sessions = "[sessions]\nurl = 'redis://127.0.0.1:1/'\nroot_key = 'root.key'\n";
    let error = folder.start(&format!("{sessions}{settings}")).await.unwrap_err();
    assert!(error.contains("built without the feature redis"), "{error}");
}
