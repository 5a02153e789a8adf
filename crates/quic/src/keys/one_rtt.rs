//! 1-RTT packets as a whole: their keys, key updates, and usage limits (RFC 9001 section 6).

mod numbers;
#[cfg(test)]
mod tests;

use super::Keys;
use super::header::HeaderKey;
use super::packet::PacketKey;
use super::update::{OneRttSecrets, PacketKeys};
use crate::error::{KeyUpdateViolation, OpenError, ProtectionError, UpdateRefused};
use crate::packet_number::MAX_PACKET_NUMBER;
use crate::version::Version;
use cairn_crypto::Provider;
use cairn_schedule::tls13::TrafficSecret;
use core::mem;
use core::ops::Range;
use numbers::{Generation, Numbers};

/// The bit Key Phase in the first byte of a short header (RFC 9000 section 17.3.1).
const KEY_PHASE: u8 = 0x04;

/// The time of an event. The caller has the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// The current time in milliseconds, since any moment that is the same for the whole connection.
    pub now: u64,
    /// The current Probe Timeout in milliseconds (RFC 9002 section 6.2).
    pub pto: u64,
}

impl Time {
    /// Three times the PTO from now (RFC 9001 section 6.5).
    const fn after_three_pto(self) -> u64 {
        self.now.saturating_add(self.pto.saturating_mul(3))
    }
}

/// A packet that has been opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The packet number.
    pub packet_number: u64,
    /// The generation of the keys: 0 for the first, and one more after each key update.
    pub generation: u64,
    /// The place of the payload in the packet.
    pub payload: Range<usize>,
}

/// The keys of 1-RTT packets of one connection, from the first ones on.
///
/// - [`OneRttKeys::seal`] writes the packet number and the Key Phase bit, seals the payload and protects the
///   header. It counts packets, and updates the keys before they reach their confidentiality limit.
/// - [`OneRttKeys::open`] removes the protection of the header, decodes the packet number, selects the keys
///   and opens the payload. It follows the peer's key updates, and counts packets that do not open.
/// - [`OneRttKeys::complete_handshake`], [`OneRttKeys::confirm_handshake`] and [`OneRttKeys::acknowledged`]
///   pass on the state of the connection. No packet is opened before the first, and no update is initiated
///   before the others.
/// - [`OneRttKeys::on_timeout`] erases old keys and derives new ones at the time that
///   [`OneRttKeys::timeout`] states.
///
/// The next keys for reading exist before the peer uses them, and are not derived while a packet is
/// processed, so that time does not reveal a key update (RFC 9001 sections 6.3 and 9.5). From an update by
/// the peer until the next call of [`OneRttKeys::on_timeout`] a further update is therefore not recognized,
/// which section 6.5 permits.
#[derive(Debug)]
pub struct OneRttKeys {
    secrets: OneRttSecrets,
    local_header: HeaderKey,
    remote_header: HeaderKey,
    write: WriteKeys,
    read: PacketKey,
    previous: Option<Previous>,
    next: Next,
    generation: u64,
    handshake: Handshake,
    /// The number of the last packet that was sealed, with keys of any generation.
    last_sealed: Option<u64>,
    numbers: Numbers,
    /// The number of received packets that did not open, with keys of any generation.
    failed: u64,
}

/// The state of the handshake, as far as the transport has told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Handshake {
    Running,
    Complete,
    Confirmed,
}

/// The current key for sealing.
#[derive(Debug)]
struct WriteKeys {
    key: PacketKey,
    /// The number of packets that were sealed with the key.
    sealed: u64,
    /// The packet number of the first of them.
    first: Option<u64>,
    /// The time from which on the next update may be initiated. `None` before one of them was acknowledged.
    update_from: Option<u64>,
}

impl WriteKeys {
    const fn new(key: PacketKey) -> Self {
        Self { key, sealed: 0, first: None, update_from: None }
    }

    /// Returns `true` from three quarters of the confidentiality limit on. An update is then attempted before
    /// each packet, which leaves the peer time to acknowledge one.
    const fn needs_update(&self) -> bool {
        let limit = self.key.confidentiality_limit();
        self.sealed >= limit - limit / 4
    }
}

