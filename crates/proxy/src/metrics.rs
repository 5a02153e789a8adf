//! Counters, and their text for Prometheus.

use crate::store::Store;
use alloc::{collections::BTreeMap, sync::Arc};
use cairn_tokio::tls::{Summary, wire::ProtocolVersion};
use core::{
    fmt::Write as _,
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
};
use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The counters of one listener.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Connections that are open.
    pub(crate) open: AtomicI64,
    pub(crate) accepted: AtomicU64,
    pub(crate) bytes_from_clients: AtomicU64,
    pub(crate) bytes_to_clients: AtomicU64,
    pub(crate) upstream_failures: AtomicU64,
    pub(crate) idle_ends: AtomicU64,
    pub(crate) early_data_bytes: AtomicU64,
    /// Handshakes by version, and whether a session was resumed.
    handshakes: [[AtomicU64; 2]; 2],
    /// Failed handshakes by reason.
    failures: Mutex<BTreeMap<String, u64>>,
}

impl Counters {
    pub(crate) fn handshake(&self, summary: Option<&Summary>) {
        let Some(summary) = summary else { return };
        let is_tls13 = summary.version() == ProtocolVersion::TLS_1_3;
        let [old, new] = &self.handshakes;
        let [full, resumed] = if is_tls13 { new } else { old };
        let counter = if summary.is_resumed() { resumed } else { full };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a failed handshake. Reasons are few: names of alerts, and fixed words.
    pub(crate) fn failure(&self, reason: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        *failures.entry(reason.to_owned()).or_default() += 1;
    }
}

/// The end of the validity of a certificate or of a certificate revocation list.
#[derive(Clone, Debug)]
pub(crate) struct Expiry {
    pub(crate) listener: String,
    pub(crate) file: String,
    pub(crate) kind: Expiring,
    /// In seconds since 1970.
    pub(crate) end: u64,
}

/// The kind of file that expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expiring {
    Certificate,
    /// A certificate revocation list.
    List,
}

impl Expiry {
    pub(crate) fn new(kind: Expiring, listener: &str, file: &Path, end: u64) -> Self {
        Self { listener: listener.to_owned(), file: file.display().to_string(), kind, end }
    }
}

/// All counters.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    /// By the name of the listener. They stay when a listener is removed.
    listeners: Mutex<BTreeMap<String, Arc<Counters>>>,
    expiry: Mutex<Vec<Expiry>>,
    store: Mutex<Option<Store>>,
    pub(crate) reloads: AtomicU64,
    pub(crate) failed_reloads: AtomicU64,
}

impl Metrics {
    /// The counters of a listener: those that it has, or new ones.
    pub(crate) fn of_listener(&self, name: &str) -> Arc<Counters> {
        let listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.get(name).cloned().unwrap_or_default()
    }

    /// Shows the counters of a listener from now on.
    pub(crate) fn show(&self, name: &str, counters: &Arc<Counters>) {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.insert(name.to_owned(), Arc::clone(counters));
    }

    pub(crate) fn set_expiry(&self, expiry: Vec<Expiry>) {
        *self.expiry.lock().unwrap_or_else(PoisonError::into_inner) = expiry;
    }

    pub(crate) fn set_store(&self, store: Option<Store>) {
        *self.store() = store;
    }

    fn store(&self) -> MutexGuard<'_, Option<Store>> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is no store of sessions, or it answers.
    pub(crate) fn store_is_available(&self) -> bool {
        self.store().as_ref().is_none_or(Store::is_available)
    }

