//! The root key. From it follow the names of records and the keys of the ring.
//!
//! ```text
//! base        = HMAC-SHA-256(root, "cairn redis base" | prefix)
//! name        = HMAC-SHA-256(base, "session" | session ID)[..16]
//! replay name = HMAC-SHA-256(base, "binder" | binder)[..16]
//!
//! ring key    = HMAC-SHA-256(base, "ring" | rotation (uint32) | epoch (uint64) | salt)
//! key name    = HMAC-SHA-256(ring key, "name")[..16]
//! ticket key  = HMAC-SHA-256(ring key, "ticket")
//! record key  = HMAC-SHA-256(ring key, "record" | session ID)
//! ```
//!
//! Inputs with different labels differ, because no label of a key is a prefix of another. Ticket keys and
//! record keys are used as [`TicketKey`]s, under the key name.

use crate::error::SetupError;
use alloc::{boxed::Box, string::String, sync::Arc, vec::Vec};
use cairn_tokio::tls::{
    Provider, Session, SessionState, Tls12Reference, Tls13Reference, UnixTime,
    crypto::{CryptoError, HashAlgorithm, HmacKey, Secret, ct_eq},
    session::{SessionError, TicketAead, TicketKey, TicketKeyName, open_ticket, seal_ticket},
    wire::SessionId,
};
use core::fmt;

/// The secret that all servers of a fleet have in their configuration. It opens every session in the store.
///
/// It must be random, for example from `openssl rand 32`, and not a password. It is zeroized when it is
/// dropped, and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct RootKey(Secret<{ Self::LEN }>);

impl RootKey {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// Takes the bytes of a key. The caller zeroizes the original.
    ///
    /// # Errors
    /// [`SetupError::RootKeyLength`] unless there are 32 bytes; [`SetupError::ZeroRootKey`] if all of them
    /// are zero.
    pub fn new(bytes: &[u8]) -> Result<Self, SetupError> {
        let bytes: &[u8; Self::LEN] =
            bytes.try_into().map_err(|_| SetupError::RootKeyLength { length: bytes.len() })?;
        if ct_eq(bytes, &[0; Self::LEN]) {
            return Err(SetupError::ZeroRootKey);
        }
        Ok(Self(Secret::from(bytes)))
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootKey(..)")
    }
}

/// The key that is derived from the root key and the prefix.
pub(crate) struct BaseKey {
    provider: Arc<Provider>,
    prefix: String,
    aead: TicketAead,
    base: Box<dyn HmacKey>,
}

/// The key of one epoch.
pub(crate) struct RingKey {
    pub(crate) epoch: u64,
    /// The public value from the store from which the key follows.
    pub(crate) salt: Vec<u8>,
    ring: Box<dyn HmacKey>,
    ticket: Arc<TicketKey>,
}

impl BaseKey {
    pub(crate) fn new(provider: Arc<Provider>, root: &RootKey, prefix: &str) -> Result<Self, SetupError> {
        let aead = TicketAead::of(&provider).ok_or(CryptoError::Unsupported)?;
        let root = hmac_key(&provider, root.0.expose())?;
        let base = Secret::<32>::try_with(|out| root.sign(&[b"cairn redis base", prefix.as_bytes()], out))?;
        let base = hmac_key(&provider, base.expose())?;
        Ok(Self { provider, prefix: prefix.into(), aead, base })
    }

    /// The name of the record of a session.
    pub(crate) fn session(&self, id: &SessionId) -> Result<String, CryptoError> {
        self.name("session", id.as_bytes())
    }

    /// The name of the record of a ClientHello with early data.
    pub(crate) fn replay(&self, binder: &[u8]) -> Result<String, CryptoError> {
        self.name("binder", binder)
    }

    fn name(&self, kind: &str, value: &[u8]) -> Result<String, CryptoError> {
        let mac = short_mac(&*self.base, &[kind.as_bytes(), value])?;
        Ok(alloc::format!("{}:{kind}:{:032x}", self.prefix, u128::from_be_bytes(mac)))
    }