/// The keys for reading before the current ones, for packets that are late.
#[derive(Debug)]
struct Previous {
    key: PacketKey,
    /// The time at which they are erased. `None` before a packet was opened with the current keys. RFC 9001
    /// section 6.1: "An endpoint MUST retain old keys until it has successfully unprotected a packet sent
    /// using the new keys."
    until: Option<u64>,
}

/// The keys after the current ones.
#[derive(Debug)]
enum Next {
    Ready(PacketKeys),
    /// To be derived at this time, after an update by the peer. The previous keys still exist then:
    /// [`OneRttKeys::on_timeout`] does not erase them before.
    Due(u64),
}

impl OneRttKeys {
    /// Takes the first traffic secrets of application data in both directions.
    ///
    /// # Errors
    /// As [`OneRttSecrets::new`].
    pub fn new(
        provider: &Provider,
        version: Version,
        local: &TrafficSecret,
        remote: &TrafficSecret,
    ) -> Result<Self, ProtectionError> {
        let (Keys { local, remote }, mut secrets) = OneRttSecrets::new(provider, version, local, remote)?;
        let next = Next::Ready(secrets.next_keys()?);
        Ok(Self {
            secrets,
            local_header: local.header,
            remote_header: remote.header,
            write: WriteKeys::new(local.packet),
            read: remote.packet,
            previous: None,
            next,
            generation: 0,
            handshake: Handshake::Running,
            last_sealed: None,
            numbers: Numbers::default(),
            failed: 0,
        })
    }

    /// Seals a packet with a short header in place. The packet consists of
    ///
    /// - the header, whose first byte states the length of the packet number field in its last two bits;
    /// - the packet number field at `number_offset`, which is written here, as is the Key Phase bit;
    /// - the payload;
    /// - as many bytes as [`OneRttKeys::tag_len`], which the tag replaces.
    ///
    /// From three quarters of the confidentiality limit on, the keys are updated if that is possible. See
    /// also [`OneRttKeys::remaining`].
    ///
    /// # Errors
    /// [`ProtectionError::PacketNumberNotIncreasing`] unless the packet number is larger than that of the
    /// packet before, or [`ProtectionError::PacketNumberTooLarge`];
    /// [`ProtectionError::PacketTooShort`] if there is no sample for header protection: 4 bytes of packet
    /// number and payload are necessary before the tag (RFC 9001 section 5.4.2);
    /// [`ProtectionError::AeadLimitReached`] if no more packets can be sealed;
    /// [`ProtectionError::Schedule`] or [`ProtectionError::Crypto`] if the provider fails.
    pub fn seal(
        &mut self,
        time: Time,
        packet_number: u64,
        number_offset: usize,
        packet: &mut [u8],
    ) -> Result<(), ProtectionError> {
        if let Some(last) = self.last_sealed.filter(|last| *last >= packet_number) {
            return Err(ProtectionError::PacketNumberNotIncreasing { last, number: packet_number });
        }
        if packet_number > MAX_PACKET_NUMBER {
            return Err(ProtectionError::PacketNumberTooLarge { number: packet_number });
        }
        HeaderKey::check_room(packet, number_offset)?;
        self.update_in_time(time)?;

        let phase = if self.key_phase() { KEY_PHASE } else { 0 };
        let (got, tag_len) = (packet.len(), self.tag_len());
        let header_len = write_header(packet, number_offset, packet_number, phase);
        let too_short = ProtectionError::PacketTooShort { expected: header_len.saturating_add(tag_len), got };
        let (header, payload) = packet.split_at_mut_checked(header_len).ok_or(too_short)?;
        // Also if sealing fails: it may have used the nonce.
        self.last_sealed = Some(packet_number);
        self.write.key.seal(packet_number, header, payload)?;
        self.write.sealed += 1;
        self.write.first.get_or_insert(packet_number);
        self.local_header.protect(packet, number_offset)
    }

