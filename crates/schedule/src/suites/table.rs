//! The table of cipher suites.

use super::{
    Authentication::{self, Anonymous, Ecdsa, Rsa},
    NonceScheme, Protection, Tls12Suite,
};
use cairn_crypto::{
    AeadAlgorithm, BlockCipherAlgorithm,
    HashAlgorithm::{self, Sha1, Sha256, Sha384},
};
use cairn_wire::{CipherSuite, KeyExchangeAlgorithm};

/// Key exchange and authentication.
type Exchange = (KeyExchangeAlgorithm, Authentication);

const RSA: Exchange = (KeyExchangeAlgorithm::Rsa, Rsa);
const DHE_RSA: Exchange = (KeyExchangeAlgorithm::Dhe, Rsa);
const DH_ANON: Exchange = (KeyExchangeAlgorithm::DhAnon, Anonymous);
const ECDHE_RSA: Exchange = (KeyExchangeAlgorithm::Ecdhe, Rsa);
const ECDHE_ECDSA: Exchange = (KeyExchangeAlgorithm::Ecdhe, Ecdsa);
const ECDH_ANON: Exchange = (KeyExchangeAlgorithm::EcdhAnon, Anonymous);
const PSK: Exchange = (KeyExchangeAlgorithm::Psk, Authentication::Psk);
const DHE_PSK: Exchange = (KeyExchangeAlgorithm::DhePsk, Authentication::Psk);
const RSA_PSK: Exchange = (KeyExchangeAlgorithm::RsaPsk, Authentication::Psk);
const ECDHE_PSK: Exchange = (KeyExchangeAlgorithm::EcdhePsk, Authentication::Psk);

/// Record protection and PRF hash. The PRF hash is SHA-256 for suites older than TLS 1.2 (RFC 5246 section 5)
/// and for CCM suites, whose names do not include a hash (RFC 6655 section 3).
type Cipher = (Protection, HashAlgorithm);

const AES_128_GCM: Cipher = (salted(AeadAlgorithm::Aes128Gcm), Sha256);
const AES_256_GCM: Cipher = (salted(AeadAlgorithm::Aes256Gcm), Sha384);
const CHACHA20_POLY1305: Cipher = (
    Protection::Aead { algorithm: AeadAlgorithm::ChaCha20Poly1305, nonce: NonceScheme::IvXorSequence },
    Sha256,
);
const AES_128_CCM: Cipher = (salted(AeadAlgorithm::Aes128Ccm), Sha256);
const AES_256_CCM: Cipher = (salted(AeadAlgorithm::Aes256Ccm), Sha256);
const AES_128_CCM_8: Cipher = (salted(AeadAlgorithm::Aes128Ccm8), Sha256);
const AES_256_CCM_8: Cipher = (salted(AeadAlgorithm::Aes256Ccm8), Sha256);
const AES_128_CBC_SHA: Cipher = (cbc(BlockCipherAlgorithm::Aes128, Sha1), Sha256);
const AES_256_CBC_SHA: Cipher = (cbc(BlockCipherAlgorithm::Aes256, Sha1), Sha256);
const AES_128_CBC_SHA256: Cipher = (cbc(BlockCipherAlgorithm::Aes128, Sha256), Sha256);
const AES_256_CBC_SHA256: Cipher = (cbc(BlockCipherAlgorithm::Aes256, Sha256), Sha256);
const AES_256_CBC_SHA384: Cipher = (cbc(BlockCipherAlgorithm::Aes256, Sha384), Sha384);
const TRIPLE_DES_CBC_SHA: Cipher = (cbc(BlockCipherAlgorithm::TripleDes, Sha1), Sha256);
const NULL_SHA: Cipher = (Protection::Null { mac: Sha1 }, Sha256);
const NULL_SHA256: Cipher = (Protection::Null { mac: Sha256 }, Sha256);
const NULL_SHA384: Cipher = (Protection::Null { mac: Sha384 }, Sha384);

const fn salted(algorithm: AeadAlgorithm) -> Protection {
    Protection::Aead { algorithm, nonce: NonceScheme::SaltAndExplicit }
}

const fn cbc(cipher: BlockCipherAlgorithm, mac: HashAlgorithm) -> Protection {
    Protection::cbc(cipher, mac)
}

macro_rules! suites {
    ($( $name:ident = $exchange:ident, $cipher:ident; )*) => {
        [$( Tls12Suite {
            id: CipherSuite::$name,
            key_exchange: $exchange.0,
            authentication: $exchange.1,
            protection: $cipher.0,
            prf_hash: $cipher.1,
        } ),*]
    };
}