    /// A name that contains no MAC.
    pub(crate) fn plain(&self, name: &str) -> String {
        alloc::format!("{}:{name}", self.prefix)
    }

    /// The key of the ring for an epoch of so many seconds.
    pub(crate) fn ring_key(&self, rotation: u32, epoch: u64, salt: &[u8]) -> Result<RingKey, SessionError> {
        let parts = [&b"ring"[..], &rotation.to_be_bytes(), &epoch.to_be_bytes(), salt];
        let ring = Secret::<32>::try_with(|out| self.base.sign(&parts, out))?;
        let ring = hmac_key(&self.provider, ring.expose())?;
        let name = TicketKeyName(short_mac(&*ring, &[b"name"])?);
        let created = UnixTime::from_secs(epoch.saturating_mul(rotation.into()));
        let ticket = Secret::try_with(|out| ring.sign(&[b"ticket"], out))?;
        let ticket = Arc::new(TicketKey::from_parts(name, self.aead, ticket, created)?);
        Ok(RingKey { epoch, salt: salt.to_vec(), ring, ticket })
    }

    /// Seals a session for the record of its ID.
    pub(crate) fn seal(&self, key: &RingKey, session: &Session) -> Result<Vec<u8>, SessionError> {
        seal_ticket(&self.provider, &self.record_key(key, session.id())?, session)
    }

    /// Opens the record of this ID. The record of another ID does not open.
    pub(crate) fn open(&self, key: &RingKey, id: &SessionId, record: &[u8]) -> Option<Session> {
        let mut session = open_ticket(&self.provider, &self.record_key(key, id).ok()?, record)?;
        match &mut session.state {
            SessionState::Tls12(tls12) => tls12.reference = Tls12Reference::SessionId(*id),
            SessionState::Tls13(tls13) => tls13.reference = Tls13Reference::Stored(*id),
        }
        Some(session)
    }

    fn record_key(&self, key: &RingKey, id: &SessionId) -> Result<TicketKey, SessionError> {
        let secret = Secret::try_with(|out| key.ring.sign(&[b"record", id.as_bytes()], out))?;
        TicketKey::from_parts(*key.name(), self.aead, secret, UnixTime::EPOCH)
    }

    /// A random value for a new key of the ring.
    pub(crate) fn salt(&self) -> Result<[u8; 32], CryptoError> {
        let mut salt = [0; 32];
        self.provider.random.fill(&mut salt)?;
        Ok(salt)
    }
}

impl RingKey {
    pub(crate) fn name(&self) -> &TicketKeyName {
        self.ticket.name()
    }

    /// The key for sessions that are in the tickets themselves.
    pub(crate) const fn ticket(&self) -> &Arc<TicketKey> {
        &self.ticket
    }
}

/// The first half of a MAC. It is long enough for a name.
fn short_mac(key: &dyn HmacKey, parts: &[&[u8]]) -> Result<[u8; 16], CryptoError> {
    let mut mac = [[0; 16]; 2];
    key.sign(parts, mac.as_flattened_mut())?;
    let [short, _] = mac;
    Ok(short)
}

fn hmac_key(provider: &Provider, key: &[u8]) -> Result<Box<dyn HmacKey>, CryptoError> {
    provider.hmac(HashAlgorithm::Sha256).ok_or(CryptoError::Unsupported)?.key(key)
}

impl fmt::Debug for BaseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BaseKey").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

