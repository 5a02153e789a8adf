//! The traces of RFC 8448.

use super::super::{
    ClientHelloTranscript, EarlySecret, Kdf, Psk, PskKind, PskSecret, ResumptionSecret, Sides, Tls13Keys,
    Tls13Suite, Transcript, TruncatedHello, expand_label, label, suite,
};
use super::trace::{Trace, traces};
use crate::side::Side;
use crate::testing::hmac;
use alloc::{vec, vec::Vec};
use cairn_crypto::{HashAlgorithm, HashOutput, Provider, hkdf_extract};
use cairn_wire::CipherSuite;

/// All traces use this suite.
fn aes_128_gcm() -> &'static Tls13Suite {
    suite(CipherSuite::TLS_AES_128_GCM_SHA256).unwrap()
}

fn providers() -> [Provider; 2] {
    [cairn_provider_aws_lc::provider(), cairn_provider_rustcrypto::provider()]
}

fn hkdf_label(label: &[u8], context: &[u8], length: usize) -> Vec<u8> {
    let mut place = [0; label::MAX_LEN];
    label::hkdf_label(label, context, length, &mut place).unwrap().to_vec()
}

/// Every call of HKDF and HMAC in the traces, from its printed inputs to its printed outputs.
#[test]
fn every_step_gives_the_printed_values() {
    let kdf = super::kdf(HashAlgorithm::Sha256);
    let (mut extracted, mut expanded, mut keys, mut binders) = (0, 0, 0, 0);
    for step in traces().iter().flat_map(|trace| &trace.steps) {
        if let Some(secret) = step.find("secret") {
            let mut prk = [0; 32];
            hkdf_extract(&*hmac(HashAlgorithm::Sha256), step.value("salt"), step.value("IKM"), &mut prk)
                .unwrap();
            assert_eq!(prk, secret, "{}", step.title);
            extracted += 1;
        }
        if let Some(output) = step.find("expanded") {
            let label = if step.find("binder_hash").is_some() { b"finished" } else { step.label() };
            let context = step.value("hash");
            assert_eq!(hkdf_label(label, context, output.len()), step.value("info"), "{}", step.title);
            let mut out = vec![0; output.len()];
            expand_label(&kdf.key(step.value("PRK")).unwrap(), label, context, &mut out).unwrap();
            assert_eq!(out, output, "{}", step.title);
            expanded += 1;
        }
        if let Some(key) = step.find("key_expanded") {
            let made = Tls13Keys::derive(&kdf, &kdf.key(step.value("PRK")).unwrap(), aes_128_gcm()).unwrap();
            assert_eq!((made.key(), &made.iv()[..]), (key, step.value("iv_expanded")), "{}", step.title);
            for (label, name) in [(&b"key"[..], "key"), (b"iv", "iv")] {
                let [info, output] =
                    ["info", "expanded"].map(|what| step.value(&alloc::format!("{name}_{what}")));
                assert_eq!(hkdf_label(label, &[], output.len()), info, "{}", step.title);
            }
            keys += 1;
        }
        if let Some(hash) = step.find("binder_hash") {
            assert_eq!(kdf.hash(&[step.value("ClientHello_prefix")]).unwrap().as_bytes(), hash);
            let made =
                kdf.finished(&kdf.key(step.value("PRK")).unwrap(), &HashOutput::new(hash).unwrap()).unwrap();
            assert_eq!(made.as_bytes(), step.value("finished"));
            binders += 1;
        }
    }
    assert_eq!((extracted, expanded, keys, binders), (15, 59, 21, 1));
}

/// The five handshakes through the chain of secrets and the transcript, from the messages and the shared
/// secret alone, with both providers.
#[test]
fn every_handshake_gives_the_printed_secrets() {
    for provider in providers() {
        let kdf = Kdf::new(&provider, HashAlgorithm::Sha256).unwrap();
        let mut psk = None;
        for trace in &traces() {
            let resumption = Replay { trace, kdf: &kdf }.run(psk.as_ref());
            if trace.title == "Simple 1-RTT Handshake" {
                let title = "server generate resumption secret \"tls13 resumption\"";
                let derived = resumption.psk(trace.value(title, "hash")).unwrap();
                assert_eq!(derived.secret().expose(), trace.value(title, "expanded"));
                assert_eq!((derived.kind(), derived.hash()), (PskKind::Resumption, HashAlgorithm::Sha256));
                psk = Some(derived);
            } else {
                psk = None;
            }
        }
    }
}

struct Replay<'a> {
    trace: &'a Trace,
    kdf: &'a Kdf,
}

