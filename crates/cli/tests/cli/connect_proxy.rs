//! `cairn connect --proxy` and scripted proxies.

use crate::support::{Kind, PATIENCE, Pki, Serve, cairn, run, run_with_input};
use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    thread::{self, JoinHandle},
};

/// A proxy that speaks with one client, then connects it to a server and copies the bytes of both.
struct Proxy {
    place: String,
    /// What the client asked for.
    asked: JoinHandle<Vec<u8>>,
}

impl Proxy {
    /// `speak` returns what the client sent, and whether the proxy connects it.
    fn start(server: &str, speak: impl FnOnce(&mut TcpStream) -> (Vec<u8>, bool) + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let place = listener.local_addr().unwrap().to_string();
        let server = server.to_owned();
        let asked = thread::spawn(move || {
            let (mut client, _) = listener.accept().unwrap();
            client.set_read_timeout(Some(PATIENCE)).unwrap();
            let (asked, goes_on) = speak(&mut client);
            if goes_on {
                copy_both(client, TcpStream::connect(server).unwrap());
            }
            asked
        });
        Self { place, asked }
    }
}

fn copy_both(client: TcpStream, server: TcpStream) {
    let (mut from_client, mut to_client) = (client.try_clone().unwrap(), client);
    let (mut from_server, mut to_server) = (server.try_clone().unwrap(), server);
    let up = thread::spawn(move || {
        let _ends = io::copy(&mut from_client, &mut to_server);
        let _gone = to_server.shutdown(Shutdown::Write);
    });
    let _ends = io::copy(&mut from_server, &mut to_client);
    let _gone = to_client.shutdown(Shutdown::Write);
    up.join().unwrap();
}

/// A proxy of HTTP that answers like this.
fn http(server: &str, answer: &'static [u8], goes_on: bool) -> Proxy {
    Proxy::start(server, move |client| {
        let mut asked = Vec::new();
        let mut byte = [0];
        while !asked.ends_with(b"\r\n\r\n") && client.read(&mut byte).unwrap() == 1 {
            asked.extend(byte);
        }
        client.write_all(answer).unwrap();
        (asked, goes_on)
    })
}

fn take<const N: usize>(client: &mut TcpStream, all: &mut Vec<u8>) -> [u8; N] {
    let mut bytes = [0; N];
    client.read_exact(&mut bytes).unwrap();
    all.extend(bytes);
    bytes
}

/// A proxy of SOCKS 5 that chooses this method of authentication and this reply.
fn socks5(server: &str, method: u8, reply: u8) -> Proxy {
    Proxy::start(server, move |client| {
        let mut all = Vec::new();
        let [5, count] = take(client, &mut all) else { panic!("{all:?}") };
        for _ in 0..count {
            take::<1>(client, &mut all);
        }
        client.write_all(&[5, method]).unwrap();
        match method {
            0 => {}
            2 => {
                for _ in 0..2 {
                    let mut length = take::<1>(client, &mut all)[0];
                    // The version of the message comes before the length of the user.
                    if length == 1 {
                        length = take::<1>(client, &mut all)[0];
                    }
                    for _ in 0..length {
                        take::<1>(client, &mut all);
                    }
                }
                client.write_all(&[1, 0]).unwrap();
            }
            _ => return (all, false),
        }
        let [5, 1, 0, kind] = take(client, &mut all) else { panic!("{all:?}") };
        let length = match kind {
            1 => 4,
            4 => 16,
            _ => take::<1>(client, &mut all)[0],
        };
        for _ in 0..length + 2 {
            take::<1>(client, &mut all);
        }
        client.write_all(&[5, reply, 0, 3, 3, b'a', b'b', b'c', 0, 80]).unwrap();
        (all, reply == 0)
    })
}

/// Connects through a proxy with this scheme and user.
fn connect(proxy: &Proxy, scheme: &str, server: &str, pki: &Pki) -> crate::support::Finished {
    let url = format!("{scheme}{}", proxy.place);
    let mut command = cairn(&["connect", server, "--proxy", &url, "--ca", &pki.ca, "--name", "localhost"]);
    run_with_input(command.args(["--wait", "0"]), b"through\n")
}

