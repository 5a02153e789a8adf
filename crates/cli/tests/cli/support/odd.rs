//! Unusual certificates assembled in DER, and their files.

use super::{Files, Folder};
use alloc::sync::Arc;
use cairn_tls::{
    Provider,
    crypto::{KeySpec, SigningKey},
    default_provider,
    wire::SignatureScheme,
    x509::{PrivateKey, pem, raw_key},
};

/// An element with this tag and these contents.
pub(crate) fn tlv(tag: u8, contents: &[&[u8]]) -> Vec<u8> {
    let contents = contents.concat();
    let mut element = vec![tag];
    match contents.len() {
        short @ 0..0x80 => element.push(u8::try_from(short).unwrap()),
        long => {
            let length: Vec<u8> = long.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            element.push(0x80 | u8::try_from(length.len()).unwrap());
            element.extend(length);
        }
    }
    element.extend(contents);
    element
}

pub(crate) fn seq(contents: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, contents)
}

/// A name with one attribute: 3 is the common name, 10 the organization.
pub(crate) fn name(attributes: &[(u8, &str)]) -> Vec<u8> {
    let one = |(kind, value): &(u8, &str)| {
        tlv(0x31, &[&seq(&[&tlv(6, &[&[0x55, 4, *kind]]), &tlv(0x0c, &[value.as_bytes()])])])
    };
    seq(&[&attributes.iter().flat_map(one).collect::<Vec<u8>>()])
}

/// An extension of the arc 2.5.29.
pub(crate) fn extension(kind: u8, is_critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if is_critical { &[1, 1, 0xff] } else { &[] };
    seq(&[&tlv(6, &[&[0x55, 0x1d, kind]]), critical, &tlv(4, &[value])])
}

/// subjectAltName with these DNS names.
pub(crate) fn alternative_names(names: &[&str]) -> Vec<u8> {
    let names: Vec<u8> = names.iter().flat_map(|name| tlv(0x82, &[name.as_bytes()])).collect();
    extension(17, false, &seq(&[&names]))
}

/// basicConstraints with CA:TRUE and this continuation, and a matching keyUsage.
pub(crate) fn authority(path_len: &[u8]) -> Vec<u8> {
    let constraints = extension(19, true, &seq(&[&[1, 1, 0xff], path_len]));
    [constraints, extension(15, true, &[3, 2, 1, 6])].concat()
}

/// ecdsa-with-SHA256; parameters should be empty.
pub(crate) fn ecdsa_sha256(parameters: &[u8]) -> Vec<u8> {
    seq(&[&[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2], parameters])
}

/// A key and its name.
pub(crate) struct Party {
    provider: Provider,
    key: PrivateKey,
    signing: Arc<dyn SigningKey>,
    pub(crate) name: Vec<u8>,
}

impl Party {
    pub(crate) fn new(name: Vec<u8>) -> Self {
        let provider = default_provider();
        let key = provider.keys.generate(KeySpec::EcP256, &mut provider.rng()).unwrap();
        let key = PrivateKey::from_pkcs8(key);
        let signing = provider.keys.load(key.as_der()).unwrap();
        Self { provider, key, signing, name }
    }

    /// The default authority.
    pub(crate) fn root() -> (Self, Vec<u8>) {
        let root = Self::new(name(&[(3, "Root")]));
        let certificate = Odd::new(authority(&[])).of(&root, &root);
        (root, certificate)
    }

    /// Writes the chain and the key to files.
    pub(crate) fn files(&self, folder: &Folder, file_name: &str, chain: &[&[u8]]) -> Files {
        let cert: String = chain.iter().map(|der| pem::encode_certificate(der)).collect();
        Files {
            cert: folder.write(&format!("{file_name}.pem"), cert),
            key: folder.write(&format!("{file_name}.key"), self.key.to_pem().as_bytes()),
        }
    }
}

/// A certificate to assemble; fields that are not set have usual values.
#[derive(Clone)]
pub(crate) struct Odd {
    pub(crate) version: u8,
    pub(crate) algorithm: Vec<u8>,
    pub(crate) not_before: Vec<u8>,
    pub(crate) not_after: Vec<u8>,
    pub(crate) unique_identifiers: Vec<u8>,
    pub(crate) extensions: Vec<u8>,
}

impl Odd {
    /// A certificate with these extensions.
    pub(crate) fn new(extensions: Vec<u8>) -> Self {
        Self {
            version: 3,
            algorithm: ecdsa_sha256(&[]),
            not_before: tlv(0x17, &[b"200101000000Z"]),
            not_after: tlv(0x17, &[b"491231235959Z"]),
            unique_identifiers: Vec::new(),
            extensions,
        }
    }

    /// Assembles it for this subject, signed by this issuer.
    pub(crate) fn of(&self, subject: &Party, issuer: &Party) -> Vec<u8> {
        let version = tlv(0xa0, &[&tlv(2, &[&[self.version - 1]])]);
        let version: &[u8] = if self.version == 1 { &[] } else { &version };
        let extensions = tlv(0xa3, &[&seq(&[&self.extensions])]);
        let extensions: &[u8] = if self.extensions.is_empty() { &[] } else { &extensions };
        let serial = tlv(2, &[&[1], &subject.signing.public_key().bits[1..9]]);
        let signed = seq(&[
            version,
            &serial,
            &self.algorithm,
            &issuer.name,
            &seq(&[&self.not_before, &self.not_after]),
            &subject.name,
            &raw_key::encode(subject.signing.public_key()).unwrap(),
            &self.unique_identifiers,
            extensions,
        ]);
        let scheme = SignatureScheme::ECDSA_SECP256R1_SHA256;
        let signature = issuer.signing.sign(scheme, &signed, &mut issuer.provider.rng()).unwrap();
        seq(&[&signed, &self.algorithm, &tlv(3, &[&[0], &signature])])
    }
}
