//! Whether an answer is complete: exit codes and messages.

use crate::support::{RawServer, Script, cairn, run, run_with_input};
use alloc::sync::Arc;
use cairn_tls::{
    Answer, Clock, Handshake, NewTicket, Question, Renegotiation, ServerConfigBuilder, Session,
    SessionAnswer, Stream, SystemClock, UnixTime, session::ServerSessionStore, wire::SessionId,
};
use core::time::Duration;
use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    process::Stdio,
    thread,
};

const HI: [&str; 2] = ["--send", "hi"];

fn as_it_is(builder: ServerConfigBuilder) -> ServerConfigBuilder {
    builder
}

/// Reads the request and sends this answer.
fn answer(tls: &mut Stream<TcpStream>, text: &[u8]) {
    let _request = tls.read(&mut [0; 16]).unwrap();
    tls.write_all(text).unwrap();
}

/// Reads until the client closes.
fn wait_for_its_end(tls: &mut Stream<TcpStream>) {
    while let Ok(1..) = tls.read(&mut [0; 16]) {}
}

#[test]
fn answer_with_a_pause_is_complete_by_default() {
    let server = Script::play(1, as_it_is, |mut tls| {
        answer(&mut tls, b"first half, ");
        thread::sleep(Duration::from_secs(6));
        tls.write_all(b"second half").unwrap();
        tls.close_write().unwrap();
    });
    let done = run(&mut server.connect(&HI)).expect_code(0);
    assert_eq!(done.out(), "first half, second half");
}

#[test]
fn slow_reader_of_the_output_is_no_silence_of_the_server() {
    // More than a pipe holds.
    const SIZE: usize = 300_000;
    let server = Script::play(1, as_it_is, |mut tls| {
        answer(&mut tls, &vec![b'x'; SIZE]);
        tls.close_write().unwrap();
        wait_for_its_end(&mut tls);
    });
    let mut command = server.connect(&HI);
    let command = command.args(["--wait", "1", "-q"]).stdin(Stdio::null());
    let client = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Longer than the time of --wait.
    thread::sleep(Duration::from_secs(3));
    let done = client.wait_with_output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(done.stdout.len(), SIZE);
}

#[test]
fn silence_beyond_wait_is_exit_code_9() {
    // The server did not end its answer, whether or not it then answers our close_notify.
    for answers in [true, false] {
        let server = Script::play(1, as_it_is, move |mut tls| {
            answer(&mut tls, b"first half, ");
            wait_for_its_end(&mut tls);
            if answers {
                tls.close_write().unwrap();
            }
        });
        let done = run(server.connect(&HI).args(["--wait", "3", "--quiet"])).expect_code(9);
        assert_eq!(done.out(), "first half, ");
        done.expect_words(&["gave up: the server was silent for 3 s", "--wait SECONDS"]);
    }
    let server = Script::play(1, as_it_is, |mut tls| wait_for_its_end(&mut tls));
    run(server.connect(&HI).args(["--wait", "1", "-q"]))
        .expect_code(9)
        .expect_words(&["no answer was received"]);
}

#[test]
fn truncation_after_our_close_notify_is_exit_code_6() {
    let server = Script::play(1, as_it_is, |mut tls| {
        answer(&mut tls, b"");
        // The close_notify has arrived by now and is not read.
        thread::sleep(Duration::from_secs(1));
        tls.write_all(b"half").unwrap();
        let tcp = tls.transport_mut();
        tcp.shutdown(Shutdown::Write).unwrap();
        while let Ok(1..) = tcp.read(&mut [0; 64]) {}
    });
    let done = run(server.connect(&HI).args(["--wait", "0", "-q"])).expect_code(6);
    assert_eq!(done.out(), "half");
    done.expect_words(&["without close_notify"]);
    // The server resets the connection, because it has not read the request.
    let server = Script::play(1, as_it_is, |mut tls| {
        tls.write_all(b"half").unwrap();
        thread::sleep(Duration::from_millis(500));
    });
    run(server.connect(&HI).arg("-q")).expect_code(6).expect_words(&["cairn: "]);
}

#[test]
fn close_notify_without_an_answer_is_reported() {
    let server = Script::play(1, as_it_is, |mut tls| {
        answer(&mut tls, b"all");
        // Until the client gives up.
        while let Ok(1..) = tls.transport_mut().read(&mut [0; 64]) {}
    });
    let done = run(server.connect(&HI).args(["--wait", "0", "-q"])).expect_code(9);
    assert_eq!(done.out(), "all");
    done.expect_words(&["did not answer our close_notify"]);
}

