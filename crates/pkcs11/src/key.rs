//! Private keys as [`SigningKey`]s.

use crate::{
    error::Error,
    filter::KeyFilter,
    find::{Usage, check_use, private_key},
    module::Module,
    pool::Pool,
    scheme::{Method, Operation, schemes_of},
    token::Token,
    uri::Uri,
};
use alloc::sync::Arc;
use cairn_crypto::{
    CryptoError, KeyKind, Provider, PublicKey, SigningKey,
    rand_core::{TryCryptoRng, TryRng},
};
use cairn_wire::SignatureScheme;
use cairn_x509::{CertificateError, CertificateFacts, raw_key};
use core::{fmt, time::Duration};
use cryptoki::{mechanism::Mechanism, object::ObjectHandle, session::Session};

/// A private key in a token, with the certificate that it belongs to. It is cheap to clone.
///
/// As a [`SigningKey`] it blocks the thread while the token signs. `Signer`, with the feature `tokio`, does
/// not.
///
/// A session that is lost (the token was removed, reset or logged out, or another part of the program has
/// closed the sessions) is opened again once for each signature, with a login if necessary.
#[derive(Clone, Debug)]
pub struct Pkcs11Key(Arc<Inner>);

struct Inner {
    token: Token,
    filter: KeyFilter,
    certificate: Vec<u8>,
    spki: Vec<u8>,
    public: PublicKey,
    schemes: Vec<SignatureScheme>,
    operation: Operation,
    provider: Provider,
    options: KeyOptions,
    pool: Pool<Opened>,
}

type Report = dyn Fn(&Error) + Send + Sync;

/// The settings of a key.
#[derive(Clone)]
pub struct KeyOptions {
    sessions: usize,
    wait: Duration,
    on_failure: Option<Arc<Report>>,
}

impl KeyOptions {
    /// The maximum number of sessions, and thus of signatures at the same time: 4 by default, at least 1,
    /// and no more than the token permits. A key that requires the PIN for each signature has one.
    #[must_use]
    pub fn sessions(mut self, sessions: usize) -> Self {
        self.sessions = sessions.max(1);
        self
    }

    /// The maximum time that a signature waits for a session, if all are in use: 10 seconds by default.
    #[must_use]
    pub const fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// Calls a function with the reason when [`SigningKey::sign`] fails. The error of the connection only
    /// says that the key failed.
    #[must_use]
    pub fn on_failure(mut self, report: impl Fn(&Error) + Send + Sync + 'static) -> Self {
        self.on_failure = Some(Arc::new(report));
        self
    }
}

impl Default for KeyOptions {
    fn default() -> Self {
        Self { sessions: 4, wait: Duration::from_secs(10), on_failure: None }
    }
}

impl fmt::Debug for KeyOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("KeyOptions");
        shown.field("sessions", &self.sessions).field("wait", &self.wait).finish_non_exhaustive()
    }
}

