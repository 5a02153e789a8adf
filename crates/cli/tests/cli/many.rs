//! Many simultaneous clients, well-behaved and faulty ones.

use crate::support::{Kind, PATIENCE, Pki, Serve};
use cairn_tls::{ClientConfig, ServerName, Stream};
use core::time::Duration;
use std::{
    io::{Read, Write},
    net::TcpStream,
    thread,
};

fn echo(config: &ClientConfig, address: &str, size: usize) -> bool {
    let tcp = TcpStream::connect(address).unwrap();
    tcp.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut tls = Stream::client(config, ServerName::parse("localhost").unwrap(), tcp).unwrap();
    let data: Vec<u8> = (0..size).map(|place| u8::try_from(place % 253).unwrap()).collect();
    let mut came = vec![0; size];
    for (data, came) in data.chunks(10_000).zip(came.chunks_mut(10_000)) {
        tls.write_all(data).unwrap();
        tls.read_exact(came).unwrap();
    }
    assert_eq!(came, data);
    let resumed = tls.summary().unwrap().is_resumed();
    tls.close().unwrap();
    assert_eq!(tls.read(&mut [0]).unwrap(), 0);
    resumed
}

fn bad_clients(address: &str) -> Vec<thread::JoinHandle<()>> {
    let garbage = [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &[0xff; 4096],
        &[22, 3, 1, 0, 4, 1, 0, 0, 0],
        &[22, 3, 3, 0x40, 0],
        &[21, 3, 3, 0, 2, 2, 40],
        &[],
    ];
    garbage
        .into_iter()
        .cycle()
        .take(24)
        .map(|bytes| {
            let address = address.to_owned();
            thread::spawn(move || {
                let mut tcp = TcpStream::connect(address).unwrap();
                let _answered_already = tcp.write_all(bytes);
                thread::sleep(Duration::from_millis(200));
            })
        })
        .collect()
}

#[test]
fn faulty_clients_do_not_disturb_others() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &[]);
    let config = ClientConfig::builder().trust_pem(Pki::ca_pem().as_bytes()).unwrap().build().unwrap();
    let bad = bad_clients(&server.address);
    thread::scope(|scope| {
        for _ in 0..40 {
            scope.spawn(|| {
                for _ in 0..3 {
                    echo(&config, &server.address, 50_000);
                }
            });
        }
    });
    bad.into_iter().for_each(|bad| bad.join().unwrap());
    assert!(echo(&config, &server.address, 1), "after all of that a session is resumed");
    let log = server.log();
    assert_eq!(log.matches("50000 bytes echoed").count(), 120, "{log}");
    assert!(
        log.lines().all(|line| line.starts_with("127.0.0.1:")),
        "a line for a client, and nothing else:\n{log}"
    );
    assert!(!log.contains("panic"), "{log}");
}

#[test]
fn clients_beyond_the_limit_wait() {
    let pki = Pki::new();
    let server = Serve::start(&pki, Kind::P256, &["--max-connections", "2", "--once", "20"]);
    let config = ClientConfig::builder().trust_pem(Pki::ca_pem().as_bytes()).unwrap().build().unwrap();
    thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| echo(&config, &server.address, 20_000));
        }
    });
    server.finish().expect_code(0);
}
