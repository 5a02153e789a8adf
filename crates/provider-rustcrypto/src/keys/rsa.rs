//! RSA keys (RFC 8017).

use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{CryptoError, KeyKind, PublicKey, SecretBytes, SigningKey};
use cairn_provider_parts::encoding::PssHashes;
use cairn_provider_parts::rsa::{Bounded, RsaKey, error};
use cairn_wire::SignatureScheme;
use rand_core::TryCryptoRng;
use rsa::PrivateKey;
use rsa::pkcs8::EncodePrivateKey;
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};

/// An RSA key. It is erased on drop.
struct RsaSigningKey {
    public: PublicKey,
    schemes: &'static [SignatureScheme],
    key: RsaKey,
}

/// The schemes of `rsaEncryption` keys. The last two are legacy schemes, which must be requested.
const PLAIN: [SignatureScheme; 8] = [
    SignatureScheme::RSA_PSS_RSAE_SHA256,
    SignatureScheme::RSA_PSS_RSAE_SHA384,
    SignatureScheme::RSA_PSS_RSAE_SHA512,
    SignatureScheme::RSA_PKCS1_SHA256,
    SignatureScheme::RSA_PKCS1_SHA384,
    SignatureScheme::RSA_PKCS1_SHA512,
    SignatureScheme::RSA_PKCS1_SHA224,
    SignatureScheme::RSA_PKCS1_SHA1,
];

/// The maximum number of calls to the generator in one signature; if they do not suffice, the generator is
/// broken. Six are needed. One of them, which draws a number below the modulus, may have to be repeated, with
/// probability below one half.
const DRAWS: u32 = 128;

/// The same for key generation, which makes several calls for each candidate prime.
const DRAWS_OF_A_KEY: u32 = 10_000;

/// Loads an `RSAPrivateKey` of 2048 to 8192 bits with algorithm `rsaEncryption`.
pub(super) fn load(pkcs1: &[u8], legacy: bool) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let [modern @ .., _, _] = &PLAIN;
    load_as(KeyKind::Rsa, if legacy { &PLAIN } else { modern }, pkcs1)
}

/// Loads an `RSAPrivateKey` for PSS signatures with these hash functions.
pub(super) fn load_pss(pkcs1: &[u8], hashes: PssHashes) -> Result<Arc<dyn SigningKey>, CryptoError> {
    use SignatureScheme as S;
    let schemes: &'static [SignatureScheme] = match hashes {
        PssHashes::All => &[S::RSA_PSS_PSS_SHA256, S::RSA_PSS_PSS_SHA384, S::RSA_PSS_PSS_SHA512],
        PssHashes::Sha256 => &[S::RSA_PSS_PSS_SHA256],
        PssHashes::Sha384 => &[S::RSA_PSS_PSS_SHA384],
        PssHashes::Sha512 => &[S::RSA_PSS_PSS_SHA512],
    };
    load_as(KeyKind::RsaPss, schemes, pkcs1)
}

fn load_as(
    kind: KeyKind,
    schemes: &'static [SignatureScheme],
    pkcs1: &[u8],
) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let key = RsaKey::load(pkcs1)?;
    let public = PublicKey { kind, bits: key.public_key()? };
    Ok(Arc::new(RsaSigningKey { public, schemes, key }))
}

/// Generates a key.
pub(super) fn generate(
    bits: u16,
    rng: &mut dyn TryCryptoRng<Error = CryptoError>,
) -> Result<SecretBytes, CryptoError> {
    if !matches!(bits, 2048 | 3072 | 4096) {
        return Err(CryptoError::Unsupported);
    }
    let mut rng = Bounded::new(rng, DRAWS_OF_A_KEY);
    let key = PrivateKey::new(&mut rng, bits.into()).map_err(|why| error(&why))?;
    let der = key.to_pkcs8_der().map_err(|_| CryptoError::Failed)?;
    Ok(SecretBytes::from(der.as_bytes()))
}

impl SigningKey for RsaSigningKey {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn schemes(&self) -> &[SignatureScheme] {
        self.schemes
    }

    /// Every operation is blinded with randomness from `rng`, and its result is verified with the public key,
    /// because a faulty signature would reveal the private key.
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        rng: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Vec<u8>, CryptoError> {
        use SignatureScheme as S;
        if !self.schemes.contains(&scheme) {
            return Err(CryptoError::Unsupported);
        }
        let (key, rng) = (self.key.inner(), &mut Bounded::new(rng, DRAWS));
        let signature = match scheme {
            S::RSA_PSS_RSAE_SHA256 | S::RSA_PSS_PSS_SHA256 => {
                key.pss_sign_with_rng::<Sha256, _>(rng, message)
            }
            S::RSA_PSS_RSAE_SHA384 | S::RSA_PSS_PSS_SHA384 => {
                key.pss_sign_with_rng::<Sha384, _>(rng, message)
            }
            S::RSA_PSS_RSAE_SHA512 | S::RSA_PSS_PSS_SHA512 => {
                key.pss_sign_with_rng::<Sha512, _>(rng, message)
            }
            S::RSA_PKCS1_SHA256 => key.pkcs1v15_sign_with_rng::<Sha256, _>(rng, message),
            S::RSA_PKCS1_SHA384 => key.pkcs1v15_sign_with_rng::<Sha384, _>(rng, message),
            S::RSA_PKCS1_SHA512 => key.pkcs1v15_sign_with_rng::<Sha512, _>(rng, message),
            S::RSA_PKCS1_SHA224 => key.pkcs1v15_sign_with_rng::<Sha224, _>(rng, message),
            S::RSA_PKCS1_SHA1 => key.pkcs1v15_sign_with_rng::<Sha1, _>(rng, message),
            _ => return Err(CryptoError::Unsupported),
        };
        signature.map_err(|why| error(&why))
    }
}
