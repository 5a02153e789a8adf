//! Old peers, implemented with the key schedule: they support neither extended_master_secret nor
//! renegotiation_info. One server supports both, and issues tickets in its own way.

use super::{End, Wire, edit, provider};
use cairn_crypto::Provider;
use cairn_handshake::Credential;
use cairn_schedule::{Epoch, MasterSecret, Randoms, Side, Tls12Suite, Transcript, suite, verify_data};
use cairn_wire::{
    CipherSuite, ClientExtension, ClientHello, ClientKeyExchange, CompressionMethod, Decode, DigitallySigned,
    Encode, ExchangeKeys, Extensions, Finished, HandshakeType, KeyExchangeAlgorithm, List, NamedGroup,
    NewSessionTicket, ProtocolVersion, Random, ServerEcdhParams, ServerExtension, ServerHello,
    ServerHelloDone, ServerKeyExchange, ServerParams, SessionId, SignatureScheme, Writer,
};

const SUITE: CipherSuite = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;

/// The result of the old peer.
pub struct Done {
    /// ServerHello as sent or received.
    pub server_hello: Vec<u8>,
    /// The error of the machine under test, if it failed.
    pub finished: bool,
}

struct Peer {
    provider: Provider,
    suite: &'static Tls12Suite,
    transcript: Transcript,
    master: Option<MasterSecret>,
}

impl Peer {
    fn new(provider: Provider) -> Self {
        Self { provider, suite: suite(SUITE).unwrap(), transcript: Transcript::new(), master: None }
    }

    fn say(&mut self, to: &mut End, bytes: Vec<u8>, epoch: Epoch) {
        self.transcript.add(&bytes).unwrap();
        to.receive(&Wire::Handshake(epoch, bytes));
    }

    fn hear(&mut self, from: &mut End, msg_type: HandshakeType) -> Vec<u8> {
        let wire = from.out.pop_front().expect("a message");
        let Wire::Handshake(_, bytes) = &wire else { panic!("expected {msg_type}, got {wire:?}") };
        self.transcript.add(bytes).unwrap();
        edit::body_of(&wire, msg_type).unwrap_or_else(|| panic!("expected {msg_type}, got {wire:?}"))
    }

    fn verify_data(&self, side: Side) -> [u8; 12] {
        let hmac = self.provider.hmac(self.suite.prf_hash).unwrap();
        let hash = self.transcript.hash().unwrap();
        let prf = self.master.as_ref().unwrap().prf(hmac).unwrap();
        *verify_data(&prf, side, hash.as_bytes()).unwrap().as_bytes()
    }

    fn say_finished(&mut self, to: &mut End, side: Side) {
        to.receive(&Wire::ChangeCipherSpec);
        let finished = edit::encode(&Finished { verify_data: &self.verify_data(side) });
        self.say(to, finished, Epoch::tls12(1));
    }

    fn hear_finished(&mut self, from: &mut End, side: Side) -> bool {
        let expected = self.verify_data(side);
        from.out.pop_front() == Some(Wire::ChangeCipherSpec)
            && self.hear(from, HandshakeType::FINISHED) == expected
    }

    fn set_master(&mut self, premaster: &[u8], randoms: &Randoms) {
        let hmac = self.provider.hmac(self.suite.prf_hash).unwrap();
        self.master = Some(MasterSecret::derive(hmac, premaster, randoms).unwrap());
    }

    fn choose_hash(&mut self) {
        let hash = self.provider.hash(self.suite.prf_hash).unwrap();
        self.transcript.choose_hash(&**hash).unwrap();
    }
}

/// The extensions that even an old client sends.
pub fn old_extensions() -> Vec<ClientExtension<'static>> {
    vec![
        ClientExtension::SupportedGroups(List::from_items(&[NamedGroup::SECP256R1])),
        ClientExtension::SignatureAlgorithms(List::from_items(&[SignatureScheme::ECDSA_SECP256R1_SHA256])),
    ]
}

