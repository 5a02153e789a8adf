//! Whether an answer is whole: exit codes and words.

use crate::support::{RawServer, Script, cairn, run, run_with_input};
use cairn_tls::{
    Answer, Clock, Handshake, NewTicket, Question, Renegotiation, ServerConfigBuilder, SessionAnswer, Stream,
    SystemClock,
};
use core::time::Duration;
use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    thread,
};

const HI: [&str; 2] = ["--send", "hi"];

fn as_it_is(builder: ServerConfigBuilder) -> ServerConfigBuilder {
    builder
}

/// Takes the request, and sends this.
fn answer(tls: &mut Stream<TcpStream>, text: &[u8]) {
    let _request = tls.read(&mut [0; 16]).unwrap();
    tls.write_all(text).unwrap();
}

/// Reads until the client closes.
fn wait_for_its_end(tls: &mut Stream<TcpStream>) {
    while let Ok(1..) = tls.read(&mut [0; 16]) {}
}

#[test]
fn an_answer_that_pauses_comes_whole_by_default() {
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
fn silence_beyond_wait_is_exit_code_9_and_told() {
    // Whether the server then answers our close_notify or does not: it had not ended its answer.
    for answers in [true, false] {
        let server = Script::play(1, as_it_is, move |mut tls| {
            answer(&mut tls, b"first half, ");
            wait_for_its_end(&mut tls);
            if answers {
                tls.close_write().unwrap();
            }
        });
        let done = run(server.connect(&HI).args(["--wait", "1", "--quiet"])).expect_code(9);
        assert_eq!(done.out(), "first half, ");
        done.expect_words(&["gave up: the server was silent for 1 s", "--wait SECONDS"]);
    }
    let server = Script::play(1, as_it_is, |mut tls| wait_for_its_end(&mut tls));
    run(server.connect(&HI).args(["--wait", "1", "-q"])).expect_code(9).expect_words(&["no answer came"]);
}

#[test]
fn a_cut_after_our_close_notify_is_a_cut() {
    let server = Script::play(1, as_it_is, |mut tls| {
        answer(&mut tls, b"");
        // The close_notify is there by now, and not read.
        thread::sleep(Duration::from_secs(1));
        tls.write_all(b"half").unwrap();
        let tcp = tls.transport_mut();
        tcp.shutdown(Shutdown::Write).unwrap();
        while let Ok(1..) = tcp.read(&mut [0; 64]) {}
    });
    let done = run(server.connect(&HI).args(["--wait", "0", "-q"])).expect_code(6);
    assert_eq!(done.out(), "half");
    done.expect_words(&["without close_notify"]);
    // A server that resets the connection, for it has not read the request.
    let server = Script::play(1, as_it_is, |mut tls| {
        tls.write_all(b"half").unwrap();
        thread::sleep(Duration::from_millis(500));
    });
    run(server.connect(&HI).arg("-q")).expect_code(6).expect_words(&["cairn: "]);
}

#[test]
fn a_close_notify_without_an_answer_is_told() {
    let server = Script::play(1, as_it_is, |mut tls| {
        answer(&mut tls, b"all");
        thread::sleep(Duration::from_secs(7));
    });
    let done = run(server.connect(&HI).args(["--wait", "0", "-q"])).expect_code(9);
    assert_eq!(done.out(), "all");
    done.expect_words(&["did not answer our close_notify"]);
}

#[test]
fn a_connection_on_which_nothing_was_said_misses_nothing() {
    let server = Script::play(2, as_it_is, |mut tls| wait_for_its_end(&mut tls));
    for wait in ["0", "1"] {
        run_with_input(&mut server.connect(&["--wait", wait]), b"").expect_code(0);
    }
}

#[test]
fn a_renegotiation_that_was_asked_for_and_refused_is_named_however_the_server_ends() {
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
        let done = run(server.connect(&HI).args(["--wait", "1"])).expect_code(code);
        done.expect_words(&["renegotiation", "--renegotiation allowed"]);
    }
}

fn answer_403(tls: &mut Stream<TcpStream>) {
    tls.write_all(b"403").unwrap();
    tls.close_write().unwrap();
}

#[test]
fn a_server_without_secure_renegotiation_is_refused_and_the_way_in_is_named() {
    // ServerHello without extensions, as servers before RFC 5746 answer.
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
    // With that, it is the certificate that is waited for.
    let server = RawServer::answering(hello, true);
    run(cairn(&["connect", &server.address, "--legacy-server-connect"]).args(arguments))
        .expect_code(6)
        .expect_words(&["AwaitCertificate"]);
}

/// Gives out tickets of this length, and takes none.
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

#[test]
fn a_ticket_that_no_hello_can_carry_is_done_without() {
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
        // The session is not resumed, and the connection is as good as any.
        let done = run(server.connect(&HI).args(["--reconnect", "1"])).expect_code(8);
        assert_eq!(done.out(), "okokreconnect 1 of 1: not resumed\n");
    }
}
