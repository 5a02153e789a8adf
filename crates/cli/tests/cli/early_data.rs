//! Early data (RFC 9846 section 2.3) with `connect --reconnect` and `serve`.

use crate::support::{Finished, Kind, Pki, Serve, cairn, run};

/// A client of TLS 1.3 that reconnects and sends this file as early data.
fn reconnect(pki: &Pki, server: &Serve, times: &str, file: &str, options: &[&str]) -> Finished {
    let mut command = cairn(&["connect", &server.address, "--ca", &pki.ca, "--tls", "1.3"]);
    run(command.args(["--reconnect", times, "--early-data", file]).args(options))
}

#[test]
fn get_is_answered_from_early_data() {
    let pki = Pki::new();
    let request = "GET /early HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let file = pki.folder.write("request", request);
    let server =
        Serve::start(&pki, Kind::P256, &["--tls", "1.3", "--http", "--early-data", "100", "--once", "3"]);
    let done = reconnect(&pki, &server, "2", &file, &[]).expect_code(0);
    let bytes = request.len();
    assert_eq!(done.out().matches("HTTP/1.1 200 OK").count(), 2, "{}", done.all());
    done.expect_words(&[
        &format!("early data    {bytes} bytes"),
        "request       GET /early",
        &format!("reconnect 1 of 2: resumed, early data accepted ({bytes} bytes)"),
        &format!("reconnect 2 of 2: resumed, early data accepted ({bytes} bytes)"),
        "session        new",
        "session       resumed by PSK (psk_dhe_ke), authenticated ",
        " s ago, early data accepted",
    ]);
    server.finish().expect_words(&[&format!(" resumed, early data: {bytes} bytes: GET /early 200 OK")]);
}

#[test]
fn early_request_with_side_effects_is_answered_with_too_early() {
    let pki = Pki::new();
    let server =
        Serve::start(&pki, Kind::P256, &["--tls", "1.3", "--http", "--early-data", "1000", "--once", "6"]);
    for request in ["DELETE /x HTTP/1.1\r\n\r\n", "GET /x HTTP/1.1\r\nContent-Length: 2\r\n\r\nab"] {
        let file = pki.folder.write("request", request);
        let done = reconnect(&pki, &server, "1", &file, &[]).expect_code(0);
        done.expect_words(&["HTTP/1.1 425 Too Early", "early data accepted"]);
    }
    // The same request after the handshake is not.
    let arguments = ["connect", &server.address, "--ca", &pki.ca, "--tls", "1.3", "--reconnect", "1"];
    let done = run(cairn(&arguments).args(["--send", "DELETE /x HTTP/1.1\r\n\r\n"])).expect_code(0);
    assert!(!done.out().contains("425"), "{}", done.all());
    server.finish().expect_words(&["DELETE /x 425 Too Early", "GET /x 425 Too Early", "DELETE /x 405 "]);
}

#[test]
fn echo_has_early_data_before_the_other_data() {
    let pki = Pki::new();
    let file = pki.folder.write("data", "0123456789");
    // Data above the limit is sent after the handshake.
    let server = Serve::start(&pki, Kind::P256, &["--tls", "both", "--early-data", "4", "--once", "2"]);
    let done = reconnect(&pki, &server, "1", &file, &["--wait", "0", "--send", " more", "-q"]).expect_code(0);
    assert_eq!(
        done.out(),
        " more0123456789 more\
        reconnect 1 of 1: resumed, early data accepted (4 of 10 bytes, the others sent after the handshake)\n"
    );
    server.finish().expect_words(&["early data: 4 bytes: 15 bytes echoed"]);
}

#[test]
fn data_that_is_not_accepted_early_is_sent_after_the_handshake() {
    let pki = Pki::new();
    let file = pki.folder.write("data", "0123456789");
    let server = Serve::start(&pki, Kind::P256, &["--tls", "1.3", "--once", "2"]);
    let done = reconnect(&pki, &server, "1", &file, &["--wait", "0", "-q"]).expect_code(0);
    let words = "reconnect 1 of 1: resumed, early data not offered (10 bytes sent after the handshake)\n";
    assert_eq!(done.out(), format!("0123456789{words}"));
    server.finish().expect_words(&["resumed: 10 bytes echoed"]);
    // A server with tickets that contain their sessions accepts none in its first window of time.
    let arguments = ["--tls", "1.3", "--tickets", "--early-data", "100", "--once", "2"];
    let server = Serve::start(&pki, Kind::P256, &arguments);
    let done = reconnect(&pki, &server, "1", &file, &["--wait", "0", "-q"]).expect_code(0);
    let words = "reconnect 1 of 1: resumed, early data rejected (10 bytes sent again after the handshake)\n";
    assert_eq!(done.out(), format!("0123456789{words}"));
    server.finish().expect_words(&["resumed, early data rejected: 10 bytes echoed"]);
}

#[test]
fn early_data_needs_tls_1_3_and_a_reconnection() {
    let pki = Pki::new();
    let file = pki.folder.write("data", "0123456789");
    let words = ["--early-data: only TLS 1.3 has early data", "hint: --tls 1.3"];
    let early = ["connect", "127.0.0.1:9", "--ca", &pki.ca, "--early-data", &file];
    run(cairn(&early).args(["--tls", "1.2", "--reconnect", "1"])).expect_code(1).expect_words(&words);
    run(&mut cairn(&early)).expect_code(2).expect_words(&["--reconnect"]);
    let files = pki.server(Kind::P256);
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--cert", &files.cert, "--key", &files.key];
    run(cairn(&arguments).args(["--early-data", "10", "--tls", "1.2"])).expect_code(1).expect_words(&words);
}

#[test]
fn tickets_option_states_their_number() {
    let pki = Pki::new();
    for (option, count) in [("--tickets=3", 3), ("--tickets", 2), ("--tickets=0", 0)] {
        let server = Serve::start(&pki, Kind::P256, &["--tls", "1.3", option, "--once", "1"]);
        let arguments = ["connect", &server.address, "--ca", &pki.ca, "--tls", "1.3", "--wait", "0"];
        let done = run(cairn(&arguments).args(["--send", "hello", "--trace"])).expect_code(0);
        assert_eq!(done.err().matches("<- NewSessionTicket").count(), count, "{}", done.all());
        server.finish();
    }
}
