//! s2n-tls through its crates' safe interface: streams with tokio's traits, which are polled by hand without
//! a runtime.
//!
//! Its policies have fixed names, and none permits only one version with one suite. Therefore in TLS 1.2 the
//! client's policy lacks TLS 1.3, and the server's prefers the suite to measure. In TLS 1.3 both ends have a
//! policy that prefers the suite and X25519, of which the client then sends its only share. No policy prefers
//! ChaCha20, and none makes a client send only a share of X25519MLKEM768. Sessions are resumed by ticket
//! only, because the crate does not expose the server's cache. It has no `psk_ke`, and no early data.

use crate::measure::Sides;
use crate::pipe::{Pipe, Way};
use crate::setup::{
    Bulk, Channel, End, Group, Key, Material, Psk, Resume, Setup, Shaken, Stack, Suite, Wire, Work,
};
use s2n_tls::{
    callbacks::{SessionTicket, SessionTicketCallback, VerifyHostNameCallback},
    config::{Builder, Config},
    connection::{Connection, ModifiedBuilder},
    enums::{ClientAuthType, Version},
    error::Error,
    security::Policy,
};
use s2n_tls_tokio::{TlsAcceptor, TlsConnector, TlsStream};
use std::{
    any::Any,
    pin::{Pin, pin},
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
    time::SystemTime,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub(crate) struct S2n {
    client: Config,
    server: Config,
    version: Version,
    suite: &'static str,
    /// A part of the name of the scheme that the server signs with.
    scheme: &'static str,
    ticket: Arc<Mutex<Option<Vec<u8>>>>,
    /// Whether this is a full handshake, which must use X25519.
    in_full: bool,
    resumed: bool,
}

/// The name that the certificates must have.
struct Localhost;

impl VerifyHostNameCallback for Localhost {
    fn verify_host_name(&self, name: &str) -> bool {
        name == "localhost"
    }
}

/// Of a client's certificate, only the chain is verified, as in the other stacks.
struct AnyClient;

impl VerifyHostNameCallback for AnyClient {
    fn verify_host_name(&self, _name: &str) -> bool {
        true
    }
}

/// Keeps the first ticket; a resumed handshake may issue another.
struct Keep(Arc<Mutex<Option<Vec<u8>>>>);

impl SessionTicketCallback for Keep {
    fn on_session_ticket(&self, _connection: &mut Connection, ticket: &SessionTicket) {
        let mut data = vec![0; ticket.len().expect("ticket")];
        ticket.data(&mut data).expect("ticket");
        self.0.lock().expect("lock").get_or_insert(data);
    }
}

/// The policies of client and server, and the suite that they select. `None` if there are none.
fn policies(setup: &Setup) -> Option<[&'static str; 3]> {
    const CLIENT: &str = "20240501";
    if setup.tls13.is_some() {
        if setup.group() == Group::Hybrid || setup.retry() {
            return None;
        }
        return match setup.suite {
            Suite::Aes128 => Some(["20240417", "20240417", "TLS_AES_128_GCM_SHA256"]),
            Suite::Aes256 => Some(["20190801", "20190801", "TLS_AES_256_GCM_SHA384"]),
            Suite::Chacha => None,
        };
    }
    let (policy, suite) = match (setup.suite, setup.key) {
        (Suite::Aes128, Key::Ecdsa) => {
            ("CloudFront-TLS-1-2-2021-no-sha1-no-pq", "ECDHE-ECDSA-AES128-GCM-SHA256")
        }
        (Suite::Aes128, Key::Rsa) => ("CloudFront-TLS-1-2-2021-no-sha1-no-pq", "ECDHE-RSA-AES128-GCM-SHA256"),
        // This policy prefers P-256 to X25519, which matters only in full handshakes.
        (Suite::Aes256, Key::Ecdsa) => ("CloudFront-Upstream-TLS-1-2", "ECDHE-ECDSA-AES256-GCM-SHA384"),
        (Suite::Aes256, Key::Rsa) | (Suite::Chacha, _) => return None,
    };
    Some([CLIENT, policy, suite])
}

impl S2n {
    pub(crate) fn new(setup: &Setup, material: &Material) -> Option<Self> {
        let [client_policy, policy, suite] = policies(setup)?;
        let with_tickets = match setup.resume {
            Resume::No => false,
            Resume::Ticket | Resume::Psk(Psk::KeyExchange) => true,
            Resume::Id | Resume::Psk(Psk::Alone | Psk::EarlyData) => return None,
        };
        let ticket = Arc::default();
        let client = config(client_policy, |client| {
            client.with_system_certs(false)?.trust_pem(material.authority.certificate_pem().as_bytes())?;
            client.set_verify_host_callback(Localhost)?;
            if with_tickets {
                client.set_session_ticket_callback(Keep(Arc::clone(&ticket)))?;
            }
            if setup.mutual {
                let (chain, key) = (material.client.chain_pem(), material.client.key().to_pem());
                client.load_pem(chain.as_bytes(), key.as_bytes())?;
                client.set_client_auth_type(ClientAuthType::Required)?;
            }
            Ok(())
        });
        let server = config(policy, |server| {
            let (chain, key) = (material.server.chain_pem(), material.server.key().to_pem());
            server.load_pem(chain.as_bytes(), key.as_bytes())?;
            if with_tickets {
                server.add_session_ticket_key(b"benchmark", &[7; 32], SystemTime::now())?;
            }
            if setup.mutual {
                server
                    .with_system_certs(false)?
                    .trust_pem(material.authority.certificate_pem().as_bytes())?;
                server.set_client_auth_type(ClientAuthType::Required)?;
                server.set_verify_host_callback(AnyClient)?;
            }
            Ok(())
        });
        let mut stack = Self {
            client,
            server,
            suite,
            scheme: if setup.key == Key::Rsa { "rsa_pss_rsae_" } else { "ecdsa_" },
            ticket,
            version: if setup.tls13.is_some() { Version::TLS13 } else { Version::TLS12 },
            in_full: setup.resume == Resume::No && setup.suite == Suite::Aes128,
            resumed: false,
        };
        if setup.resume != Resume::No {
            // The first handshake establishes the session.
            stack.shake();
            stack.resumed = true;
        }
        Some(stack)
    }

    fn pair(&self) -> (TlsStream<Pipe>, TlsStream<Pipe>, Shaken) {
        let (mut times, mut wire) = (Sides { times: 1, ..Sides::default() }, Wire::default());
        let (to_client, to_server) = (Way::default(), Way::default());
        let ticket = self.resumed.then(|| self.ticket.lock().expect("lock").clone().expect("ticket"));
        let ticket = ticket.as_deref();
        let client = self.client.clone();
        let connector =
            TlsConnector::new(ModifiedBuilder::new(client, |connection: &mut Connection| match ticket {
                Some(ticket) => connection.set_session_ticket(ticket),
                None => Ok(connection),
            }));
        let acceptor = TlsAcceptor::new(self.server.clone());
        // They do nothing before they are polled.
        let mut client = pin!(connector.connect("localhost", Pipe::new(&to_client, &to_server)));
        let mut server = pin!(acceptor.accept(Pipe::new(&to_server, &to_client)));
        let (mut client_done, mut server_done) = (None, None);
        while client_done.is_none() || server_done.is_none() {
            let sent = to_client.borrow().bytes.len();
            if client_done.is_none() {
                client_done = times.client(|| go_on(client.as_mut()));
            }
            wire.from_client.extend_from_slice(&to_server.borrow().bytes);
            if server_done.is_none() {
                server_done = times.server(|| go_on(server.as_mut()));
            }
            wire.from_server.extend_from_slice(to_client.borrow().bytes.get(sent..).unwrap_or_default());
        }
        let (mut client, server) = client_done.zip(server_done).expect("both are done");
        if self.version == Version::TLS13 {
            // The client reads the ticket, if there is one.
            let read = times.client(|| {
                let mut context = Context::from_waker(Waker::noop());
                Pin::new(&mut client).poll_read(&mut context, &mut ReadBuf::new(&mut [0]))
            });
            assert!(read.is_pending(), "no data");
        }
        for end in [&client, &server] {
            let connection: &Connection = end.as_ref();
            assert_eq!(connection.actual_protocol_version().ok(), Some(self.version), "as configured");
            assert_eq!(connection.cipher_suite().ok(), Some(self.suite), "as configured");
            assert_eq!(connection.resumed(), self.resumed, "as configured");
            if self.in_full || self.version == Version::TLS13 {
                assert_eq!(connection.selected_key_exchange_group(), Some("x25519"), "as configured");
            }
            if self.in_full {
                let scheme = connection.signature_scheme().expect("signature");
                assert!(scheme.contains(self.scheme) && scheme.ends_with("sha256"), "as configured");
            }
        }
        (client, server, Shaken { times, wire })
    }
}

fn config(policy: &str, set: impl FnOnce(&mut Builder) -> Result<(), Error>) -> Config {
    let mut builder = Builder::new();
    let policy = Policy::from_version(policy).expect("policy");
    builder.set_security_policy(&policy).expect("policy");
    set(&mut builder).expect("configuration");
    builder.build().expect("configuration")
}

/// The stream, after the handshake.
fn go_on(end: Pin<&mut impl Future<Output = Result<TlsStream<Pipe>, Error>>>) -> Option<TlsStream<Pipe>> {
    match end.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(stream) => Some(stream.expect("handshake")),
        Poll::Pending => None,
    }
}

