//! Failures of our own side, which no RFC describes.

//! The modification of a handshake for each kind of error.

use crate::case::{Case, P256, default_pair, honest};
use crate::support::{pair, run};
use cairn_crypto::{CryptoError, RandomSource};
use cairn_handshake::{ClientAuthentication, Input};
use cairn_wire::AlertDescription as A;
use std::sync::Arc;

#[derive(Debug)]
struct NoRandomness;

impl RandomSource for NoRandomness {
    fn fill(&self, _out: &mut [u8]) -> Result<(), CryptoError> {
        Err(CryptoError::RandomFailed)
    }
}

#[rustfmt::skip]
pub(crate) fn cases() -> Vec<Case> {
    Vec::from(cases! {
    Aborted, "the record layer finds a bad MAC", Some(A::BAD_RECORD_MAC), || {
        let mut client = default_pair().0;
        client.start();
        client.step(Input::Abort(A::BAD_RECORD_MAC));
        client
    };
    Aborted, "before the start", Some(A::INTERNAL_ERROR), || {
        let mut client = default_pair().0;
        client.step(Input::Abort(A::INTERNAL_ERROR));
        client
    };
    NoCredential, "the server has none", Some(A::HANDSHAKE_FAILURE), || {
        let (mut client, mut server) = default_pair();
        server.credential = None;
        run(&mut client, &mut server, |_, _| {});
        server
    };
    QuestionFailed, "the signer fails", Some(A::INTERNAL_ERROR), || {
        let (mut client, mut server) = default_pair();
        server.fails = Some("Sign");
        run(&mut client, &mut server, |_, _| {});
        server
    };
    Crypto, "no randomness for a client", Some(A::INTERNAL_ERROR), || {
        honest(pair(P256, |client| client.provider.random = Arc::new(NoRandomness), |_| {})).0
    };
    Crypto, "no randomness for a server", Some(A::INTERNAL_ERROR), || {
        honest(pair(P256, |_| {}, |server| server.provider.random = Arc::new(NoRandomness))).1
    };
    Encode, "an authority without a name", Some(A::INTERNAL_ERROR), || {
        honest(pair(P256, |_| {}, |server| {
            server.client_authentication = ClientAuthentication::Request { authorities: vec![vec![]] };
        })).1
    };
    NotInProvider, "no HMAC", Some(A::INTERNAL_ERROR), || {
        honest(pair(P256, |client| client.provider.hmacs.clear(), |_| {})).0
    };
    NotInProvider, "no hash", Some(A::INTERNAL_ERROR), || {
        honest(pair(P256, |_| {}, |server| server.provider.hashes.clear())).1
    };
    })
}
