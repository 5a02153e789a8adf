//! Requirements for every algorithm, with honest and with hostile input.

use super::certificate_compressions;
use alloc::{sync::Arc, vec, vec::Vec};
use cairn_handshake::{CertificateCompression, DecompressionError as E};
use cairn_wire::CertificateCompressionAlgorithm as Algorithm;
use hex_literal::hex;
use proptest::{collection::vec as vec_of, prelude::*, sample::Index};

fn decompressed(algorithm: &dyn CertificateCompression, stream: &[u8], length: usize) -> Result<Vec<u8>, E> {
    let mut content = vec![0; length];
    algorithm.decompress(stream, &mut content).map(|()| content)
}

fn by_code(code: Algorithm) -> Option<Arc<dyn CertificateCompression>> {
    certificate_compressions().into_iter().find(|each| each.algorithm() == code)
}

/// Contents like those of Certificate messages: noise, and pieces that come again.
fn contents() -> impl Strategy<Value = Vec<u8>> {
    let piece =
        prop_oneof![vec_of(any::<u8>(), 0..200), (any::<u8>(), 0..400_usize).prop_map(|(b, n)| vec![b; n])];
    vec_of((piece, 1..4_usize), 0..8).prop_map(|pieces| {
        let mut content = Vec::new();
        for (piece, times) in pieces {
            (0..times).for_each(|_| content.extend_from_slice(&piece));
        }
        content
    })
}

/// Brotli takes some time for each case.
fn fewer() -> ProptestConfig {
    let config = ProptestConfig::default();
    ProptestConfig { cases: config.cases.div_ceil(8), ..config }
}

proptest! {
    #![proptest_config(fewer())]

    #[test]
    fn content_survives_compression(content in contents()) {
        for algorithm in certificate_compressions() {
            let Some(stream) = algorithm.compress(&content) else { continue };
            // Of CompressedCertificate there are 8 bytes more.
            prop_assert!(stream.len() + 8 < content.len());
            let result = decompressed(&*algorithm, &stream, content.len());
            prop_assert_eq!(result.as_ref(), Ok(&content), "{:?}", algorithm);
        }
    }

    #[test]
    fn every_other_length_is_refused(content in contents(), other in 0..5_000_usize) {
        prop_assume!(other != content.len());
        for algorithm in certificate_compressions() {
            let Some(stream) = algorithm.compress(&content) else { continue };
            for length in [other, content.len() + 1, content.len().saturating_sub(1)] {
                if length != content.len() {
                    let refused = decompressed(&*algorithm, &stream, length);
                    prop_assert!(refused.is_err(), "{:?}, {}", algorithm, length);
                }
            }
        }
    }

    #[test]
    fn truncated_stream_is_malformed(content in contents(), cut in any::<Index>()) {
        for algorithm in certificate_compressions() {
            let Some(stream) = algorithm.compress(&content) else { continue };
            let cut = cut.index(stream.len());
            let refused = decompressed(&*algorithm, stream.get(..cut).unwrap_or_default(), content.len());
            prop_assert_eq!(refused, Err(E::Malformed), "{:?}, {} of {}", algorithm, cut, stream.len());
        }
    }

    #[test]
    fn bytes_after_the_end_are_malformed(content in contents(), more in vec_of(any::<u8>(), 1..9)) {
        for algorithm in certificate_compressions() {
            let Some(stream) = algorithm.compress(&content) else { continue };
            let stream = [&stream[..], &more].concat();
            let refused = decompressed(&*algorithm, &stream, content.len());
            prop_assert_eq!(refused, Err(E::Malformed), "{:?}", algorithm);
        }
    }

    #[test]
    fn corrupt_streams_do_not_panic(
        content in contents(),
        changes in vec_of((any::<Index>(), any::<u8>()), 1..6),
        length in 0..5_000_usize,
    ) {
        for algorithm in certificate_compressions() {
            let Some(stream) = algorithm.compress(&content) else { continue };
            let mut stream = stream.to_vec();
            for (place, value) in &changes {
                let place = place.index(stream.len().max(1));
                if let Some(byte) = stream.get_mut(place) {
                    *byte = *value;
                }
            }
            for length in [content.len(), length] {
                let _ = decompressed(&*algorithm, &stream, length);
            }
        }
    }

    #[test]
    fn noise_is_refused_without_a_panic(stream in vec_of(any::<u8>(), 0..600), length in 0..100_000_usize) {
        for algorithm in certificate_compressions() {
            let _ = decompressed(&*algorithm, &stream, length);
        }
    }
}

/// Bytes without a pattern.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let bytes = core::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    });
    bytes.take(length).collect()
}

#[test]
fn long_message_survives_compression() {
    // Longer than the windows of zlib and than a block of Zstandard, with repetitions near and far.
    let content = [noise(20_000).repeat(10), noise(150_000)].concat();
    for algorithm in certificate_compressions() {
        let stream = algorithm.compress(&content).unwrap_or_default();
        let result = decompressed(&*algorithm, &stream, content.len());
        assert!(result.as_ref() == Ok(&content), "{algorithm:?}: {:?}", result.err());
    }
}

#[test]
fn only_what_becomes_shorter_is_compressed() {
    for algorithm in certificate_compressions() {
        for content in [&[][..], &[0; 4], &noise(256), &noise(5_000)] {
            assert!(algorithm.compress(content).is_none(), "{algorithm:?}, {} bytes", content.len());
        }
        assert!(algorithm.compress(&[0; 200]).is_some(), "{algorithm:?}");
    }
}

#[test]
fn empty_input_is_malformed() {
    for algorithm in certificate_compressions() {
        for length in [0, 1, 100] {
            assert_eq!(decompressed(&*algorithm, &[], length), Err(E::Malformed), "{algorithm:?}");
        }
    }
}

