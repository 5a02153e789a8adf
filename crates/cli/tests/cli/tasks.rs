//! The commands of `docs/tasks.md`. Each row of its tables has an expectation here, under its third cell.
//!
//! A new row needs an expectation in [`EXPECTED`], and its files in [`prepare`]. All commands run in one
//! folder, in the order of the expectations, so the files that they write have different names.

use crate::starttls::Spoken;
use crate::support::{Finished, Kind, Peer, Pki, Serve, cairn, installed, run, run_with_input};
use std::{env, ffi::OsString, fs, io::Read, net::TcpListener, path::Path, process::Command};

/// What the commands in a row of the page lead to.
struct Expected {
    /// The third cell of the row, without the marks of Markdown.
    commands: &'static str,
    /// Words that standard output or standard error contains.
    words: &'static [&'static str],
    outcome: Outcome,
}

enum Outcome {
    /// The commands end with this exit code. Their standard input is a request of HTTP.
    Exits(i32),
    /// The command is a server, which serves a client with these options and the request. It gets the options
    /// for a free port and for its end.
    Serves(&'static [&'static str]),
}

const fn succeeds(commands: &'static str, words: &'static [&'static str]) -> Expected {
    Expected { commands, words, outcome: Outcome::Exits(0) }
}

const fn fails(commands: &'static str, code: i32, words: &'static [&'static str]) -> Expected {
    Expected { commands, words, outcome: Outcome::Exits(code) }
}

const fn serves(
    commands: &'static str,
    client: &'static [&'static str],
    words: &'static [&'static str],
) -> Expected {
    Expected { commands, words, outcome: Outcome::Serves(client) }
}

