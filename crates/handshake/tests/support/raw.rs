//! Messages of TLS 1.3 as their fields, so that a test can change each of them. The code is independent of
//! the codec, and can write what the codec refuses.

use super::{Wire, edit};
use cairn_wire::{CipherSuite, ExtensionType, HandshakeType, NamedGroup, SignatureScheme};

/// The random of HelloRetryRequest (RFC 9846 section 4.2.3).
const RETRY: [u8; 4] = [0xcf, 0x21, 0xad, 0x74];

/// Extensions with their contents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions(pub Vec<(u16, Vec<u8>)>);

impl Extensions {
    pub fn remove(&mut self, extension_type: ExtensionType) {
        self.0.retain(|(number, _)| *number != extension_type.0);
    }

    pub fn add(&mut self, extension_type: ExtensionType, data: &[u8]) {
        self.0.push((extension_type.0, data.to_vec()));
    }

    /// Replaces the content of an extension, or adds it.
    pub fn set(&mut self, extension_type: ExtensionType, data: &[u8]) {
        self.remove(extension_type);
        self.add(extension_type, data);
    }

    pub fn get(&self, extension_type: ExtensionType) -> Option<&[u8]> {
        self.0.iter().find(|(number, _)| *number == extension_type.0).map(|(_, data)| data.as_slice())
    }

    pub fn get_mut(&mut self, extension_type: ExtensionType) -> &mut Vec<u8> {
        let found = self.0.iter_mut().find(|(number, _)| *number == extension_type.0);
        found.map(|(_, data)| data).unwrap_or_else(|| panic!("no {extension_type}"))
    }

    fn read(r: &mut Fields<'_>) -> Self {
        let mut inner = Fields(r.vec16());
        let mut all = Vec::new();
        while !inner.0.is_empty() {
            let number = inner.u16();
            all.push((number, inner.vec16().to_vec()));
        }
        Self(all)
    }

    fn write(&self, out: &mut Vec<u8>) {
        let mut inner = Vec::new();
        for (number, data) in &self.0 {
            inner.extend_from_slice(&number.to_be_bytes());
            vec16(data, &mut inner);
        }
        vec16(&inner, out);
    }
}

struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }

    fn number(&mut self, width: usize) -> usize {
        self.take(width).iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
    }

    fn u16(&mut self) -> u16 {
        u16::try_from(self.number(2)).unwrap()
    }

    fn vec8(&mut self) -> &'a [u8] {
        let length = self.number(1);
        self.take(length)
    }

    fn vec16(&mut self) -> &'a [u8] {
        let length = self.number(2);
        self.take(length)
    }

    fn vec24(&mut self) -> &'a [u8] {
        let length = self.number(3);
        self.take(length)
    }
}

fn vec8(data: &[u8], out: &mut Vec<u8>) {
    out.push(u8::try_from(data.len()).unwrap());
    out.extend_from_slice(data);
}

fn vec16(data: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
    out.extend_from_slice(data);
}

fn vec24(data: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&u32::try_from(data.len()).unwrap().to_be_bytes()[1..]);
    out.extend_from_slice(data);
}

/// ServerHello or HelloRetryRequest.
#[derive(Clone)]
pub struct ServerHello {
    pub version: u16,
    pub random: [u8; 32],
    pub session_id: Vec<u8>,
    pub suite: CipherSuite,
    pub compression: u8,
    pub extensions: Extensions,
}

impl ServerHello {
    pub fn is_retry(&self) -> bool {
        self.random.starts_with(&RETRY)
    }

    fn read(body: &[u8]) -> Self {
        let mut r = Fields(body);
        Self {
            version: r.u16(),
            random: r.take(32).try_into().unwrap(),
            session_id: r.vec8().to_vec(),
            suite: CipherSuite(r.u16()),
            compression: r.take(1)[0],
            extensions: Extensions::read(&mut r),
        }
    }

