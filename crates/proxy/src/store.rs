//! The store of sessions that several proxies share.

#[cfg(feature = "redis")]
mod shared {
    use crate::settings::sessions::Sessions;
    use alloc::sync::Arc;
    use cairn_redis::{RedisSessions, RootKey, redis};
    use cairn_tokio::{
        Answerer, TlsConnector,
        tls::{ClientConfig, ConfigError, Provider},
    };
    use core::{fmt, time::Duration};
    use redis::IntoConnectionInfo as _;
    use zeroize::Zeroizing;

    /// A store in use. A clone shares it.
    #[derive(Clone)]
    pub(crate) struct Store {
        settings: Arc<Used>,
        sessions: RedisSessions,
    }

    /// The settings of a store. If they are equal after a reload, the store stays.
    #[derive(PartialEq)]
    struct Used {
        url: String,
        password: Option<Zeroizing<String>>,
        /// In PEM.
        ca: Option<Vec<u8>>,
        root: RootKey,
        prefix: String,
        lifetime: u32,
        limit: Duration,
    }

    impl fmt::Debug for Store {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Store").field("prefix", &self.settings.prefix).finish_non_exhaustive()
        }
    }

    impl Store {
        /// Uses the store `earlier` if its settings are the same, or starts to connect. A store that cannot
        /// be reached is no error.
        pub(crate) fn open(
            settings: &Sessions,
            root_key: &[u8],
            password: Option<&[u8]>,
            ca: Option<&[u8]>,
            earlier: Option<&Self>,
            provider: &Provider,
        ) -> Result<Self, String> {
            let file = settings.root_key.display();
            let root = RootKey::new(root_key).map_err(|e| {
                format!("{file}: {e}; make it with: openssl rand -out {file} {}", RootKey::LEN)
            })?;
            let used = Used {
                url: settings.url.clone(),
                password: password.map(first_line).transpose()?,
                ca: ca.map(<[u8]>::to_vec),
                root,
                prefix: settings.prefix.clone(),
                lifetime: settings.lifetime_seconds,
                limit: settings.time_limit(),
            };
            if let Some(earlier) = earlier.filter(|earlier| *earlier.settings == used) {
                return Ok(earlier.clone());
            }
            let builder =
                RedisSessions::builder_with(Arc::new(provider.clone()), client(&used)?, used.root.clone());
            let mut builder = builder.prefix(&used.prefix).lifetime(used.lifetime).time_limit(used.limit);
            if let Some(ca) = &used.ca {
                builder = builder.tls(connector(ca, provider).map_err(|e| format!("ca: {e}"))?);
            }
            let sessions = builder.build().map_err(|e| e.to_string())?;
            Ok(Self { settings: Arc::new(used), sessions })
        }

        pub(crate) fn answerer(&self) -> Arc<dyn Answerer> {
            Arc::new(self.sessions.clone())
        }

        /// The lifetime of sessions in seconds.
        pub(crate) fn lifetime(&self) -> u32 {
            self.settings.lifetime
        }

        /// Whether the store has answered lately.
        pub(crate) fn is_available(&self) -> bool {
            !self.sessions.metrics().breaker_is_open
        }

        /// The number of each kind of events.
        pub(crate) fn events(&self) -> [(&'static str, u64); 14] {
            let metrics = self.sessions.metrics();
            [
                ("found", metrics.found),
                ("missing", metrics.missing),
                ("refused", metrics.refused),
                ("stored", metrics.stored),
                ("dropped", metrics.dropped),
                ("consumed", metrics.consumed),
                ("already_used", metrics.already_used),
                ("early_data_accepted", metrics.early_data_accepted),
                ("early_data_refused", metrics.early_data_refused),
                ("replays_refused", metrics.replays_refused),
                ("errors", metrics.errors),
                ("timeouts", metrics.timeouts),
                ("skipped", metrics.skipped),
                ("breaker_opened", metrics.breaker_opened),
            ]
        }

        /// Waits until the sessions of connections so far are written or dropped.
        pub(crate) async fn flush(&self) {
            self.sessions.flush().await;
        }
    }

    fn connector(ca: &[u8], provider: &Provider) -> Result<TlsConnector, ConfigError> {
        let config = ClientConfig::builder_with(provider.clone()).trust_pem(ca)?.build()?;
        Ok(TlsConnector::new(config))
    }

    fn client(used: &Used) -> Result<redis::Client, String> {
        let wrong = |e: redis::RedisError| format!("url: {e}");
        let mut info = used.url.as_str().into_connection_info().map_err(wrong)?;
        if info.redis_settings().password().is_some() {
            return Err("url has a password: put it into a file, and name that in password_file".into());
        }
        if let Some(password) = &used.password {
            let account = info.redis_settings().clone().set_password(password.as_str());
            info = info.set_redis_settings(account);
        }
        redis::Client::open(info).map_err(wrong)
    }

    fn first_line(bytes: &[u8]) -> Result<Zeroizing<String>, String> {
        let text = core::str::from_utf8(bytes).map_err(|_| "password_file is not UTF-8")?;
        let line = text.lines().next().filter(|line| !line.is_empty());
        let line = line.ok_or("password_file has no password in its first line")?;
        Ok(Zeroizing::new(line.to_owned()))
    }
}

#[cfg(feature = "redis")]
pub(crate) use shared::Store;

/// There is no store, because support for Redis is not compiled.
#[cfg(not(feature = "redis"))]
#[derive(Clone, Debug)]
pub(crate) enum Store {}

#[cfg(not(feature = "redis"))]
impl Store {
    /// Reports that there is no support for stores.
    pub(crate) fn open(
        _: &crate::settings::sessions::Sessions,
        _: &[u8],
        _: Option<&[u8]>,
        _: Option<&[u8]>,
        _: Option<&Self>,
        _: &cairn_tokio::tls::Provider,
    ) -> Result<Self, String> {
        Err("this program is built without the feature redis, so it cannot share sessions".into())
    }

    pub(crate) fn answerer(&self) -> alloc::sync::Arc<dyn cairn_tokio::Answerer> {
        match *self {}
    }

    pub(crate) fn lifetime(&self) -> u32 {
        match *self {}
    }

    pub(crate) fn is_available(&self) -> bool {
        match *self {}
    }

    pub(crate) fn events(&self) -> [(&'static str, u64); 14] {
        match *self {}
    }

    pub(crate) async fn flush(&self) {
        match *self {}
    }
}