/// The expectations, in the order of the page.
const EXPECTED: &[Expected] = &[
    // Connections.
    succeeds("cairn connect localhost:PORT --ca ca.pem", &["TLS 1.3", "200 OK"]),
    succeeds(
        r"printf 'GET / HTTP/1.0\r\n\r\n' | cairn connect localhost:PORT --ca ca.pem",
        &["HTTP/1.1 200 OK", "TLS 1.3"],
    ),
    #[cfg(feature = "http3")]
    succeeds("cairn connect --http3 https://localhost:PORT/ --ca ca.pem", &["HTTP/3"]),
    succeeds("cairn connect localhost:PORT --insecure", &["not checked", "200 OK"]),
    succeeds("cairn connect 127.0.0.1:PORT --ca ca.pem --name localhost", &["server name    localhost"]),
    succeeds("cairn connect localhost:PORT --trust-cert cert.pem", &["200 OK"]),
    succeeds("cairn connect localhost:PORT --ca ca.pem --tls 1.2", &["version        TLS 1.2"]),
    succeeds(
        "cairn connect localhost:PORT --ca ca.pem --suites TLS_AES_256_GCM_SHA384",
        &["cipher suite   TLS_AES_256_GCM_SHA384"],
    ),
    succeeds("cairn connect localhost:PORT --ca ca.pem --groups secp256r1", &["group          secp256r1"]),
    succeeds("cairn connect localhost:PORT --ca ca.pem --alpn http/1.1", &["protocol       http/1.1"]),
    succeeds(
        "cairn connect localhost:PORT --ca ca.pem --cert client.pem --key client.key",
        &["client signed  ecdsa_secp256r1_sha256"],
    ),
    succeeds(
        "cairn connect localhost:PORT --ca ca.pem --cert client.pem --key encrypted.key --passphrase-file \
        secret.txt",
        &["client signed  ecdsa_secp256r1_sha256"],
    ),
    succeeds("cairn connect localhost:OCSP_PORT --ca ca.pem --ocsp require", &["OCSP stapled   good"]),
    succeeds("cairn connect localhost:PORT --ca ca.pem --reconnect 1", &["reconnect 1 of 1: resumed"]),
    succeeds(
        "cairn connect localhost:PORT --ca ca.pem --tls 1.3 --reconnect 1 --early-data request.txt",
        &["early data accepted (18 bytes)"],
    ),
    succeeds("cairn connect localhost:PORT --ca ca.pem --max-fragment-length 1024", &["200 OK"]),
    succeeds("cairn connect localhost:PORT --ca ca.pem --key-update", &["keys updated: 1 KeyUpdate sent"]),
    succeeds("cairn connect localhost:PORT --ca ca.pem --trace", &["<- EncryptedExtensions", "200 OK"]),
    succeeds("cairn connect localhost:PORT --ca ca.pem -tt", &["legacy_version", "200 OK"]),
    succeeds("SSLKEYLOGFILE=keys.log cairn connect localhost:PORT --ca ca.pem --key-log", &["200 OK"]),
    succeeds("cairn connect localhost:PORT --ca ca.pem --channel-bindings", &["tls-exporter"]),
    succeeds("cairn connect localhost:PORT --ca ca.pem --floor forward-secrecy,128", &["200 OK"]),
    succeeds("cairn connect localhost:PORT --ca ca.pem --session-file session.bin", &["session        new"]),
    succeeds("cairn connect localhost:PORT --ca ca.pem --session-file session.bin", &["resumed by PSK"]),
    succeeds("cairn connect localhost:PORT --ca ca.pem --save-chain chain-of-server.pem", &["200 OK"]),
    succeeds("cairn connect localhost:PORT --ca ca.pem --json", &["\"TLS 1.3\""]),
    succeeds("cairn connect localhost:PORT --ca ca.pem --show-cert", &["key pin"]),
    // Servers.
    serves("cairn serve --cert cert.pem --key key.pem --http", &[], &["GET / 200 OK"]),
    serves("cairn serve --cert cert.pem --key key.pem", &["--wait", "0"], &["18 bytes echoed"]),
    serves(
        "cairn serve --cert cert.pem --key key.pem --client-ca ca.pem --require-client-cert",
        &["--cert", "client.pem", "--key", "client.key", "--wait", "0"],
        &["client \"CN=Test client p256\""],
    ),
    serves(
        "cairn serve --cert client.pem --key encrypted.key --passphrase-file secret.txt",
        &["--insecure", "--wait", "0"],
        &["18 bytes echoed"],
    ),
    serves(
        "cairn serve --cert cert.pem --key key.pem --ocsp ocsp.der",
        &["--ocsp", "require", "--wait", "0"],
        &["18 bytes echoed"],
    ),
    serves(
        "cairn serve --cert cert.pem --key key.pem --early-data 1000",
        &["--tls", "1.3", "--wait", "0"],
        &["18 bytes echoed"],
    ),
    serves("cairn serve --cert cert.pem --key key.pem --tls 1.3", &["--wait", "0"], &["TLS 1.3"]),
    serves(
        "cairn serve --cert cert.pem --key key.pem --log-format json",
        &["--wait", "0"],
        &["\"received\":18", "\"tls\":\"TLS 1.3\""],
    ),
    // Certificates and keys.
    succeeds("cairn cert ca \"Lab CA\" --out lab", &["authority \"CN=Lab CA\"", "lab.key"]),
    succeeds(
        "cairn cert ca Issuing --ca ca.pem --path-len 0 --permit lab.test --out issuing",
        &["issued by \"CN=Test CA\""],
    ),
    succeeds("cairn cert issue localhost --out self", &["self-signed"]),
    succeeds(
        "cairn cert issue web.test '*.web.test' 127.0.0.1 --ca ca.pem --out web",
        &["web.pem: certificate \"CN=web.test\""],
    ),
    succeeds(
        "cairn cert issue me@web.test --subject \"O=Lab, CN=Me\" --purpose client --ca ca.pem --out me",
        &["me.pem: certificate \"O=Lab, CN=Me\""],
    ),
    succeeds("cairn cert key rsa-2048 --out rsa.key", &[]),
    succeeds("cairn cert key ed25519 --encrypt --passphrase-file secret.txt --out ed.key", &[]),
    succeeds("cairn cert request app.test --key-type rsa-2048 --out app", &["app.csr"]),
    succeeds("cairn cert issue --request request.csr --ca ca.pem --out answer", &["answer.pem"]),
    succeeds("cairn cert show cert.pem", &["CN=Test server", "DNS:localhost"]),
    succeeds("cairn cert show request.csr", &["asked.test"]),
    succeeds("cairn cert show cert.pem | grep SHA-256", &["SHA-256"]),
    succeeds("cairn cert show cert.pem | grep pin", &["sha256//"]),
    succeeds("cairn cert check cert.pem --ca ca.pem --name localhost", &["accepted for localhost"]),
    succeeds(
        "cairn cert check leaf.pem --untrusted middle.pem --ca ca.pem --name leaf.test",
        &["accepted for leaf.test"],
    ),
    fails("cairn cert check cert.pem --ca ca.pem --name localhost --at 2100-01-01", 5, &["expired"]),
    succeeds("cairn cert check client.pem --ca ca.pem --client", &["accepted as a client's"]),
    succeeds("cairn cert match cert.pem key.pem", &["they belong together"]),
    succeeds("cairn cert convert cert.pem --to der --out cert.der", &[]),
    succeeds("cairn cert convert cert.der", &["BEGIN CERTIFICATE"]),
    succeeds("cairn cert convert all.p7b", &["BEGIN CERTIFICATE"]),
    succeeds(
        "cairn cert convert all.p12 --take certificates --passphrase-file secret.txt",
        &["BEGIN CERTIFICATE"],
    ),
    succeeds("cairn cert convert all.p12 --take key --passphrase-file secret.txt", &["BEGIN PRIVATE KEY"]),
    succeeds("cairn cert convert cert.pem --take public-key", &["BEGIN PUBLIC KEY"]),
    succeeds("cairn cert convert key.pem --key-form sec1", &["BEGIN EC PRIVATE KEY"]),
    succeeds(
        "cairn cert convert key.pem --encrypt --passphrase-file secret.txt",
        &["BEGIN ENCRYPTED PRIVATE KEY"],
    ),
    succeeds("cairn cert convert encrypted.key --passphrase-file secret.txt", &["BEGIN PRIVATE KEY"]),
    // Other protocols.
    succeeds("cairn connect --starttls smtp localhost:SMTP_PORT --ca ca.pem", &["TLS 1.3", "protected"]),
    succeeds(
        "cairn scan --starttls smtp localhost:SMTP_PORT --ca ca.pem --rate 0",
        &["TLS_AES_128_GCM_SHA256", "X25519MLKEM768"],
    ),
    succeeds("cairn connect --crlf localhost:PORT --ca ca.pem", &["200 OK"]),
    // Scans.
    succeeds("cairn scan localhost:PORT --ca ca.pem --rate 0", &["TLS 1.3", "X25519MLKEM768"]),
    succeeds("cairn scan localhost:PORT --ca ca.pem --rate 0 --json", &["\"findings\""]),
    succeeds("cairn scan localhost:PORT --ca ca.pem --rate 0 --fail-on high", &["TLS 1.3"]),
    // Captures.
    succeeds("cairn decode capture.pcap --summary", &["Flow 3: ", "JA4 t13"]),
    succeeds("cairn decode capture.pcap --keylog capture.keys", &["EncryptedExtensions", "Finished"]),
    succeeds("cairn decode capture.pcap --keylog capture.keys --tree", &["legacy_version", "verify_data"]),
    succeeds("cairn decode capture.pcap --keylog capture.keys --follow 1", &["HTTP/1.1 200 OK"]),
    succeeds("cairn decode capture.pcap --keylog capture.keys --data data", &[]),
    succeeds("cairn decode capture.pcap --keylog capture.keys --json", &["\"flows\""]),
    succeeds("cairn decode capture.pcap --summary | grep JA4", &["t12i"]),
    // Messages and algorithms.
    succeeds("cairn decode hello.hex", &["client_hello", "key_share"]),
    succeeds("cairn suites", &["TLS_AES_128_GCM_SHA256", "ed25519"]),
    succeeds("cairn suites --names groups", &["X25519MLKEM768"]),
    succeeds("cairn suites --names schemes --tls 1.3", &["rsa_pss_rsae_sha256"]),
];