    /// The text of Prometheus.
    pub(crate) fn text(&self) -> String {
        let mut text = Text::default();
        let listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let each = |text: &mut Text, name: &str, kind: &str, help: &str, value: fn(&Counters) -> i128| {
            text.head(name, kind, help);
            for (listener, counters) in &listeners {
                text.line(name, &[("listener", listener)], value(counters));
            }
        };
        each(&mut text, "cairn_connections_open", "gauge", "Connections that are open.", |c| {
            i128::from(c.open.load(Ordering::Relaxed))
        });
        each(&mut text, "cairn_connections_total", "counter", "Connections accepted.", |c| {
            i128::from(c.accepted.load(Ordering::Relaxed))
        });
        each(&mut text, "cairn_received_bytes_total", "counter", "Bytes from clients.", |c| {
            i128::from(c.bytes_from_clients.load(Ordering::Relaxed))
        });
        each(&mut text, "cairn_sent_bytes_total", "counter", "Bytes to clients.", |c| {
            i128::from(c.bytes_to_clients.load(Ordering::Relaxed))
        });
        each(&mut text, "cairn_upstream_failures_total", "counter", "Upstreams not reached.", |c| {
            i128::from(c.upstream_failures.load(Ordering::Relaxed))
        });
        each(
            &mut text,
            "cairn_early_data_bytes_total",
            "counter",
            "Bytes of early data, which the bytes from clients include.",
            |c| i128::from(c.early_data_bytes.load(Ordering::Relaxed)),
        );
        each(
            &mut text,
            "cairn_idle_ends_total",
            "counter",
            "Connections ended because they were idle.",
            |c| i128::from(c.idle_ends.load(Ordering::Relaxed)),
        );
        let name = "cairn_handshakes_total";
        text.head(name, "counter", "Handshakes with clients.");
        for (listener, counters) in &listeners {
            for (version, counts) in ["1.2", "1.3"].iter().zip(&counters.handshakes) {
                for (resumed, count) in ["false", "true"].iter().zip(counts) {
                    let labels = [("listener", &**listener), ("version", version), ("resumed", resumed)];
                    text.line(name, &labels, count.load(Ordering::Relaxed).into());
                }
            }
        }
        let name = "cairn_handshake_failures_total";
        text.head(name, "counter", "Failed handshakes with clients.");
        for (listener, counters) in &listeners {
            for (reason, count) in &*counters.failures.lock().unwrap_or_else(PoisonError::into_inner) {
                text.line(name, &[("listener", listener), ("reason", reason)], (*count).into());
            }
        }
        let expiry = self.expiry.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for (kind, name, label, help) in [
            (
                Expiring::Certificate,
                "cairn_certificate_expiry_seconds",
                "chain",
                "The end of the validity of a certificate, in seconds since 1970.",
            ),
            (
                Expiring::List,
                "cairn_crl_next_update_seconds",
                "crl",
                "The time until which a certificate revocation list is current, in seconds since 1970.",
            ),
        ] {
            text.head(name, "gauge", help);
            for each in expiry.iter().filter(|each| each.kind == kind) {
                text.line(name, &[("listener", &each.listener), (label, &each.file)], each.end.into());
            }
        }
        if let Some(store) = &*self.store() {
            let name = "cairn_session_store_up";
            text.head(name, "gauge", "Whether the store of sessions answers.");
            text.line(name, &[], store.is_available().into());
            let name = "cairn_session_store_events_total";
            text.head(name, "counter", "Events of the store of sessions.");
            for (event, count) in store.events() {
                text.line(name, &[("event", event)], count.into());
            }
        }
        let name = "cairn_reloads_total";
        text.head(name, "counter", "Reloads of the settings.");
        text.line(name, &[("result", "ok")], self.reloads.load(Ordering::Relaxed).into());
        text.line(name, &[("result", "failed")], self.failed_reloads.load(Ordering::Relaxed).into());
        text.0
    }
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _always = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: i128) {
        self.0.push_str(name);
        for (number, (label, text)) in labels.iter().enumerate() {
            self.0.push(if number == 0 { '{' } else { ',' });
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _always = write!(self.0, "{label}=\"{text}\"");
        }
        let end = if labels.is_empty() { "" } else { "}" };
        let _always = writeln!(self.0, "{end} {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_every_listener_and_escapes_labels() {
        let metrics = Metrics::default();
        let counters = metrics.of_listener("a\"b");
        metrics.show("a\"b", &counters);
        counters.accepted.fetch_add(2, Ordering::Relaxed);
        counters.failure("unknown_ca");
        let (chain, list) = (Expiring::Certificate, Expiring::List);
        metrics.set_expiry(vec![
            Expiry::new(chain, "a\"b", Path::new("x.pem"), 7),
            Expiry::new(list, "a\"b", Path::new("x.crl"), 8),
        ]);
        let text = metrics.text();
        for line in [
            "cairn_connections_total{listener=\"a\\\"b\"} 2",
            "cairn_handshake_failures_total{listener=\"a\\\"b\",reason=\"unknown_ca\"} 1",
            "cairn_certificate_expiry_seconds{listener=\"a\\\"b\",chain=\"x.pem\"} 7",
            "cairn_crl_next_update_seconds{listener=\"a\\\"b\",crl=\"x.crl\"} 8",
            "cairn_handshakes_total{listener=\"a\\\"b\",version=\"1.3\",resumed=\"true\"} 0",
        ] {
            assert!(text.lines().any(|other| other == line), "{line}\n{text}");
        }
    }
}
