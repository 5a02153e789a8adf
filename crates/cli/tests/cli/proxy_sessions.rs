//! `cairn proxy` with sessions in Redis.

use crate::support::{Echo, Kind, PATIENCE, Peer, Pki, Proxy, cairn, installed, run};
use cairn_tls::{ClientConfig, EarlyData, ServerName, Stream, Versions};
use core::time::Duration;
use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::net::UnixStream,
    process::Command,
    thread,
    time::Instant,
};

/// A `redis-server` on a socket in the folder. Its password is `secret`.
fn redis(pki: &Pki) -> Peer {
    let socket = pki.folder.file("redis.sock");
    let mut command = Command::new("redis-server");
    command.args(["--port", "0", "--save", "", "--appendonly", "no", "--requirepass", "secret"]);
    command.args(["--unixsocket", &socket, "--dir"]).arg(pki.folder.path());
    let server = Peer::start(&mut command);
    let begun = Instant::now();
    while UnixStream::connect(&socket).is_err() {
        assert!(begun.elapsed() < PATIENCE, "redis-server does not answer");
        thread::sleep(Duration::from_millis(10));
    }
    server
}

/// The settings of a proxy of the fleet.
fn settings(pki: &Pki, name: &str, upstream: &Echo) -> String {
    let files = pki.server(Kind::P256);
    pki.folder.write("root.key", [7; 32]);
    pki.folder.write("password", "secret\n");
    let text = format!(
        "admin = '127.0.0.1:0'\n[sessions]\nurl = 'redis+unix://{}'\npassword_file = 'password'\n\
         root_key = 'root.key'\ntime_limit_milliseconds = 2000\n[[listener]]\nname = 'front'\n\
         listen = '127.0.0.1:0'\n[listener.tls]\n[[listener.tls.certificate]]\nchain = '{}'\nkey = '{}'\n\
         [[listener.route]]\nupstream = '{}'\n",
        pki.folder.file("redis.sock"),
        files.cert,
        files.key,
        upstream.address
    );
    pki.folder.write(name, text)
}

/// Makes a connection and returns whether a session was resumed.
fn is_resumed(config: &ClientConfig, proxy: &Proxy) -> bool {
    let tcp = TcpStream::connect(&proxy.address).unwrap();
    tcp.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut tls = Stream::client(config, ServerName::parse("localhost").unwrap(), tcp).unwrap();
    tls.write_all(b"hello").unwrap();
    // The tickets come before the response.
    let mut response = [0; 5];
    tls.read_exact(&mut response).unwrap();
    assert_eq!(&response, b"hello");
    tls.summary().unwrap().is_resumed()
}

fn client(pki: &Pki, versions: Versions) -> ClientConfig {
    let roots = fs::read(&pki.ca).unwrap();
    ClientConfig::builder().trust_pem(&roots).unwrap().versions(versions).build().unwrap()
}

/// The number of events in the metrics.
fn events(proxy: &Proxy, event: &str) -> u64 {
    let start = format!("cairn_session_store_events_total{{event=\"{event}\"}} ");
    let page = proxy.page("/metrics");
    page.lines().find_map(|line| line.strip_prefix(&*start)).unwrap().parse().unwrap()
}

/// Checks that the second proxy resumes sessions of the first.
fn check_sharing(pki: &Pki, first: &Proxy, second: &Proxy) {
    let mut stored = 0;
    for versions in [Versions::Tls13, Versions::Tls12] {
        let config = client(pki, versions);
        assert!(!is_resumed(&config, first));
        // Sessions are written after the handshake.
        let begun = Instant::now();
        while events(first, "stored") == stored {
            assert!(begun.elapsed() < PATIENCE, "no session is stored");
            thread::sleep(Duration::from_millis(20));
        }
        thread::sleep(Duration::from_millis(100));
        stored = events(first, "stored");
        assert!(is_resumed(&config, second), "{versions:?}");
    }
    assert_eq!(events(second, "found"), 2);
}

