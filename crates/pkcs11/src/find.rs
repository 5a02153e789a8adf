//! Private keys in a token.

use crate::error::Error;
use cairn_crypto::KeyKind;
use core::fmt;
use cryptoki::{
    mechanism::MechanismType,
    object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle},
    session::Session,
};

/// The label (CKA_LABEL) and id (CKA_ID) by which a private key is found. Exactly one key of the token must match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyFilter {
    label: Option<String>,
    id: Option<Vec<u8>>,
}

impl KeyFilter {
    /// A filter that matches every private key. With it, the token must have exactly one.
    #[must_use]
    pub fn any() -> Self {
        Self::default()
    }

    /// The key's label.
    #[must_use]
    pub fn label(mut self, label: &str) -> Self {
        self.label = Some(label.to_owned());
        self
    }

    /// The key's id.
    #[must_use]
    pub fn id(mut self, id: &[u8]) -> Self {
        self.id = Some(id.to_vec());
        self
    }

    /// The only private key that matches.
    pub(crate) fn find(&self, session: &Session) -> Result<ObjectHandle, Error> {
        let mut template = vec![Attribute::Class(ObjectClass::PRIVATE_KEY)];
        template.extend(self.label.as_ref().map(|label| Attribute::Label(label.as_bytes().to_vec())));
        template.extend(self.id.as_ref().map(|id| Attribute::Id(id.clone())));
        match session.find_objects(&template)?.as_slice() {
            [] => Err(Error::NoKey(self.clone())),
            [key] => Ok(*key),
            keys => Err(Error::SeveralKeys { filter: self.clone(), count: keys.len() }),
        }
    }
}

impl fmt::Display for KeyFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let label = self.label.iter().map(|label| format!("label {label:?}"));
        let id = self.id.iter().map(|id| match id.as_slice() {
            [] => "id (empty)".to_owned(),
            id => id.iter().fold("id ".to_owned(), |all, byte| all + &format!("{byte:02x}")),
        });
        let all: Vec<String> = label.chain(id).collect();
        f.write_str(if all.is_empty() { "any label and id" } else { "" })?;
        f.write_str(&all.join(", "))
    }
}

/// An attribute of an object, if the token has it and shows it.
pub(crate) fn attribute(
    session: &Session,
    object: ObjectHandle,
    which: AttributeType,
) -> Result<Option<Attribute>, Error> {
    Ok(session.get_attributes(object, &[which])?.into_iter().next())
}

/// Checks that a key may sign and is of this kind. The result are its CKA_ALLOWED_MECHANISMS, if they are
/// limited.
pub(crate) fn check_use(
    session: &Session,
    key: ObjectHandle,
    kind: KeyKind,
) -> Result<Option<Vec<MechanismType>>, Error> {
    if let Some(Attribute::KeyType(found)) = attribute(session, key, AttributeType::KeyType)?
        && Some(found) != key_type(kind)
    {
        return Err(Error::KeyMismatch);
    }
    if let Some(Attribute::Sign(false)) = attribute(session, key, AttributeType::Sign)? {
        return Err(Error::MayNotSign);
    }
    if let Some(Attribute::AlwaysAuthenticate(true)) =
        attribute(session, key, AttributeType::AlwaysAuthenticate)?
    {
        return Err(Error::PinForEachSignature);
    }
    Ok(match attribute(session, key, AttributeType::AllowedMechanisms)? {
        Some(Attribute::AllowedMechanisms(allowed)) if !allowed.is_empty() => Some(allowed),
        _ => None,
    })
}

const fn key_type(kind: KeyKind) -> Option<KeyType> {
    match kind {
        KeyKind::Rsa | KeyKind::RsaPss => Some(KeyType::RSA),
        KeyKind::EcP256 | KeyKind::EcP384 | KeyKind::EcP521 => Some(KeyType::EC),
        KeyKind::Ed25519 => Some(KeyType::EC_EDWARDS),
        _ => None,
    }
}