impl fmt::Debug for RingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RingKey")
            .field("epoch", &self.epoch)
            .field("name", self.name())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, any(feature = "aws-lc", feature = "rustcrypto")))]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

    use super::*;
    use cairn_tokio::tls::{
        KeyExchangeEvidence, SessionSide, TLS13_SUITES, Tls13Session, crypto::SecretBytes, default_provider,
    };
    use core::array::from_fn;

    fn base(root: &[u8; 32], prefix: &str) -> BaseKey {
        BaseKey::new(Arc::new(default_provider()), &RootKey::new(root).unwrap(), prefix).unwrap()
    }

    pub(crate) fn id(byte: u8) -> SessionId {
        SessionId::new(&[byte; 32]).unwrap()
    }

    pub(crate) fn session(id: SessionId) -> Session {
        let now = UnixTime::from_secs(1_800_000_000);
        let suite = TLS13_SUITES.first().unwrap();
        Session {
            server_name: None,
            alpn: None,
            peer_chain: None,
            psk_identity: None,
            evidence: KeyExchangeEvidence::default(),
            authenticated_at: now,
            not_after: None,
            context: Default::default(),
            verified_with: Default::default(),
            side: SessionSide::Server { tls_server_end_point: None },
            state: SessionState::Tls13(Tls13Session {
                reference: Tls13Reference::Stored(id),
                suite,
                psk: SecretBytes::from(alloc::vec![5; suite.hash.output_len()]),
                issued_at: now,
                expires: now,
                age_add: 1,
                max_early_data: 0,
                quic: None,
            }),
        }
    }

    /// Computed with another implementation of HMAC. Servers of different builds must agree.
    #[test]
    fn names_and_keys_have_the_documented_values() {
        let base = base(&from_fn(|place| u8::try_from(place).unwrap()), "shop");
        assert_eq!(base.session(&id(1)).unwrap(), "shop:session:15f356fe8bb98e71b1dde8059e9f5763");
        assert_eq!(base.replay(&[2; 48]).unwrap(), "shop:binder:7487253905ce95cac9e479cea7400e46");
        let key = base.ring_key(43_200, 41_574, &[3; 32]).unwrap();
        assert_eq!(alloc::format!("{}", key.name()), "450315a71446d392ee6eac07f2bc4f52");
        let encoded = key.ticket().encode();
        let secret: String = encoded.expose()[TicketKey::ENCODED_LEN - 32..]
            .iter()
            .map(|b| alloc::format!("{b:02x}"))
            .collect();
        assert_eq!(secret, "753bbddf26a5cc82b22a144ccafd81ad20bef7589b0c93bd9a82a77f16670390");
        assert_eq!(key.ticket().created(), UnixTime::from_secs(43_200 * 41_574));
    }

    #[test]
    fn a_record_opens_only_with_its_id_its_key_and_its_root() {
        let ours = base(&[1; 32], "a");
        let key = ours.ring_key(10, 7, b"salt").unwrap();
        let session = session(id(1));
        let record = ours.seal(&key, &session).unwrap();
        assert_eq!(ours.open(&key, &id(1), &record).as_ref(), Some(&session));
        assert_eq!(ours.open(&key, &id(2), &record), None);
        for (base, rotation, epoch, salt) in [
            (base(&[2; 32], "a"), 10, 7, b"salt"),
            (base(&[1; 32], "b"), 10, 7, b"salt"),
            (base(&[1; 32], "a"), 11, 7, b"salt"),
            (base(&[1; 32], "a"), 10, 8, b"salt"),
            (base(&[1; 32], "a"), 10, 7, b"salz"),
        ] {
            let key = base.ring_key(rotation, epoch, salt).unwrap();
            assert_eq!(base.open(&key, &id(1), &record), None);
        }
        // A ticket that contains a session is no record.
        let ticket = seal_ticket(&ours.provider, key.ticket(), &session).unwrap();
        assert_eq!(ours.open(&key, &id(1), &ticket), None);
    }

    #[test]
    fn root_keys_of_another_length_or_all_zero_are_refused() {
        for length in [0, 16, 31, 33, 64] {
            assert!(matches!(
                RootKey::new(&alloc::vec![1; length]),
                Err(SetupError::RootKeyLength { length: refused }) if refused == length
            ));
        }
        assert!(matches!(RootKey::new(&[0; 32]), Err(SetupError::ZeroRootKey)));
        assert_eq!(alloc::format!("{:?}", RootKey::new(&[1; 32]).unwrap()), "RootKey(..)");
    }
}