impl Stack for S2n {
    fn shake(&mut self) -> Shaken {
        let (client, server, mut shaken) = self.pair();
        shaken.times.client(|| drop(client));
        shaken.times.server(|| drop(server));
        shaken
    }

    /// The interface cannot discard the chain.
    fn keep(&mut self, end: End, _chain: bool) -> Box<dyn Any> {
        let (mut client, mut server, _) = self.pair();
        client.get_ref().give_back();
        for one in [&mut client, &mut server] {
            let connection: &mut Connection = one.as_mut();
            connection.release_buffers().expect("release");
        }
        end.of(client, server)
    }

    fn key_updates(&mut self, _count: usize) -> Option<Box<dyn Channel>> {
        None
    }

    fn channel(&mut self, work: Work) -> Option<Box<dyn Channel>> {
        if work.bulk == Bulk::InPlace {
            return None;
        }
        let (mut client, server, _) = self.pair();
        // Records of maximum length; the default is half of that.
        let connection: &mut Connection = client.as_mut();
        connection.prefer_throughput().expect("records");
        let (data, came) = (vec![7; work.length], vec![0; work.length]);
        Some(Box::new(Data { client, server, work, data, came }))
    }
}

struct Data {
    client: TlsStream<Pipe>,
    server: TlsStream<Pipe>,
    work: Work,
    data: Vec<u8>,
    came: Vec<u8>,
}

impl Channel for Data {
    fn transfer(&mut self) -> Sides {
        let mut times = Sides { times: u32::try_from(self.work.count).expect("count"), ..Sides::default() };
        let Self { client, server, work, data, came } = self;
        let mut context = Context::from_waker(Waker::noop());
        times.client(|| {
            for _ in 0..work.count {
                let mut rest = data.as_slice();
                while !rest.is_empty() {
                    let sent = Pin::new(&mut *client).poll_write(&mut context, rest);
                    let Poll::Ready(Ok(sent)) = sent else { panic!("write") };
                    rest = &rest[sent..];
                }
            }
        });
        times.server(|| {
            for _ in 0..work.count {
                let mut buffer = ReadBuf::new(came);
                while buffer.remaining() > 0 {
                    let read = Pin::new(&mut *server).poll_read(&mut context, &mut buffer);
                    assert!(matches!(read, Poll::Ready(Ok(()))), "read");
                }
            }
        });
        times
    }
}
