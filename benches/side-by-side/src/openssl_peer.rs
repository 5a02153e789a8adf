//! The system's OpenSSL, with one version only. No resumption: the binding can set a client's session only
//! with `unsafe`. It cannot update keys either.

use crate::measure::Sides;
use crate::pipe::{Pipe, Way};
use crate::setup::{
    Bulk, Channel, End, Group, Key, Material, Resume, Setup, Shaken, Stack, Suite, Wire, Work,
};
use openssl::{
    pkey::{Id, PKey},
    ssl::{
        ErrorCode, Ssl, SslContext, SslContextBuilder, SslMethod, SslMode, SslOptions, SslSessionCacheMode,
        SslStream, SslVerifyMode, SslVersion,
    },
    x509::X509,
};
use std::{
    any::Any,
    io::{Read, Write},
};

pub(crate) struct OpenSsl {
    client: SslContext,
    server: SslContext,
    group: Group,
}

impl OpenSsl {
    pub(crate) fn new(setup: &Setup, material: &Material) -> Option<Self> {
        if setup.resume != Resume::No {
            return None;
        }
        // The client sends a share of the first of its groups.
        let (client_groups, server_groups) = match setup.group() {
            // OpenSSL has it since 3.5.
            Group::Hybrid => ("X25519MLKEM768", "X25519MLKEM768"),
            Group::X25519 if setup.retry() => ("P-256:X25519", "X25519"),
            Group::X25519 => ("X25519:P-256", "X25519:P-256"),
        };
        let mut client = context(setup, client_groups)?;
        let mut server = context(setup, server_groups)?;
        trust(&mut client, material);
        show(&mut server, &material.server.chain_pem(), &material.server.key().to_pem());
        client.set_verify(SslVerifyMode::PEER);
        if setup.mutual {
            trust(&mut server, material);
            let authority = X509::from_der(material.authority.certificate()).expect("authority");
            server.add_client_ca(&authority).expect("authority");
            server.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
            show(&mut client, &material.client.chain_pem(), &material.client.key().to_pem());
        }
        Some(Self { client: client.build(), server: server.build(), group: setup.group() })
    }

    fn pair(&self) -> (SslStream<Pipe>, SslStream<Pipe>, Shaken) {
        let (mut times, mut wire) = (Sides { times: 1, ..Sides::default() }, Wire::default());
        let (to_client, to_server) = (Way::default(), Way::default());
        let mut client = times.client(|| {
            let mut ssl = Ssl::new(&self.client).expect("client");
            ssl.set_hostname("localhost").expect("name");
            ssl.param_mut().set_host("localhost").expect("name");
            ssl.set_connect_state();
            SslStream::new(ssl, Pipe::new(&to_client, &to_server)).expect("client")
        });
        let mut server = times.server(|| {
            let mut ssl = Ssl::new(&self.server).expect("server");
            ssl.set_accept_state();
            SslStream::new(ssl, Pipe::new(&to_server, &to_client)).expect("server")
        });
        let (mut client_done, mut server_done) = (false, false);
        while !(client_done && server_done) {
            client_done = times.client(|| go_on(&mut client));
            wire.from_client.extend_from_slice(&to_server.borrow().bytes);
            server_done = times.server(|| go_on(&mut server));
            wire.from_server.extend_from_slice(&to_client.borrow().bytes);
        }
        assert!(!client.ssl().session_reused() && !server.ssl().session_reused(), "as configured");
        if self.group == Group::X25519 {
            let share = client.ssl().peer_tmp_key().expect("share");
            assert_eq!(share.id(), Id::X25519, "as configured");
        }
        (client, server, Shaken { times, wire })
    }
}