/// The settings of a proxy that connects to the store by TLS to this address.
fn settings_with_tls(pki: &Pki, name: &str, upstream: &Echo, store: &str) -> String {
    let file = settings(pki, name, upstream);
    let text = fs::read_to_string(&file).unwrap();
    let url = format!("redis+unix://{}", pki.folder.file("redis.sock"));
    let (_, port) = store.rsplit_once(':').unwrap();
    let to = format!("redis://localhost:{port}/'\nca = '{}", pki.ca);
    fs::write(&file, text.replace(&url, &to)).unwrap();
    file
}

#[test]
fn proxies_share_sessions_by_tls_to_the_store() {
    if !installed("redis-server") {
        return;
    }
    let (pki, upstream) = (Pki::new(), Echo::start());
    let store = redis(&pki);
    // Another proxy terminates TLS in front of the store.
    let files = pki.server(Kind::P256);
    let front = format!(
        "admin = '127.0.0.1:0'\n[[listener]]\nname = 'front'\nlisten = '127.0.0.1:0'\n[listener.tls]\n\
         [[listener.tls.certificate]]\nchain = '{}'\nkey = '{}'\n\
         [[listener.route]]\nupstream = 'unix:{}'\n",
        files.cert,
        files.key,
        pki.folder.file("redis.sock")
    );
    let front = Proxy::start(&pki.folder.write("front.toml", front), &[]);
    let [first, second] = ["first.toml", "second.toml"]
        .map(|name| Proxy::start(&settings_with_tls(&pki, name, &upstream, &front.address), &[]));
    check_sharing(&pki, &first, &second);
    first.stop().expect_code(0);
    second.stop().expect_code(0);
    front.stop().expect_code(0);
    store.kill();
}

#[test]
fn a_second_proxy_resumes_sessions_and_a_dead_store_costs_full_handshakes_only() {
    if !installed("redis-server") {
        return;
    }
    let (pki, upstream) = (Pki::new(), Echo::start());
    let store = redis(&pki);
    let first = Proxy::start(&settings(&pki, "first.toml", &upstream), &[]);
    let mut second = Proxy::start(&settings(&pki, "second.toml", &upstream), &[]);
    check_sharing(&pki, &first, &second);
    assert!(first.page("/metrics").contains("cairn_session_store_up 1\n"));
    assert!(first.page("/health").ends_with("\r\nok\n"));

    // A reload with the same settings keeps the state of the store.
    second.peer.signal("HUP");
    second.peer.wait_for_text("cairn: reloaded");
    assert_eq!(events(&second, "found"), 2);
    store.kill();
    let config = client(&pki, Versions::Tls13);
    for _ in 0..10 {
        for proxy in [&first, &second] {
            assert!(!is_resumed(&config, proxy));
        }
    }
    first.wait_for_page("/health", "200 OK");
    first.wait_for_page("/health", "ok, but the session store does not answer");
    assert!(first.page("/metrics").contains("cairn_session_store_up 0\n"));
    first.stop().expect_code(0);
    second.stop().expect_code(0);
}

/// Sends five bytes as early data, or later if they are not accepted, and returns what became of them.
fn send_early(config: &ClientConfig, proxy: &Proxy) -> EarlyData {
    let tcp = TcpStream::connect(&proxy.address).unwrap();
    tcp.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut tls = Stream::client(config, ServerName::parse("localhost").unwrap(), tcp).unwrap();
    tls.write_early(b"hello").unwrap();
    tls.handshake().unwrap();
    let outcome = tls.summary().unwrap().tls13().unwrap().early_data;
    if outcome != EarlyData::Accepted {
        tls.write_all(b"hello").unwrap();
    }
    let mut response = [0; 5];
    tls.read_exact(&mut response).unwrap();
    assert_eq!(&response, b"hello");
    outcome
}

/// Executes a command of Redis and returns its answer.
fn redis_command(pki: &Pki, words: &[&str]) -> String {
    let mut command = Command::new("redis-cli");
    command.args(["-s", &pki.folder.file("redis.sock"), "-a", "secret", "--no-auth-warning"]).args(words);
    String::from_utf8(command.output().unwrap().stdout).unwrap().trim().to_owned()
}

