//! The transcript around HelloRetryRequest, and truncated ClientHello messages.

use super::super::{ClientHelloTranscript, RetryTranscript, TruncatedHello};
use super::kdf;
use crate::error::ScheduleError;
use cairn_crypto::{CryptoError, HashAlgorithm, HashOutput};

const HASHES: [HashAlgorithm; 2] = [HashAlgorithm::Sha256, HashAlgorithm::Sha384];

#[test]
fn retry_replaces_first_client_hello_with_message_hash() {
    for algorithm in HASHES {
        let kdf = kdf(algorithm);
        let first = kdf.hash(&[b"first hello"]).unwrap();
        let len = u8::try_from(algorithm.output_len()).unwrap();
        let before = [&[254, 0, 0, len], first.as_bytes(), b"retry"].concat();
        let second = [&b"second"[..], &[0, 33], &[32; 33]].concat();
        let truncated = TruncatedHello::new(&second, 33).unwrap();
        assert_eq!(truncated.as_bytes(), b"second");

        let whole = ClientHelloTranscript::new(b"first hello".to_vec());
        let retries = [whole.into_retry(&kdf, b"retry"), RetryTranscript::new(&kdf, &first, b"retry")];
        for retry in retries.map(Result::unwrap) {
            let hash = retry.truncated_hash(truncated).unwrap();
            assert_eq!(hash, kdf.hash(&[&before, b"second"]).unwrap());
            let mut transcript = retry.into_transcript(&second).unwrap();
            transcript.add_parts(&[b"server ", b"hello"]).unwrap();
            let expected = kdf.hash(&[&before, &second, b"server hello"]).unwrap();
            assert_eq!(transcript.hash().unwrap(), expected);
            assert_eq!(transcript.finish().unwrap(), expected);
        }
    }
}

#[test]
fn truncated_hello_is_hashed_with_the_hash_of_the_psk() {
    let hello = [&b"hello"[..], &[0, 49], &[48; 49]].concat();
    for kdf in HASHES.map(kdf) {
        let hash = TruncatedHello::new(&hello, 49).unwrap().hash(&kdf).unwrap();
        assert_eq!(hash, kdf.hash(&[b"hello"]).unwrap());
        let transcript = ClientHelloTranscript::new(hello.clone());
        assert_eq!(transcript.client_hello(), hello);
        assert_eq!(transcript.hash(&kdf).unwrap(), kdf.hash(&[&hello]).unwrap());
        let (both, transcript) = TruncatedHello::new(&hello, 49).unwrap().hash_and_transcript(&kdf).unwrap();
        assert_eq!((both, transcript.hash().unwrap()), (hash, kdf.hash(&[&hello]).unwrap()));
    }
}

#[test]
fn hello_without_this_list_of_binders_is_not_truncated() {
    let hello = [&b"hello"[..], &[0, 33], &[32; 33]].concat();
    for binders in [0, 31, 32, 34, 66, u16::MAX] {
        assert_eq!(TruncatedHello::new(&hello, binders), Err(ScheduleError::NoBinders), "{binders}");
    }
    assert_eq!(TruncatedHello::new(&[0, 0], 0), Err(ScheduleError::NoBinders));
    assert_eq!(TruncatedHello::new(&[], 33), Err(ScheduleError::NoBinders));
}

#[test]
fn forks_of_a_transcript_are_independent() {
    let kdf = kdf(HashAlgorithm::Sha256);
    let transcript = ClientHelloTranscript::new(b"a".to_vec()).into_transcript(&kdf).unwrap();
    for request in [b"one", b"two"] {
        let mut fork = transcript.fork().unwrap();
        fork.add(request).unwrap();
        assert_eq!(fork.hash().unwrap(), kdf.hash(&[b"a", request]).unwrap());
    }
    assert_eq!(transcript.finish().unwrap(), kdf.hash(&[b"a"]).unwrap());
}

#[test]
fn first_hello_of_another_hash_is_refused() {
    let error = CryptoError::WrongLength { expected: 48, got: 32 };
    let hash = HashOutput::new(&[1; 32]).unwrap();
    let made = RetryTranscript::new(&kdf(HashAlgorithm::Sha384), &hash, b"retry");
    assert_eq!(made.err(), Some(error.into()));
}