    pub fn write(&self) -> Vec<u8> {
        let mut out = self.version.to_be_bytes().to_vec();
        out.extend_from_slice(&self.random);
        vec8(&self.session_id, &mut out);
        out.extend_from_slice(&self.suite.0.to_be_bytes());
        out.push(self.compression);
        self.extensions.write(&mut out);
        out
    }
}

/// Rewrites ServerHello or HelloRetryRequest.
pub fn any_server_hello(wire: &mut Wire, edit: impl FnOnce(&mut ServerHello)) {
    edit::body(wire, HandshakeType::SERVER_HELLO, |body| {
        let mut hello = ServerHello::read(body);
        edit(&mut hello);
        *body = hello.write();
    });
}

/// Rewrites ServerHello, and not HelloRetryRequest.
pub fn server_hello(wire: &mut Wire, edit: impl FnOnce(&mut ServerHello)) {
    any_server_hello(wire, |hello| {
        if !hello.is_retry() {
            edit(hello);
        }
    });
}

/// Rewrites HelloRetryRequest.
pub fn hello_retry_request(wire: &mut Wire, edit: impl FnOnce(&mut ServerHello)) {
    any_server_hello(wire, |hello| {
        if hello.is_retry() {
            edit(hello);
        }
    });
}

#[derive(Clone)]
pub struct ClientHello {
    pub version: u16,
    pub random: [u8; 32],
    pub session_id: Vec<u8>,
    pub suites: Vec<CipherSuite>,
    pub compression: Vec<u8>,
    pub extensions: Extensions,
}

impl ClientHello {
    fn read(body: &[u8]) -> Self {
        let mut r = Fields(body);
        Self {
            version: r.u16(),
            random: r.take(32).try_into().unwrap(),
            session_id: r.vec8().to_vec(),
            suites: numbers(r.vec16()).into_iter().map(CipherSuite).collect(),
            compression: r.vec8().to_vec(),
            extensions: Extensions::read(&mut r),
        }
    }

    fn write(&self) -> Vec<u8> {
        let mut out = self.version.to_be_bytes().to_vec();
        out.extend_from_slice(&self.random);
        vec8(&self.session_id, &mut out);
        let suites: Vec<u8> = self.suites.iter().flat_map(|suite| suite.0.to_be_bytes()).collect();
        vec16(&suites, &mut out);
        vec8(&self.compression, &mut out);
        self.extensions.write(&mut out);
        out
    }

    /// The key shares.
    pub fn shares(&self) -> Vec<(NamedGroup, Vec<u8>)> {
        let Some(data) = self.extensions.get(ExtensionType::KEY_SHARE) else { return Vec::new() };
        let mut r = Fields(Fields(data).vec16());
        let mut shares = Vec::new();
        while !r.0.is_empty() {
            let group = NamedGroup(r.u16());
            shares.push((group, r.vec16().to_vec()));
        }
        shares
    }

    pub fn set_shares(&mut self, shares: &[(NamedGroup, Vec<u8>)]) {
        let mut list = Vec::new();
        for (group, share) in shares {
            list.extend_from_slice(&group.0.to_be_bytes());
            vec16(share, &mut list);
        }
        let mut data = Vec::new();
        vec16(&list, &mut data);
        *self.extensions.get_mut(ExtensionType::KEY_SHARE) = data;
    }
}

/// Numbers of two bytes.
fn numbers(list: &[u8]) -> Vec<u16> {
    list.chunks(2).map(|two| u16::from_be_bytes(two.try_into().unwrap())).collect()
}

/// A list of numbers of two bytes with its length, as in supported_groups and signature_algorithms.
pub fn list16(items: &[u16]) -> Vec<u8> {
    let bytes: Vec<u8> = items.iter().flat_map(|item| item.to_be_bytes()).collect();
    let mut out = Vec::new();
    vec16(&bytes, &mut out);
    out
}

/// A list of versions with its length.
pub fn versions(items: &[u16]) -> Vec<u8> {
    let bytes: Vec<u8> = items.iter().flat_map(|item| item.to_be_bytes()).collect();
    let mut out = Vec::new();
    vec8(&bytes, &mut out);
    out
}

