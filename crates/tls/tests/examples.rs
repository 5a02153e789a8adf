//! The example without I/O, as a program against a server.
#![cfg(all(feature = "aws-lc", feature = "std"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    reason = "a test may panic, and has std"
)]

use cairn_crypto::KeySpec;
use cairn_tls::{ServerConfig, Stream, x509::issue::Template};
use std::{
    env, fs,
    io::{Read, Write},
    net::TcpListener,
    path::PathBuf,
    process::{Command, Output, Stdio},
    thread,
    time::Duration,
};

/// The program that cargo has built beside this test.
fn example(name: &str) -> PathBuf {
    let mut folder = env::current_exe().unwrap();
    folder.pop();
    folder.pop();
    folder.join("examples").join(format!("{name}{}", env::consts::EXE_SUFFIX))
}

/// Runs the example against a server that does this, and gives what it was told and what the example said.
fn run(trusted: bool, serve: impl FnOnce(&mut Stream<std::net::TcpStream>) + Send + 'static) -> Output {
    let provider = cairn_tls::default_provider();
    let template = Template::server("localhost").dns("localhost").valid(0, 4_000_000_000);
    let identity = template.self_signed(&provider, KeySpec::EcP256).unwrap();
    let other = template.self_signed(&provider, KeySpec::EcP256).unwrap();
    let folder = env::temp_dir().join(format!("cairn-example-{}-{trusted}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let ca = folder.join("ca.pem");
    fs::write(&ca, if trusted { identity.certificate_pem() } else { other.certificate_pem() }).unwrap();
    let config = ServerConfig::builder()
        .credential_pem(identity.chain_pem().as_bytes(), identity.key().to_pem().as_bytes())
        .unwrap()
        .build()
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let server = thread::spawn(move || {
        let tcp = listener.accept().unwrap().0;
        tcp.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        serve(&mut Stream::server(&config, tcp).unwrap());
    });
    let mut child = Command::new(example("sans_io"))
        .args(["localhost", &port])
        .arg(&ca)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&[b'x'; 100_000]).unwrap();
    let output = child.wait_with_output().unwrap();
    server.join().unwrap();
    fs::remove_dir_all(&folder).unwrap();
    output
}

#[test]
fn the_loop_without_io_carries_data_both_ways_to_an_orderly_end() {
    let output = run(true, |tls| {
        let mut came = vec![0; 100_000];
        tls.read_exact(&mut came).unwrap();
        assert!(came.iter().all(|byte| *byte == b'x'));
        tls.write_all(&[b'y'; 300_000]).unwrap();
        tls.close().unwrap();
        assert!(tls.reader().is_closed(), "close_notify was answered");
    });
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.stdout, [b'y'; 300_000]);
}

#[test]
fn the_loop_without_io_sends_the_alert_of_an_error() {
    let output = run(false, |tls| {
        let error = tls.handshake().unwrap_err();
        assert!(error.to_string().contains("the peer ended the connection with"), "{error}");
    });
    assert!(!output.status.success());
}

#[test]
fn the_loop_without_io_tells_truncation_from_the_end() {
    let output = run(true, |tls| {
        tls.read_exact(&mut [0; 100_000]).unwrap();
        tls.write_all(b"half of a sen").unwrap();
    });
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("Truncated"));
    assert_eq!(output.stdout, b"half of a sen");
}
