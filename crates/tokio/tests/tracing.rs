//! Events of the crate `tracing`.
#![cfg(all(feature = "tracing", feature = "aws-lc"))]
#![allow(
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    missing_docs,
    reason = "a test fails by panicking"
)]

use cairn_tokio::{
    TlsAcceptor, TlsConnector, Tracing,
    tls::{ClientConfig, ServerConfig, ServerName, crypto::KeySpec, x509::issue::Template},
};
use core::fmt::Write;
use std::sync::{Arc, Mutex};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

/// Keeps a line for each event.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn core::fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(format!("{} {}", event.metadata().level(), event.metadata().target()));
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[test]
fn handshakes_are_events_with_their_parameters() {
    let lines = Lines::default();
    let template = Template::server("localhost").dns("localhost").valid(0, 4_000_000_000);
    let identity = template.self_signed(&cairn_tokio::tls::default_provider(), KeySpec::EcP256).unwrap();
    let chain: Vec<&[u8]> = identity.chain().collect();
    let server = ServerConfig::builder().credential(&chain, identity.signing_key().clone()).unwrap();
    let client = ClientConfig::builder().trust_pem(identity.certificate_pem().as_bytes()).unwrap();
    let client = TlsConnector::new(client.build().unwrap()).observer(Tracing);
    let server = TlsAcceptor::new(server.build().unwrap()).observer(Tracing);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tracing::subscriber::with_default(lines.clone(), || {
        runtime.block_on(async {
            let name = |name| ServerName::parse(name).unwrap();
            let (near, far) = tokio::io::duplex(100_000);
            let (connected, accepted) =
                tokio::join!(client.connect(name("localhost"), near), server.accept(far));
            connected.unwrap();
            accepted.unwrap();
            let (near, far) = tokio::io::duplex(100_000);
            let (connected, _) = tokio::join!(client.connect(name("other"), near), server.accept(far));
            connected.unwrap_err();
        });
    });
    let lines = lines.0.lock().unwrap();
    let of = |level: &str, role: &str| {
        lines.iter().find(|line| line.starts_with(level) && line.contains(role)).unwrap()
    };
    for role in ["role=\"client\"", "role=\"server\""] {
        let complete = of("DEBUG cairn_tokio", role);
        for field in
            ["version=TLS 1.3", "group=X25519MLKEM768", "resumed=false", "suite=TLS_AES_128_GCM_SHA256"]
        {
            assert!(complete.contains(field), "{complete}");
        }
        assert!(of("WARN cairn_tokio", role).contains("error="));
    }
    assert!(of("WARN cairn_tokio", "role=\"client\"").contains("alert=bad_certificate"), "{lines:?}");
}