/// A KeyShareEntry.
pub fn share(group: NamedGroup, key_exchange: &[u8]) -> Vec<u8> {
    let mut out = group.0.to_be_bytes().to_vec();
    vec16(key_exchange, &mut out);
    out
}

/// Rewrites ClientHello.
pub fn client_hello(wire: &mut Wire, edit: impl FnOnce(&mut ClientHello)) {
    edit::body(wire, HandshakeType::CLIENT_HELLO, |body| {
        let mut hello = ClientHello::read(body);
        edit(&mut hello);
        *body = hello.write();
    });
}

/// Rewrites EncryptedExtensions.
pub fn encrypted_extensions(wire: &mut Wire, edit: impl FnOnce(&mut Extensions)) {
    edit::body(wire, HandshakeType::ENCRYPTED_EXTENSIONS, |body| {
        let mut extensions = Extensions::read(&mut Fields(body));
        edit(&mut extensions);
        body.clear();
        extensions.write(body);
    });
}

pub struct CertificateRequest {
    pub context: Vec<u8>,
    pub extensions: Extensions,
}

impl CertificateRequest {
    pub fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        vec8(&self.context, &mut out);
        self.extensions.write(&mut out);
        out
    }
}

/// Rewrites CertificateRequest.
pub fn certificate_request(wire: &mut Wire, edit: impl FnOnce(&mut CertificateRequest)) {
    edit::body(wire, HandshakeType::CERTIFICATE_REQUEST, |body| {
        let mut r = Fields(body);
        let mut request =
            CertificateRequest { context: r.vec8().to_vec(), extensions: Extensions::read(&mut r) };
        edit(&mut request);
        *body = request.write();
    });
}

pub struct Certificate {
    pub context: Vec<u8>,
    pub entries: Vec<(Vec<u8>, Extensions)>,
}

/// Rewrites Certificate.
pub fn certificate(wire: &mut Wire, edit: impl FnOnce(&mut Certificate)) {
    edit::body(wire, HandshakeType::CERTIFICATE, |body| {
        let mut r = Fields(body);
        let mut certificate = Certificate { context: r.vec8().to_vec(), entries: Vec::new() };
        let mut list = Fields(r.vec24());
        while !list.0.is_empty() {
            let data = list.vec24().to_vec();
            certificate.entries.push((data, Extensions::read(&mut list)));
        }
        edit(&mut certificate);
        body.clear();
        vec8(&certificate.context, body);
        let mut list = Vec::new();
        for (data, extensions) in &certificate.entries {
            vec24(data, &mut list);
            extensions.write(&mut list);
        }
        vec24(&list, body);
    });
}

/// Rewrites the scheme of CertificateVerify.
pub fn certificate_verify(wire: &mut Wire, scheme: SignatureScheme) {
    edit::body(wire, HandshakeType::CERTIFICATE_VERIFY, |body| {
        body[..2].copy_from_slice(&scheme.0.to_be_bytes());
    });
}

pub struct NewSessionTicket {
    pub lifetime: u32,
    pub age_add: u32,
    pub nonce: Vec<u8>,
    pub ticket: Vec<u8>,
    pub extensions: Extensions,
}

impl NewSessionTicket {
    /// A correct one.
    pub fn new() -> Self {
        Self {
            lifetime: 3600,
            age_add: 0x0102_0304,
            nonce: vec![0],
            ticket: b"ticket".to_vec(),
            extensions: Extensions::default(),
        }
    }

    /// The message.
    pub fn message(&self) -> Vec<u8> {
        let mut body = [self.lifetime, self.age_add].map(u32::to_be_bytes).concat();
        vec8(&self.nonce, &mut body);
        vec16(&self.ticket, &mut body);
        self.extensions.write(&mut body);
        edit::message(HandshakeType::NEW_SESSION_TICKET, &body)
    }
}
