//! Known answers for both hashes, from the first secret to the last. `tests/vectors13.py` computes them.

use super::super::{Kdf, MainSecret, Psk, PskKind, SUITES, Sides, Tls13Suite};
use super::{kdf, psk_secret};
use crate::side::Side;
use alloc::{format, vec::Vec};
use cairn_crypto::{HashAlgorithm, HashOutput, SecretBytes};
use hex_literal::hex;

struct Known {
    hash: HashAlgorithm,
    ext_binder: &'static [u8],
    imp_binder: &'static [u8],
    early_traffic: &'static [u8],
    early_export: &'static [u8],
    without_shared_secret: &'static [u8],
    handshake_traffic: &'static [u8],
    finished: &'static [u8],
    short_key: &'static [u8],
    long_key: &'static [u8],
    iv: &'static [u8],
    application_traffic: &'static [u8],
    updated_twice: &'static [u8],
    post_handshake_finished: &'static [u8],
    export: &'static [u8],
    export_abc: &'static [u8],
    resumption: &'static [u8],
}

const KNOWN: [Known; 2] = [
    Known {
        hash: HashAlgorithm::Sha256,
        ext_binder: &hex!("3dc2a894abca87222c5bf69d288dac6936af082cfcc31cf3f2e597c6cff60611"),
        imp_binder: &hex!("e2d811f9b5c4f2ce21070bf18124d85cbfb19f86340afcd8e2e76c12debb7f78"),
        early_traffic: &hex!("6d56ab402c95f3435948de84c7a5ae302a902fa53aba32bfb4ac45d57727071c"),
        early_export: &hex!(
            "3b0245c367981dd23a6ee5626586120946bb724c0fda6b1b9e5af0ed7c20902c"
            "98e71c3b26c78b8f"
        ),
        without_shared_secret: &hex!("3f1bceb63ab58d966d85066d22159d2dfef04cd52a7a35d0e2a8f28b09cd333c"),
        handshake_traffic: &hex!("7e8f410574f23169a944542081d2a062ab7b84134a9ec4be704ef35100d7e235"),
        finished: &hex!("ab2069f48a24b7c4bb2d37f8bc4c377c07b7b4f31e04737e551b3602ccc6018f"),
        short_key: &hex!("4641975635eb11a3472e99b1c2cae80d"),
        long_key: &hex!("fea3153d818f505c27d68c08abd72118b5cba0277d4f40515bd9c469b36f4023"),
        iv: &hex!("365e4ccdb392325814217b63"),
        application_traffic: &hex!("a1c6c2bc6ca24d49d681f8c83b469077a12d951cb3072f3490b6db3c3cb28a52"),
        updated_twice: &hex!("a221f2afd71fd9a250513a47129b214fa637e5d5e4f82235ab63b2ea07425673"),
        post_handshake_finished: &hex!("79a91df2e2b2cf470eb283ac530f0f11dfb7ea767856a57eefe32f8e50e5089c"),
        export: &hex!(
            "7e3453938bc411fda48862887bab975758a23d2c57e6860ea7c7b4913259e3f4"
            "0ab3e13dea7940ac"
        ),
        export_abc: &hex!(
            "23de07e05e7a07b93f4f439ca3aca7210f57fbfaf72e278efd1181fb3c14ce93"
            "4130d070dd7cda9a407a7390c6e5413bdf582c03e95b00c1192247bf64063b4a"
            "72e808bb65b90c541fb3df64e5b644f9bc648d72220bee98f906d8ecf96935e8"
            "68e92912"
        ),
        resumption: &hex!("09debd58e843d3be9033b268c7698caa40b06da89ca1841ab264afcc877d2c8e"),
    },
    Known {
        hash: HashAlgorithm::Sha384,
        ext_binder: &hex!(
            "6a214fc55ead57af776bfeb40f77665dc4aa1c4520913a60eec03883ed0f8bb2"
            "79d19f81bedc4858427477553eb45a0b"
        ),
        imp_binder: &hex!(
            "d21af59db44983295e1d723db2f8dffbbb94e104601e9e10a610b79fe927eb5a"
            "e2d4fe62ed26ffadf54a343aa154b565"
        ),
        early_traffic: &hex!(
            "a2bdccebee2c544e923ea9e249f3cff43a2e37bdeaecc967da8dde307337b6be"
            "ba063913d78521130d6781d8ffc8286d"
        ),
        early_export: &hex!(
            "d320f1c4a12ce068f5b33ac6c0c3be3be025bc250942dac339f79d262742549d"
            "b8c6cf341dcf57d1"
        ),
        without_shared_secret: &hex!(
            "06a0daacdcdfc72542248a466d77b45d3ac6348cb6870f8e126dbd3eaa47f256"
            "3e07e1150be6f3965bf5a1a3b1936739"
        ),
        handshake_traffic: &hex!(
            "4c09f019f1a669cf1460a7676b5831ef879217d77705af3bfde12c72a5fe371e"
            "8de716eedcd15c67b905c50d486d36da"
        ),
        finished: &hex!(
            "0756b30cba2d6d117434135dbbb08ddd038051d77f65cf3f85d7d2d0153d192a"
            "030a560d165188ee01e2ee6585638184"
        ),
        short_key: &hex!("a453dc988b8ab6e44ec73b8ddec5ea82"),
        long_key: &hex!("df9a8e427ce94ba3bc260e9a3455057eaf7e02ea32e376df30161850de1fe681"),
        iv: &hex!("03834cd790dd4f8710d98da8"),
        application_traffic: &hex!(
            "5c5258e627f926a152a372ed28a329a9b3e96dc44cc08f74a3fecc2b889df977"
            "3441cf507dfcf3def80f8e9a04ba067a"
        ),
        updated_twice: &hex!(
            "3f200569ad91cfd037b4800bcde6a1d741c2469087d07bf19b0464dd9fa070db"
            "d934d36d1c5925d52589e3e3633cdddc"
        ),
        post_handshake_finished: &hex!(
            "95db0b3b7fc45d74a7a1a33cca0551a961a21b971d840ef4160774e41c178575"
            "f595493c7c15cb8b6b4961c7dba24299"
        ),
        export: &hex!(
            "b689347a252d6f640366ffef72ac7f5ccaea2ea1b08274030555b60e19173ac3"
            "3deeedbc6baf5b6f"
        ),
        export_abc: &hex!(
            "9d27fe60903bb8b7869d2c1d760a5f4ab590ce71ec922a9b385f151874745ae2"
            "79e77108a2f9b267e2b0268ae479be99d16cf85b2552a0c45c87e8009d75ae9f"
            "672dd25848c50d4017ea27a406f89d76e1231f2445c40918412d88b1ecad41cc"
            "c6a994cb"
        ),
        resumption: &hex!(
            "2f5378eefe7bebe247e9a0a9d6445ae4b0418e4e1ede0491fdb0000b7d0a7559"
            "6224b8bd4cb4000f6aeed81c316dc437"
        ),
    },
];

