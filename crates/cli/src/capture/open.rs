//! Opens protected records with secrets of a key log.

use super::{
    keylog::{KeyLog, Label},
    sides::From,
};
use cairn_record::RecordKeys;
use cairn_schedule::{
    KeyBlock, Keys, MasterSecret, Randoms,
    tls13::{
        ApplicationTrafficSecret, EarlyTrafficSecret, HandshakeTrafficSecret, Kdf, Tls13Suite, TrafficSecret,
    },
};
use cairn_tls::{
    Epoch, Protection, Provider, TLS13_SUITES, Tls12Suite,
    crypto::SecretBytes,
    wire::{ContentType, RecordHeader},
};

/// An opened record.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) content_type: ContentType,
    pub(super) text: Vec<u8>,
    pub(super) epoch: Epoch,
}

/// The keys of one direction and the number of the next record.
struct Counted {
    keys: RecordKeys,
    seq: u64,
}

impl Counted {
    fn open(&mut self, header: RecordHeader, body: &[u8]) -> Option<(ContentType, Vec<u8>)> {
        // A failure erases the body, and the next key needs it.
        let mut copy = body.to_vec();
        let (content_type, text) =
            self.keys.open(self.seq, header.content_type, header.version, &mut copy).ok()?;
        self.seq = self.seq.saturating_add(1);
        copy.truncate(text.end);
        copy.drain(..text.start.min(text.end));
        Some((content_type, copy))
    }
}

/// Opens the records of one direction of TLS 1.2, from a ChangeCipherSpec to the next.
pub(super) struct Tls12Opener {
    counted: Counted,
    epoch: Epoch,
}

/// What both hellos of TLS 1.2 have negotiated for records.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tls12Parameters {
    pub(super) suite: &'static Tls12Suite,
    /// The protection of the suite, with the order that encrypt_then_mac sets.
    pub(super) protection: Protection,
    pub(super) randoms: Randoms,
}

impl Tls12Opener {
    /// The keys of one side after its ChangeCipherSpec. `None` if the secret does not fit, or if this build
    /// lacks a primitive of the suite.
    pub(super) fn new(
        provider: &Provider,
        master: &SecretBytes,
        parameters: &Tls12Parameters,
        from: From,
        epoch: Epoch,
    ) -> Option<Self> {
        let master = MasterSecret::try_from(master.expose()).ok()?;
        let prf = master.prf(provider.hmac(parameters.suite.prf_hash)?).ok()?;
        let block = KeyBlock::derive(&prf, parameters.protection, &parameters.randoms).ok()?;
        let (client, server) = block.into_directions();
        let keys = Keys::Tls12(match from {
            From::Client => client,
            From::Server => server,
        });
        Some(Self { counted: Counted { keys: RecordKeys::new(provider, &keys).ok()?, seq: 0 }, epoch })
    }

    pub(super) fn open(&mut self, header: RecordHeader, body: &[u8]) -> Option<Opened> {
        let opened = self.counted.open(header, body);
        let Some((content_type, text)) = opened else {
            // A damaged record has a number too.
            self.skip();
            return None;
        };
        Some(Opened { content_type, text, epoch: self.epoch })
    }

    /// A record is missing.
    pub(super) const fn skip(&mut self) {
        self.counted.seq = self.counted.seq.saturating_add(1);
    }
}

/// Opens the records of one direction of TLS 1.3.
///
/// The messages of the connection determine when the key changes. If one of them is missing in the capture or
/// could not be opened, later keys are tried too.
pub(super) struct Tls13Opener<'p> {
    provider: &'p Provider,
    early: Option<TrafficSecret>,
    handshake: Option<TrafficSecret>,
    /// The secret of the latest generation that was used.
    application: Option<TrafficSecret>,
    epoch: Epoch,
    counted: Option<Counted>,
    /// Whether a record was opened with the current key.
    is_proven: bool,
}

