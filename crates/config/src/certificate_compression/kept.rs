//! An algorithm that keeps its results.

use alloc::{collections::VecDeque, sync::Arc};
use cairn_handshake::{CertificateCompression, DecompressionError};
use cairn_wire::CertificateCompressionAlgorithm;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// The bytes of messages, plain and compressed, that an algorithm keeps. A chain with its statements has some
/// KiB of both, so that is enough for a hundred credentials at least.
const MAX_BYTES: usize = 1 << 20;

/// An algorithm that compresses each Certificate message once: a server sends the same one to all clients
/// with the same requests. The oldest results go first.
#[derive(Debug)]
pub(super) struct Kept {
    algorithm: Arc<dyn CertificateCompression>,
    results: Mutex<Results>,
}

#[derive(Debug, Default)]
struct Results {
    by_message: HashMap<Arc<[u8]>, Option<Arc<[u8]>>>,
    /// The messages in the order of their arrival.
    order: VecDeque<Arc<[u8]>>,
    bytes: usize,
}

impl Kept {
    pub(super) fn new(algorithm: Arc<dyn CertificateCompression>) -> Self {
        Self { algorithm, results: Mutex::default() }
    }
}

impl Results {
    fn insert(&mut self, message: &[u8], result: Option<Arc<[u8]>>) {
        let size = size_of_entry(message, result.as_ref());
        if size > MAX_BYTES || self.by_message.contains_key(message) {
            return;
        }
        while self.bytes > MAX_BYTES.saturating_sub(size) {
            let Some(oldest) = self.order.pop_front() else { break };
            let removed = self.by_message.remove(&oldest).flatten();
            self.bytes = self.bytes.saturating_sub(size_of_entry(&oldest, removed.as_ref()));
        }
        let message: Arc<[u8]> = message.into();
        self.order.push_back(Arc::clone(&message));
        self.by_message.insert(message, result);
        self.bytes = self.bytes.saturating_add(size);
    }
}

fn size_of_entry(message: &[u8], result: Option<&Arc<[u8]>>) -> usize {
    message.len().saturating_add(result.map_or(0, |result| result.len()))
}

impl CertificateCompression for Kept {
    fn algorithm(&self) -> CertificateCompressionAlgorithm {
        self.algorithm.algorithm()
    }

    fn compress(&self, certificate: &[u8]) -> Option<Arc<[u8]>> {
        // A message that starts with a request context is never the same again.
        if certificate.first() != Some(&0) {
            return self.algorithm.compress(certificate);
        }
        let lock = || self.results.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(result) = lock().by_message.get(certificate) {
            return result.clone();
        }
        // Not under the lock: other handshakes do not wait for it.
        let result = self.algorithm.compress(certificate);
        lock().insert(certificate, result.clone());
        result
    }

    fn decompress(&self, compressed: &[u8], certificate: &mut [u8]) -> Result<(), DecompressionError> {
        self.algorithm.decompress(compressed, certificate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{vec, vec::Vec};
    use core::sync::atomic::{AtomicUsize, Ordering};

    /// Counts what it compresses to a byte.
    #[derive(Debug, Default)]
    struct Counting(AtomicUsize);

    impl CertificateCompression for Counting {
        fn algorithm(&self) -> CertificateCompressionAlgorithm {
            CertificateCompressionAlgorithm::ZLIB
        }

        fn compress(&self, certificate: &[u8]) -> Option<Arc<[u8]>> {
            self.0.fetch_add(1, Ordering::Relaxed);
            certificate.last().map(|last| [*last].into())
        }

        fn decompress(&self, _: &[u8], _: &mut [u8]) -> Result<(), DecompressionError> {
            Err(DecompressionError::Malformed)
        }
    }

    /// Compresses each message, and returns how many the algorithm had to compress.
    fn calls(kept: &Kept, counting: &Counting, messages: &[Vec<u8>]) -> usize {
        let before = counting.0.load(Ordering::Relaxed);
        for message in messages {
            let result = kept.compress(message);
            assert_eq!(result.as_deref(), message.last().map(core::slice::from_ref));
        }
        counting.0.load(Ordering::Relaxed) - before
    }

    #[test]
    fn each_message_is_compressed_once() {
        let counting = Arc::new(Counting::default());
        let kept = Kept::new(Arc::<Counting>::clone(&counting));
        let messages = [vec![0, 1], vec![0, 2], vec![0]];
        assert_eq!(calls(&kept, &counting, &messages), 3);
        assert_eq!(calls(&kept, &counting, &messages), 0);
    }

    #[test]
    fn message_with_a_request_context_is_not_kept() {
        let counting = Arc::new(Counting::default());
        let kept = Kept::new(Arc::<Counting>::clone(&counting));
        assert_eq!(calls(&kept, &counting, &[vec![1, 7, 1]]), 1);
        assert_eq!(calls(&kept, &counting, &[vec![1, 7, 1]]), 1);
        assert_eq!(kept.results.lock().unwrap_or_else(PoisonError::into_inner).bytes, 0);
    }

    #[test]
    fn oldest_results_go_first() {
        let counting = Arc::new(Counting::default());
        let kept = Kept::new(Arc::<Counting>::clone(&counting));
        // Four of them fit.
        let message = |number| {
            let mut message = vec![0; MAX_BYTES / 4 - 2];
            message.push(number);
            message
        };
        let all: Vec<_> = (0..5).map(message).collect();
        let [first, later @ ..] = all.as_slice() else { return };
        assert_eq!(calls(&kept, &counting, &all), 5);
        assert_eq!(calls(&kept, &counting, later), 0);
        assert_eq!(calls(&kept, &counting, core::slice::from_ref(first)), 1);
        let bytes = |kept: &Kept| kept.results.lock().unwrap_or_else(PoisonError::into_inner).bytes;
        assert!(bytes(&kept) <= MAX_BYTES);
        // One that is longer than everything is not kept, and removes nothing.
        let before = bytes(&kept);
        let long = [vec![0; MAX_BYTES]];
        assert_eq!(calls(&kept, &counting, &long), 1);
        assert_eq!(calls(&kept, &counting, &long), 1);
        assert_eq!(bytes(&kept), before);
    }
}
