//! Generates a certification authority, a server and a client.

use crate::{
    failure::{Code, Failure},
    provider::provider,
};
use alloc::sync::Arc;
use cairn_tls::{
    ClientConfig, Clock, ConfigError, Provider, ServerConfig, SystemClock, TicketCounts, Versions,
    crypto::KeySpec,
    session::ClientCache,
    wire::NamedGroup,
    x509::{
        Roots,
        issue::{Identity, IssueError, Template},
    },
};

/// The name of the server.
pub(super) const SERVER: &str = "server.demo";

const HOUR: u64 = 3600;

/// The early data that the server accepts, in bytes.
const EARLY_DATA: u32 = 1 << 14;

/// The purpose of a pair of configurations.
pub(super) struct Setup<'a> {
    /// The versions that both ends speak.
    pub(super) versions: Versions,
    /// The groups of the server; `None` for all that the client has too.
    pub(super) server_groups: Option<&'static [NamedGroup]>,
    /// The client's sessions by ticket; `None` if it takes no tickets. Clients that share them resume each
    /// other's sessions.
    pub(super) sessions: Option<&'a Arc<ClientCache>>,
    /// Whether the client offers early data.
    pub(super) offers_early_data: bool,
    /// Whether the server requires a client certificate, and the client has one.
    pub(super) client_authenticates: bool,
}

impl Setup<'_> {
    /// Both ends speak this version, with all groups, without tickets and without client authentication.
    pub(super) const fn of(versions: Versions) -> Self {
        Self {
            versions,
            server_groups: None,
            sessions: None,
            offers_early_data: false,
            client_authenticates: false,
        }
    }
}

/// The participants of the demo.
pub(super) struct Identities {
    provider: Provider,
    authority: Identity,
    server: Identity,
    client: Identity,
}

impl Identities {
    /// Generates them with new keys.
    pub(super) fn make() -> Result<Self, Failure> {
        let provider = provider()?;
        let issued =
            |error: IssueError| Failure::new(Code::Local, format!("no certificates could be made: {error}"));
        let now = SystemClock.now().as_secs();
        // Wide margins: a clock that is set while the demo runs must not matter.
        let for_now = |template: Template| template.valid(now.saturating_sub(HOUR), now.saturating_add(HOUR));
        let authority = for_now(Template::authority("Demo authority"))
            .self_signed(&provider, KeySpec::EcP384)
            .map_err(issued)?;
        let server = for_now(Template::server("Demo server").dns(SERVER))
            .issue(&provider, KeySpec::EcP256, &authority)
            .map_err(issued)?;
        let client = for_now(Template::client("Demo client"))
            .issue(&provider, KeySpec::Ed25519, &authority)
            .map_err(issued)?;
        Ok(Self { provider, authority, server, client })
    }

    /// The configurations of both ends.
    pub(super) fn configs(&self, setup: &Setup<'_>) -> Result<(ClientConfig, ServerConfig), ConfigError> {
        let mut roots = Roots::new();
        roots
            .add_der(self.authority.certificate())
            .map_err(|error| ConfigError::Certificate(error.reason))?;
        let mut client = ClientConfig::builder_with(self.provider.clone())
            .versions(setup.versions)
            .trust(roots.clone())
            .alpn(["echo"]);
        let mut server =
            ServerConfig::builder_with(self.provider.clone()).versions(setup.versions).alpn(["echo"]);
        if let Some(sessions) = setup.sessions {
            client = client.sessions(Arc::<ClientCache>::clone(sessions));
            let counts = TicketCounts { full: 1, resumed: 1, ..TicketCounts::default() };
            server = server.ticket_counts(counts).early_data(EARLY_DATA);
        } else {
            client = client.no_tickets();
        }
        if setup.offers_early_data {
            client = client.early_data();
        }
        if let Some(groups) = setup.server_groups {
            server = server.groups(groups);
        }
        let chain: Vec<&[u8]> = self.server.chain().collect();
        server = server.credential(&chain, self.server.signing_key().clone())?;
        if setup.client_authenticates {
            let chain: Vec<&[u8]> = self.client.chain().collect();
            client = client.credential(&chain, self.client.signing_key().clone())?;
            server = server.require_client_certificates(roots);
        }
        Ok((client.build()?, server.build()?))
    }
}