    /// Opens a packet with a short header in place. Its packet number field starts at `number_offset`, after
    /// the connection ID.
    ///
    /// The caller discards packets whose number it has received before.
    ///
    /// # Errors
    /// [`OpenError::HandshakeNotComplete`] before [`OneRttKeys::complete_handshake`]: the packet is unchanged
    /// and may be stored until then (RFC 9001 section 5.7). [`OpenError::TooShort`] and
    /// [`OpenError::DoesNotOpen`]: the packet is discarded; it contains no plaintext.
    /// [`OpenError::KeyUpdate`] and [`OpenError::AeadLimitReached`]: the connection ends with
    /// [`OpenError::connection_error`]. [`OpenError::Crypto`] if the provider fails.
    pub fn open(&mut self, time: Time, number_offset: usize, packet: &mut [u8]) -> Result<Opened, OpenError> {
        if self.handshake == Handshake::Running {
            return Err(OpenError::HandshakeNotComplete);
        }
        // RFC 9001 section 6.6: "MUST immediately close the connection with a connection error of type
        // AEAD_LIMIT_REACHED and not process any more packets."
        self.check_integrity_limit()?;
        let truncated = self.remote_header.unprotect(packet, number_offset)?;
        let packet_number = truncated.decode(self.numbers.largest());
        let header_len = number_offset.saturating_add(truncated.len());
        let (expected, got) = (header_len, packet.len());
        let (header, payload) =
            packet.split_at_mut_checked(header_len).ok_or(OpenError::TooShort { expected, got })?;
        let phase = header.first().is_some_and(|first| first & KEY_PHASE != 0);
        let (used, key) = self.choose(phase, packet_number)?;
        match key.open(packet_number, header, payload) {
            Ok(length) => {
                let checked = self.note_opened(time, used, packet_number);
                if checked.is_err() {
                    packet.fill(0);
                }
                checked?;
                let payload = header_len..header_len.saturating_add(length);
                Ok(Opened { packet_number, generation: self.generation_of(used), payload })
            }
            Err(OpenError::DoesNotOpen) => {
                self.failed = self.failed.saturating_add(1);
                self.check_integrity_limit()?;
                Err(OpenError::DoesNotOpen)
            }
            Err(error) => Err(error),
        }
    }

    /// The keys for a packet. RFC 9001 section 6.5: "A recovered packet number that is lower than any packet
    /// number from the current key phase uses the previous packet protection keys; a recovered packet number
    /// that is higher than any packet number from the current key phase requires the use of the next packet
    /// protection keys."
    fn choose(&self, phase: bool, packet_number: u64) -> Result<(Generation, &PacketKey), OpenError> {
        if phase == self.key_phase() {
            return Ok((Generation::Current, &self.read));
        }
        let is_late = self.numbers.is_before_current(packet_number);
        match (&self.previous, &self.next) {
            (Some(previous), Next::Due(_)) => Ok((Generation::Previous, &previous.key)),
            (Some(previous), Next::Ready(_)) if is_late => Ok((Generation::Previous, &previous.key)),
            (_, Next::Ready(next)) => Ok((Generation::Next, &next.remote)),
            // It does not occur: see `Next::Due`.
            (None, Next::Due(_)) => Err(OpenError::DoesNotOpen),
        }
    }

    fn generation_of(&self, used: Generation) -> u64 {
        match used {
            Generation::Previous => self.generation.saturating_sub(1),
            // An update by the peer has already happened.
            Generation::Current | Generation::Next => self.generation,
        }
    }

    /// Takes note of a packet that was opened, and follows an update by the peer.
    fn note_opened(&mut self, time: Time, used: Generation, packet_number: u64) -> Result<(), OpenError> {
        self.numbers.check(used, packet_number).map_err(OpenError::KeyUpdate)?;
        match used {
            Generation::Previous => {}
            Generation::Current => {
                if let Some(previous) = &mut self.previous {
                    previous.until.get_or_insert(time.after_three_pto());
                }
            }
            Generation::Next => self.follow_update(time)?,
        }
        self.numbers.note(used, packet_number);
        Ok(())
    }