const REQUEST: &str = "GET / HTTP/1.0\r\n\r\n";

/// The third cells of all rows, without the marks of Markdown.
fn rows(page: &str) -> Vec<String> {
    let mut rows = Vec::new();
    for line in page.lines().filter(|line| line.starts_with('|')) {
        // A vertical line inside a cell has a backslash before it.
        let line = line.replace("\\|", "\u{1}");
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 3, "three cells are expected in {line}");
        if cells[0] == "task" || cells[0].starts_with("---") {
            continue;
        }
        assert!(!cells[0].is_empty() && !cells[1].is_empty(), "an empty cell in {line}");
        let commands = cells[2].strip_prefix('`').and_then(|cell| cell.strip_suffix('`'));
        let commands = commands.unwrap_or_else(|| panic!("the third cell is not a command in {line}"));
        rows.push(commands.replace('\u{1}', "|"));
    }
    rows
}

/// The prepared files, in the folder of the authority.
fn prepare(pki: &Pki) {
    let folder = &pki.folder;
    let copy = |from: &str, to: &str| fs::copy(from, folder.path().join(to)).unwrap();
    let (server, client) = (pki.server(Kind::P256), pki.client(Kind::P256));
    pki.ca_key();
    copy(&server.cert, "cert.pem");
    copy(&server.key, "key.pem");
    copy(&client.cert, "client.pem");
    copy(&client.key, "client.key");
    copy(&pki.good_response(&server), "ocsp.der");
    folder.write("secret.txt", "a secret of the test\n");
    folder.write("request.txt", REQUEST);
    let cert =
        |arguments: &[&str]| run(cairn(&["cert"]).args(arguments).current_dir(folder.path())).expect_code(0);
    let encrypt = ["--encrypt", "--passphrase-file", "secret.txt", "--out", "encrypted.key"];
    cert(&[&["convert", "client.key"], &encrypt[..]].concat());
    cert(&["request", "asked.test", "--out", "request"]);
    cert(&["ca", "Middle", "--ca", "ca.pem", "--out", "middle"]);
    cert(&["issue", "leaf.test", "--ca", "middle.pem", "--out", "chain"]);
    // The leaf alone, so that its issuer must come from elsewhere.
    cert(&["convert", "chain.pem", "--number", "1", "--out", "leaf.pem"]);
    folder.write("hello.hex", client_hello());
    folder.write("capture.pcap", include_bytes!("../captures/small.pcap"));
    folder.write("capture.keys", include_bytes!("../captures/small.keys"));
    if installed("openssl") {
        let collect =
            ["crl2pkcs7", "-nocrl", "-certfile", "cert.pem", "-certfile", "ca.pem", "-out", "all.p7b"];
        run(Command::new("openssl").args(collect).current_dir(folder.path())).expect_code(0);
        let export = ["pkcs12", "-export", "-in", "cert.pem", "-inkey", "key.pem", "-out", "all.p12"];
        let passphrase = ["-passout", "file:secret.txt"];
        run(Command::new("openssl").args(export).args(passphrase).current_dir(folder.path())).expect_code(0);
    }
}

