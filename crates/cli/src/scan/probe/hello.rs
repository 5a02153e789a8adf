//! The ClientHello of a probe: any version, suites and groups, also those that Cairn does not implement.

use cairn_tls::{
    Provider,
    crypto::CryptoError,
    wire::{
        CertificateStatusRequest, CipherSuite, ClientExtension, ClientHello, CompressionMethod, ContentType,
        Deferred, EcPointFormat, Encode, EncodeError, Extensions, HandshakeBody, KeyShareClientHello,
        KeyShareEntry, List, NamedGroup, ProtocolName, ProtocolVersion, PskKeyExchangeMode,
        PskKeyExchangeModes, Random, RecordHeader, ServerName, SessionId, SignatureScheme, Writer,
    },
};

/// The maximum content of a record.
const RECORD: usize = 1 << 14;

/// The groups that are offered where the group does not matter, the usual ones first.
pub(crate) const COMMON_GROUPS: [NamedGroup; 12] = [
    NamedGroup::X25519,
    NamedGroup::SECP256R1,
    NamedGroup::SECP384R1,
    NamedGroup::SECP521R1,
    NamedGroup::X448,
    NamedGroup::BRAINPOOLP256R1,
    NamedGroup::BRAINPOOLP384R1,
    NamedGroup::BRAINPOOLP512R1,
    NamedGroup::FFDHE2048,
    NamedGroup::FFDHE3072,
    NamedGroup::FFDHE4096,
    NamedGroup::X25519MLKEM768,
];

/// The content of a ClientHello.
#[derive(Clone, Debug)]
pub(crate) struct Hello {
    /// The highest version.
    pub(crate) version: ProtocolVersion,
    /// The suites and signaling values, most preferred first.
    pub(crate) suites: Vec<CipherSuite>,
    /// The groups, most preferred first.
    pub(crate) groups: Vec<NamedGroup>,
    /// The signature schemes, most preferred first.
    pub(crate) schemes: Vec<SignatureScheme>,
    /// The application protocols.
    pub(crate) alpn: Vec<&'static str>,
    /// The name of the server.
    pub(crate) server_name: Option<String>,
    /// Whether DEFLATE is offered.
    pub(crate) compression: bool,
    /// Whether the session has the extended master secret.
    pub(crate) extended_master_secret: bool,
    /// The session ID; TLS 1.3 has a random one.
    pub(crate) session_id: Vec<u8>,
    /// The session ticket; empty to ask for one, and `None` for no tickets.
    pub(crate) ticket: Option<Vec<u8>>,
    /// Whether a share of X25519 is sent in TLS 1.3. Without it, the server asks for a share.
    pub(crate) share: bool,
}

impl Hello {
    /// A hello that offers these suites, all common groups and all signature schemes.
    pub(crate) fn new(version: ProtocolVersion, suites: &[CipherSuite]) -> Self {
        Self {
            version,
            suites: suites.to_vec(),
            groups: COMMON_GROUPS.to_vec(),
            schemes: SignatureScheme::KNOWN.to_vec(),
            alpn: Vec::new(),
            server_name: None,
            compression: false,
            extended_master_secret: true,
            session_id: Vec::new(),
            ticket: Some(Vec::new()),
            share: false,
        }
    }

    /// The records of the hello.
    pub(super) fn records(&self, provider: &Provider) -> Result<Vec<u8>, HelloError> {
        let mut random = [0; 32];
        provider.random.fill(&mut random)?;
        let is_tls13 = self.version == ProtocolVersion::TLS_1_3;
        let mut session_id = self.session_id.clone();
        let mut public = [0; 32];
        if is_tls13 {
            session_id = vec![0; SessionId::MAX];
            provider.random.fill(&mut session_id)?;
            // Nearly every string of 32 bytes is a public key of X25519; no secret is needed for a hello.
            provider.random.fill(&mut public)?;
        }
        let mut message = Vec::new();
        self.write(Random(random), &session_id, &public, &mut Writer::vec(&mut message))?;
        let mut records = Vec::new();
        let mut w = Writer::vec(&mut records);
        // Old servers accept no record of a later version than theirs.
        let version = self.version.min(ProtocolVersion::TLS_1_0);
        for fragment in message.chunks(RECORD) {
            let length = u16::try_from(fragment.len()).unwrap_or(u16::MAX);
            RecordHeader { content_type: ContentType::HANDSHAKE, version, length }.encode(&mut w)?;
            w.bytes(fragment)?;
        }
        Ok(records)
    }