/// A full handshake of an old client with a server with a P-256 credential.
pub fn client(server: &mut End, suites: &[CipherSuite], extensions: &[ClientExtension<'_>]) -> Done {
    client_by(provider(), server, suites, extensions)
}

/// The same, with this provider.
pub fn client_by(
    provider: Provider,
    server: &mut End,
    suites: &[CipherSuite],
    extensions: &[ClientExtension<'_>],
) -> Done {
    let mut peer = Peer::new(provider);
    server.start();
    let random = Random([7; 32]);
    let suites = [&[SUITE], suites].concat();
    let hello = edit::encode(&ClientHello {
        client_version: ProtocolVersion::TLS_1_2,
        random,
        session_id: SessionId::EMPTY,
        cipher_suites: List::from_items(&suites),
        compression_methods: List::from_items(&[CompressionMethod::NULL]),
        extensions: (!extensions.is_empty()).then(|| Extensions::from_items(extensions)),
    });
    peer.say(server, hello, Epoch::tls12(0));
    let server_hello = peer.hear(server, HandshakeType::SERVER_HELLO);
    let randoms =
        Randoms { client: random, server: ServerHello::decode_exact(&server_hello).unwrap().random };
    peer.choose_hash();
    peer.hear(server, HandshakeType::CERTIFICATE);
    let exchange = peer.hear(server, HandshakeType::SERVER_KEY_EXCHANGE);
    let exchange = ServerKeyExchange::decode_exact(KeyExchangeAlgorithm::Ecdhe, &exchange).unwrap();
    let Some(ServerParams::Ecdh(params)) = exchange.params() else { panic!("no ECDHE") };
    peer.hear(server, HandshakeType::SERVER_HELLO_DONE);
    let group = peer.provider.group(params.curve).unwrap();
    let ours = group.encapsulate(params.public, &mut peer.provider.rng()).unwrap();
    peer.set_master(ours.secret.expose(), &randoms);
    peer.say(server, edit::encode(&ecdhe(&ours.share)), Epoch::tls12(0));
    peer.say_finished(server, Side::Client);
    let finished = peer.hear_finished(server, Side::Server);
    Done { server_hello, finished }
}

/// A full handshake of an old server, with a P-256 credential, with a client.
pub fn server(
    client: &mut End,
    credential: &Credential,
    session_id: SessionId,
    extensions: &[ServerExtension<'_>],
) -> Done {
    server_by(provider(), client, credential, session_id, extensions)
}

/// The same, with this provider.
pub fn server_by(
    provider: Provider,
    client: &mut End,
    credential: &Credential,
    session_id: SessionId,
    extensions: &[ServerExtension<'_>],
) -> Done {
    server_that_gives(provider, client, credential, session_id, extensions, None)
}

/// A server that sends both a session ID and this ticket, which its extensions must announce.
pub fn server_with_ticket(
    client: &mut End,
    credential: &Credential,
    session_id: SessionId,
    ticket: &NewSessionTicket<'_>,
) -> Done {
    let extensions = [
        ServerExtension::RenegotiationInfo(&[]),
        ServerExtension::ExtendedMasterSecret,
        ServerExtension::SessionTicket,
    ];
    server_that_gives(provider(), client, credential, session_id, &extensions, Some(ticket))
}

fn server_that_gives(
    provider: Provider,
    client: &mut End,
    credential: &Credential,
    session_id: SessionId,
    extensions: &[ServerExtension<'_>],
    ticket: Option<&NewSessionTicket<'_>>,
) -> Done {
    let mut peer = Peer::new(provider);
    client.start();
    let hello = peer.hear(client, HandshakeType::CLIENT_HELLO);
    let random = Random([8; 32]);
    let randoms = Randoms { client: ClientHello::decode_exact(&hello).unwrap().random, server: random };
    let server_hello = ServerHello {
        server_version: ProtocolVersion::TLS_1_2,
        random,
        session_id,
        cipher_suite: SUITE,
        compression_method: CompressionMethod::NULL,
        extensions: (!extensions.is_empty()).then(|| Extensions::from_items(extensions)),
    };
    peer.say(client, edit::encode(&server_hello), Epoch::tls12(0));
    peer.choose_hash();
    let chain = edit::message(HandshakeType::CERTIFICATE, &super::certificate_body(&credential.chain));
    peer.say(client, chain, Epoch::tls12(0));

    let group = peer.provider.group(NamedGroup::SECP256R1).unwrap();
    let ephemeral = group.generate(&mut peer.provider.rng()).unwrap();
    let params = ServerEcdhParams { curve: NamedGroup::SECP256R1, public: ephemeral.share() };
    let mut signed = [randoms.client.0, randoms.server.0].concat();
    params.encode(&mut Writer::vec(&mut signed)).unwrap();
    let algorithm = SignatureScheme::ECDSA_SECP256R1_SHA256;
    let key = credential.key.as_ref().unwrap();
    let signature = &*key.sign(algorithm, &signed, &mut peer.provider.rng()).unwrap();
    let signature = DigitallySigned { algorithm, signature };
    let exchange = ServerKeyExchange::SignedParams { params: ServerParams::Ecdh(params), signature };
    peer.say(client, edit::encode(&exchange), Epoch::tls12(0));
    peer.say(client, edit::encode(&ServerHelloDone), Epoch::tls12(0));

    let exchange = peer.hear(client, HandshakeType::CLIENT_KEY_EXCHANGE);
    let exchange = ClientKeyExchange::decode_exact(KeyExchangeAlgorithm::Ecdhe, &exchange).unwrap();
    let premaster = ephemeral.agree(exchange.exchange_keys.unwrap().as_bytes()).unwrap();
    if extensions.contains(&ServerExtension::ExtendedMasterSecret) {
        let hmac = peer.provider.hmac(peer.suite.prf_hash).unwrap();
        let hash = peer.transcript.hash().unwrap();
        let master = MasterSecret::derive_extended(hmac, premaster.expose(), hash.as_bytes());
        peer.master = Some(master.unwrap());
    } else {
        peer.set_master(premaster.expose(), &randoms);
    }
    let finished = peer.hear_finished(client, Side::Client);
    if let Some(ticket) = ticket {
        peer.say(client, edit::encode(ticket), Epoch::tls12(0));
    }
    peer.say_finished(client, Side::Server);
    Done { server_hello: server_hello.to_vec().unwrap(), finished }
}

/// ClientKeyExchange of an ECDHE suite.
fn ecdhe(public: &[u8]) -> ClientKeyExchange<'_> {
    ClientKeyExchange { psk_identity: None, exchange_keys: Some(ExchangeKeys::Ecdh(public)) }
}