/// The first record of a client, in hexadecimal.
fn client_hello() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let client = Peer::start(&mut cairn(&["connect", &address, "--insecure"]));
    let (mut tcp, _) = listener.accept().unwrap();
    let mut record = vec![0; 5];
    tcp.read_exact(&mut record).unwrap();
    record.resize(5 + usize::from(u16::from_be_bytes([record[3], record[4]])), 0);
    tcp.read_exact(&mut record[5..]).unwrap();
    client.kill();
    record.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A command line in a shell that finds the program under test first.
fn shell(pki: &Pki, line: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_cairn"));
    let mut path = OsString::from(program.parent().unwrap());
    path.push(":");
    path.push(env::var_os("PATH").unwrap_or_default());
    let mut command = Command::new("sh");
    command.args(["-c", line]).env("PATH", path).current_dir(pki.folder.path());
    for name in ["SSLKEYLOGFILE", "SSL_CERT_FILE", "SSL_CERT_DIR", "CAIRN_PASSPHRASE"] {
        command.env_remove(name);
    }
    command
}

/// Runs a server, and a client that sends the request.
fn serve(pki: &Pki, line: &str, client: &[&str]) -> Finished {
    // The shell is replaced by the server, so that the end of the test ends the server.
    let line = format!("exec {line} --listen 127.0.0.1:0 --once 1");
    let mut server = Peer::start(&mut shell(pki, &line));
    let port = server.wait_for("an address", |text| {
        let address = text.split_once('\n')?.0.strip_prefix("listening on ")?;
        Some(address.rsplit_once(':')?.1.to_owned())
    });
    let trust: &[&str] = if client.contains(&"--insecure") { &[] } else { &["--ca", "ca.pem"] };
    let mut command = cairn(&["connect", &format!("localhost:{port}")]);
    command.args(trust).args(client).current_dir(pki.folder.path());
    run_with_input(&mut command, REQUEST.as_bytes()).expect_code(0);
    server.finish()
}

#[test]
fn every_task_of_the_page_is_done() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/tasks.md");
    let page = fs::read_to_string(page).unwrap();
    let rows = rows(&page);
    let without = |row: &&String| !EXPECTED.iter().any(|expected| expected.commands == row.as_str());
    let mut unexpected: Vec<&String> = rows.iter().filter(without).collect();
    if cfg!(not(feature = "http3")) {
        unexpected.retain(|row| !row.contains("--http3"));
    }
    assert!(unexpected.is_empty(), "rows without an expectation: {unexpected:#?}");
    let pki = Pki::new();
    prepare(&pki);
    let server = pki.server(Kind::P256);
    let stapling = ["--http", "--ocsp", &pki.folder.file("ocsp.der")];
    let stapling = Serve::with(core::slice::from_ref(&server), &stapling);
    let mut options = vec!["--http", "--alpn", "http/1.1", "--early-data", "1000", "--client-ca", &pki.ca];
    if cfg!(feature = "http3") {
        options.push("--http3");
    }
    let mail = Spoken::mail(&server);
    let server = Serve::with(&[server], &options);
    for expected in EXPECTED {
        assert!(rows.iter().any(|row| row == expected.commands), "no row: {}", expected.commands);
        if expected.commands.contains("all.p") && !installed("openssl") {
            continue;
        }
        let line = expected.commands.replace("OCSP_PORT", &stapling.port.to_string());
        let line = line.replace("SMTP_PORT", mail.port());
        let line = line.replace("PORT", &server.port.to_string());
        let (done, code) = match expected.outcome {
            Outcome::Exits(code) => (run_with_input(&mut shell(&pki, &line), REQUEST.as_bytes()), code),
            Outcome::Serves(client) => (serve(&pki, &line, client), 0),
        };
        done.expect_code(code).expect_words(expected.words);
    }
    assert!(fs::read_to_string(pki.folder.path().join("keys.log")).unwrap().contains("TRAFFIC_SECRET"));
}