    fn write(
        &self,
        random: Random,
        session_id: &[u8],
        public: &[u8],
        w: &mut Writer<'_>,
    ) -> Result<(), EncodeError> {
        let names: Vec<ServerName<'_>> =
            self.server_name.iter().map(|name| ServerName::host(name.as_bytes())).collect();
        let protocols: Vec<ProtocolName<'_>> =
            self.alpn.iter().map(|name| ProtocolName(name.as_bytes())).collect();
        let shares = [KeyShareEntry { group: NamedGroup::X25519, key_exchange: public }];
        let shares: &[KeyShareEntry<'_>] = if self.share { &shares } else { &[] };
        let shares = KeyShareClientHello { client_shares: List::from_items(shares) };
        let modes = PskKeyExchangeModes { ke_modes: List::from_items(&[PskKeyExchangeMode::PSK_DHE_KE]) };
        let mut extensions = Vec::new();
        let mut add = |is_wanted: bool, extension| {
            if is_wanted {
                extensions.push(extension);
            }
        };
        let is_tls13 = self.version == ProtocolVersion::TLS_1_3;
        let has_schemes = self.version >= ProtocolVersion::TLS_1_2 && !self.schemes.is_empty();
        add(!names.is_empty(), ClientExtension::ServerName(List::from_items(&names)));
        add(!self.groups.is_empty(), ClientExtension::SupportedGroups(List::from_items(&self.groups)));
        add(
            !self.groups.is_empty(),
            ClientExtension::EcPointFormats(List::from_items(&[EcPointFormat::UNCOMPRESSED])),
        );
        add(has_schemes, ClientExtension::SignatureAlgorithms(List::from_items(&self.schemes)));
        add(has_schemes, ClientExtension::SignatureAlgorithmsCert(List::from_items(SignatureScheme::KNOWN)));
        add(!protocols.is_empty(), {
            ClientExtension::ApplicationLayerProtocolNegotiation(List::from_items(&protocols))
        });
        add(true, ClientExtension::StatusRequest(CertificateStatusRequest::OCSP));
        if is_tls13 {
            add(true, ClientExtension::SupportedVersions(List::from_items(&[ProtocolVersion::TLS_1_3])));
            add(true, ClientExtension::PskKeyExchangeModes(Deferred::new(&modes)));
            add(true, ClientExtension::KeyShare(Deferred::new(&shares)));
        } else {
            add(true, ClientExtension::EncryptThenMac);
            add(self.extended_master_secret, ClientExtension::ExtendedMasterSecret);
            let ticket = self.ticket.as_deref();
            add(ticket.is_some(), ClientExtension::SessionTicket(ticket.unwrap_or_default()));
            add(true, ClientExtension::RenegotiationInfo(&[]));
        }
        // SSL 3.0 has no extensions.
        let has_extensions = self.version > ProtocolVersion::SSL_3_0;
        let methods = [CompressionMethod::DEFLATE, CompressionMethod::NULL];
        let methods = if self.compression { &methods[..] } else { &methods[1..] };
        ClientHello {
            client_version: self.version.min(ProtocolVersion::TLS_1_2),
            random,
            session_id: SessionId::new(session_id)?,
            cipher_suites: List::from_items(&self.suites),
            compression_methods: List::from_items(methods),
            extensions: has_extensions.then(|| Extensions::from_items(&extensions)),
        }
        .write_message(w)
    }
}

/// The hello could not be made: a fault of the provider, or of the lists.
#[derive(Debug)]
pub(crate) enum HelloError {
    /// There is no randomness.
    Crypto(CryptoError),
    /// The lists do not fit into a hello.
    Encode(EncodeError),
}

impl From<CryptoError> for HelloError {
    fn from(error: CryptoError) -> Self {
        Self::Crypto(error)
    }
}

impl From<EncodeError> for HelloError {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

#[cfg(all(test, any(feature = "aws-lc", feature = "rustcrypto")))]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use cairn_tls::wire::{Decode, ExtensionType};

    fn encoded(hello: &Hello) -> Vec<u8> {
        hello.records(&cairn_tls::default_provider()).unwrap()
    }

    #[test]
    fn hello_of_ssl_3_has_no_extensions() {
        let suite = CipherSuite::TLS_RSA_WITH_RC4_128_SHA;
        let records = encoded(&Hello::new(ProtocolVersion::SSL_3_0, &[suite]));
        assert_eq!(records.get(..3), Some(&[22, 3, 0][..]));
        let hello = ClientHello::decode_exact(records.get(9..).unwrap()).unwrap();
        assert_eq!(hello.client_version, ProtocolVersion::SSL_3_0);
        assert!(hello.extensions.is_none());
        assert!(hello.cipher_suites.contains(&suite));
    }

    #[test]
    fn hello_of_tls_1_3_names_only_that_version() {
        let records = encoded(&Hello::new(ProtocolVersion::TLS_1_3, &[CipherSuite::TLS_AES_128_GCM_SHA256]));
        let hello = ClientHello::decode_exact(records.get(9..).unwrap()).unwrap();
        let extensions = hello.extensions.unwrap();
        let Some(ClientExtension::SupportedVersions(versions)) =
            extensions.get(ExtensionType::SUPPORTED_VERSIONS)
        else {
            panic!("supported_versions is in the hello")
        };
        assert_eq!(versions.iter().collect::<Vec<_>>(), [ProtocolVersion::TLS_1_3]);
        assert!(!extensions.contains(ExtensionType::ENCRYPT_THEN_MAC));
    }

    #[test]
    fn all_registered_suites_fit_into_a_hello() {
        let records = encoded(&Hello::new(ProtocolVersion::TLS_1_2, CipherSuite::KNOWN));
        let hello = ClientHello::decode_exact(records.get(9..).unwrap()).unwrap();
        assert_eq!(hello.cipher_suites.len(), CipherSuite::KNOWN.len());
    }
}