/// The suites with this hash and the length of their keys.
fn suites(hash: HashAlgorithm) -> impl Iterator<Item = &'static Tls13Suite> {
    SUITES.iter().filter(move |suite| suite.hash == hash)
}

fn transcript_hash(kdf: &Kdf) -> HashOutput {
    kdf.hash(&[b"abc"]).unwrap()
}

fn external(kdf: &Kdf) -> Psk {
    let secret: Vec<u8> = (0..32).collect();
    Psk::external(SecretBytes::new(secret), kdf.algorithm()).unwrap()
}

fn main_secret(kdf: &Kdf) -> MainSecret {
    let shared: Vec<u8> = (0..64).collect();
    let early = psk_secret(kdf, &external(kdf)).into_early_secret();
    early.into_handshake_secret(Some(&shared)).unwrap().into_main_secret().unwrap()
}

#[test]
fn early_secrets_equal_known_answers() {
    for known in KNOWN {
        let kdf = kdf(known.hash);
        let hash = transcript_hash(&kdf);
        let secret = psk_secret(&kdf, &external(&kdf));
        assert_eq!(secret.binder(&hash).unwrap().as_bytes(), known.ext_binder);
        let imported = Psk::new(external(&kdf).secret().clone(), known.hash, PskKind::Imported).unwrap();
        assert_eq!(psk_secret(&kdf, &imported).binder(&hash).unwrap().as_bytes(), known.imp_binder);
        assert_eq!(secret.client_traffic_secret(&hash).unwrap().expose(), known.early_traffic);
        let mut out = [0; 40];
        secret.exporter_secret(&hash).unwrap().export_early(b"EXPORTER-cairn", b"", &mut out).unwrap();
        assert_eq!(out, known.early_export);
    }
}

