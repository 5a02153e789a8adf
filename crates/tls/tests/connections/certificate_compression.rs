//! Connections with compressed certificates (RFC 8879), with the algorithms of this build.

use crate::support::{LATER, Pair, SetClock, authority, client, provider, roots, server_provider};
use cairn_crypto::KeySpec;
use cairn_tls::{
    CertificateCompression, ClientConfig, ClientConfigBuilder, HandshakeErrorKind, ServerConfig,
    ServerConfigBuilder, Tls13Summary, Versions, certificate_compressions,
    wire::CertificateCompressionAlgorithm,
};
use cairn_x509::issue::{Identity, Template};
use std::sync::{Arc, OnceLock};

/// An end entity with many names, as those of large sites have.
fn identity(template: Template) -> Identity {
    let hosts = (0..20).map(|number| format!("host-{number}.a-long-domain.test"));
    let template = hosts.fold(template, |template, host| template.dns(&host));
    template.valid(0, LATER).issue(provider(), KeySpec::EcP256, authority()).unwrap()
}

fn server_identity() -> &'static Identity {
    static MADE: OnceLock<Identity> = OnceLock::new();
    MADE.get_or_init(|| identity(Template::server("server").dns("server.test")))
}

fn client_identity() -> &'static Identity {
    static MADE: OnceLock<Identity> = OnceLock::new();
    MADE.get_or_init(|| identity(Template::client("client")))
}

/// Both sides speak TLS 1.3 alone and authenticate with certificates of our authority,
/// without sessions: a resumption has no certificates to compress.
fn mutual() -> (ClientConfigBuilder, ServerConfigBuilder) {
    let (ours, theirs) = (client_identity(), server_identity());
    let chain: Vec<&[u8]> = ours.chain().collect();
    let client = client().versions(Versions::Tls13).no_resumption();
    let client = client.credential(&chain, ours.signing_key().clone()).unwrap();
    let chain: Vec<&[u8]> = theirs.chain().collect();
    let server = crate::support::tls12_server(server_provider().clone())
        .credential(&chain, theirs.signing_key().clone())
        .unwrap()
        .clock(SetClock::new())
        .versions(Versions::Tls13)
        .require_client_certificates(roots());
    (client, server)
}

fn configs(algorithms: &[Arc<dyn CertificateCompression>]) -> (ClientConfig, ServerConfig) {
    let (client, server) = mutual();
    let client = client.certificate_compression(algorithms.to_vec());
    let server = server.certificate_compression(algorithms.to_vec());
    (client.build().unwrap(), server.build().unwrap())
}

/// The algorithms of the server's certificate and the client's, which both sides report alike.
fn used(pair: &Pair) -> [Option<CertificateCompressionAlgorithm>; 2] {
    let [ours, theirs] = [&pair.client, &pair.server].map(|end| {
        let Tls13Summary { server_certificate_compression, client_certificate_compression, .. } =
            end.summary().tls13().unwrap();
        [*server_certificate_compression, *client_certificate_compression]
    });
    assert_eq!(ours, theirs);
    ours
}

#[test]
fn each_algorithm_compresses_both_certificates() {
    for algorithm in certificate_compressions() {
        let code = algorithm.algorithm();
        let (client, server) = configs(&[algorithm]);
        // The second connection uses what the first has compressed.
        for _ in 0..2 {
            let pair = Pair::ready(&client, &server);
            assert_eq!(used(&pair), [Some(code), Some(code)]);
            for end in [&pair.client, &pair.server] {
                assert!(end.summary().evidence.peer_verified);
            }
        }
    }
}

#[test]
fn server_with_all_algorithms_uses_its_first() {
    let (client, server) = configs(&certificate_compressions());
    let first = certificate_compressions().first().map(|first| first.algorithm());
    assert_eq!(used(&Pair::ready(&client, &server)), [first, first]);
}

#[test]
fn nothing_is_compressed_by_default() {
    let (client, server) = mutual();
    let (client, server) = (client.build().unwrap(), server.build().unwrap());
    let (both_client, both_server) = configs(&certificate_compressions());
    for (client, server) in [(&client, &server), (&client, &both_server), (&both_client, &server)] {
        assert_eq!(used(&Pair::ready(client, server)), [None, None]);
    }
}

