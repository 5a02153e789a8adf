//! Code common to key agreement and signatures on the NIST curves.

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

/// A NIST curve of RustCrypto, with the bounds that the functions of its crates require.
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
    /// The bits of the first byte that may be set in a scalar.
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

/// The maximum number of draws of a scalar; if they all fail, the generator is broken. On each curve a draw
/// fails with probability below 2^-31.
const DRAWS: usize = 16;

/// Draws a private key by testing candidates (FIPS 186-5 appendix A.2.2). The key depends on the bytes from
/// `rng` only.
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

/// Decodes an uncompressed point. RFC 8422 section 5.4.1: "This specification supports only the uncompressed
/// format for these curves." `from_sec1_bytes` would also accept compressed points.
///
/// Returns `None` if the point is not on the curve or is the neutral element. RFC 8422 section 5.11: "A
/// receiving party MUST check that the x and y parameters from the peer's public value satisfy the curve
/// equation".
pub(crate) fn point<C: NistCurve>(bits: &[u8]) -> Option<PublicKey<C>> {
    let uncompressed = bits.first() == Some(&4)
        && Some(bits.len()) == FieldBytesSize::<C>::USIZE.checked_mul(2)?.checked_add(1);
    if uncompressed { PublicKey::from_sec1_bytes(bits).ok() } else { None }
}

/// The public key of a private key, as an uncompressed point.
pub(crate) fn public<C: NistCurve>(key: &SecretKey<C>) -> Vec<u8> {
    key.public_key().to_sec1_point(false).as_bytes().to_vec()
}
