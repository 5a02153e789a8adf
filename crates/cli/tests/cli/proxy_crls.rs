//! `cairn proxy` with certificate revocation lists for its clients.

use crate::{
    crls::{crl, crl_of},
    support::{Echo, Finished, Kind, Pki, Proxy, cairn, installed, run},
};
use std::fs;

fn settings(pki: &Pki, crl: &str, more: &str) -> String {
    let files = pki.server(Kind::P256);
    format!(
        "admin = '127.0.0.1:0'\nwatch_seconds = 1\n[[listener]]\nname = 'front'\nlisten = '127.0.0.1:0'\n\
         [listener.tls]\nclient_ca = '{}'\nclient_crl = ['{crl}']\n{more}\n[[listener.tls.certificate]]\n\
         chain = '{}'\nkey = '{}'\n[[listener.route]]\nupstream = '{}'\n",
        pki.ca,
        files.cert,
        files.key,
        Echo::start().address
    )
}

fn visit(pki: &Pki, address: &str) -> Finished {
    let client = pki.client(Kind::P256);
    run(&mut cairn(&[
        "connect",
        address,
        "--ca",
        &pki.ca,
        "--name",
        "localhost",
        "--cert",
        &client.cert,
        "--key",
        &client.key,
        "--send",
        "hello",
        "--wait",
        "0",
    ]))
}

#[test]
fn proxy_refuses_a_client_as_soon_as_its_list_is_replaced() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let (good, bad) = (crl(&pki, "good", None), crl(&pki, "bad", Some(&pki.client(Kind::P256))));
    let file = pki.folder.write("proxy.toml", settings(&pki, &good, ""));
    let mut proxy = Proxy::start(&file, &[]);
    assert_eq!(visit(&pki, &proxy.address).expect_code(0).out(), "hello");
    assert!(proxy.page("/metrics").contains("cairn_crl_next_update_seconds{listener=\"front\",crl=\""));
    // Replaced as tools do it. The proxy notices without a signal.
    fs::rename(&bad, &good).unwrap();
    proxy.peer.wait_for_text("cairn: reloaded");
    visit(&pki, &proxy.address);
    proxy.peer.wait_for_text("the certificate was revoked by its issuer");
    // A broken list changes nothing.
    pki.folder.write("good.pem", "broken");
    proxy.peer.wait_for_text("not reloaded, the old settings stay in use");
    proxy.stop();
}

#[test]
fn a_stale_list_refuses_clients_unless_the_settings_accept_it() {
    if !installed("openssl") {
        return;
    }
    let pki = Pki::new();
    let dates = ["-crl_lastupdate", "20240101000000Z", "-crl_nextupdate", "20240102000000Z"];
    let stale = crl_of(&pki, "stale", None, &dates);
    let file = pki.folder.write("proxy.toml", settings(&pki, &stale, ""));
    let mut proxy = Proxy::start(&file, &[]);
    proxy.peer.wait_for_text("a certificate revocation list is stale: listener front");
    visit(&pki, &proxy.address);
    proxy.peer.wait_for_text("alert sent: certificate_unknown");
    assert!(!proxy.peer.stderr().contains("closed: listener front"));
    pki.folder.write("proxy.toml", settings(&pki, &stale, "client_crl_stale = 'accept'"));
    proxy.peer.wait_for_text("cairn: reloaded");
    assert_eq!(visit(&pki, &proxy.address).expect_code(0).out(), "hello");
    proxy.stop();
}