#[test]
fn early_data_is_accepted_by_any_proxy_of_the_fleet_once_the_store_has_the_records_of_its_window() {
    if !installed("redis-server") {
        return;
    }
    let (pki, upstream) = (Pki::new(), Echo::start());
    let store = redis(&pki);
    redis_command(&pki, &["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    let with_early_data = |name| {
        let file = settings(&pki, name, &upstream);
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace("[listener.tls]", "[listener.tls]\nearly_data = true")).unwrap();
        Proxy::start(&file, &[])
    };
    let (first, second) = (with_early_data("first.toml"), with_early_data("second.toml"));
    let roots = fs::read(&pki.ca).unwrap();
    let client = ClientConfig::builder().trust_pem(&roots).unwrap().versions(Versions::Tls13);
    let client = client.early_data().build().unwrap();
    let wait_for_ticket = || thread::sleep(Duration::from_millis(300));
    assert_eq!(send_early(&client, &first), EarlyData::NotOffered);
    wait_for_ticket();
    // The store has just started: records of the time before may be lost.
    assert_eq!(send_early(&client, &second), EarlyData::Rejected);
    wait_for_ticket();
    // The time in the marker, in milliseconds, is set back by a minute.
    let marker = redis_command(&pki, &["GET", "cairn:early"]);
    let (run, since) = marker.split_once(' ').unwrap();
    let since = since.parse::<u64>().unwrap() - 60_000;
    redis_command(&pki, &["SET", "cairn:early", &format!("{run} {since}")]);
    for proxy in [&first, &second] {
        assert_eq!(send_early(&client, proxy), EarlyData::Accepted);
        wait_for_ticket();
    }
    // Without its records, the window starts again.
    redis_command(&pki, &["FLUSHALL"]);
    assert_ne!(send_early(&client, &first), EarlyData::Accepted);
    wait_for_ticket();
    assert_eq!(send_early(&client, &second), EarlyData::Rejected);
    assert!(second.page("/metrics").contains("cairn_early_data_bytes_total{listener=\"front\"} 5"));
    for proxy in [first, second] {
        proxy.stop().expect_code(0);
    }
    store.kill();
}

#[test]
fn a_proxy_starts_without_its_store() {
    let (pki, upstream) = (Pki::new(), Echo::start());
    let proxy = Proxy::start(&settings(&pki, "proxy.toml", &upstream), &[]);
    let config = client(&pki, Versions::Both);
    assert!(!is_resumed(&config, &proxy));
    assert!(!is_resumed(&config, &proxy));
    proxy.stop().expect_code(0);
}

#[test]
fn wrong_settings_of_the_store_are_explained_without_secrets() {
    let (pki, upstream) = (Pki::new(), Echo::start());
    let right = fs::read_to_string(settings(&pki, "proxy.toml", &upstream)).unwrap();
    pki.folder.write("short.key", [7; 31]);
    pki.folder.write("empty", "");
    let url = format!("redis+unix://{}", pki.folder.file("redis.sock"));
    for (from, to, words) in [
        ("root_key = 'root.key'", "root_key = 'short.key'", "31 bytes instead of 32; make it with: openssl"),
        ("root_key = 'root.key'", "root_key = 'none.key'", "none.key cannot be read"),
        ("root_key = 'root.key'", "rootkey = 'root.key'", "unknown field `rootkey`"),
        ("'password'", "'empty'", "no password in its first line"),
        (&*url, "redis://:hidden@127.0.0.1/", "put it into a file, and name that in password_file"),
        (&*url, "http://127.0.0.1/", "[sessions]: url: "),
        (&*url, "rediss://127.0.0.1/", "TLS is set by ca, and url begins with redis://"),
        ("[sessions]", "[sessions]\nca = 'empty'", "[sessions]: ca: "),
        ("[sessions]", &*format!("[sessions]\nca = '{}'", pki.ca), "needs the address of a host"),
        ("= 2000", "= 0", "time_limit_milliseconds must be at least 1 and at most 3000"),
        ("[sessions]", "[sessions]\nlifetime_seconds = 100000", "at most 86400"),
    ] {
        let file = pki.folder.write("wrong.toml", right.replace(from, to));
        let done = run(&mut cairn(&["proxy", "--check", &file])).expect_code(1).expect_words(&[words]);
        assert!(!done.all().contains("hidden"), "{}", done.all());
    }
}
