//! The keys of the fleet, one for each epoch.
//!
//! The store has a random salt for each epoch, and a key follows from the root key, the epoch and the salt.
//! The salt of the next epoch is published at the start of the current one, so all servers know a key before
//! the first of them seals with it. A salt leaves the store, and a key the memory, when the last session that
//! was sealed with it has expired.

use crate::{
    keys::{BaseKey, RingKey},
    link::Link,
};
use alloc::{string::String, sync::Arc, vec::Vec};
use cairn_tokio::tls::{
    UnixTime,
    session::{TicketKey, TicketKeyName, TicketKeys},
};
use core::{fmt, ops::RangeInclusive, time::Duration};
use redis::{Pipeline, Value};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use tokio::sync::Notify;

/// The maximum number of rotations in the lifetime of a session.
pub(crate) const MAX_ROTATIONS: u32 = 16;

/// The maximum number of keys of an epoch. There is only one, unless the store lost its salt.
const MAX_KEYS_OF_EPOCH: usize = 2;

/// Longer salts are not from a server of the fleet.
const MAX_SALT_LEN: usize = 64;

pub(crate) struct Ring {
    base: Arc<BaseKey>,
    /// The length of an epoch in seconds.
    rotation: u32,
    /// The lifetime of a session in seconds.
    lifetime: u32,
    /// The first key of each epoch is the one in the store. It seals.
    keys: RwLock<Vec<Arc<RingKey>>>,
    /// Asks for a refresh.
    unknown: Notify,
}

impl Ring {
    pub(crate) fn new(base: Arc<BaseKey>, rotation: u32, lifetime: u32) -> Self {
        Self { base, rotation: rotation.max(1), lifetime, keys: RwLock::default(), unknown: Notify::new() }
    }

    /// The key that seals now.
    pub(crate) fn sealing(&self, now: UnixTime) -> Option<Arc<RingKey>> {
        self.first_of(self.epoch(now))
    }

    /// The key of an epoch that is in the store, as far as this server knows.
    fn first_of(&self, epoch: u64) -> Option<Arc<RingKey>> {
        self.keys().iter().find(|key| key.epoch == epoch).cloned()
    }

    /// The key with this name.
    pub(crate) fn by_name(&self, name: &TicketKeyName, now: UnixTime) -> Option<Arc<RingKey>> {
        let epochs = self.epochs(now);
        self.keys().iter().find(|key| key.name() == name && epochs.contains(&key.epoch)).cloned()
    }

    /// A record has a key that is not known. Another server may have published it.
    pub(crate) fn key_is_unknown(&self) {
        self.unknown.notify_one();
    }

    /// Waits for [`Ring::key_is_unknown`].
    pub(crate) async fn unknown_key(&self) {
        self.unknown.notified().await;
    }

    /// Asks whether the key that seals now is still the one in the store.
    pub(crate) fn ask(&self, now: UnixTime, commands: &mut Pipeline) {
        commands.cmd("GET").arg(self.name(self.epoch(now)));
    }

    /// Judges the answer to [`Ring::ask`].
    pub(crate) fn is_current(&self, now: UnixTime, answer: &Value) -> bool {
        let Value::BulkString(salt) = answer else { return false };
        self.sealing(now).is_some_and(|key| key.salt == *salt)
    }

    /// Takes the keys from the store, and publishes those that are missing. It discards the keys of epochs
    /// whose sessions have all expired, even if the store does not answer.
    pub(crate) async fn refresh(&self, link: &Link, now: UnixTime) {
        let epochs = self.epochs(now);
        self.write(|keys| keys.retain(|key| epochs.contains(&key.epoch)));
        let Some(salts) = self.load(link, &epochs).await else { return };
        let mut publish = Pipeline::new();
        for (epoch, salt) in epochs.clone().zip(&salts) {
            if salt.is_none()
                && let Some(salt) = self.missing_salt(epoch, now)
            {
                let left = self.seconds_until_end_of(epoch, now);
                publish.cmd("SET").arg(self.name(epoch)).arg(salt).arg("NX").arg("EX").arg(left);
            }
        }
        let salts = if publish.is_empty() {
            salts
        } else {
            // Another server may have been faster. Then its salts are in the store.
            let (Some(_), Some(salts)) = (link.run(&publish).await, self.load(link, &epochs).await) else {
                return;
            };
            salts
        };
        for (epoch, salt) in epochs.zip(salts) {
            if let Some(salt) = salt {
                self.adopt(epoch, &salt);
            }
        }
    }