#[test]
fn connection_without_data_succeeds() {
    let server = Script::play(2, as_it_is, |mut tls| wait_for_its_end(&mut tls));
    for wait in ["0", "1"] {
        run_with_input(&mut server.connect(&["--wait", wait]), b"").expect_code(0);
    }
}

#[test]
fn refused_renegotiation_is_reported_however_the_server_ends() {
    let asks = |builder: ServerConfigBuilder| builder.renegotiation(Renegotiation::Requested);
    type Ending = fn(Stream<TcpStream>);
    let endings: [(Ending, i32); 4] = [
        (|_tls| {}, 6),
        (|mut tls| tls.close_write().unwrap(), 4),
        (|mut tls| wait_for_its_end(&mut tls), 9),
        (|mut tls| answer_403(&mut tls), 0),
    ];
    for (ending, code) in endings {
        let server = Script::play(1, asks, move |mut tls| {
            let _request = tls.read(&mut [0; 16]).unwrap();
            tls.renegotiate().unwrap();
            assert_eq!(tls.handshake().unwrap(), Handshake::Refused);
            ending(tls);
        });
        let done = run(server.connect(&HI).args(["--wait", "3"])).expect_code(code);
        done.expect_words(&["renegotiation", "--renegotiation allowed"]);
    }
}

fn answer_403(tls: &mut Stream<TcpStream>) {
    tls.write_all(b"403").unwrap();
    tls.close_write().unwrap();
}

#[test]
fn server_without_secure_renegotiation_is_refused_with_a_hint() {
    // ServerHello without extensions, as servers before RFC 5746 send it.
    let mut hello = vec![22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3];
    hello.extend([7; 32]);
    hello.extend([0, 0xc0, 0x2f, 0]);
    let arguments = ["--insecure", "--suites", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"];
    let server = RawServer::answering(hello.clone(), true);
    run(cairn(&["connect", &server.address]).args(arguments)).expect_code(4).expect_words(&[
        "RFC 5746",
        "hint: ",
        "--legacy-server-connect",
    ]);
    // With the option, the handshake continues to the certificate.
    let server = RawServer::answering(hello, true);
    run(cairn(&["connect", &server.address, "--legacy-server-connect"]).args(arguments))
        .expect_code(6)
        .expect_words(&["AwaitCertificate"]);
}

/// Issues tickets of this length and accepts none.
fn with_tickets(tls: &mut Stream<TcpStream>, length: usize) {
    while let Some((id, question)) = tls.question() {
        let answer = match question {
            Question::SealTicket(_) => {
                Answer::Ticket(Some(NewTicket { ticket: vec![b'T'; length], lifetime_hint: 300 }))
            }
            Question::FindSession(_) => {
                Answer::Session(SessionAnswer { session: None, now: SystemClock.now() })
            }
            other => panic!("{}", other.name()),
        };
        tls.answer(id, answer).unwrap();
        tls.handshake().unwrap();
    }
}

/// A session store that stores nothing.
struct Forgetful;

impl ServerSessionStore for Forgetful {
    fn put(&self, _: Arc<Session>, _: UnixTime) {}

    fn get(&self, _: &SessionId, _: UnixTime) -> Option<Arc<Session>> {
        None
    }

    fn remove(&self, _: &SessionId) -> bool {
        false
    }
}

#[test]
fn the_reason_for_a_full_handshake_is_printed() {
    let server = Script::play(
        2,
        |builder| builder.sessions(Arc::new(Forgetful)),
        |mut tls| {
            answer(&mut tls, b"ok");
            tls.close_write().unwrap();
        },
    );
    let done = run(server.connect(&HI).args(["--reconnect", "1", "--trace"])).expect_code(8).expect_words(&[
        "µs    session not resumed: the server chose a full handshake",
        "; none resumed: the server chose a full handshake",
    ]);
    assert_eq!(done.out(), "okokreconnect 1 of 1: not resumed: the server chose a full handshake\n");
}

#[test]
fn ticket_too_long_for_a_hello_is_ignored() {
    for length in [65_500, 0xffff] {
        let server = Script::play(
            2,
            |builder| builder.ask_for_tickets(),
            move |mut tls| {
                with_tickets(&mut tls, length);
                answer(&mut tls, b"ok");
                tls.close_write().unwrap();
            },
        );
        // The session is not resumed, but the connection works.
        let done = run(server.connect(&HI).args(["--reconnect", "1"])).expect_code(8);
        assert_eq!(done.out(), "okokreconnect 1 of 1: not resumed\n");
    }
}
