//! The NIST curves, as far as key agreement and signatures have them in common.

use alloc::vec::Vec;
use cairn_crypto::CryptoError;
use cairn_provider_parts::encoding::Curve;
use core::ops::Add;
use ecdsa::elliptic_curve::array::ArraySize;
use ecdsa::elliptic_curve::array::typenum::Unsigned;
use ecdsa::elliptic_curve::pkcs8::AssociatedOid;
use ecdsa::elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use ecdsa::elliptic_curve::{CurveArithmetic, FieldBytes, FieldBytesSize, PublicKey, SecretKey};
use ecdsa::{DigestAlgorithm, EcdsaCurve};
use p256::NistP256;
use p384::NistP384;
use p521::NistP521;
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

/// A NIST curve of RustCrypto. What is asked of its parts is what their crates ask for where they are used.
pub(crate) trait NistCurve:
    CurveArithmetic<
        AffinePoint: FromSec1Point<Self> + ToSec1Point<Self>,
        FieldBytesSize: ModulusSize
                            + Add<Output: ArraySize + Add<ecdsa::der::MaxOverhead, Output: ArraySize>>,
    > + EcdsaCurve
    + DigestAlgorithm
    + AssociatedOid
    + Send
    + Sync
    + 'static
{
    const CURVE: Curve;
    /// The bits of the first byte that a scalar may have.
    const TOP_MASK: u8;
}

impl NistCurve for NistP256 {
    const CURVE: Curve = Curve::P256;
    const TOP_MASK: u8 = 0xff;
}

impl NistCurve for NistP384 {
    const CURVE: Curve = Curve::P384;
    const TOP_MASK: u8 = 0xff;
}

impl NistCurve for NistP521 {
    const CURVE: Curve = Curve::P521;
    const TOP_MASK: u8 = 0x01;
}

/// How often a scalar is drawn before the generator is held to be broken. On each of these curves a draw fails with a
/// chance below 2^-31.
const DRAWS: usize = 16;

/// Draws a private key from `rng` by testing candidates (FIPS 186-5 appendix A.2.2), so that the same bytes give the
/// same key.
pub(crate) fn draw<C: NistCurve>(
    rng: &mut dyn TryCryptoRng<Error = CryptoError>,
) -> Result<SecretKey<C>, CryptoError> {
    let mut scalar = Zeroizing::new(FieldBytes::<C>::default());
    for _ in 0..DRAWS {
        rng.try_fill_bytes(&mut scalar)?;
        if let Some(first) = scalar.first_mut() {
            *first &= C::TOP_MASK;
        }
        if let Ok(key) = SecretKey::from_bytes(&scalar) {
            return Ok(key);
        }
    }
    Err(CryptoError::RandomFailed)
}

/// The point in the one encoding that TLS allows (RFC 8422 section 5.4.1), if it is on the curve and not its neutral
/// element. Compressed points would be read too, but no peer may send them.
pub(crate) fn point<C: NistCurve>(bits: &[u8]) -> Option<PublicKey<C>> {
    let uncompressed = bits.first() == Some(&4)
        && Some(bits.len()) == FieldBytesSize::<C>::USIZE.checked_mul(2)?.checked_add(1);
    if uncompressed { PublicKey::from_sec1_bytes(bits).ok() } else { None }
}

/// The uncompressed point that belongs to a private key.
pub(crate) fn public<C: NistCurve>(key: &SecretKey<C>) -> Vec<u8> {
    key.public_key().to_sec1_point(false).as_bytes().to_vec()
}