#[test]
fn each_algorithm_is_listed_once_with_its_code_point() {
    let codes: Vec<_> = certificate_compressions().iter().map(|each| each.algorithm()).collect();
    let expected: Vec<_> = [
        (cfg!(feature = "brotli"), Algorithm::BROTLI),
        (cfg!(feature = "zlib"), Algorithm::ZLIB),
        (cfg!(feature = "zstd"), Algorithm::ZSTD),
    ]
    .into_iter()
    .filter_map(|(is_on, code)| is_on.then_some(code))
    .collect();
    assert_eq!(codes, expected);
}

/// The content of the streams below.
const HELLO: &[u8] = b"hello hello hello hello hello";

/// Streams of other implementations: of zlib, and of the commands `brotli` and `zstd`. Those of Brotli and of
/// the last frame of Zstandard declare windows of 16 MiB and 128 MiB, which the content does not need.
#[test]
fn streams_of_other_implementations_are_decompressed() {
    let streams: [(Algorithm, &[u8]); 5] = [
        (Algorithm::ZLIB, &hex!("789ccb48cdc9c957c8c04e0200a3100ae5")),
        (Algorithm::BROTLI, &hex!("1f1c00f88d946ede445586966c206f414f1c2071")),
        // With the length of the content, with neither it nor a checksum, with a checksum.
        (Algorithm::ZSTD, &hex!("28b52ffd201d6500003068656c6c6f200100a94b11")),
        (Algorithm::ZSTD, &hex!("28b52ffd00686500003068656c6c6f200100a94b11")),
        (Algorithm::ZSTD, &hex!("28b52ffd04886500003068656c6c6f200100a94b11874e200a")),
    ];
    for (code, stream) in streams {
        let Some(algorithm) = by_code(code) else { continue };
        assert_eq!(decompressed(&*algorithm, stream, HELLO.len()), Ok(HELLO.to_vec()), "{algorithm:?}");
        for length in [0, 1, HELLO.len() - 1, HELLO.len() + 1, 100_000] {
            let refused = decompressed(&*algorithm, stream, length);
            assert_eq!(refused, Err(E::WrongLength), "{algorithm:?}, {length}");
        }
    }
}

/// Short streams with millions of zeros, in windows of 16 MiB.
#[test]
fn bombs_are_refused() {
    let million = vec![0; 1_000_000];
    let zlib = by_code(Algorithm::ZLIB).and_then(|zlib| zlib.compress(&million)).unwrap_or_default();
    let streams: [(Algorithm, &[u8]); 3] = [
        (Algorithm::ZLIB, &zlib),
        // 20,000,000 of them, in meta-blocks of 16 MiB.
        (Algorithm::BROTLI, &hex!("cfffff7ff82700e2b14020f7fe3fff5962f04f00c46101802e490c")),
        // 1,000,000, in blocks of 128 KiB.
        (
            Algorithm::ZSTD,
            &hex!(
                "28b52ffd00684c000008000100fcff39100202001000020010000200100002001000020010000200100003120a00"
            ),
        ),
    ];
    for (code, stream) in streams {
        let Some(algorithm) = by_code(code) else { continue };
        for length in [0, 1, 4_000, 102_400] {
            let refused = decompressed(&*algorithm, stream, length);
            let expected: &[E] = match code {
                Algorithm::ZLIB => &[E::WrongLength],
                // It first asks for a buffer for its meta-block, which is longer than it gets.
                Algorithm::BROTLI => &[E::Malformed],
                // A block is longer than the window, or the blocks together are longer than the content.
                _ => &[E::Malformed, E::WrongLength],
            };
            assert!(refused.is_err_and(|error| expected.contains(&error)), "{algorithm:?}, {length}");
        }
    }
}

/// Fields that a frame header must not have (RFC 8878 section 3.1.1.1).
#[cfg(feature = "zstd")]
#[test]
fn zstandard_frame_is_a_single_one_without_a_dictionary() {
    let frame = |descriptor: u8, fields: &[u8]| {
        let blocks = hex!("6500003068656c6c6f200100a94b11");
        [&hex!("28b52ffd")[..], &[descriptor], fields, &blocks].concat()
    };
    let read = |stream: &[u8]| decompressed(&super::Zstd, stream, HELLO.len());
    // The dictionary 0 is none. The size of the content may have 1, 2, 4 or 8 bytes; with two it is 256 less.
    for (descriptor, fields) in [
        (0x00, &[0x68][..]),
        (0x01, &[0x68, 0]),
        (0x03, &[0x68, 0, 0, 0, 0]),
        (0x20, &[29]),
        (0x80, &[0x68, 29, 0, 0, 0]),
        (0xc0, &[0x68, 29, 0, 0, 0, 0, 0, 0, 0]),
    ] {
        assert_eq!(read(&frame(descriptor, fields)), Ok(HELLO.to_vec()), "{descriptor:#x}");
    }
    for (descriptor, fields) in
        [(0x20, &[30][..]), (0x40, &[0x68, 29, 0]), (0x80, &[0x68, 29, 0, 0, 1]), (0xc0, &[0x68; 9])]
    {
        assert_eq!(read(&frame(descriptor, fields)), Err(E::WrongLength), "{descriptor:#x}");
    }
    // A reserved bit, a dictionary, a frame to be skipped, and another frame after the end.
    let whole = frame(0x20, &[29]);
    for stream in [
        frame(0x08, &[0x68]),
        frame(0x01, &[0x68, 1]),
        [&hex!("502a4d1800000000")[..], &whole].concat(),
        [&whole[..], &hex!("502a4d1800000000")].concat(),
        [&whole[..], &whole].concat(),
    ] {
        assert_eq!(read(&stream), Err(E::Malformed));
    }
}
