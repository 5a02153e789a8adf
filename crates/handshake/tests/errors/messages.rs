//! Cases about the order, the form and the epoch of messages, and about alerts.

//! The modification of a handshake for each kind of error.

use crate::case::{Case, P256, client_of, default_pair, honest, tampered};
use crate::support::{Wire, edit::body, mutual_pair, pair, run};
use cairn_crypto::KeySpec;
use cairn_handshake::Input;
use cairn_schedule::Epoch;
use cairn_wire::{Alert, AlertDescription as A, AlertLevel, HandshakeType as H};

#[rustfmt::skip]
pub(crate) fn cases() -> Vec<Case> {
    Vec::from(cases! {
    PeerAlert, "the server refuses", None, || {
        let (mut client, mut server) = default_pair();
        server.credential = None;
        run(&mut client, &mut server, |_, _| {});
        client
    };
    ClosedDuringHandshake, "close_notify for a ServerHello", Some(A::CLOSE_NOTIFY), || {
        tampered(default_pair(), |wire| if matches!(wire, Wire::Handshake(_, b) if b[0] == 2) {
            *wire = Wire::Alert(Alert::warning(A::CLOSE_NOTIFY));
        }).0
    };
    UnexpectedMessage, "ServerHelloDone for a ServerHello", Some(A::UNEXPECTED_MESSAGE), || {
        tampered(default_pair(), |wire| if matches!(wire, Wire::Handshake(_, b) if b[0] == 2) {
            *wire = Wire::Handshake(Epoch::tls12(0), vec![14, 0, 0, 0]);
        }).0
    };
    UnexpectedMessage, "ChangeCipherSpec before ClientKeyExchange", Some(A::UNEXPECTED_MESSAGE), || {
        tampered(default_pair(), |wire| if matches!(wire, Wire::Handshake(_, b) if b[0] == 16) {
            *wire = Wire::ChangeCipherSpec;
        }).1
    };
    WrongEpoch, "Finished under the old keys", Some(A::UNEXPECTED_MESSAGE), || {
        tampered(default_pair(), |wire| if let Wire::Handshake(epoch, b) = wire && b[0] == 20 {
            *epoch = Epoch::tls12(0);
        }).1
    };
    SplitAcrossKeyChange, "half a message before ChangeCipherSpec", Some(A::UNEXPECTED_MESSAGE), || {
        let mut held = None;
        tampered(default_pair(), |wire| match wire {
            Wire::Handshake(_, b) if b[0] == 16 => {
                b.push(20);
                held = Some(());
            }
            Wire::Handshake(_, b) if b[0] == 20 && held.is_some() => { b.remove(0); }
            _ => {}
        }).1
    };
    MessageTooLong, "a ClientHello longer than the policy's limit", Some(A::INTERNAL_ERROR), || {
        let mut server = pair(KeySpec::EcP256, |_| {}, |server| server.limits.max_message = 65_536).1;
        server.start();
        server.receive(&Wire::Handshake(Epoch::tls12(0), vec![1, 1, 0, 1]));
        server
    };
    Decode, "a header of a ClientHello of 200 KB, longer than any can be", Some(A::DECODE_ERROR), || {
        let mut server = default_pair().1;
        server.start();
        server.receive(&Wire::Handshake(Epoch::tls12(0), vec![1, 3, 13, 64]));
        server
    };
    TooManyHelloRequests, "five in a handshake", Some(A::UNEXPECTED_MESSAGE), || {
        let mut client = default_pair().0;
        client.start();
        client.receive(&Wire::Handshake(Epoch::tls12(0), vec![0; 20]));
        client
    };
    TooManyHelloRequests, "five after it", Some(A::UNEXPECTED_MESSAGE), || {
        let (mut client, _) = honest(default_pair());
        client.receive(&Wire::Handshake(Epoch::tls12(1), vec![0; 20]));
        client
    };
    Decode, "a byte behind ClientHello", Some(A::DECODE_ERROR), || {
        tampered(default_pair(), |wire| body(wire, H::CLIENT_HELLO, |body| body.push(0))).1
    };
    Decode, "a byte in ServerHelloDone", Some(A::DECODE_ERROR), || {
        tampered(default_pair(), |wire| body(wire, H::SERVER_HELLO_DONE, |body| body.push(0))).0
    };
    Decode, "an extension twice", Some(A::DECODE_ERROR), || {
        client_of(|parts| { let again = parts.extensions[0]; parts.extensions.push(again); })
    };
    Decode, "a Finished of 13 bytes", Some(A::DECODE_ERROR), || {
        tampered(default_pair(), |wire| body(wire, H::FINISHED, |body| body.push(0))).1
    };
    Decode, "a Finished of 11 bytes", Some(A::DECODE_ERROR), || {
        tampered(default_pair(), |wire| body(wire, H::FINISHED, |body| { body.pop(); })).1
    };
    Decode, "explicit curve parameters", Some(A::ILLEGAL_PARAMETER), || {
        tampered(default_pair(), |wire| body(wire, H::SERVER_KEY_EXCHANGE, |body| body[0] = 1)).0
    };
    Decode, "two application protocols chosen", Some(A::DECODE_ERROR), || {
        let protocols = || vec![b"h2".to_vec()];
        let ends = pair(P256, |c| c.alpn_protocols = protocols(), |s| s.alpn_protocols = protocols());
        tampered(ends, |wire| body(wire, H::SERVER_HELLO, |body| {
            let at = body.windows(5).position(|w| w == [0, 3, 2, b'h', b'2']).unwrap();
            body.splice(at..at + 5, [0, 6, 2, b'h', b'2', 2, b'h', b'2']);
            body[at - 1] += 3;
            let all = body.len() - 2 - 32 - 1 - usize::from(body[34]) - 3 - 2;
            let length_at = 2 + 32 + 1 + usize::from(body[34]) + 3;
            body[length_at + 1] = u8::try_from(all).unwrap();
        })).0
    };
    Decode, "HelloRequest with a body", Some(A::DECODE_ERROR), || {
        let mut client = default_pair().0;
        client.start();
        client.receive(&Wire::Handshake(Epoch::tls12(0), vec![0, 0, 0, 1, 0]));
        client
    };
    Decode, "HelloRequest with a body, after the handshake", Some(A::DECODE_ERROR), || {
        let (mut client, _) = honest(default_pair());
        client.receive(&Wire::Handshake(Epoch::tls12(1), vec![0, 0, 0, 1, 0]));
        client
    };
    Decode, "a broken ClientHello after the handshake", Some(A::DECODE_ERROR), || {
        let (_, mut server) = honest(default_pair());
        server.receive(&Wire::Handshake(Epoch::tls12(1), vec![1, 0, 0, 1, 0]));
        server
    };
    Decode, "CertificateRequest without certificate types", Some(A::DECODE_ERROR), || {
        tampered(mutual_pair(P256, P256, |_| {}, |_| {}), |wire| body(wire, H::CERTIFICATE_REQUEST, |body| {
            *body = vec![0, 0, 2, 4, 3, 0, 0];
        })).0
    };
    Decode, "CertificateRequest without signature algorithms", Some(A::DECODE_ERROR), || {
        tampered(mutual_pair(P256, P256, |_| {}, |_| {}), |wire| body(wire, H::CERTIFICATE_REQUEST, |body| {
            *body = vec![1, 64, 0, 0, 0, 0];
        })).0
    };
    BadAlertLevel, "an alert of level 3", Some(A::ILLEGAL_PARAMETER), || {
        let mut client = default_pair().0;
        client.start();
        client.step(Input::Alert(Alert { level: AlertLevel(3), description: A::CLOSE_NOTIFY }));
        client
    };
    })
}
