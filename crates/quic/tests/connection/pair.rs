//! A client and a server in memory, without packets.

use cairn_quic::{
    ClientConfig, ClientConfigBuilder, Connection, Error, Event, Keys, Level, OneRtt, Parameters, Remembered,
    ServerConfig, ServerConfigBuilder, ServerName, Version, default_provider,
    x509::{
        Roots,
        issue::{Identity, Template},
    },
};
use std::{collections::VecDeque, sync::OnceLock};

/// One side, and its events so far.
pub(crate) struct End {
    pub(crate) connection: Connection,
    /// Bytes for the peer.
    pub(crate) out: VecDeque<(Level, Vec<u8>)>,
    /// The names of the events, in order.
    pub(crate) log: Vec<&'static str>,
    pub(crate) early_data: Option<(cairn_quic::DirectionKeys, Option<Remembered>)>,
    pub(crate) handshake: Option<Keys>,
    pub(crate) one_rtt: Option<Box<OneRtt>>,
    pub(crate) parameters: Vec<Vec<u8>>,
}

impl End {
    pub(crate) fn new(connection: Connection) -> Self {
        Self {
            connection,
            out: VecDeque::new(),
            log: Vec::new(),
            early_data: None,
            handshake: None,
            one_rtt: None,
            parameters: Vec::new(),
        }
    }

    pub(crate) fn take_events(&mut self) {
        while let Some(event) = self.connection.poll_event() {
            self.log.push(match event {
                Event::Crypto { level, bytes } => {
                    self.out.push_back((level, bytes));
                    "crypto"
                }
                Event::EarlyDataKeys(early) => {
                    self.early_data = Some((early.keys, early.remembered));
                    "0-RTT keys"
                }
                Event::HandshakeKeys(keys) => {
                    self.handshake = Some(*keys);
                    "handshake keys"
                }
                Event::OneRtt(secrets) => {
                    self.one_rtt = Some(secrets);
                    "1-RTT secrets"
                }
                Event::TransportParameters(parameters) => {
                    self.parameters.push(parameters.to_vec());
                    "transport parameters"
                }
                Event::EarlyDataRejected => "0-RTT rejected",
                Event::NotResumed(_) => "not resumed",
                Event::Complete => "complete",
                other => panic!("unexpected {other:?}"),
            });
        }
    }

    pub(crate) fn start(&mut self) {
        self.connection.start().unwrap();
        self.take_events();
    }

    pub(crate) fn read(&mut self, level: Level, bytes: &[u8]) -> Result<(), Error> {
        let outcome = self.connection.read_crypto(level, bytes);
        self.take_events();
        outcome
    }
}

pub(crate) struct Pair {
    pub(crate) client: End,
    pub(crate) server: End,
}

pub(crate) fn authority() -> &'static Identity {
    static AUTHORITY: OnceLock<Identity> = OnceLock::new();
    AUTHORITY.get_or_init(|| {
        let spec = cairn_quic::crypto::KeySpec::EcP256;
        Template::authority("Test CA").valid(0, 4_000_000_000).self_signed(&default_provider(), spec).unwrap()
    })
}

pub(crate) fn identity() -> &'static Identity {
    static IDENTITY: OnceLock<Identity> = OnceLock::new();
    IDENTITY.get_or_init(|| {
        let template = Template::server("localhost").dns("localhost").valid(0, 4_000_000_000);
        template.issue(&default_provider(), cairn_quic::crypto::KeySpec::EcP256, authority()).unwrap()
    })
}

pub(crate) fn roots() -> Roots {
    let mut roots = Roots::new();
    roots.add_der(authority().certificate()).unwrap();
    roots
}

/// The configuration of a client that offers early data.
pub(crate) fn client() -> ClientConfigBuilder {
    ClientConfig::builder().trust(roots()).alpn(["h3"]).early_data()
}

/// The configuration of a server that accepts early data.
pub(crate) fn server() -> ServerConfigBuilder {
    let chain: Vec<&[u8]> = identity().chain().collect();
    let builder = ServerConfig::builder().credential(&chain, identity().signing_key().clone()).unwrap();
    builder.alpn(["h3"]).early_data(16_384)
}

pub(crate) const CLIENT_PARAMETERS: &[u8] = &[4, 1, 7];
pub(crate) const SERVER_PARAMETERS: &[u8] = &[4, 1, 9];

impl Pair {
    pub(crate) fn new(client: &ClientConfig, server: &ServerConfig) -> Self {
        Self::with(client, server, Version::V1, SERVER_PARAMETERS)
    }

    pub(crate) fn with(
        client: &ClientConfig,
        server: &ServerConfig,
        version: Version,
        server_parameters: &[u8],
    ) -> Self {
        let name = ServerName::parse("localhost").unwrap();
        let client = Connection::client(client, name, Parameters::new(version, CLIENT_PARAMETERS)).unwrap();
        let server = Connection::server(server, Parameters::new(version, server_parameters)).unwrap();
        Self { client: End::new(client), server: End::new(server) }
    }

    /// Starts both sides.
    pub(crate) fn start(&mut self) {
        self.server.start();
        self.client.start();
    }

    /// Passes the next bytes. Returns `false` if both sides wait.
    pub(crate) fn pass(&mut self, change: &mut dyn FnMut(bool, Level, &mut Vec<u8>)) -> Result<bool, Error> {
        let from_client = !self.client.out.is_empty();
        let (from, to) = if from_client {
            (&mut self.client, &mut self.server)
        } else {
            (&mut self.server, &mut self.client)
        };
        let Some((level, mut bytes)) = from.out.pop_front() else { return Ok(false) };
        change(from_client, level, &mut bytes);
        to.read(level, &bytes)?;
        Ok(true)
    }

    /// Runs until both sides wait.
    pub(crate) fn run(&mut self) -> Result<(), Error> {
        while self.pass(&mut |_, _, _| {})? {}
        Ok(())
    }

    /// A complete handshake.
    pub(crate) fn shake(client: &ClientConfig, server: &ServerConfig) -> Self {
        let mut pair = Self::new(client, server);
        pair.start();
        pair.run().unwrap();
        pair.check();
        pair
    }

    /// Both sides are complete and have the same keys at each level.
    pub(crate) fn check(&self) {
        let Self { client, server } = self;
        assert!(client.connection.is_complete() && server.connection.is_complete());
        let keys = |end: &End| end.one_rtt.as_ref().unwrap().secrets().unwrap().0;
        let (of_client, of_server) = (keys(client), keys(server));
        let [ours, theirs] = [client, server].map(|end| end.handshake.as_ref().unwrap());
        for (local, remote) in [
            (&ours.local, &theirs.remote),
            (&theirs.local, &ours.remote),
            (&of_client.local, &of_server.remote),
            (&of_server.local, &of_client.remote),
        ] {
            let mut payload = *b"frames----------------";
            local.packet.seal(3, b"header", &mut payload).unwrap();
            let length = remote.packet.open(3, b"header", &mut payload).unwrap();
            assert_eq!(&payload[..length], b"frames");
        }
        let exported = [client, server].map(|end| {
            let mut out = [0; 32];
            end.connection.export_keying_material(b"EXPERIMENTAL test", b"", &mut out).unwrap();
            out
        });
        assert_eq!(exported[0], exported[1]);
        assert_ne!(exported[0], [0; 32]);
    }
}
