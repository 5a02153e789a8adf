//! The HTTP server for metrics and health.

use crate::metrics::Metrics;
use alloc::sync::Arc;
use axum::{Router, http::StatusCode, routing::get};
use core::sync::atomic::{AtomicBool, Ordering};
use tokio::net::TcpListener;

/// Serves `/metrics` in the text form of Prometheus, and `/health`: `ok`, or the status 503 while the proxy
/// drains its connections. If the store of sessions does not answer, the text says so; the status stays 200,
/// because clients are served.
pub(crate) async fn serve(listener: TcpListener, metrics: Arc<Metrics>, draining: Arc<AtomicBool>) {
    let shown = Arc::clone(&metrics);
    let text = move || async move { shown.text() };
    let health = move || async move {
        if draining.load(Ordering::Relaxed) {
            (StatusCode::SERVICE_UNAVAILABLE, "draining\n")
        } else if metrics.store_is_available() {
            (StatusCode::OK, "ok\n")
        } else {
            (StatusCode::OK, "ok, but the session store does not answer: clients get full handshakes\n")
        }
    };
    let router = Router::new().route("/metrics", get(text)).route("/health", get(health));
    // It ends with the process.
    let _never = axum::serve(listener, router).await;
}