impl Replay<'_> {
    fn secret(&self, title: &str) -> &[u8] {
        self.trace.value(title, "expanded")
    }

    /// Every step in which traffic keys come from this secret.
    fn check_keys(&self, secret: &[u8], keys: &Tls13Keys) {
        let mut seen = 0;
        let derived =
            |step: &&super::trace::Step| step.find("key_expanded").is_some() && step.value("PRK") == secret;
        for step in self.trace.steps.iter().filter(derived) {
            assert_eq!(keys.key(), step.value("key_expanded"), "{}", step.title);
            assert_eq!(keys.iv(), step.value("iv_expanded"), "{}", step.title);
            seen += 1;
        }
        assert_ne!(seen, 0, "{}", self.trace.title);
    }

    fn run(&self, psk: Option<&Psk>) -> ResumptionSecret {
        let mut messages =
            self.trace.steps.iter().filter_map(super::trace::Step::message).map(<[u8]>::to_vec);
        let mut hello = messages.next().unwrap();
        let early = match psk {
            None => EarlySecret::without_psk(self.kdf),
            Some(psk) => self.early_data(&mut hello, psk),
        };
        let (mut transcript, server_hello) = hellos(self.kdf, hello, &mut messages);
        transcript.add(&server_hello).unwrap();

        let shared = self.trace.value("server extract secret \"handshake\"", "IKM");
        let handshake = early.into_handshake_secret(Some(shared)).unwrap();
        let traffic = handshake.traffic_secrets(&transcript.hash().unwrap()).unwrap();
        assert_eq!(traffic.client.expose(), self.secret("server derive secret \"tls13 c hs traffic\""));
        assert_eq!(traffic.server.expose(), self.secret("server derive secret \"tls13 s hs traffic\""));
        for secret in [&traffic.client, &traffic.server] {
            self.check_keys(secret.expose(), &secret.keys(aes_128_gcm()).unwrap());
        }

        let finished = |side, transcript: &mut Transcript, messages: &mut dyn Iterator<Item = Vec<u8>>| {
            for message in messages {
                if message[0] == 20 {
                    let verify_data = traffic.of(side).verify_data(&transcript.hash().unwrap()).unwrap();
                    let title = alloc::format!("{side} calculate finished \"tls13 finished\"");
                    assert!(verify_data.matches(self.trace.value(&title, "finished")));
                    assert!(verify_data.matches(&message[4..]), "{} {side}", self.trace.title);
                    return transcript.add(&message).unwrap();
                }
                transcript.add(&message).unwrap();
            }
            panic!("no Finished");
        };
        finished(Side::Server, &mut transcript, &mut messages);
        let main = handshake.into_main_secret().unwrap();
        let hash = transcript.hash().unwrap();
        let Sides { client, server } = main.traffic_secrets(&hash).unwrap();
        assert_eq!(client.expose(), self.secret("server derive secret \"tls13 c ap traffic\""));
        assert_eq!(server.expose(), self.secret("server derive secret \"tls13 s ap traffic\""));
        for secret in [&client, &server] {
            self.check_keys(secret.expose(), &secret.keys(aes_128_gcm()).unwrap());
        }
        let exporter = main.exporter_secret(&hash).unwrap();
        assert_eq!(exporter.expose(), self.secret("server derive secret \"tls13 exp master\""));

        finished(Side::Client, &mut transcript, &mut messages);
        let resumption = main.into_resumption_secret(&transcript.finish().unwrap()).unwrap();
        assert_eq!(resumption.expose(), self.secret("client derive secret \"tls13 res master\""));
        resumption
    }

    /// Completes the ClientHello with its binder, and checks the secrets of early data.
    fn early_data(&self, hello: &mut Vec<u8>, psk: &Psk) -> EarlySecret {
        assert!(self.trace.has("client calculate PSK binder"));
        let secret = PskSecret::new(self.kdf, psk).unwrap();
        let prefix = hello.clone();
        hello.extend_from_slice(&[0, 33, 32]);
        hello.extend_from_slice(&[0; 32]);
        let truncated = TruncatedHello::new(hello, 33).unwrap();
        assert_eq!(truncated.as_bytes(), prefix);
        let binder = secret.binder(&truncated.hash(self.kdf).unwrap()).unwrap();
        assert!(binder.matches(self.trace.value("client calculate PSK binder", "finished")));
        hello.truncate(prefix.len() + 3);
        hello.extend_from_slice(binder.as_bytes());

        let hash = ClientHelloTranscript::new(hello.clone()).hash(self.kdf).unwrap();
        let traffic = secret.client_traffic_secret(&hash).unwrap();
        assert_eq!(traffic.expose(), self.secret("client derive secret \"tls13 c e traffic\""));
        self.check_keys(traffic.expose(), &traffic.keys(aes_128_gcm()).unwrap());
        let exporter = secret.exporter_secret(&hash).unwrap();
        assert_eq!(exporter.expose(), self.secret("client derive secret \"tls13 e exp master\""));
        secret.into_early_secret()
    }
}

/// The transcript up to the last ClientHello, and the ServerHello.
fn hellos(kdf: &Kdf, hello: Vec<u8>, messages: &mut dyn Iterator<Item = Vec<u8>>) -> (Transcript, Vec<u8>) {
    let first = ClientHelloTranscript::new(hello);
    let answer = messages.next().unwrap();
    // The random of HelloRetryRequest (RFC 9846 section 4.2.3) starts like this.
    if answer[6..10] == [0xcf, 0x21, 0xad, 0x74] {
        let retry = first.into_retry(kdf, &answer).unwrap();
        let transcript = retry.into_transcript(&messages.next().unwrap()).unwrap();
        (transcript, messages.next().unwrap())
    } else {
        (first.into_transcript(kdf).unwrap(), answer)
    }
}
