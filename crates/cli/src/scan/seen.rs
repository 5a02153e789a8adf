//! Chains and primes that came with any flight, each once.

use super::{facts::Prime, probe::flight::Flight};
use cairn_tls::wire::ProtocolVersion;

/// The maximum number of different chains that are kept.
const MAX_CHAINS: usize = 8;
/// The maximum number of different primes that are kept.
const MAX_PRIMES: usize = 16;

/// A chain as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SeenChain {
    pub(super) certificates: Vec<Vec<u8>>,
    /// The versions in which it was received.
    pub(super) versions: Vec<ProtocolVersion>,
    /// The OCSP response that came with it last.
    pub(super) ocsp: Option<Vec<u8>>,
}

/// The chains and primes so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) chains: Vec<SeenChain>,
    pub(super) primes: Vec<Prime>,
}

impl Seen {
    /// Keeps what a flight has.
    pub(super) fn flight(&mut self, flight: &Flight) {
        self.chain(flight.version, &flight.chain, flight.ocsp.as_deref());
        if let Some(prime) = flight.prime.as_deref().map(Prime::of)
            && !self.primes.contains(&prime)
            && self.primes.len() < MAX_PRIMES
        {
            self.primes.push(prime);
        }
    }

    /// Keeps a chain, unless it is empty.
    pub(super) fn chain(&mut self, version: ProtocolVersion, chain: &[Vec<u8>], ocsp: Option<&[u8]>) {
        if chain.is_empty() {
            return;
        }
        let is_full = self.chains.len() >= MAX_CHAINS;
        match self.chains.iter_mut().find(|known| known.certificates == chain) {
            Some(known) => {
                if !known.versions.contains(&version) {
                    known.versions.push(version);
                }
                if let Some(ocsp) = ocsp {
                    known.ocsp = Some(ocsp.to_vec());
                }
            }
            None if !is_full => self.chains.push(SeenChain {
                certificates: chain.to_vec(),
                versions: vec![version],
                ocsp: ocsp.map(<[u8]>::to_vec),
            }),
            None => {}
        }
    }
}