impl Token {
    /// Opens the private key that matches and belongs to a certificate.
    ///
    /// `certificate` is the end-entity certificate in DER. To prove that it belongs to the certificate, the
    /// key signs a random message, now and whenever a session is opened. `provider` verifies this
    /// signature, and hashes the messages that are signed.
    ///
    /// # Errors
    /// [`Error`].
    pub fn key(
        &self,
        filter: &KeyFilter,
        certificate: &[u8],
        provider: &Provider,
        options: KeyOptions,
    ) -> Result<Pkcs11Key, Error> {
        let spki = CertificateFacts::from_der(certificate).map_err(Error::Certificate)?.spki;
        let (public, only_scheme) = raw_key::decode_restricted(&spki).map_err(Error::Certificate)?;
        let kind = public.kind;
        if schemes_of(kind).is_empty() {
            return Err(Error::Certificate(CertificateError::UnsupportedAlgorithm));
        }
        let opened = Opened::new(self, filter)?;
        let usage = check_use(&opened.session, opened.key, kind)?;
        let mut schemes = self.schemes(kind, &usage)?;
        schemes.retain(|scheme| only_scheme.is_none_or(|only| only == *scheme));
        let places = match usage.operation {
            Operation::Single if schemes.is_empty() => return Err(Error::NoScheme),
            Operation::Authenticated if schemes.is_empty() => return Err(Error::PinForEachSignature),
            Operation::Single => options.sessions.min(self.max_sessions()?),
            // Another command between the PIN and the signature can make a card forget the PIN.
            Operation::Authenticated => 1,
        };
        let options = options.sessions(places);
        let inner = Inner {
            token: self.clone(),
            filter: filter.clone(),
            certificate: certificate.to_vec(),
            spki,
            public,
            schemes,
            operation: usage.operation,
            provider: provider.clone(),
            pool: Pool::new(options.sessions),
            options,
        };
        let opened = inner.check_pair(opened)?;
        if let Some(mut place) = inner.pool.take(Duration::ZERO) {
            place.item = Some(opened);
        }
        Ok(Pkcs11Key(Arc::new(inner)))
    }

    /// The schemes of a kind of key whose mechanism the token has for signatures, and the key permits.
    fn schemes(&self, kind: KeyKind, usage: &Usage) -> Result<Vec<SignatureScheme>, Error> {
        let (slot, _) = self.slot()?;
        let pkcs11 = self.module().pkcs11();
        let listed = pkcs11.get_mechanism_list(slot)?;
        let mut schemes = Vec::new();
        for scheme in schemes_of(kind) {
            let Some(method) = Method::of(*scheme) else { continue };
            let Some(mechanism) = method.mechanism(usage.operation)? else { continue };
            let mechanism = mechanism.mechanism_type();
            if listed.contains(&mechanism)
                && usage.allowed.as_ref().is_none_or(|allowed| allowed.contains(&mechanism))
                && pkcs11.get_mechanism_info(slot, mechanism)?.sign()
            {
                schemes.push(*scheme);
            }
        }
        Ok(schemes)
    }
}

impl Pkcs11Key {
    /// Opens the key of a PKCS #11 URI, which has a `module-path`. See [`Token::key`].
    ///
    /// # Errors
    /// [`Error`].
    pub fn open(
        uri: &Uri,
        certificate: &[u8],
        provider: &Provider,
        options: KeyOptions,
    ) -> Result<Self, Error> {
        let token = Module::of_uri(uri)?.token(uri.token_filter(), uri.pin()?)?;
        token.key(uri.key_filter(), certificate, provider, options)
    }

    /// Signs like [`SigningKey::sign`], with the reason if it fails. It blocks.
    ///
    /// # Errors
    /// [`Error`].
    pub fn sign_message(&self, scheme: SignatureScheme, message: &[u8]) -> Result<Vec<u8>, Error> {
        let inner = &*self.0;
        let task = inner.task(scheme, message)?;
        let wait = inner.options.wait;
        let mut place = inner.pool.take(wait).ok_or(Error::Busy(wait))?;
        let opened = place.item.take().map_or_else(|| inner.open(), Ok);
        let (opened, signature) = match opened.and_then(|opened| inner.sign(opened, &task)) {
            Err(error) if error.is_lost_session() => {
                // As a rule the idle sessions are lost too. A module can use their handles again, so they
                // are closed before there is a new session.
                inner.pool.drop_idle();
                inner.sign(inner.open()?, &task)?
            }
            result => result?,
        };
        place.item = Some(opened);
        drop(place);
        inner.finish(&task, signature)
    }

    /// The end-entity certificate in DER.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        &self.0.certificate
    }

    /// The public key as `SubjectPublicKeyInfo` in DER.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.0.spki
    }

    /// The maximum number of signatures at the same time.
    #[must_use]
    pub fn max_sessions(&self) -> usize {
        self.0.options.sessions
    }
}

impl SigningKey for Pkcs11Key {
    fn public_key(&self) -> &PublicKey {
        &self.0.public
    }