#[test]
fn compression_makes_the_first_flight_of_a_server_shorter() {
    let length = |algorithms: &[Arc<dyn CertificateCompression>]| {
        let (client, server) = configs(algorithms);
        let mut pair = Pair::new(&client, &server);
        let mut sent = 0;
        pair.run_through(|side, _, record| {
            if side == cairn_tls::Side::Server {
                sent += record.len();
            }
            record
        });
        assert!(pair.complete());
        sent
    };
    let plain = length(&[]);
    for algorithm in certificate_compressions() {
        let compressed = length(&[Arc::clone(&algorithm)]);
        assert!(compressed < plain, "{algorithm:?}: {compressed} and {plain} bytes");
    }
}

/// Compresses with an algorithm and corrupts the result.
#[derive(Debug)]
struct Corrupt(Arc<dyn CertificateCompression>, fn(&mut Vec<u8>));

impl CertificateCompression for Corrupt {
    fn algorithm(&self) -> CertificateCompressionAlgorithm {
        self.0.algorithm()
    }

    fn compress(&self, certificate: &[u8]) -> Option<Arc<[u8]>> {
        let mut compressed = self.0.compress(certificate)?.to_vec();
        self.1(&mut compressed);
        Some(compressed.into())
    }

    fn decompress(&self, compressed: &[u8], out: &mut [u8]) -> Result<(), cairn_tls::DecompressionError> {
        self.0.decompress(compressed, out)
    }
}

#[test]
fn corrupt_compressed_certificates_end_the_handshake_with_bad_certificate() {
    let corruptions: [fn(&mut Vec<u8>); 3] = [
        |stream| stream.push(0),
        |stream| stream.truncate(stream.len() - 1),
        |stream| stream.splice(.., [0x55; 40]).for_each(drop),
    ];
    for algorithm in certificate_compressions() {
        for (number, corrupt) in corruptions.into_iter().enumerate() {
            let honest = || [Arc::clone(&algorithm)];
            let corrupt: Arc<dyn CertificateCompression> = Arc::new(Corrupt(Arc::clone(&algorithm), corrupt));
            let (client, server) = mutual();
            let server = server.certificate_compression([Arc::clone(&corrupt)]).build().unwrap();
            let client = client.certificate_compression(honest()).build().unwrap();
            let mut pair = Pair::new(&client, &server);
            pair.run();
            let what = format!("{algorithm:?}, {number}: {}", pair.client.fault());
            assert!(pair.client.fault().contains("bad_certificate, RFC 8879 section 4"), "{what}");
            let (client, server) = mutual();
            let server = server.certificate_compression(honest()).build().unwrap();
            let client = client.certificate_compression([corrupt]).build().unwrap();
            let mut pair = Pair::new(&client, &server);
            pair.run();
            let what = format!("{algorithm:?}, {number}: {}", pair.server.fault());
            assert!(pair.server.fault().contains("bad_certificate, RFC 8879 section 4"), "{what}");
        }
    }
}

#[test]
fn limit_of_the_certificate_message_holds_after_decompression() {
    for algorithm in certificate_compressions() {
        let (client, server) = mutual();
        let mut limits = cairn_tls::Limits::default();
        // The compressed message fits, and the certificate does not.
        let chain: usize = server_identity().chain().map(<[u8]>::len).sum();
        limits.max_certificate_message = u32::try_from(chain).unwrap();
        let client = client.limits(limits).certificate_compression([Arc::clone(&algorithm)]).build().unwrap();
        let server = server.certificate_compression([algorithm]).build().unwrap();
        let mut pair = Pair::new(&client, &server);
        pair.run();
        let kind = pair.client.error.map(|error| error.kind);
        let cairn_tls::ErrorKind::Handshake(error) = kind.unwrap() else { panic!("{kind:?}") };
        let limit = limits.max_certificate_message;
        assert!(
            matches!(error.kind, HandshakeErrorKind::MessageTooLong { limit: in_force, length }
                if in_force == limit && length > limit),
            "{:?}",
            error.kind
        );
    }
}