/// `None` if OpenSSL does not have the groups.
fn context(setup: &Setup, groups: &str) -> Option<SslContextBuilder> {
    let mut context = SslContext::builder(SslMethod::tls()).expect("context");
    let version = if setup.tls13.is_some() { SslVersion::TLS1_3 } else { SslVersion::TLS1_2 };
    context.set_min_proto_version(Some(version)).expect("version");
    context.set_max_proto_version(Some(version)).expect("version");
    context.set_groups_list(groups).ok()?;
    let of_tls13 = match setup.suite {
        Suite::Aes128 => "TLS_AES_128_GCM_SHA256",
        Suite::Aes256 => "TLS_AES_256_GCM_SHA384",
        Suite::Chacha => "TLS_CHACHA20_POLY1305_SHA256",
    };
    context.set_ciphersuites(of_tls13).expect("suite");
    context.set_num_tickets(0).expect("tickets");
    let suite = match (setup.suite, setup.key) {
        (Suite::Aes128, Key::Ecdsa) => "ECDHE-ECDSA-AES128-GCM-SHA256",
        (Suite::Aes256, Key::Ecdsa) => "ECDHE-ECDSA-AES256-GCM-SHA384",
        (Suite::Chacha, Key::Ecdsa) => "ECDHE-ECDSA-CHACHA20-POLY1305",
        (Suite::Aes128, Key::Rsa) => "ECDHE-RSA-AES128-GCM-SHA256",
        (Suite::Aes256, Key::Rsa) => "ECDHE-RSA-AES256-GCM-SHA384",
        (Suite::Chacha, Key::Rsa) => "ECDHE-RSA-CHACHA20-POLY1305",
    };
    context.set_cipher_list(suite).expect("suite");
    context.set_sigalgs_list("ECDSA+SHA256:rsa_pss_rsae_sha256").expect("schemes");
    context.set_options(SslOptions::NO_TICKET);
    // The chain is sent as it is; by default OpenSSL would add the root from its trust store.
    context.set_mode(SslMode::NO_AUTO_CHAIN);
    if setup.frugal {
        context.set_mode(SslMode::RELEASE_BUFFERS);
    }
    context.set_session_cache_mode(SslSessionCacheMode::OFF);
    Some(context)
}

fn trust(context: &mut SslContextBuilder, material: &Material) {
    let authority = X509::from_der(material.authority.certificate()).expect("authority");
    context.cert_store_mut().add_cert(authority).expect("authority");
}

fn show(context: &mut SslContextBuilder, chain: &str, key: &str) {
    let mut chain = X509::stack_from_pem(chain.as_bytes()).expect("chain").into_iter();
    context.set_certificate(&chain.next().expect("certificate")).expect("certificate");
    for issuer in chain {
        context.add_extra_chain_cert(issuer).expect("chain");
    }
    context.set_private_key(&PKey::private_key_from_pem(key.as_bytes()).expect("key")).expect("key");
}

/// Returns `true` when the handshake is complete.
fn go_on(end: &mut SslStream<Pipe>) -> bool {
    match end.do_handshake() {
        Ok(()) => true,
        Err(error) if error.code() == ErrorCode::WANT_READ => false,
        Err(error) => panic!("handshake: {error}"),
    }
}

impl Stack for OpenSsl {
    fn shake(&mut self) -> Shaken {
        let (client, server, mut shaken) = self.pair();
        shaken.times.client(|| drop(client));
        shaken.times.server(|| drop(server));
        shaken
    }

    /// The interface cannot discard the chain.
    fn keep(&mut self, end: End, _chain: bool) -> Box<dyn Any> {
        let (client, server, _) = self.pair();
        client.get_ref().give_back();
        end.of(client, server)
    }

    fn channel(&mut self, work: Work) -> Option<Box<dyn Channel>> {
        if work.bulk == Bulk::InPlace {
            return None;
        }
        let (client, server, _) = self.pair();
        let (data, came) = (vec![7; work.length], vec![0; work.length]);
        Some(Box::new(Data { client, server, work, data, came }))
    }

    fn key_updates(&mut self, _count: usize) -> Option<Box<dyn Channel>> {
        None
    }
}

struct Data {
    client: SslStream<Pipe>,
    server: SslStream<Pipe>,
    work: Work,
    data: Vec<u8>,
    came: Vec<u8>,
}

impl Channel for Data {
    fn transfer(&mut self) -> Sides {
        let mut times = Sides { times: u32::try_from(self.work.count).expect("count"), ..Sides::default() };
        let Self { client, server, work, data, came } = self;
        times.client(|| (0..work.count).for_each(|_| client.write_all(data).expect("write")));
        times.server(|| (0..work.count).for_each(|_| server.read_exact(came).expect("read")));
        times
    }
}
