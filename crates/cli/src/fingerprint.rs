//! Fingerprints of hellos, which programs with the same TLS have in common: JA3 of a ClientHello, JA3S of a
//! ServerHello, and JA4 of a ClientHello over TCP.
//!
//! They are not a proof of anything: any program can send the hello of another.

use cairn_tls::wire::{
    AnyServerHello, ClientExtension, ClientHello, Decode, ExtensionType, HandshakeHeader, HandshakeType,
    ProtocolVersion,
};
use core::fmt::Display;
use md5::{Digest, Md5};
use sha2::Sha256;

/// JA3 or JA3S: values of a hello in decimal, and the MD5 of this text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ja3 {
    pub(crate) text: String,
    pub(crate) hash: String,
}

impl Ja3 {
    fn new(text: String) -> Self {
        let hash = hex(&Md5::digest(text.as_bytes()));
        Self { text, hash }
    }
}

/// The fingerprints of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) ja3: Ja3,
    pub(crate) ja4: String,
    /// JA4 with the lists in place of their hashes.
    pub(crate) ja4_raw: String,
}

impl Client {
    /// The fingerprints of a ClientHello message with its header. `None` if it is malformed.
    pub(crate) fn of(message: &[u8]) -> Option<Self> {
        let hello = ClientHello::decode_exact(body(message, HandshakeType::CLIENT_HELLO)?).ok()?;
        let hello = Hello::of(&hello);
        let (ja4, ja4_raw) = hello.ja4();
        Some(Self { ja3: hello.ja3(), ja4, ja4_raw })
    }
}

/// JA3S of a ServerHello message with its header. `None` if it is malformed, or a HelloRetryRequest.
pub(crate) fn of_server_hello(message: &[u8]) -> Option<Ja3> {
    let body = body(message, HandshakeType::SERVER_HELLO)?;
    let (version, suite, types): (_, _, Vec<u16>) = match AnyServerHello::decode_exact(body).ok()? {
        AnyServerHello::Tls12(hello) => {
            let types = hello.extensions.iter().flat_map(|block| block.types().map(|kind| kind.0)).collect();
            (hello.server_version, hello.cipher_suite, types)
        }
        AnyServerHello::Tls13(hello) => {
            let types = hello.extensions.types().map(|kind| kind.0).collect();
            (hello.legacy_version, hello.cipher_suite, types)
        }
        AnyServerHello::HelloRetryRequest(_) => return None,
    };
    Some(Ja3::new(format!("{},{},{}", version.0, suite.0, joined(&types, "-", |each| each))))
}

/// The body of a message of this type.
fn body(message: &[u8], msg_type: HandshakeType) -> Option<&[u8]> {
    let (header, body) = message.split_at_checked(HandshakeHeader::LEN)?;
    (header.first() == Some(&msg_type.0)).then_some(body)
}

/// The parts of a ClientHello that fingerprints have, without the values of GREASE (RFC 8701), which are
/// random.
struct Hello {
    legacy_version: u16,
    versions: Vec<u16>,
    suites: Vec<u16>,
    extensions: Vec<u16>,
    groups: Vec<u16>,
    point_formats: Vec<u8>,
    schemes: Vec<u16>,
    /// The first protocol of ALPN.
    protocol: Vec<u8>,
}

impl Hello {
    fn of(hello: &ClientHello<'_>) -> Self {
        let mut parts = Self {
            legacy_version: hello.client_version.0,
            versions: Vec::new(),
            suites: without_grease(hello.cipher_suites.iter().map(|suite| suite.0)),
            extensions: Vec::new(),
            groups: Vec::new(),
            point_formats: Vec::new(),
            schemes: Vec::new(),
            protocol: Vec::new(),
        };
        let Some(block) = &hello.extensions else { return parts };
        parts.extensions = without_grease(block.types().map(|kind| kind.0));
        for extension in block.iter() {
            match extension {
                ClientExtension::SupportedVersions(list) => {
                    parts.versions = without_grease(list.iter().map(|each| each.0));
                }
                ClientExtension::SupportedGroups(list) => {
                    parts.groups = without_grease(list.iter().map(|each| each.0));
                }
                ClientExtension::EcPointFormats(list) => {
                    parts.point_formats = list.iter().map(|each| each.0).collect();
                }
                ClientExtension::SignatureAlgorithms(list) => {
                    parts.schemes = without_grease(list.iter().map(|each| each.0));
                }
                ClientExtension::ApplicationLayerProtocolNegotiation(list) => {
                    parts.protocol = list.first().map(|name| name.0.to_vec()).unwrap_or_default();
                }
                _ => {}
            }
        }
        parts
    }

