//! A web server that obtains and renews its certificate by ACME (RFC 8555), with `instant-acme`.
//!
//! It proves the control of its name on its own port, by the challenge `tls-alpn-01` (RFC 8737): the
//! authority connects with the application protocol `acme-tls/1`, and only such connections get the
//! certificate of the challenge. Nothing else has to listen, and no connection is interrupted. `instant-acme`
//! sends its requests through `HttpsConnector`.
//!
//! ```text
//! cargo run --manifest-path examples/acme/Cargo.toml -- \
//!     https://localhost:14000/dir pebble-ca.pem www.example.com 127.0.0.1:5001
//! ```
//!
//! The arguments are the directory of the authority, the file with the root of the directory's own
//! certificate, the name, and the address to listen on. The tests run Pebble, an authority for tests. A real
//! program also keeps account and certificate in files, because authorities limit how many they issue.

mod challenge;
mod http;
#[cfg(test)]
mod pebble;
#[cfg(test)]
mod tests;

use axum::{Router, routing::get};
use cairn_tokio::{
    TlsAcceptor, TlsListener,
    tls::{
        ClientConfig, ConfigError, ServerConfig,
        crypto::KeySpec,
        default_provider,
        x509::{CertificateFacts, issue::Template, pem},
    },
};
use challenge::Challenges;
use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Identifier, NewAccount, NewOrder, Order, OrderStatus,
    RetryPolicy,
};
use std::{
    env, fs,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// How long to wait for the authority.
const PATIENCE: RetryPolicy = RetryPolicy::new().timeout(Duration::from_secs(60));

type Error = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [directory, ca, name, address] = arguments.as_slice() else {
        return Err("the arguments are: DIRECTORY-URL CA-FILE NAME ADDRESS:PORT".into());
    };
    let trust = ClientConfig::builder().trust_pem(&fs::read(ca)?)?.build()?;
    let server = Server::start(tokio::net::TcpListener::bind(address).await?, name)?;
    let account = account(directory, trust).await?;
    loop {
        // A third of the lifetime is left for renewals that fail.
        let wait = match server.renew(&account).await {
            Ok(not_after) => {
                println!("there is a certificate, valid until {not_after} (seconds since 1970)");
                (until(not_after)? * 2 / 3).max(Duration::from_secs(60))
            }
            Err(error) => {
                eprintln!("the certificate was not renewed: {error}");
                Duration::from_secs(3600)
            }
        };
        tokio::time::sleep(wait).await;
    }
}

/// The time from now to this second since 1970.
fn until(second: u64) -> Result<Duration, Error> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(Duration::from_secs(second).saturating_sub(now))
}

/// A new account. The authority gets its key, and no other data.
async fn account(directory: &str, trust: ClientConfig) -> Result<Account, Error> {
    let new = NewAccount { contact: &[], terms_of_service_agreed: true, only_return_existing: false };
    let builder = Account::builder_with_http(Box::new(http::Client::new(trust)));
    let (account, _credentials) = builder.create(&new, directory.to_owned(), None).await?;
    Ok(account)
}

/// A running server.
struct Server {
    name: String,
    acceptor: TlsAcceptor,
    challenges: Challenges,
}

impl Server {
    /// Serves clients. The first certificate is self-signed, so clients do not trust the server yet.
    fn start(tcp: tokio::net::TcpListener, name: &str) -> Result<Self, Error> {
        let template = Template::server(name).dns(name).valid(0, 4_000_000_000);
        let identity = template.self_signed(&default_provider(), KeySpec::EcP256)?;
        let challenges = Challenges::default();
        let acceptor = TlsAcceptor::new(config(&identity.chain_pem(), &identity.key().to_pem())?);
        let acceptor = acceptor.answerer(challenges.clone());
        let listener = TlsListener::new(tcp, acceptor.clone())
            .on_failure(|address, failed| eprintln!("{address} failed: {failed}"));
        let app = Router::new().route("/", get(|| async { "hello\n" }));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { name: name.to_owned(), acceptor, challenges })
    }

    /// Obtains a certificate with a new key. New connections have it from then on. Returns the last second of
    /// its validity.
    async fn renew(&self, account: &Account) -> Result<u64, Error> {
        let names = [Identifier::Dns(self.name.clone())];
        let mut order = account.new_order(&NewOrder::new(&names)).await?;
        let proven = self.prove(&mut order).await;
        self.challenges.clear();
        proven?;
        let key = order.finalize().await?;
        let chain = order.poll_certificate(&PATIENCE).await?;
        let config = config(&chain, &key)?;
        let chain = pem::certificates(chain.as_bytes())?;
        let facts = CertificateFacts::from_der(chain.first().ok_or("the chain is empty")?)?;
        self.acceptor.set_config(config);
        Ok(facts.not_after)
    }

    /// Proves the control of the name to the authority.
    async fn prove(&self, order: &mut Order) -> Result<(), Error> {
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization?;
            // The authority may still accept an earlier proof.
            if authorization.status == AuthorizationStatus::Valid {
                continue;
            }
            let challenge = authorization.challenge(ChallengeType::TlsAlpn01);
            let mut challenge = challenge.ok_or("the authority does not offer tls-alpn-01")?;
            self.challenges.set(&self.name, challenge.key_authorization().digest().as_ref())?;
            challenge.set_ready().await?;
        }
        match order.poll_ready(&PATIENCE).await? {
            OrderStatus::Ready => Ok(()),
            status => Err(format!("the authority did not accept the proof: the order is {status:?}").into()),
        }
    }
}

/// The configuration with this chain and key. It asks for another one for the connections of challenges.
fn config(chain: &str, key: &str) -> Result<ServerConfig, ConfigError> {
    let config = ServerConfig::builder().credential_pem(chain.as_bytes(), key.as_bytes())?;
    config.alpn(["h2", "http/1.1"]).ask_for_configuration().build()
}