    /// The salts of these epochs in the store.
    async fn load(&self, link: &Link, epochs: &RangeInclusive<u64>) -> Option<Vec<Option<Vec<u8>>>> {
        let mut load = Pipeline::new();
        for epoch in epochs.clone() {
            load.cmd("GET").arg(self.name(epoch));
        }
        Some(link.run(&load).await?.into_iter().map(salt).collect())
    }

    /// The salt to publish: the one that was in the store before, or a new one if the epoch has begun or is
    /// the next.
    fn missing_salt(&self, epoch: u64, now: UnixTime) -> Option<Vec<u8>> {
        match self.first_of(epoch) {
            Some(known) => Some(known.salt.clone()),
            None if epoch < self.epoch(now) => None,
            None => self.base.salt().ok().map(Into::into),
        }
    }

    fn adopt(&self, epoch: u64, salt: &[u8]) {
        if self.first_of(epoch).is_some_and(|key| key.salt == salt) {
            return;
        }
        let Ok(key) = self.base.ring_key(self.rotation, epoch, salt) else { return };
        self.write(|keys| {
            keys.retain(|other| other.epoch != epoch || other.salt != salt);
            keys.insert(0, Arc::new(key));
            let mut of_epoch = 0;
            keys.retain(|key| {
                of_epoch += usize::from(key.epoch == epoch);
                key.epoch != epoch || of_epoch <= MAX_KEYS_OF_EPOCH
            });
        });
    }

    fn epoch(&self, now: UnixTime) -> u64 {
        now.as_secs() / u64::from(self.rotation)
    }

    /// The epochs whose keys are needed: from the one in which the oldest valid session was sealed to the
    /// next.
    fn epochs(&self, now: UnixTime) -> RangeInclusive<u64> {
        let oldest = now.saturating_sub(Duration::from_secs(self.lifetime.into()));
        self.epoch(oldest)..=self.epoch(now).saturating_add(1)
    }

    /// The time for which the key of this epoch is needed. It is at least one second.
    fn seconds_until_end_of(&self, epoch: u64, now: UnixTime) -> u64 {
        let end = epoch.saturating_add(1).saturating_mul(self.rotation.into());
        end.saturating_add(self.lifetime.into()).saturating_sub(now.as_secs()).clamp(1, u32::MAX.into())
    }

    /// Servers that disagree about the length of an epoch do not share keys.
    fn name(&self, epoch: u64) -> String {
        self.base.plain(&alloc::format!("salt:{}:{epoch}", self.rotation))
    }