    /// `version,suites,extensions,groups,point formats`.
    fn ja3(&self) -> Ja3 {
        let decimal = |list: &[u16]| joined(list, "-", |each| each);
        Ja3::new(format!(
            "{},{},{},{},{}",
            self.legacy_version,
            decimal(&self.suites),
            decimal(&self.extensions),
            decimal(&self.groups),
            joined(&self.point_formats, "-", |each| each),
        ))
    }

    /// JA4, and its raw form.
    fn ja4(&self) -> (String, String) {
        const SERVER_NAME: u16 = ExtensionType::SERVER_NAME.0;
        const ALPN: u16 = ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION.0;
        let version = self.versions.iter().max().copied().unwrap_or(self.legacy_version);
        let version = match ProtocolVersion(version) {
            ProtocolVersion::TLS_1_3 => "13",
            ProtocolVersion::TLS_1_2 => "12",
            ProtocolVersion::TLS_1_1 => "11",
            ProtocolVersion::TLS_1_0 => "10",
            ProtocolVersion::SSL_3_0 => "s3",
            ProtocolVersion(0x0002) => "s2",
            _ => "00",
        };
        let name = if self.extensions.contains(&SERVER_NAME) { 'd' } else { 'i' };
        // Two digits each.
        let (suites, extensions) = (self.suites.len().min(99), self.extensions.len().min(99));
        let start = format!("t{version}{name}{suites:02}{extensions:02}{}", self.ja4_protocol());

        let hexadecimal = |list: &[u16]| joined(list, ",", |each| format!("{each:04x}"));
        let mut suites = self.suites.clone();
        suites.sort_unstable();
        let suites = hexadecimal(&suites);
        // The first part tells about these two.
        let mut extensions = self.extensions.clone();
        extensions.retain(|each| !matches!(*each, SERVER_NAME | ALPN));
        extensions.sort_unstable();
        let mut extensions = hexadecimal(&extensions);
        let has_extensions = !extensions.is_empty();
        if !self.schemes.is_empty() {
            extensions.push('_');
            extensions.push_str(&hexadecimal(&self.schemes));
        }
        let hash = |text: &str, has_values: bool| match has_values {
            true => hex(&Sha256::digest(text.as_bytes())).chars().take(12).collect(),
            false => "0".repeat(12),
        };
        let hashes = (hash(&suites, !suites.is_empty()), hash(&extensions, has_extensions));
        (format!("{start}_{}_{}", hashes.0, hashes.1), format!("{start}_{suites}_{extensions}"))
    }

    /// The first and the last character of the first protocol, or of its digits if it is not a word.
    fn ja4_protocol(&self) -> String {
        let (Some(first), Some(last)) = (self.protocol.first(), self.protocol.last()) else {
            return "00".into();
        };
        if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
            return String::from_iter([char::from(*first), char::from(*last)]);
        }
        format!("{:x}{:x}", first >> 4, last & 0xf)
    }
}

fn without_grease(values: impl Iterator<Item = u16>) -> Vec<u16> {
    let is_grease = |value: &u16| value & 0x0f0f == 0x0a0a && value >> 8 == value & 0xff;
    values.filter(|value| !is_grease(value)).collect()
}

fn joined<T: Copy, D: Display>(list: &[T], separator: &str, shown: impl Fn(T) -> D) -> String {
    let shown: Vec<String> = list.iter().map(|each| shown(*each).to_string()).collect();
    shown.join(separator)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
