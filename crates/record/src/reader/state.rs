//! The parameters of the next records, which the handshake states: keys, the gate for application data,
//! version and limits.

use super::RecordReader;
use crate::{
    error::RecordError,
    install::{check_gate, new_keys},
    limits::{MAX_CIPHERTEXT_LEN, clamp_plaintext},
};
use cairn_crypto::Provider;
use cairn_schedule::{Direction, Epoch, Gate, KeyChange};
use cairn_wire::ProtocolVersion;

impl RecordReader {
    /// Installs new keys for the next record and closes the gate for application data. The sequence number
    /// restarts at 0 (RFC 5246 section 6.1).
    ///
    /// # Errors
    /// [`RecordError::WrongDirection`], [`RecordError::EpochNotAfter`], and those of
    /// [`crate::RecordKeys::new`]. Every error is final, because records of the new epoch must not be read
    /// with the keys of the old one.
    pub fn change_keys(&mut self, provider: &Provider, change: &KeyChange) -> Result<(), RecordError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        match new_keys(provider, change, Direction::Read, self.epoch) {
            Ok(keys) => {
                // RFC 9846 section 5.2: "The legacy_record_version field is always 0x0303."
                if keys.hides_content_type() {
                    self.version = Some(ProtocolVersion::TLS_1_2);
                }
                self.keys = Some(keys);
                self.max_body_len = self.max_body_len();
                self.epoch = change.epoch;
                self.gate_is_open = false;
                self.skipped_early_data = None;
                self.opened = None;
                // RFC 5246 section 6.1: "The sequence number MUST be set to zero whenever a connection state
                // is made the active state."
                self.sequence_number = 0;
                Ok(())
            }
            Err(error) => {
                self.failed = Some(error);
                Err(error)
            }
        }
    }

    /// Permits or forbids application data from the next record on, as the handshake states. At first it is
    /// forbidden. An open gate must be for the current keys. [`Gate::HalfRtt`] is the sender's alone, and the
    /// same as [`Gate::Open`] here.
    ///
    /// # Errors
    /// [`RecordError::NoKeys`] and [`RecordError::EpochNotCurrent`], both final.
    pub fn set_gate(&mut self, gate: Gate) -> Result<(), RecordError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        match check_gate(gate, self.is_protected(), self.epoch) {
            Ok(()) => {
                self.gate_is_open = gate.is_open();
                Ok(())
            }
            Err(error) => {
                self.failed = Some(error);
                Err(error)
            }
        }
    }

    /// Whether application data may be received.
    #[must_use]
    pub const fn gate(&self) -> Gate {
        if self.gate_is_open { Gate::Open { epoch: self.epoch } } else { Gate::Closed }
    }

    /// Accepts only records of exactly this version from now on. Before, any version from 0x0300 on is
    /// accepted: the first flight may use 0x0301 or even 0x0300 regardless of the versions that the
    /// ClientHello offers (RFC 5246 appendix E.1), and RFC 9846 section 5.1 ignores the field.
    ///
    /// TLS 1.3 does not need this. Keys of TLS 1.3 require the version 0x0303 in protected records, because
    /// they authenticate it (section 5.2), and no version in others.
    pub const fn expect_version(&mut self, version: ProtocolVersion) {
        self.version = Some(version);
    }

    /// Sets the maximum plaintext length in bytes for the next records, if a limit below 2^14 was negotiated
    /// (RFC 6066 section 4, RFC 8449). Values outside 1 to 2^14 are clamped.
    pub fn set_max_plaintext(&mut self, max_plaintext: u16) {
        self.max_plaintext = clamp_plaintext(max_plaintext);
        self.max_body_len = self.max_body_len();
    }

    /// The maximum length of a record body under the keys in use.
    fn max_body_len(&self) -> u16 {
        match &self.keys {
            None => self.max_plaintext,
            // RFC 5246 section 6.2.3: "The length MUST NOT exceed 2^14 + 2048." These keys need less.
            Some(keys) => {
                let max = keys.overhead().max_body_len(self.max_plaintext.into());
                u16::try_from(max).unwrap_or(MAX_CIPHERTEXT_LEN).min(MAX_CIPHERTEXT_LEN)
            }
        }
    }

    /// The epoch of the current keys.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Returns `true` if records are protected.
    #[must_use]
    pub const fn is_protected(&self) -> bool {
        self.keys.is_some()
    }

    /// The sequence number of the next record: the number of records opened under the current keys.
    #[must_use]
    pub const fn sequence_number(&self) -> u64 {
        self.sequence_number
    }
}
