//! The settings.

use crate::{
    breaker::Breaker,
    connection::Target,
    error::SetupError,
    keys::{BaseKey, RootKey},
    link::Link,
    metrics::Counters,
    replay::Marker,
    ring::{MAX_ROTATIONS, Ring},
    sessions::RedisSessions,
    store::Store,
    writer::{self, REFRESH},
};
use alloc::{string::String, sync::Arc};
use cairn_tokio::{
    TlsConnector,
    tls::{Clock, Provider, SystemClock},
};
use core::{fmt, time::Duration};
use tokio::{runtime::Handle, sync::mpsc};

/// Sets up a [`RedisSessions`]. Servers that share sessions need the same root key, prefix, lifetime and
/// rotation.
#[must_use]
pub struct RedisSessionsBuilder {
    provider: Arc<Provider>,
    client: redis::Client,
    tls: Option<TlsConnector>,
    root: RootKey,
    prefix: String,
    lifetime: u32,
    rotation: u32,
    limit: Duration,
    max_failures: u32,
    pause: Duration,
    queue: usize,
    replay_window: Duration,
    clock: Arc<dyn Clock>,
}

impl RedisSessions {
    /// Sets up sessions in this store, with the default provider. All servers of the fleet need the same root
    /// key.
    #[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
    pub fn builder(client: redis::Client, root: RootKey) -> RedisSessionsBuilder {
        Self::builder_with(Arc::new(cairn_tokio::tls::default_provider()), client, root)
    }

    /// As [`RedisSessions::builder`], with another provider. All servers of the fleet need providers with the
    /// same AEADs.
    pub fn builder_with(
        provider: Arc<Provider>,
        client: redis::Client,
        root: RootKey,
    ) -> RedisSessionsBuilder {
        RedisSessionsBuilder::new(provider, client, root)
    }
}

impl RedisSessionsBuilder {
    fn new(provider: Arc<Provider>, client: redis::Client, root: RootKey) -> Self {
        Self {
            provider,
            client,
            tls: None,
            root,
            prefix: "cairn".into(),
            lifetime: 24 * 60 * 60,
            rotation: 12 * 60 * 60,
            limit: Duration::from_millis(50),
            max_failures: 5,
            pause: Duration::from_secs(1),
            queue: 1024,
            replay_window: Duration::from_secs(30),
            clock: Arc::new(SystemClock),
        }
    }

    /// Connects to the store by TLS. The address of the client is `redis://host:port/`, and the certificate
    /// of the store must be valid for its host. Without this, the connection is not encrypted, unless the
    /// crate `redis` is built with TLS of its own for `rediss://`.
    pub fn tls(mut self, connector: TlsConnector) -> Self {
        self.tls = Some(connector);
        self
    }

    /// The first part of the names of all records, `cairn` by default. Fleets with different prefixes share
    /// nothing.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The lifetime of a session in seconds, from its full handshake; 24 hours by default. The configuration
    /// of the servers has a lifetime too, and the shorter one applies.
    pub const fn lifetime(mut self, seconds: u32) -> Self {
        self.lifetime = seconds;
        self
    }

    /// The number of seconds for which a key seals sessions; 12 hours by default. It opens them for one
    /// lifetime more.
    pub const fn rotation(mut self, seconds: u32) -> Self {
        self.rotation = seconds;
        self
    }

    /// The time limit of each operation; 50 milliseconds by default. A handshake waits for at most three: to
    /// find a session, to use it up, and to start the window of early data.
    pub const fn time_limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// After `max_failures` failures in a row, no operation is tried for the time of `pause`, at most a day.
    /// Then one operation is tried. By default there are 5 failures and a pause of one second.
    pub const fn breaker(mut self, max_failures: u32, pause: Duration) -> Self {
        self.max_failures = max_failures;
        self.pause = pause;
        self
    }

    /// The maximum number of sessions that wait to be written or removed; 1024 by default. Further ones are
    /// dropped.
    pub const fn queue(mut self, sessions: usize) -> Self {
        self.queue = sessions;
        self
    }

