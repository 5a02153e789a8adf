//! The proxy: its listeners, reloads, and the end.

use crate::{
    admin, connection,
    load::{self, Kept, Service},
    log::Log,
    metrics::Metrics,
    settings::Settings,
    transport::{Address, Socket},
};
use alloc::{collections::BTreeMap, sync::Arc};
use core::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock},
};
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

/// A running proxy.
#[derive(Debug)]
pub struct Proxy {
    file: PathBuf,
    log: Log,
    metrics: Arc<Metrics>,
    kept: Kept,
    drain: Duration,
    draining: Arc<AtomicBool>,
    admin: Option<SocketAddr>,
    listeners: BTreeMap<Address, Running>,
    connections: Connections,
}

/// A socket with the service of its connections, which a reload replaces.
#[derive(Debug)]
struct Running {
    name: String,
    service: Arc<RwLock<Arc<Service>>>,
    local: Option<SocketAddr>,
    slots: Slots,
    /// Dropping it ends the task that accepts connections.
    _accepting: JoinSet<()>,
}

/// The open connections. All of them hold a receiver.
#[derive(Debug)]
struct Connections {
    open: watch::Sender<()>,
}

impl Proxy {
    /// Reads the settings and starts all listeners.
    ///
    /// # Errors
    /// A message: the settings are wrong, a file that they name is, or an address cannot be used.
    pub async fn start(file: &Path) -> Result<Self, String> {
        let settings = Settings::read(file)?;
        let (log, drain) = (Log::new(settings.log), Duration::from_secs(settings.drain_seconds));
        let admin = settings.admin.clone();
        let mut proxy = Self {
            file: file.to_owned(),
            log,
            metrics: Arc::new(Metrics::default()),
            kept: Kept::new(),
            drain,
            draining: Arc::new(AtomicBool::new(false)),
            admin: None,
            listeners: BTreeMap::new(),
            connections: Connections { open: watch::Sender::new(()) },
        };
        proxy.apply(settings).await?;
        if let Some(address) = admin {
            let at = |e| format!("admin = {address:?}: {e}");
            let listener = TcpListener::bind(&address).await.map_err(at)?;
            proxy.admin = listener.local_addr().ok();
            tokio::spawn(admin::serve(listener, Arc::clone(&proxy.metrics), Arc::clone(&proxy.draining)));
        }
        Ok(proxy)
    }

    /// The address of each TCP listener, by name.
    pub fn addresses(&self) -> impl Iterator<Item = (&str, SocketAddr)> {
        self.listeners.values().filter_map(|running| Some((&*running.name, running.local?)))
    }

    /// The address of the HTTP server for metrics and health.
    #[must_use]
    pub const fn admin(&self) -> Option<SocketAddr> {
        self.admin
    }

    /// Reads the settings again. Listeners whose address stays keep their socket and their open connections.
    /// If anything is wrong, everything stays as it was.
    ///
    /// # Errors
    /// As [`Proxy::start`]. It is logged too.
    pub async fn reload(&mut self) -> Result<(), String> {
        let reloaded = match Settings::read(&self.file) {
            Ok(settings) => self.apply(settings).await,
            Err(error) => Err(error),
        };
        match &reloaded {
            Ok(()) => {
                self.metrics.reloads.fetch_add(1, Ordering::Relaxed);
                self.log.line("reloaded", &[]);
            }
            Err(error) => {
                self.metrics.failed_reloads.fetch_add(1, Ordering::Relaxed);
                self.log.line("not reloaded, the old settings stay in use", &[("reason", json!(error))]);
            }
        }
        reloaded
    }