/// All supported suites in our order of preference: by grade, then by cipher, then by key exchange. AES-128
/// precedes AES-256, because no other part of a TLS 1.2 handshake has 256 bits of strength. CCM with tags
/// of 8 bytes follows AES-CBC: it is meant for constrained devices (RFC 6655 section 1), and a forged
/// record is accepted with probability 2^-64.
///
/// The table contains the suites of RFC 5246, 4279, 4785, 5288, 5289, 5487, 5489, 6655, 7251, 7905, 8422 and
/// 8442, except those with RC4, DES, IDEA, SEED, ARIA or Camellia, export suites, DSS, and fixed
/// Diffie-Hellman.
///
/// Without the feature `legacy` the table omits the suites for which [`Tls12Suite::is_legacy`] returns
/// `true`.
pub static SUITES: &[Tls12Suite] = if cfg!(feature = "legacy") { ALL } else { &LEAN };

/// The number of suites without the feature `legacy`.
const LEAN_COUNT: usize = {
    let (mut count, mut rest) = (0, ALL);
    while let Some((suite, others)) = rest.split_first() {
        if !suite.is_legacy() {
            count += 1;
        }
        rest = others;
    }
    count
};

/// The suites without the feature `legacy`, in the order of [`ALL`].
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated at compile time, where an index out of bounds is an error"
)]
const LEAN: [Tls12Suite; LEAN_COUNT] = {
    let mut lean = [ALL[0]; LEAN_COUNT];
    let (mut count, mut rest) = (0, ALL);
    while let Some((suite, others)) = rest.split_first() {
        if !suite.is_legacy() {
            lean[count] = *suite;
            count += 1;
        }
        rest = others;
    }
    lean
};