#[test]
fn handshake_secrets_equal_known_answers() {
    for known in KNOWN {
        let kdf = kdf(known.hash);
        let hash = transcript_hash(&kdf);
        let early = || psk_secret(&kdf, &external(&kdf)).into_early_secret();
        let without = early().into_handshake_secret(None).unwrap();
        assert_eq!(without.traffic_secrets(&hash).unwrap().client.expose(), known.without_shared_secret);

        let shared: Vec<u8> = (0..64).collect();
        let traffic = early().into_handshake_secret(Some(&shared)).unwrap().traffic_secrets(&hash).unwrap();
        assert_eq!(traffic.of(Side::Server).expose(), known.handshake_traffic);
        assert_ne!(traffic.of(Side::Client).expose(), known.handshake_traffic);
        assert_eq!(traffic.server.verify_data(&hash).unwrap().as_bytes(), known.finished);
        for suite in suites(known.hash) {
            let keys = traffic.server.keys(suite).unwrap();
            let key = if suite.aead.key_len() == 16 { known.short_key } else { known.long_key };
            assert_eq!((keys.key(), &keys.iv()[..], keys.aead()), (key, known.iv, suite.aead));
        }
    }
}

#[test]
fn main_secrets_equal_known_answers() {
    for known in KNOWN {
        let kdf = kdf(known.hash);
        let hash = transcript_hash(&kdf);
        let main = main_secret(&kdf);
        let Sides { mut client, server } = main.traffic_secrets(&hash).unwrap();
        assert_eq!(client.expose(), known.application_traffic);
        assert_ne!(server.expose(), known.application_traffic);
        let before = client.keys(suites(known.hash).next().unwrap()).unwrap();
        client.update().unwrap();
        client.update().unwrap();
        assert_eq!(client.expose(), known.updated_twice);
        assert_ne!(client.keys(suites(known.hash).next().unwrap()).unwrap().key(), before.key());
        assert_eq!(client.verify_data(&hash).unwrap().as_bytes(), known.post_handshake_finished);

        let exporter = main.exporter_secret(&hash).unwrap();
        let (mut short, mut long) = ([0; 40], [0; 100]);
        exporter.export(b"EXPORTER-cairn", b"", &mut short).unwrap();
        exporter.export(b"EXPORTER-cairn", b"abc", &mut long).unwrap();
        assert_eq!((&short[..], &long[..]), (known.export, known.export_abc));

        let psk = main.into_resumption_secret(&hash).unwrap().psk(&[1, 2]).unwrap();
        assert_eq!((psk.secret().expose(), psk.hash()), (known.resumption, known.hash));
    }
}

#[test]
fn secrets_are_not_printed() {
    let kdf = kdf(HashAlgorithm::Sha256);
    let hash = transcript_hash(&kdf);
    let secret = psk_secret(&kdf, &external(&kdf));
    let main = main_secret(&kdf);
    let traffic = main.traffic_secrets(&hash).unwrap();
    let keys = traffic.client.keys(&SUITES[0]).unwrap();
    let shown = [
        format!("{:?}", external(&kdf)),
        format!("{secret:?} {:?}", secret.binder(&hash).unwrap()),
        format!("{main:?} {traffic:?} {keys:?} {:?}", traffic.client.verify_data(&hash).unwrap()),
        format!("{:?}", main.exporter_secret(&hash).unwrap()),
    ];
    assert_eq!(
        shown,
        [
            "Psk { secret: SecretBytes([32 bytes]), hash: Sha256, kind: External, base_len: 32 }",
            "PskSecret Binder([32 bytes])",
            "MainSecret Sides { client: ApplicationTrafficSecret, server: ApplicationTrafficSecret } \
             Tls13Keys VerifyData([32 bytes])",
            "ExporterSecret",
        ]
    );
}
