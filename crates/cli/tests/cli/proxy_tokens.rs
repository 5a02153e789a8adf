//! `cairn proxy` with a key in a token of SoftHSM.

use crate::support::{Echo, Files, Finished, Kind, PATIENCE, Pki, Proxy, Serve, cairn, installed, run};
use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::Command,
};

/// The places of the module in distributions of Linux.
const PLACES: [&str; 2] = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so"];

/// A token `web` in a folder of its own, with a key `server`.
struct Hsm {
    pki: Pki,
    config: String,
}

impl Hsm {
    fn new() -> Option<Self> {
        if !installed("softhsm2-util") {
            return None;
        }
        let pki = Pki::new();
        let tokens = pki.folder.file("tokens");
        std::fs::create_dir(&tokens).unwrap();
        let config = pki.folder.write("softhsm2.conf", format!("directories.tokendir = {tokens}\n"));
        pki.folder.write("pin", "1234\n");
        let hsm = Self { pki, config };
        hsm.make_token();
        Some(hsm)
    }

    fn make_token(&self) {
        self.tool(&["--init-token", "--free", "--label", "web", "--pin", "1234", "--so-pin", "567890"]);
        let key = self.files().key;
        let import = ["--import", &key, "--token", "web", "--label", "server", "--id", "01", "--pin", "1234"];
        self.tool(&import);
    }

    fn tool(&self, arguments: &[&str]) {
        let mut command = Command::new("softhsm2-util");
        run(command.args(arguments).env("SOFTHSM2_CONF", &self.config)).expect_code(0);
    }

    fn files(&self) -> Files {
        self.pki.server(Kind::P256)
    }

    fn uri(&self) -> String {
        let module = PLACES.iter().find(|place| Path::new(place).exists()).unwrap();
        format!(
            "pkcs11:token=web;object=server?module-path={module}&pin-source={}",
            self.pki.folder.file("pin")
        )
    }

    fn settings(&self, chain: &str, key: &str) -> String {
        format!(
            "admin = '127.0.0.1:0'\n[[listener]]\nname = 'front'\nlisten = '127.0.0.1:0'\n[listener.tls]\n\
             [[listener.tls.certificate]]\nchain = '{chain}'\nkey = '{key}'\n[[listener.route]]\n\
             upstream = '{}'\n",
            Echo::start().address
        )
    }

    fn check(&self, chain: &str, key: &str) -> Finished {
        let file = self.pki.folder.write("wrong.toml", self.settings(chain, key));
        run(cairn(&["proxy", "--check", &file]).env("SOFTHSM2_CONF", &self.config))
    }

    fn start(&self) -> Proxy {
        let file = self.pki.folder.write("proxy.toml", self.settings(&self.files().cert, &self.uri()));
        Proxy::start(&file, &[("SOFTHSM2_CONF", &self.config)])
    }

    fn visit(&self, proxy: &Proxy) -> Finished {
        let name = ["--ca", &self.pki.ca, "--name", "localhost"];
        run(cairn(&["connect", &proxy.address, "--send", "hello", "--wait", "0"]).args(name))
    }
}

#[test]
fn a_key_in_a_token_signs_before_and_after_a_reload() {
    let Some(hsm) = Hsm::new() else { return };
    let mut proxy = hsm.start();
    assert_eq!(hsm.visit(&proxy).expect_code(0).out(), "hello");
    proxy.peer.signal("HUP");
    proxy.peer.wait_for_text("cairn: reloaded");
    assert_eq!(hsm.visit(&proxy).expect_code(0).out(), "hello");
    proxy.stop().expect_code(0);
}

#[test]
fn a_token_that_is_gone_fails_handshakes_and_reloads_but_not_the_proxy() {
    let Some(hsm) = Hsm::new() else { return };
    let mut proxy = hsm.start();
    hsm.visit(&proxy).expect_code(0);
    hsm.tool(&["--delete-token", "--token", "web"]);
    assert_ne!(hsm.visit(&proxy).code(), 0);
    proxy.peer.wait_for_text("the question Sign was not answered");
    proxy.peer.signal("HUP");
    proxy.peer.wait_for_text("not reloaded, the old settings stay in use");
    proxy.stop().expect_code(0);
}

#[test]
fn a_key_in_a_token_proves_the_proxy_to_an_upstream() {
    let Some(hsm) = Hsm::new() else { return };
    let client = hsm.pki.client(Kind::P384);
    let import =
        ["--import", &client.key, "--token", "web", "--label", "client", "--id", "02", "--pin", "1234"];
    hsm.tool(&import);
    let ca = &hsm.pki.ca;
    let upstream = Serve::start(&hsm.pki, Kind::P256, &["--client-ca", ca]);
    let key = hsm.uri().replace("object=server", "object=client");
    let text = format!(
        "admin = '127.0.0.1:0'\n[[listener]]\nname = 'front'\nlisten = '127.0.0.1:0'\n[[listener.route]]\n\
         upstream = '{}'\n[listener.route.tls]\nca = '{ca}'\nserver_name = 'localhost'\n\
         [listener.route.tls.certificate]\nchain = '{}'\nkey = '{key}'\n",
        upstream.address, client.cert
    );
    let file = hsm.pki.folder.write("proxy.toml", text);
    let proxy = Proxy::start(&file, &[("SOFTHSM2_CONF", &hsm.config)]);
    let mut tcp = TcpStream::connect(&proxy.address).unwrap();
    tcp.set_read_timeout(Some(PATIENCE)).unwrap();
    tcp.write_all(b"hello").unwrap();
    let mut response = [0; 5];
    tcp.read_exact(&mut response).unwrap();
    assert_eq!(&response, b"hello");
    drop(tcp);
    proxy.stop().expect_code(0);
}

#[test]
fn check_says_what_is_wrong_with_a_token() {
    let Some(hsm) = Hsm::new() else { return };
    let (chain, uri) = (hsm.files().cert, hsm.uri());
    let other = hsm.pki.server(Kind::P384).cert;
    hsm.check(&chain, &uri).expect_code(0);
    let wrong = |from: &str, to: &str, words: &str| {
        hsm.check(&chain, &uri.replace(from, to))
            .expect_code(1)
            .expect_words(&["listener \"front\": ", words])
    };
    wrong("token=web", "token=none", "there is no token with label \"none\"");
    wrong("object=server", "object=none", "the token has no private key with label \"none\"");
    wrong("libsofthsm2.so", "none.so", "cannot be used");
    wrong("module-path=", "module=", "module");
    wrong("/pin", "/no-pin", "the PIN cannot be read from");
    hsm.check(&other, &uri).expect_code(1).expect_words(&["does not belong to the certificate"]);
    hsm.pki.folder.write("pin", "9999");
    wrong("none", "none", "PIN");
    let (start, _) = uri.split_once("pin-source").unwrap();
    let done = hsm.check(&chain, &format!("{start}pin-value=9876"));
    let done = done.expect_code(1).expect_words(&["put it into a file, and name that in pin-source"]);
    assert!(!done.all().contains("9876"), "{}", done.all());
}

#[test]
fn sessions_of_a_token_are_closed_before_the_process_exits() {
    let Some(hsm) = Hsm::new() else { return };
    let chain = hsm.files().cert;
    // A module that is called during the exit crashes the process now and then: more often on a busy machine.
    // One after the other, because processes that change the store of SoftHSM at once hide tokens.
    for _ in 0..30 {
        hsm.check(&chain, &hsm.uri()).expect_code(0);
    }
}