impl<'p> Tls13Opener<'p> {
    /// The keys of one side, as far as the log has their secrets.
    pub(super) fn new(
        provider: &'p Provider,
        log: &KeyLog,
        random: &[u8; 32],
        suite: &'static Tls13Suite,
        from: From,
    ) -> Self {
        let kdf = Kdf::new(provider, suite.hash).ok();
        let secret = |label| Some((kdf.as_ref()?, log.get(random, label)?.clone()));
        let (handshake, application) = match from {
            From::Client => (Label::ClientHandshake, Label::ClientTraffic),
            From::Server => (Label::ServerHandshake, Label::ServerTraffic),
        };
        let early = secret(Label::ClientEarly).filter(|_| from == From::Client);
        let mut opener = Self {
            provider,
            early: early.and_then(|(kdf, secret)| {
                EarlyTrafficSecret::new(kdf, secret).and_then(|secret| secret.for_suite(suite)).ok()
            }),
            handshake: secret(handshake).and_then(|(kdf, secret)| {
                HandshakeTrafficSecret::new(kdf, secret).and_then(|secret| secret.for_suite(suite)).ok()
            }),
            application: secret(application).and_then(|(kdf, secret)| {
                ApplicationTrafficSecret::new(kdf, secret).and_then(|secret| secret.for_suite(suite)).ok()
            }),
            epoch: Epoch::Initial,
            counted: None,
            is_proven: false,
        };
        let first = if opener.early.is_some() { Epoch::EarlyData } else { Epoch::Handshake };
        opener.change_to(first);
        opener
    }

    /// The keys of early data before ServerHello names the suite. The suite is the one whose key opens the
    /// record.
    pub(super) fn of_early_data(
        provider: &'p Provider,
        log: &KeyLog,
        random: &[u8; 32],
        header: RecordHeader,
        body: &[u8],
    ) -> Option<(Self, Opened)> {
        TLS13_SUITES.iter().find_map(|suite| {
            let mut opener = Self::new(provider, log, random, suite, From::Client);
            // The secrets of later stages may belong to another suite.
            (opener.handshake, opener.application) = (None, None);
            let opened = opener.open(header, body)?;
            Some((opener, opened))
        })
    }

    /// Continues with the early data that another opener has begun.
    pub(super) fn after_early_data(mut self, early: Self) -> Self {
        (self.counted, self.epoch, self.is_proven) = (early.counted, early.epoch, early.is_proven);
        self
    }

    /// Uses the keys of this epoch from now on.
    pub(super) fn change_to(&mut self, epoch: Epoch) {
        let keys = self.keys(epoch);
        self.install(epoch, keys);
    }

    /// Uses the next application keys, after a KeyUpdate.
    pub(super) fn update(&mut self) {
        self.change_to(self.epoch.next_received());
    }

    fn install(&mut self, epoch: Epoch, keys: Option<(RecordKeys, TrafficSecret)>) {
        self.epoch = epoch;
        self.is_proven = false;
        self.counted = keys.map(|(keys, secret)| {
            if matches!(epoch, Epoch::Application(_)) {
                self.application = Some(secret);
            }
            Counted { keys, seq: 0 }
        });
    }

    /// The keys of an epoch, with their secret.
    fn keys(&self, epoch: Epoch) -> Option<(RecordKeys, TrafficSecret)> {
        let secret = match epoch {
            Epoch::Initial => None,
            Epoch::EarlyData => self.early.clone(),
            Epoch::Handshake => self.handshake.clone(),
            // The first generation comes from the log, and each other one from the one before it.
            Epoch::Application(0) if !matches!(self.epoch, Epoch::Application(_)) => self.application.clone(),
            Epoch::Application(_) => self.application.as_ref()?.next_generation(b"traffic upd").ok(),
        }?;
        let keys = RecordKeys::new(self.provider, &Keys::Tls13(secret.clone())).ok()?;
        Some((keys, secret))
    }

    pub(super) fn open(&mut self, header: RecordHeader, body: &[u8]) -> Option<Opened> {
        if let Some((content_type, text)) =
            self.counted.as_mut().and_then(|counted| counted.open(header, body))
        {
            self.is_proven = true;
            return Some(Opened { content_type, text, epoch: self.epoch });
        }
        for epoch in later(self.epoch) {
            let Some((keys, secret)) = self.keys(epoch) else { continue };
            let mut counted = Counted { keys, seq: 0 };
            if let Some((content_type, text)) = counted.open(header, body) {
                self.install(epoch, Some((counted.keys, secret)));
                self.skip();
                self.is_proven = true;
                return Some(Opened { content_type, text, epoch });
            }
        }
        // A damaged record has a number too, but a record of unknown keys has none of these.
        if self.is_proven {
            self.skip();
        }
        None
    }

    /// A record is missing.
    pub(super) const fn skip(&mut self) {
        if let Some(counted) = &mut self.counted {
            counted.seq = counted.seq.saturating_add(1);
        }
    }
}

/// The epochs whose keys may come next.
fn later(epoch: Epoch) -> Vec<Epoch> {
    match epoch {
        Epoch::Initial | Epoch::EarlyData => vec![Epoch::Handshake, Epoch::Application(0)],
        Epoch::Handshake => vec![Epoch::Application(0)],
        Epoch::Application(_) => vec![epoch.next_received()],
    }
}