    fn schemes(&self) -> &[SignatureScheme] {
        &self.0.schemes
    }

    /// The randomness of a signature is the token's.
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        _: &mut dyn TryCryptoRng<Error = CryptoError>,
    ) -> Result<Vec<u8>, CryptoError> {
        self.sign_message(scheme, message).map_err(|error| {
            if let Some(report) = &self.0.options.on_failure {
                report(&error);
            }
            match error {
                Error::Scheme(_) => CryptoError::Unsupported,
                Error::Provider(error) => error,
                _ => CryptoError::Failed,
            }
        })
    }
}

/// A signature to be made.
struct Task {
    scheme: SignatureScheme,
    method: Method,
    mechanism: Mechanism<'static>,
    input: Vec<u8>,
}

impl Inner {
    fn task(&self, scheme: SignatureScheme, message: &[u8]) -> Result<Task, Error> {
        let method = Method::of(scheme).filter(|_| self.schemes.contains(&scheme));
        let method = method.ok_or(Error::Scheme(scheme))?;
        let mechanism = method.mechanism(self.operation)?.ok_or(Error::Scheme(scheme))?;
        let input = method.input(self.operation, self.public.kind, message, &self.provider)?;
        Ok(Task { scheme, method, mechanism, input })
    }

    /// After a failure the session is closed, because an operation can still be active in it.
    fn sign(&self, opened: Opened, task: &Task) -> Result<(Opened, Vec<u8>), Error> {
        let Opened { session, key } = &opened;
        let signature = match self.operation {
            Operation::Single => session.sign(&task.mechanism, *key, &task.input)?,
            Operation::Authenticated => {
                session.sign_init(&task.mechanism, *key)?;
                self.token.log_in_for_signature(session)?;
                session.sign_update(&task.input)?;
                session.sign_final()?
            }
        };
        Ok((opened, signature))
    }

    fn finish(&self, task: &Task, signature: Vec<u8>) -> Result<Vec<u8>, Error> {
        task.method.output(self.public.kind, signature).ok_or(Error::BadSignature(task.scheme))
    }

    fn open(&self) -> Result<Opened, Error> {
        self.check_pair(Opened::new(&self.token, &self.filter)?)
    }

    /// Checks with a signature that the private key belongs to the certificate. Attributes do not prove it: a
    /// public key in the token with the same id can be that of a key that was deleted.
    fn check_pair(&self, opened: Opened) -> Result<Opened, Error> {
        let verifier = self.schemes.iter().find_map(|s| self.provider.verifier(self.public.kind, *s));
        let verifier = verifier.ok_or(CryptoError::Unsupported)?;
        // No peer can choose the message, and TLS never signs one like it.
        let mut random = [0; 16];
        self.provider.rng().try_fill_bytes(&mut random)?;
        let message =
            [&b"cairn-pkcs11 checks that this key belongs to its certificate: "[..], &random].concat();
        let task = self.task(verifier.scheme(), &message)?;
        let (opened, signature) = self.sign(opened, &task)?;
        // A signature of another curve can have another length.
        let signature = self.finish(&task, signature).map_err(|_| Error::KeyMismatch)?;
        match verifier.verify(&self.public.bits, &message, &signature) {
            Ok(()) => Ok(opened),
            Err(CryptoError::BadSignature) => Err(Error::KeyMismatch),
            Err(error) => Err(error.into()),
        }
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("token", &self.token)
            .field("filter", &self.filter)
            .field("kind", &self.public.kind)
            .field("schemes", &self.schemes)
            .finish_non_exhaustive()
    }
}

/// A session, and the handle of the key in it.
#[derive(Debug)]
struct Opened {
    session: Session,
    key: ObjectHandle,
}

impl Opened {
    fn new(token: &Token, filter: &KeyFilter) -> Result<Self, Error> {
        let session = token.open_session()?;
        let key = private_key(&session, filter)?;
        Ok(Self { session, key })
    }
}