    // Each change of the list leaves a valid list, so a poisoned lock still guards one.
    fn keys(&self) -> RwLockReadGuard<'_, Vec<Arc<RingKey>>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, change: impl FnOnce(&mut Vec<Arc<RingKey>>)) {
        change(&mut self.keys.write().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The salt in an answer of the store.
fn salt(answer: Value) -> Option<Vec<u8>> {
    match answer {
        Value::BulkString(salt) if (1..=MAX_SALT_LEN).contains(&salt.len()) => Some(salt),
        _ => None,
    }
}

impl TicketKeys for Ring {
    fn sealing_key(&self, now: UnixTime) -> Option<Arc<TicketKey>> {
        self.sealing(now).map(|key| Arc::clone(key.ticket()))
    }

    fn opening_key(&self, name: &TicketKeyName, now: UnixTime) -> Option<Arc<TicketKey>> {
        self.by_name(name, now).map(|key| Arc::clone(key.ticket()))
    }
}

impl fmt::Debug for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ring")
            .field("rotation", &self.rotation)
            .field("lifetime", &self.lifetime)
            .field("keys", &*self.keys())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, any(feature = "aws-lc", feature = "rustcrypto")))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::{RedisSessions, RootKey};
    use cairn_tokio::tls::Clock;

    /// The clock of the task that refreshes the ring.
    #[derive(Debug)]
    struct Stopped;

    impl Clock for Stopped {
        fn now(&self) -> UnixTime {
            at(70)
        }
    }

    /// Epochs of 10 seconds, and sessions that live for 30.
    fn sessions() -> RedisSessions {
        let client = redis::Client::open("redis://127.0.0.1:1/").unwrap();
        let builder = RedisSessions::builder(client, RootKey::new(&[1; 32]).unwrap());
        builder.rotation(10).lifetime(30).clock(Arc::new(Stopped)).build().unwrap()
    }

    const fn at(seconds: u64) -> UnixTime {
        UnixTime::from_secs(seconds)
    }

    #[tokio::test]
    async fn a_key_seals_in_its_epoch_and_opens_until_its_last_session_has_expired() {
        let sessions = sessions();
        let ring = &sessions.store.ring;
        ring.adopt(7, b"salt");
        let name = *ring.sealing(at(70)).unwrap().name();
        assert!(ring.sealing(at(79)).is_some());
        assert!(ring.sealing(at(69)).is_none() && ring.sealing(at(80)).is_none());
        // From the epoch before, because the clocks of servers differ.
        assert!(ring.by_name(&name, at(59)).is_none());
        assert!(ring.by_name(&name, at(60)).is_some() && ring.by_name(&name, at(109)).is_some());
        assert!(ring.by_name(&name, at(110)).is_none());
        // Its salt leaves the store at the same time.
        assert_eq!((ring.seconds_until_end_of(7, at(60)), ring.seconds_until_end_of(7, at(109))), (50, 1));
        // It leaves the memory although the store does not answer.
        ring.refresh(&sessions.store.link, at(109)).await;
        assert_eq!(ring.keys().len(), 1);
        ring.refresh(&sessions.store.link, at(110)).await;
        assert!(ring.keys().is_empty());
    }

    #[tokio::test]
    async fn the_key_in_the_store_seals_and_the_one_before_it_opens() {
        let sessions = sessions();
        let ring = &sessions.store.ring;
        let adopt = |salt: &[u8]| {
            ring.adopt(7, salt);
            let key = ring.sealing(at(70)).unwrap();
            assert_eq!(key.salt, salt);
            *key.name()
        };
        let (first, second) = (adopt(b"first"), adopt(b"second"));
        assert_eq!(adopt(b"first"), first);
        assert_eq!(ring.keys().len(), 2);
        let third = adopt(b"third");
        let opens = |name| ring.by_name(&name, at(70)).is_some();
        assert_eq!([first, second, third].map(opens), [true, false, true]);
    }

    #[test]
    fn an_answer_that_is_not_a_salt_is_refused() {
        let of = |length| salt(Value::BulkString(alloc::vec![1; length])).map(|salt| salt.len());
        assert_eq!(
            [0, 1, 32, MAX_SALT_LEN, MAX_SALT_LEN + 1].map(of),
            [None, Some(1), Some(32), Some(64), None]
        );
        for answer in [Value::Nil, Value::Okay, Value::Int(1), Value::SimpleString("salt".into())] {
            assert_eq!(salt(answer), None);
        }
    }

    #[tokio::test]
    async fn a_salt_that_was_lost_is_published_again_and_none_is_made_up_for_the_past() {
        let sessions = sessions();
        let ring = &sessions.store.ring;
        ring.adopt(6, b"known");
        assert_eq!(ring.missing_salt(6, at(70)).as_deref(), Some(&b"known"[..]));
        assert_eq!(ring.missing_salt(5, at(70)), None);
        for epoch in [7, 8] {
            let new = ring.missing_salt(epoch, at(70)).unwrap();
            assert_eq!(new.len(), 32);
            assert_ne!(ring.missing_salt(epoch, at(70)).unwrap(), new);
        }
    }
}
