//! Compressed certificates (RFC 8879): zlib, Brotli and Zstandard.

use crate::world::identity;
use cairn_tls::{Side, certificate_compressions};

/// The first byte selects the algorithm, and whether the rest is a compressed message or one to compress. Two
/// bytes state uncompressed_length, which bounds the result.
///
/// # Panics
/// If a message that decompresses to a length does so to another one too, or twice to different contents; or
/// if a compressed message does not decompress to what was compressed.
pub fn run(input: &[u8]) {
    let [what, high, low, rest @ ..] = input else { return };
    let algorithms = certificate_compressions();
    let algorithm = &algorithms[usize::from(what >> 1) % algorithms.len()];
    let decompressed = |stream: &[u8], length: usize, filling: u8| {
        let mut content = vec![filling; length];
        algorithm.decompress(stream, &mut content).map(|()| content)
    };
    if what & 1 == 1 {
        let Some(stream) = algorithm.compress(rest) else { return };
        assert_eq!(decompressed(&stream, rest.len(), 0).as_deref(), Ok(rest), "{algorithm:?}");
        return;
    }
    let length = usize::from(u16::from_be_bytes([*high, *low]));
    let Ok(content) = decompressed(rest, length, 0) else { return };
    // Every byte of the result is from the stream, none from the buffer.
    assert_eq!(decompressed(rest, length, 0xff).as_ref(), Ok(&content), "{algorithm:?}");
    for other in [length + 1, length.saturating_sub(1), 2 * length + 1, 0] {
        assert!(other == length || decompressed(rest, other, 0).is_err(), "{algorithm:?}: {length}, {other}");
    }
}

/// An input that selects this algorithm, by its number, for decompression to a length.
fn compressed(algorithm: usize, length: u16, stream: &[u8]) -> Vec<u8> {
    let what = u8::try_from(algorithm << 1).unwrap_or_default();
    [&[what], &length.to_be_bytes()[..], stream].concat()
}

/// Our certificates, short and repetitive messages, each as it is and compressed; and streams that expand.
///
/// # Panics
/// Never: the contents have fewer than 65,536 bytes.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let mut contents = vec![vec![7; 100], b"certificate ".repeat(200), vec![0; 0xffff]];
    contents
        .extend([Side::Client, Side::Server].map(|side| identity(side).chain().collect::<Vec<_>>().concat()));
    let mut seeds = Vec::new();
    for (number, algorithm) in certificate_compressions().iter().enumerate() {
        for content in &contents {
            let length = u16::try_from(content.len()).expect("short contents");
            if content.len() < 4000 {
                let mut seed = compressed(number, 0, content);
                seed[0] |= 1;
                seeds.push(seed);
            }
            let Some(stream) = algorithm.compress(content) else { continue };
            // Also for a result that is longer, or shorter, than stated.
            for length in [length, length / 2, u16::MAX] {
                seeds.push(compressed(number, length, &stream));
            }
        }
    }
    seeds
}

/// Every algorithm is there, and decompresses some of the initial inputs.
///
/// # Panics
/// If not.
pub fn check() {
    let algorithms = certificate_compressions();
    assert_eq!(algorithms.len(), 3);
    for (number, algorithm) in algorithms.iter().enumerate() {
        let opens = |seed: &Vec<u8>| {
            let [what, high, low, stream @ ..] = &seed[..] else { return false };
            let mut content = vec![0; usize::from(u16::from_be_bytes([*high, *low]))];
            usize::from(*what) == number << 1 && algorithm.decompress(stream, &mut content).is_ok()
        };
        assert!(seeds().iter().any(opens), "{algorithm:?}");
    }
}
