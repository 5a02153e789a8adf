//! The proxy: its listeners, reloads, and the end.

use crate::{
    admin, connection,
    kept::Kept,
    load::{self, Loaded},
    log::Log,
    metrics::{Expiring, Expiry, Metrics},
    rates,
    service::Service,
    settings::Settings,
    transport::{Address, Socket},
};
use alloc::{collections::BTreeMap, sync::Arc};
use cairn_tokio::Reloader;
use core::{
    future::pending,
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError, RwLock},
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::{JoinSet, spawn_blocking},
    time::{Instant, sleep, timeout},
};

/// The time before the end of a certificate at which log lines call it soon, in days.
const SOON: i64 = 14;

/// The time that sessions have to be written to their store at the end.
const FLUSH_LIMIT: Duration = Duration::from_secs(1);

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
    watch: Option<Watch>,
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

/// The files that are checked for changes.
#[derive(Debug)]
struct Watch {
    period: Duration,
    /// The settings, and the files that they name.
    files: Arc<Mutex<[Reloader; 2]>>,
    /// Whether one has changed since the last reload.
    has_changed: Arc<AtomicBool>,
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
        let own = Reloader::new([file], || Ok(()));
        let settings = Settings::read(file)?;
        let (log, drain) = (Log::new(settings.log), Duration::from_secs(settings.drain_seconds));
        let admin = settings.admin.clone();
        let mut proxy = Self {
            file: file.to_owned(),
            log,
            metrics: Arc::new(Metrics::default()),
            kept: Kept::default(),
            drain,
            draining: Arc::new(AtomicBool::new(false)),
            admin: None,
            watch: None,
            listeners: BTreeMap::new(),
            connections: Connections { open: watch::Sender::new(()) },
        };
        proxy.apply(settings, own).await?;
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
        if let Some(watch) = &self.watch {
            watch.has_changed.store(false, Ordering::Release);
        }
        let own = Reloader::new([&self.file], || Ok(()));
        let reloaded = match Settings::read(&self.file) {
            Ok(settings) => self.apply(settings, own).await,
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

    /// Returns when the settings or a file that they name has changed since the last reload; never if the
    /// settings have no `watch_seconds`. Call [`Proxy::reload`] then. This is cancel safe.
    ///
    /// Files that belong together change one after the other. A reload in between fails and changes nothing,
    /// and the change of the next file is seen too. After a reload that failed, the files of the new settings
    /// are checked.
    pub async fn changed(&self) {
        let Some(watch) = &self.watch else { return pending().await };
        while !watch.has_changed.load(Ordering::Acquire) {
            sleep(watch.period).await;
            let (files, has_changed) = (Arc::clone(&watch.files), Arc::clone(&watch.has_changed));
            let check = move || {
                let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
                // The functions of these reloaders cannot fail. Each must see its changes.
                if files.each_mut().map(|files| files.check().unwrap_or(true)).contains(&true) {
                    has_changed.store(true, Ordering::Release);
                }
            };
            // It runs to its end, whether or not somebody waits.
            let _done = spawn_blocking(check).await;
        }
    }

    async fn apply(&mut self, mut settings: Settings, own: Reloader) -> Result<(), String> {
        let (drain, log) = (Duration::from_secs(settings.drain_seconds), Log::new(settings.log));
        // The state of the files before they are read, so that no later change is missed.
        let named = Reloader::new(settings.paths_mut().map(|path| path.clone()), || Ok(()));
        // Even if these files cannot be used: they are the ones that will be mended.
        let files = Arc::new(Mutex::new([own, named]));
        let has_changed = Arc::default();
        self.watch = settings.watch_period().map(|period| Watch { period, files, has_changed });
        // Everything that can fail comes first.
        let (earlier, metrics) = (self.kept.clone(), Arc::clone(&self.metrics));
        let loading = spawn_blocking(move || load::load(settings, &earlier, &metrics));
        let loaded = loading.await.map_err(|e| format!("the settings could not be loaded: {e}"))?;
        let Loaded { services, kept, expiry } = loaded?;
        let mut sockets = BTreeMap::new();
        for service in &services {
            if !self.listeners.contains_key(&service.address) {
                let at = |e| format!("listener {:?}: {}: {e}", service.settings.name, service.address);
                sockets.insert(service.address.clone(), Socket::bind(&service.address).await.map_err(at)?);
            }
        }
        (self.drain, self.log) = (drain, log);
        self.metrics.set_store(kept.store.clone());
        self.kept = kept;
        expiry.iter().for_each(|each| report(log, each));
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
        if let Some(store) = &self.kept.store {
            // A store that does not answer loses these sessions.
            let _lost = timeout(FLUSH_LIMIT, store.flush()).await;
        }
    }
}

/// Reports the end of a certificate or of a certificate revocation list.
fn report(log: Log, expiry: &Expiry) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let day = 24 * 60 * 60;
    let days = i128::from(expiry.end).saturating_sub(i128::from(now)).div_euclid(day);
    let days = i64::try_from(days).unwrap_or(i64::MAX);
    let (event, field) = match (expiry.kind, days) {
        (Expiring::Certificate, ..0) => ("a certificate has expired", "chain"),
        (Expiring::Certificate, ..SOON) => ("a certificate expires soon", "chain"),
        (Expiring::Certificate, _) => ("certificate", "chain"),
        (Expiring::List, ..0) => ("a certificate revocation list is stale", "crl"),
        (Expiring::List, _) => ("certificate revocation list", "crl"),
    };
    let fields =
        [("listener", json!(expiry.listener)), (field, json!(expiry.file)), ("days_left", json!(days))];
    log.line(event, &fields);
}

/// Accepts connections for ever.
async fn accept(
    socket: Socket,
    service: Arc<RwLock<Arc<Service>>>,
    places: Arc<Semaphore>,
    open: watch::Receiver<()>,
) {
    let current = || Arc::clone(&service.read().unwrap_or_else(PoisonError::into_inner));
    let mut spent = None;
    loop {
        let slot = take(&places).await;
        // The rate of this moment, because a reload may have changed it.
        while let Some(rate) = current().settings.connections_per_second
            && let Err(wait) = rates::admit(spent, rate, Instant::now())
        {
            sleep(wait).await;
        }
        match socket.accept().await {
            Ok((io, addresses)) => {
                let rate = current().settings.connections_per_second;
                spent = rate.and_then(|rate| rates::admit(spent, rate, Instant::now()).ok());
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