    async fn apply(&mut self, settings: Settings) -> Result<(), String> {
        let (drain, log) = (Duration::from_secs(settings.drain_seconds), Log::new(settings.log));
        // Everything that can fail comes first.
        let (services, expiry) = load::services(settings, &self.kept, &self.metrics)?;
        let mut sockets = BTreeMap::new();
        for service in &services {
            if !self.listeners.contains_key(&service.address) {
                let at = |e| format!("listener {:?}: {}: {e}", service.settings.name, service.address);
                sockets.insert(service.address.clone(), Socket::bind(&service.address).await.map_err(at)?);
            }
        }
        (self.drain, self.log) = (drain, log);
        self.metrics.set_expiry(expiry);
        let mut old = core::mem::take(&mut self.listeners);
        for service in services {
            self.metrics.show(&service.settings.name, &service.counters);
            let (address, service) = (service.address.clone(), Arc::new(service));
            let running = match (old.remove(&address), sockets.remove(&address)) {
                (Some(mut running), _) => {
                    *running.service.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&service);
                    running.name.clone_from(&service.settings.name);
                    running.slots.resize(service.settings.max_connections);
                    running
                }
                (None, Some(socket)) => self.run(service, socket),
                // Every new address has a socket.
                (None, None) => continue,
            };
            self.listeners.insert(address, running);
        }
        Ok(())
    }

    fn run(&self, service: Arc<Service>, socket: Socket) -> Running {
        let (name, local) = (service.settings.name.clone(), socket.local_addr());
        let slots = Slots::new(service.settings.max_connections);
        let service = Arc::new(RwLock::new(service));
        let (places, open) = (Arc::clone(&slots.places), self.connections.open.subscribe());
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(socket, Arc::clone(&service), places, open));
        Running { name, service, local, slots, _accepting: accepting }
    }

    /// Stops to accept connections, and waits until those that are open have ended or the time limit of the
    /// settings has passed.
    pub async fn stop(mut self) {
        self.draining.store(true, Ordering::Relaxed);
        self.listeners.clear();
        let open = self.connections.open;
        self.log.line("stopping", &[("connections", json!(open.receiver_count()))]);
        if timeout(self.drain, open.closed()).await.is_err() {
            self.log.line("stopped with open connections", &[("connections", json!(open.receiver_count()))]);
        }
    }
}

/// Accepts connections for ever.
async fn accept(
    socket: Socket,
    service: Arc<RwLock<Arc<Service>>>,
    places: Arc<Semaphore>,
    open: watch::Receiver<()>,
) {
    let current = || Arc::clone(&service.read().unwrap_or_else(PoisonError::into_inner));
    loop {
        let slot = take(&places).await;
        match socket.accept().await {
            Ok((io, addresses)) => {
                // The service of this moment, not that of the call before.
                let (service, open) = (current(), open.clone());
                tokio::spawn(async move {
                    connection::serve(service, io, addresses).await;
                    drop((slot, open));
                });
            }
            Err(error) => {
                // A client that is already gone, or too many open files: both are temporary.
                current().log.line("no connection", &[("reason", json!(error.to_string()))]);
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// The places for connections of one listener.
#[derive(Debug)]
struct Slots {
    places: Arc<Semaphore>,
    size: usize,
}

impl Slots {
    fn new(size: usize) -> Self {
        let size = size.min(Semaphore::MAX_PERMITS);
        Self { places: Arc::new(Semaphore::new(size)), size }
    }

    /// Another size. If it is smaller, places go as connections end.
    fn resize(&mut self, size: usize) {
        let size = size.min(Semaphore::MAX_PERMITS);
        if let Some(more) = size.checked_sub(self.size) {
            self.places.add_permits(more);
        } else {
            let places = Arc::clone(&self.places);
            let fewer = u32::try_from(self.size.saturating_sub(size)).unwrap_or(u32::MAX);
            tokio::spawn(async move {
                // The semaphore is never closed.
                if let Ok(permits) = places.acquire_many_owned(fewer).await {
                    permits.forget();
                }
            });
        }
        self.size = size;
    }
}

/// A place, as soon as there is one.
async fn take(places: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
    // The semaphore is never closed.
    Arc::clone(places).acquire_owned().await.ok()
}