    /// The peer has initiated an update. RFC 9001 section 6.2: "The endpoint MUST update its send keys to the
    /// corresponding key phase in response".
    fn follow_update(&mut self, time: Time) -> Result<(), OpenError> {
        // The first update needs no confirmation of another one before it.
        if self.generation > 0 && self.write.first.is_none() {
            return Err(OpenError::KeyUpdate(KeyUpdateViolation::TwiceWithoutPacket));
        }
        let next = mem::replace(&mut self.next, Next::Due(time.now));
        if let Next::Ready(next) = next {
            self.use_keys(next, Some(time.after_three_pto()));
        }
        Ok(())
    }

    /// Makes `next` the current keys, and keeps the previous ones for reading.
    fn use_keys(&mut self, next: PacketKeys, until: Option<u64>) {
        let key = mem::replace(&mut self.read, next.remote);
        self.previous = Some(Previous { key, until });
        self.write = WriteKeys::new(next.local);
        self.numbers.update_keys();
        self.generation = self.generation.saturating_add(1);
    }

    /// Initiates a key update (RFC 9001 section 6.1). The next packet is sealed with the new keys.
    ///
    /// # Errors
    /// The reason why it is not possible yet. RFC 9001 section 6.1: "An endpoint MUST NOT initiate a key
    /// update prior to having confirmed the handshake", and not before a packet with the current keys has
    /// been acknowledged. Section 6.5: "Endpoints SHOULD wait three times the PTO before initiating a key
    /// update after receiving an acknowledgment that confirms that the previous key update was received."
    pub fn initiate_update(&mut self, time: Time) -> Result<(), UpdateRefused> {
        if self.handshake != Handshake::Confirmed {
            return Err(UpdateRefused::HandshakeNotConfirmed);
        }
        let from = self.write.update_from.ok_or(UpdateRefused::NotAcknowledged)?;
        if time.now < from {
            return Err(UpdateRefused::TooSoon { from });
        }
        self.derive_next().map_err(UpdateRefused::Failed)?;
        let after = self.secrets.next_keys().map_err(UpdateRefused::Failed)?;
        if let Next::Ready(next) = mem::replace(&mut self.next, Next::Ready(after)) {
            self.use_keys(next, None);
        }
        Ok(())
    }

    /// RFC 9001 section 6.6: "Endpoints MUST initiate a key update before sending more protected packets than
    /// the confidentiality limit for the selected AEAD permits."
    fn update_in_time(&mut self, time: Time) -> Result<(), ProtectionError> {
        if self.write.needs_update() {
            // If it is not possible yet, the next packet attempts it again.
            if let Err(UpdateRefused::Failed(error)) = self.initiate_update(time) {
                return Err(error);
            }
        }
        let limit = self.write.key.confidentiality_limit();
        if self.write.sealed < limit { Ok(()) } else { Err(ProtectionError::AeadLimitReached { limit }) }
    }

    fn check_integrity_limit(&self) -> Result<(), OpenError> {
        let limit = self.read.integrity_limit();
        if self.failed <= limit { Ok(()) } else { Err(OpenError::AeadLimitReached { limit }) }
    }

    /// The handshake is complete (RFC 9001 section 4.1.1): from now on packets are opened.
    pub fn complete_handshake(&mut self) {
        self.handshake = self.handshake.max(Handshake::Complete);
    }

    /// The handshake is confirmed (RFC 9001 section 4.1.2): a server calls this when the handshake is
    /// complete, and a client when it receives HANDSHAKE_DONE. It includes
    /// [`OneRttKeys::complete_handshake`].
    pub fn confirm_handshake(&mut self) {
        self.handshake = Handshake::Confirmed;
    }