/// All suites, including legacy ones, in our order of preference.
pub(super) const ALL: &[Tls12Suite] = &suites! {
    // Modern.
    TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 = ECDHE_ECDSA, AES_128_GCM;
    TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 = ECDHE_RSA, AES_128_GCM;
    TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 = ECDHE_ECDSA, AES_256_GCM;
    TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 = ECDHE_RSA, AES_256_GCM;
    TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 = ECDHE_ECDSA, CHACHA20_POLY1305;
    TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 = ECDHE_RSA, CHACHA20_POLY1305;
    TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256 = ECDHE_PSK, AES_128_GCM;
    TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384 = ECDHE_PSK, AES_256_GCM;
    TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256 = ECDHE_PSK, CHACHA20_POLY1305;
    // Compatible.
    TLS_DHE_RSA_WITH_AES_128_GCM_SHA256 = DHE_RSA, AES_128_GCM;
    TLS_DHE_PSK_WITH_AES_128_GCM_SHA256 = DHE_PSK, AES_128_GCM;
    TLS_DHE_RSA_WITH_AES_256_GCM_SHA384 = DHE_RSA, AES_256_GCM;
    TLS_DHE_PSK_WITH_AES_256_GCM_SHA384 = DHE_PSK, AES_256_GCM;
    TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256 = DHE_RSA, CHACHA20_POLY1305;
    TLS_DHE_PSK_WITH_CHACHA20_POLY1305_SHA256 = DHE_PSK, CHACHA20_POLY1305;
    TLS_ECDHE_ECDSA_WITH_AES_128_CCM = ECDHE_ECDSA, AES_128_CCM;
    TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256 = ECDHE_PSK, AES_128_CCM;
    TLS_DHE_RSA_WITH_AES_128_CCM = DHE_RSA, AES_128_CCM;
    TLS_DHE_PSK_WITH_AES_128_CCM = DHE_PSK, AES_128_CCM;
    TLS_ECDHE_ECDSA_WITH_AES_256_CCM = ECDHE_ECDSA, AES_256_CCM;
    TLS_DHE_RSA_WITH_AES_256_CCM = DHE_RSA, AES_256_CCM;
    TLS_DHE_PSK_WITH_AES_256_CCM = DHE_PSK, AES_256_CCM;
    TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 = ECDHE_ECDSA, AES_128_CBC_SHA256;
    TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256 = ECDHE_RSA, AES_128_CBC_SHA256;
    TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256 = ECDHE_PSK, AES_128_CBC_SHA256;
    TLS_DHE_RSA_WITH_AES_128_CBC_SHA256 = DHE_RSA, AES_128_CBC_SHA256;
    TLS_DHE_PSK_WITH_AES_128_CBC_SHA256 = DHE_PSK, AES_128_CBC_SHA256;
    TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384 = ECDHE_ECDSA, AES_256_CBC_SHA384;
    TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384 = ECDHE_RSA, AES_256_CBC_SHA384;
    TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA384 = ECDHE_PSK, AES_256_CBC_SHA384;
    TLS_DHE_PSK_WITH_AES_256_CBC_SHA384 = DHE_PSK, AES_256_CBC_SHA384;
    TLS_DHE_RSA_WITH_AES_256_CBC_SHA256 = DHE_RSA, AES_256_CBC_SHA256;
    TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA = ECDHE_ECDSA, AES_128_CBC_SHA;
    TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA = ECDHE_RSA, AES_128_CBC_SHA;
    TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA = ECDHE_PSK, AES_128_CBC_SHA;
    TLS_DHE_RSA_WITH_AES_128_CBC_SHA = DHE_RSA, AES_128_CBC_SHA;
    TLS_DHE_PSK_WITH_AES_128_CBC_SHA = DHE_PSK, AES_128_CBC_SHA;
    TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA = ECDHE_ECDSA, AES_256_CBC_SHA;
    TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA = ECDHE_RSA, AES_256_CBC_SHA;
    TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA = ECDHE_PSK, AES_256_CBC_SHA;
    TLS_DHE_RSA_WITH_AES_256_CBC_SHA = DHE_RSA, AES_256_CBC_SHA;
    TLS_DHE_PSK_WITH_AES_256_CBC_SHA = DHE_PSK, AES_256_CBC_SHA;
    TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8 = ECDHE_ECDSA, AES_128_CCM_8;
    TLS_ECDHE_PSK_WITH_AES_128_CCM_8_SHA256 = ECDHE_PSK, AES_128_CCM_8;
    TLS_DHE_RSA_WITH_AES_128_CCM_8 = DHE_RSA, AES_128_CCM_8;
    TLS_PSK_DHE_WITH_AES_128_CCM_8 = DHE_PSK, AES_128_CCM_8;
    TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8 = ECDHE_ECDSA, AES_256_CCM_8;
    TLS_DHE_RSA_WITH_AES_256_CCM_8 = DHE_RSA, AES_256_CCM_8;
    TLS_PSK_DHE_WITH_AES_256_CCM_8 = DHE_PSK, AES_256_CCM_8;
    // Legacy.
    TLS_RSA_WITH_AES_128_GCM_SHA256 = RSA, AES_128_GCM;
    TLS_RSA_PSK_WITH_AES_128_GCM_SHA256 = RSA_PSK, AES_128_GCM;
    TLS_PSK_WITH_AES_128_GCM_SHA256 = PSK, AES_128_GCM;
    TLS_RSA_WITH_AES_256_GCM_SHA384 = RSA, AES_256_GCM;
    TLS_RSA_PSK_WITH_AES_256_GCM_SHA384 = RSA_PSK, AES_256_GCM;
    TLS_PSK_WITH_AES_256_GCM_SHA384 = PSK, AES_256_GCM;
    TLS_RSA_PSK_WITH_CHACHA20_POLY1305_SHA256 = RSA_PSK, CHACHA20_POLY1305;
    TLS_PSK_WITH_CHACHA20_POLY1305_SHA256 = PSK, CHACHA20_POLY1305;
    TLS_RSA_WITH_AES_128_CCM = RSA, AES_128_CCM;
    TLS_PSK_WITH_AES_128_CCM = PSK, AES_128_CCM;
    TLS_RSA_WITH_AES_256_CCM = RSA, AES_256_CCM;
    TLS_PSK_WITH_AES_256_CCM = PSK, AES_256_CCM;
    TLS_RSA_WITH_AES_128_CBC_SHA256 = RSA, AES_128_CBC_SHA256;
    TLS_RSA_PSK_WITH_AES_128_CBC_SHA256 = RSA_PSK, AES_128_CBC_SHA256;
    TLS_PSK_WITH_AES_128_CBC_SHA256 = PSK, AES_128_CBC_SHA256;
    TLS_RSA_PSK_WITH_AES_256_CBC_SHA384 = RSA_PSK, AES_256_CBC_SHA384;
    TLS_PSK_WITH_AES_256_CBC_SHA384 = PSK, AES_256_CBC_SHA384;
    TLS_RSA_WITH_AES_256_CBC_SHA256 = RSA, AES_256_CBC_SHA256;
    TLS_RSA_WITH_AES_128_CBC_SHA = RSA, AES_128_CBC_SHA;
    TLS_RSA_PSK_WITH_AES_128_CBC_SHA = RSA_PSK, AES_128_CBC_SHA;
    TLS_PSK_WITH_AES_128_CBC_SHA = PSK, AES_128_CBC_SHA;
    TLS_RSA_WITH_AES_256_CBC_SHA = RSA, AES_256_CBC_SHA;
    TLS_RSA_PSK_WITH_AES_256_CBC_SHA = RSA_PSK, AES_256_CBC_SHA;
    TLS_PSK_WITH_AES_256_CBC_SHA = PSK, AES_256_CBC_SHA;
    TLS_RSA_WITH_AES_128_CCM_8 = RSA, AES_128_CCM_8;
    TLS_PSK_WITH_AES_128_CCM_8 = PSK, AES_128_CCM_8;
    TLS_RSA_WITH_AES_256_CCM_8 = RSA, AES_256_CCM_8;
    TLS_PSK_WITH_AES_256_CCM_8 = PSK, AES_256_CCM_8;
    TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA = ECDHE_ECDSA, TRIPLE_DES_CBC_SHA;
    TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA = ECDHE_RSA, TRIPLE_DES_CBC_SHA;
    TLS_ECDHE_PSK_WITH_3DES_EDE_CBC_SHA = ECDHE_PSK, TRIPLE_DES_CBC_SHA;
    TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA = DHE_RSA, TRIPLE_DES_CBC_SHA;
    TLS_DHE_PSK_WITH_3DES_EDE_CBC_SHA = DHE_PSK, TRIPLE_DES_CBC_SHA;
    TLS_RSA_WITH_3DES_EDE_CBC_SHA = RSA, TRIPLE_DES_CBC_SHA;
    TLS_RSA_PSK_WITH_3DES_EDE_CBC_SHA = RSA_PSK, TRIPLE_DES_CBC_SHA;
    TLS_PSK_WITH_3DES_EDE_CBC_SHA = PSK, TRIPLE_DES_CBC_SHA;
    // By name only.
    TLS_DH_anon_WITH_AES_128_GCM_SHA256 = DH_ANON, AES_128_GCM;
    TLS_DH_anon_WITH_AES_256_GCM_SHA384 = DH_ANON, AES_256_GCM;
    TLS_DH_anon_WITH_AES_128_CBC_SHA256 = DH_ANON, AES_128_CBC_SHA256;
    TLS_DH_anon_WITH_AES_256_CBC_SHA256 = DH_ANON, AES_256_CBC_SHA256;
    TLS_ECDH_anon_WITH_AES_128_CBC_SHA = ECDH_ANON, AES_128_CBC_SHA;
    TLS_DH_anon_WITH_AES_128_CBC_SHA = DH_ANON, AES_128_CBC_SHA;
    TLS_ECDH_anon_WITH_AES_256_CBC_SHA = ECDH_ANON, AES_256_CBC_SHA;
    TLS_DH_anon_WITH_AES_256_CBC_SHA = DH_ANON, AES_256_CBC_SHA;
    TLS_ECDH_anon_WITH_3DES_EDE_CBC_SHA = ECDH_ANON, TRIPLE_DES_CBC_SHA;
    TLS_DH_anon_WITH_3DES_EDE_CBC_SHA = DH_ANON, TRIPLE_DES_CBC_SHA;
    TLS_ECDHE_PSK_WITH_NULL_SHA384 = ECDHE_PSK, NULL_SHA384;
    TLS_DHE_PSK_WITH_NULL_SHA384 = DHE_PSK, NULL_SHA384;
    TLS_RSA_PSK_WITH_NULL_SHA384 = RSA_PSK, NULL_SHA384;
    TLS_PSK_WITH_NULL_SHA384 = PSK, NULL_SHA384;
    TLS_ECDHE_PSK_WITH_NULL_SHA256 = ECDHE_PSK, NULL_SHA256;
    TLS_DHE_PSK_WITH_NULL_SHA256 = DHE_PSK, NULL_SHA256;
    TLS_RSA_WITH_NULL_SHA256 = RSA, NULL_SHA256;
    TLS_RSA_PSK_WITH_NULL_SHA256 = RSA_PSK, NULL_SHA256;
    TLS_PSK_WITH_NULL_SHA256 = PSK, NULL_SHA256;
    TLS_ECDHE_ECDSA_WITH_NULL_SHA = ECDHE_ECDSA, NULL_SHA;
    TLS_ECDHE_RSA_WITH_NULL_SHA = ECDHE_RSA, NULL_SHA;
    TLS_ECDHE_PSK_WITH_NULL_SHA = ECDHE_PSK, NULL_SHA;
    TLS_DHE_PSK_WITH_NULL_SHA = DHE_PSK, NULL_SHA;
    TLS_RSA_WITH_NULL_SHA = RSA, NULL_SHA;
    TLS_RSA_PSK_WITH_NULL_SHA = RSA_PSK, NULL_SHA;
    TLS_PSK_WITH_NULL_SHA = PSK, NULL_SHA;
    TLS_ECDH_anon_WITH_NULL_SHA = ECDH_ANON, NULL_SHA;
};

/// The suite with this code point, if supported.
#[must_use]
pub fn suite(id: CipherSuite) -> Option<&'static Tls12Suite> {
    SUITES.iter().find(|suite| suite.id == id)
}

/// Returns `true` if this build omits the suite with this code point because the feature `legacy` is off.
#[must_use]
pub fn suite_needs_legacy(id: CipherSuite) -> bool {
    suite(id).is_none() && ALL.iter().any(|suite| suite.id == id)
}