#[test]
fn connect_of_http_leads_to_the_server() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &[]);
    let proxy = http(&server.address, b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n", true);
    let done = connect(&proxy, "http://us%20er:secret@", &server.address, &pki).expect_code(0);
    let done = done.expect_words(&["through the proxy http://127.0.0.1", "through\n"]);
    assert!(!done.all().contains("secret"), "{}", done.all());
    let asked = String::from_utf8(proxy.asked.join().unwrap()).unwrap();
    let address = &server.address;
    // `us er:secret`.
    assert_eq!(
        asked,
        format!(
            "CONNECT {address} HTTP/1.1\r\nHost: {address}\r\n\
            Proxy-Authorization: Basic dXMgZXI6c2VjcmV0\r\n\r\n"
        )
    );
}

#[test]
fn name_goes_to_the_proxy_as_it_is() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &[]);
    let name = format!("no-such-host.invalid:{}", server.port);
    let proxy = http(&server.address, b"HTTP/1.0 200 OK\r\n\r\n", true);
    connect(&proxy, "http://", &name, &pki).expect_code(0);
    let asked = String::from_utf8(proxy.asked.join().unwrap()).unwrap();
    assert!(asked.starts_with(&format!("CONNECT {name} HTTP/1.1\r\n")), "{asked}");

    let proxy = socks5(&server.address, 0, 0);
    connect(&proxy, "socks5h://", &name, &pki).expect_code(0).expect_words(&["through\n"]);
    let asked = proxy.asked.join().unwrap();
    assert!(asked.windows(20).any(|window| window == b"no-such-host.invalid"), "{asked:?}");

    // With socks5:// this machine finds the address.
    let proxy = socks5(&server.address, 2, 0);
    let local = format!("localhost:{}", server.port);
    connect(&proxy, "socks5://user:secret@", &local, &pki).expect_code(0).expect_words(&["through\n"]);
    let asked = proxy.asked.join().unwrap();
    assert!(asked.windows(13).any(|window| window == b"\x01\x04user\x06secret"), "{asked:?}");
    assert!(!asked.windows(9).any(|window| window == b"localhost"), "{asked:?}");
}

#[test]
fn refusals_of_proxies_are_told_in_words() {
    let pki = Pki::new();
    for (answer, words) in [
        (
            &b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"[..],
            &["requires a user and password", "USER:PASSWORD"][..],
        ),
        (b"HTTP/1.1 403 Forbidden\x1b[2J\r\n\r\n", &["403 Forbidden\\u{1b}", "port 443 alone"]),
        (b"SSH-2.0-OpenSSH\r\n", &["an answer of HTTP was expected"]),
    ] {
        let proxy = http("", answer, false);
        connect(&proxy, "http://", "192.0.2.1:443", &pki).expect_code(3).expect_words(words);
    }
    let endless = vec![b'x'; 20_000].leak();
    endless[..9].copy_from_slice(b"HTTP/1.1 ");
    let proxy = http("", endless, false);
    connect(&proxy, "http://", "192.0.2.1:443", &pki).expect_code(3).expect_words(&["too long"]);
    for (method, reply, words) in [
        (0xff, 0, &["requires authentication", "USER:PASSWORD"][..]),
        (0, 5, &["does not connect to 192.0.2.1:443: connection refused"]),
        (7, 0, &["kind of authentication"]),
    ] {
        let proxy = socks5("", method, reply);
        connect(&proxy, "socks5://", "192.0.2.1:443", &pki).expect_code(3).expect_words(words);
    }
    // A server that closes, and one that resets the connection, because it closes without reading.
    let closing: fn(&mut TcpStream) = |client| client.read_exact(&mut [0; 3]).unwrap();
    let resetting: fn(&mut TcpStream) = |client| assert_eq!(client.peek(&mut [0]).unwrap(), 1);
    for end in [closing, resetting] {
        let silent = Proxy::start("", move |client| {
            end(client);
            (Vec::new(), false)
        });
        connect(&silent, "socks5://", "192.0.2.1:443", &pki)
            .expect_code(3)
            .expect_words(&["it closed the connection", "--proxy must name"]);
    }
    run(&mut cairn(&["connect", "192.0.2.1", "--proxy", "https://user:secret@127.0.0.1:1"]))
        .expect_code(1)
        .expect_words(&["--proxy", "socks5h://"]);
}
