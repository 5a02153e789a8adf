//! The public half of a private key in a token.

use crate::{der, error::Error, find::attribute};
use cairn_crypto::PublicKey;
use cryptoki::{
    object::{Attribute, AttributeType, ObjectClass, ObjectHandle},
    session::Session,
};

/// Whether the token says that this is the public key of a private key. If not, the token can have no public key,
/// or encode it in another way.
pub(crate) fn is_known(session: &Session, private: ObjectHandle, public: &PublicKey) -> Result<bool, Error> {
    if has(session, private, public)? {
        return Ok(true);
    }
    // Both halves have the same id.
    let id = match attribute(session, private, AttributeType::Id)? {
        Some(Attribute::Id(id)) if !id.is_empty() => Attribute::Id(id),
        _ => return Ok(false),
    };
    for object in session.find_objects(&[Attribute::Class(ObjectClass::PUBLIC_KEY), id])? {
        if has(session, object, public)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an object has the attributes of this public key.
fn has(session: &Session, object: ObjectHandle, public: &PublicKey) -> Result<bool, Error> {
    let get = |which| attribute(session, object, which);
    if public.kind.is_rsa() {
        return Ok(match (get(AttributeType::Modulus)?, get(AttributeType::PublicExponent)?) {
            (Some(Attribute::Modulus(modulus)), Some(Attribute::PublicExponent(exponent))) => {
                der::two_integers(&modulus, &exponent) == public.bits
            }
            _ => false,
        });
    }
    Ok(match get(AttributeType::EcPoint)? {
        Some(Attribute::EcPoint(point)) => is_point(&point, &public.bits),
        _ => false,
    })
}

/// CKA_EC_POINT is the point in an OCTET STRING. Some tokens have it in a BIT STRING, or without an encoding.
fn is_point(point: &[u8], bits: &[u8]) -> bool {
    point == der::octet_string(bits) || point == der::bit_string(bits) || point == bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_compared_in_each_encoding() {
        let bits = [&[4][..], &[9; 64]].concat();
        for point in [bits.clone(), der::octet_string(&bits), der::bit_string(&bits)] {
            assert!(is_point(&point, &bits), "{point:?}");
            let mut other = point.clone();
            *other.last_mut().unwrap() ^= 1;
            assert!(!is_point(&other, &bits));
            assert!(!is_point(&point[1..], &bits));
        }
        assert!(!is_point(&[], &bits));
    }
}
