//! Private keys in a token.

use crate::{error::Error, filter::KeyFilter, scheme::Operation};
use cairn_crypto::KeyKind;
use cryptoki::{
    mechanism::MechanismType,
    object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle},
    session::Session,
};

/// The only private key that matches.
pub(crate) fn private_key(session: &Session, filter: &KeyFilter) -> Result<ObjectHandle, Error> {
    let mut template = vec![Attribute::Class(ObjectClass::PRIVATE_KEY)];
    template.extend(filter.label.as_ref().map(|label| Attribute::Label(label.as_bytes().to_vec())));
    template.extend(filter.id.as_ref().map(|id| Attribute::Id(id.clone())));
    match session.find_objects(&template)?.as_slice() {
        [] => Err(Error::NoKey(filter.clone())),
        [key] => Ok(*key),
        keys => Err(Error::SeveralKeys { filter: filter.clone(), count: keys.len() }),
    }
}

/// An attribute of an object, if the token has it and shows it.
fn attribute(
    session: &Session,
    object: ObjectHandle,
    which: AttributeType,
) -> Result<Option<Attribute>, Error> {
    Ok(session.get_attributes(object, &[which])?.into_iter().next())
}

/// The uses that a key permits.
pub(crate) struct Usage {
    pub(crate) operation: Operation,
    /// CKA_ALLOWED_MECHANISMS, if they are limited.
    pub(crate) allowed: Option<Vec<MechanismType>>,
}

/// Checks that a key may sign and is of this kind.
pub(crate) fn check_use(session: &Session, key: ObjectHandle, kind: KeyKind) -> Result<Usage, Error> {
    if let Some(Attribute::KeyType(found)) = attribute(session, key, AttributeType::KeyType)?
        && Some(found) != key_type(kind)
    {
        return Err(Error::KeyMismatch);
    }
    if let Some(Attribute::Sign(false)) = attribute(session, key, AttributeType::Sign)? {
        return Err(Error::MayNotSign);
    }
    let operation = match attribute(session, key, AttributeType::AlwaysAuthenticate)? {
        Some(Attribute::AlwaysAuthenticate(true)) => Operation::Authenticated,
        _ => Operation::Single,
    };
    let allowed = match attribute(session, key, AttributeType::AllowedMechanisms)? {
        Some(Attribute::AllowedMechanisms(allowed)) if !allowed.is_empty() => Some(allowed),
        _ => None,
    };
    Ok(Usage { operation, allowed })
}

const fn key_type(kind: KeyKind) -> Option<KeyType> {
    match kind {
        KeyKind::Rsa | KeyKind::RsaPss => Some(KeyType::RSA),
        KeyKind::EcP256 | KeyKind::EcP384 | KeyKind::EcP521 => Some(KeyType::EC),
        KeyKind::Ed25519 => Some(KeyType::EC_EDWARDS),
        _ => None,
    }
}