    /// An ACK frame was received. `largest` is its Largest Acknowledged, after the check that such a packet
    /// was sent, and `generation` that of the packet with the frame: [`Opened::generation`].
    ///
    /// # Errors
    /// [`OpenError::KeyUpdate`] if the frame came with older keys than the packet that it acknowledges has.
    /// RFC 9001 section 6.2: "This indicates that a peer has received and acknowledged a packet that
    /// initiates a key update, but has not updated keys in response."
    pub fn acknowledged(&mut self, time: Time, largest: u64, generation: u64) -> Result<(), OpenError> {
        if self.write.first.is_none_or(|first| largest < first) {
            return Ok(());
        }
        if generation < self.generation {
            let violation = KeyUpdateViolation::AcknowledgedWithOldKeys { acknowledged: largest };
            return Err(OpenError::KeyUpdate(violation));
        }
        // With the first keys there is no previous update to wait for.
        let from = if self.generation == 0 { time.now } else { time.after_three_pto() };
        self.write.update_from.get_or_insert(from);
        Ok(())
    }

    /// The time of the next call of [`OneRttKeys::on_timeout`] in milliseconds, or `None` if there is nothing
    /// to do.
    #[must_use]
    pub fn timeout(&self) -> Option<u64> {
        let derive = match self.next {
            Next::Due(at) => Some(at),
            Next::Ready(_) => None,
        };
        let erase = self.previous.as_ref().and_then(|previous| previous.until);
        match (derive, erase) {
            (Some(derive), Some(erase)) => Some(derive.min(erase)),
            (derive, erase) => derive.or(erase),
        }
    }

    /// Derives the next keys after an update by the peer, and erases the previous keys three times the PTO
    /// after a packet with the current ones has arrived (RFC 9001 section 6.5). `now` is the time in
    /// milliseconds. Nothing happens if nothing is due.
    ///
    /// # Errors
    /// [`ProtectionError::Schedule`] or [`ProtectionError::Crypto`] if the provider fails. The keys are then
    /// the same as before.
    pub fn on_timeout(&mut self, now: u64) -> Result<(), ProtectionError> {
        if matches!(self.next, Next::Due(at) if at <= now) {
            self.derive_next()?;
        }
        let is_ready = matches!(self.next, Next::Ready(_));
        self.previous.take_if(|previous| is_ready && previous.until.is_some_and(|until| until <= now));
        Ok(())
    }

    fn derive_next(&mut self) -> Result<(), ProtectionError> {
        if let Next::Due(_) = self.next {
            self.next = Next::Ready(self.secrets.next_keys()?);
        }
        Ok(())
    }

    /// The Key Phase bit of the packets that are sealed: 0 with the first keys, and toggled by each update
    /// (RFC 9001 section 6).
    #[must_use]
    pub const fn key_phase(&self) -> bool {
        self.generation % 2 == 1
    }

    /// The generation of the current keys: 0 for the first, and one more after each update.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// The number of packets that can still be sealed without a key update. If it becomes low, updates are
    /// not possible, and a transport should close the connection with AEAD_LIMIT_REACHED before it is 0 (RFC
    /// 9001 section 6.6).
    #[must_use]
    pub const fn remaining(&self) -> u64 {
        self.write.key.confidentiality_limit().saturating_sub(self.write.sealed)
    }

    /// Length of the tag in bytes: 16 for every suite of QUIC.
    #[must_use]
    pub fn tag_len(&self) -> usize {
        self.write.key.tag_len()
    }
}

/// Writes the Key Phase bit, and the least significant bytes of the packet number. Returns the length of the
/// header: the length of the packet number field follows from the first byte. The packet has room for the
/// longest field.
fn write_header(packet: &mut [u8], number_offset: usize, packet_number: u64, phase: u8) -> usize {
    let Some(first) = packet.first_mut() else { return 0 };
    *first = (*first & !KEY_PHASE) | phase;
    let length = usize::from(*first & 0x03) + 1;
    let header_len = number_offset.saturating_add(length);
    let bytes = packet_number.to_be_bytes();
    if let Some(field) = packet.get_mut(number_offset..header_len) {
        for (place, byte) in field.iter_mut().rev().zip(bytes.iter().rev()) {
            *place = *byte;
        }
    }
    header_len
}