    /// The time for which a ClientHello with early data is recorded; 30 seconds by default. It must be at
    /// least twice the window of the servers' policy (`EarlyDataPolicy::window`, 10 seconds by default), plus
    /// the difference between the clocks of any two servers. This is not checked.
    ///
    /// For this time after a start, a takeover or a loss of the store, early data is refused.
    pub const fn replay_window(mut self, window: Duration) -> Self {
        self.replay_window = window;
        self
    }

    /// Sets another clock than that of the system. It must be the one of the servers' configuration.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Starts to connect, and starts the task that writes sessions, in the current runtime of tokio. It ends
    /// after the last clone of the result has been dropped. It is no error if the store cannot be reached.
    ///
    /// # Errors
    /// [`SetupError::RotationTooShort`], [`SetupError::NoRuntime`], [`SetupError::Crypto`] or
    /// [`SetupError::NoHost`].
    pub fn build(self) -> Result<RedisSessions, SetupError> {
        if self.rotation == 0 || self.lifetime / self.rotation > MAX_ROTATIONS {
            return Err(SetupError::RotationTooShort);
        }
        let runtime = Handle::try_current().map_err(|_| SetupError::NoRuntime)?;
        let base = Arc::new(BaseKey::new(self.provider, &self.root, &self.prefix)?);
        let target = Target::new(self.client, self.tls)?;
        let counters = Arc::new(Counters::default());
        let breaker = Breaker::new(self.max_failures, self.pause);
        let store = Arc::new(Store {
            ring: Arc::new(Ring::new(Arc::clone(&base), self.rotation, self.lifetime)),
            link: Link::new(target, self.limit, breaker, Arc::clone(&counters)),
            marker: Marker::new(base.plain("early"), self.replay_window),
            base,
            counters,
            clock: self.clock,
            lifetime: self.lifetime,
        });
        let (jobs, queue) = mpsc::channel(self.queue.max(1));
        let refresh = Duration::from_secs(self.rotation.into()) / 4;
        runtime.spawn(writer::run(Arc::clone(&store), queue, refresh.min(REFRESH)));
        Ok(RedisSessions { store, jobs })
    }
}

impl fmt::Debug for RedisSessionsBuilder {
    // The client contains a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisSessionsBuilder").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

#[cfg(all(test, any(feature = "aws-lc", feature = "rustcrypto")))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn builder() -> RedisSessionsBuilder {
        let client = redis::Client::open("redis://:secret@127.0.0.1:1/").unwrap();
        RedisSessions::builder(client, RootKey::new(&[1; 32]).unwrap())
    }

    #[test]
    fn a_runtime_is_needed() {
        assert!(matches!(builder().build(), Err(SetupError::NoRuntime)));
    }

    #[tokio::test]
    async fn at_most_sixteen_rotations_are_in_a_lifetime() {
        for (lifetime, rotation) in [(1, 0), (170, 10), (u32::MAX, 1)] {
            let built = builder().lifetime(lifetime).rotation(rotation).build();
            assert!(matches!(built, Err(SetupError::RotationTooShort)), "{lifetime} {rotation}");
        }
        builder().lifetime(169).rotation(10).build().unwrap();
    }

    #[tokio::test]
    async fn a_provider_without_the_aeads_of_tickets_is_refused() {
        let mut provider = cairn_tokio::tls::default_provider();
        provider.aeads.clear();
        let client = redis::Client::open("redis://127.0.0.1:1/").unwrap();
        let root = RootKey::new(&[1; 32]).unwrap();
        let built = RedisSessions::builder_with(Arc::new(provider), client, root).build();
        assert!(matches!(built, Err(SetupError::Crypto(_))));
    }

    #[tokio::test]
    async fn the_password_of_the_store_is_not_printed() {
        let shown = alloc::format!("{:?}", builder());
        assert!(!shown.contains("secret"), "{shown}");
        let shown = alloc::format!("{:?}", builder().build().unwrap());
        assert!(!shown.contains("secret"), "{shown}");
    }
}
