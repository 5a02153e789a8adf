//! The parameters of the next records, which the handshake states: keys, the gate for application data,
//! version and limits. Also the usage of the keys.

use super::{RecordWriter, WriteGate};
use crate::{
    error::RecordError,
    install::{check_gate, new_keys},
    limits::clamp_plaintext,
    usage::{Budget, Usage},
};
use cairn_crypto::Provider;
use cairn_schedule::{Direction, Epoch, Gate, KeyChange, RecordPadding};
use cairn_wire::ProtocolVersion;

impl RecordWriter {
    /// Installs new keys for the next record and closes the gate for application data. The sequence number
    /// restarts at 0 (RFC 5246 section 6.1).
    ///
    /// # Errors
    /// [`RecordError::WrongDirection`], [`RecordError::EpochNotAfter`], and those of
    /// [`crate::RecordKeys::new`]. Every error is final: data meant for the new keys must not be sent under
    /// the old ones, or unprotected.
    pub fn change_keys(&mut self, provider: &Provider, change: &KeyChange) -> Result<(), RecordError> {
        self.check_failed()?;
        let keys = self.fail_on_error(new_keys(provider, change, Direction::Write, self.epoch))?;
        self.budget = Budget::new(keys.usage_limits().sealed_records);
        self.keys = Some(keys);
        self.epoch = change.epoch;
        self.gate = WriteGate::Closed;
        Ok(())
    }

    /// Sends without keys again. This happens in one case: HelloRetryRequest has rejected early data, and the
    /// second ClientHello is not encrypted (RFC 9846 section 4.2.4).
    ///
    /// # Errors
    /// [`RecordError::EpochNotAfter`] if the keys in use are not those of early data. It is final.
    pub fn drop_early_keys(&mut self) -> Result<(), RecordError> {
        self.check_failed()?;
        if self.epoch != Epoch::EarlyData {
            let error = RecordError::EpochNotAfter { current: self.epoch, got: Epoch::Initial };
            return self.fail_on_error(Err(error));
        }
        self.keys = None;
        self.epoch = Epoch::Initial;
        self.gate = WriteGate::Closed;
        self.budget = Budget::new(u64::MAX);
        Ok(())
    }

    /// Permits or forbids application data from the next record on, as the handshake states. At first it is
    /// forbidden. An open gate must be for the current keys, so application data is never sent unprotected or
    /// under the keys of another epoch.
    ///
    /// # Errors
    /// [`RecordError::NoKeys`] and [`RecordError::EpochNotCurrent`], both final.
    pub fn set_gate(&mut self, gate: Gate) -> Result<(), RecordError> {
        self.check_failed()?;
        self.fail_on_error(check_gate(gate, self.is_protected(), self.epoch))?;
        self.gate = match gate {
            Gate::Closed => WriteGate::Closed,
            Gate::Open { .. } => WriteGate::Open,
            Gate::HalfRtt { .. } => WriteGate::HalfRtt,
        };
        Ok(())
    }

    /// Whether application data may be sent.
    #[must_use]
    pub const fn gate(&self) -> Gate {
        match self.gate {
            WriteGate::Closed => Gate::Closed,
            WriteGate::Open => Gate::Open { epoch: self.epoch },
            WriteGate::HalfRtt => Gate::HalfRtt { epoch: self.epoch },
        }
    }

    /// Sets the version in the record headers.
    pub const fn set_version(&mut self, version: ProtocolVersion) {
        self.version = version;
    }

    /// Sets the maximum plaintext length of a record in bytes, as negotiated (RFC 6066 section 4, RFC 8449)
    /// or as suits the network. Values outside 1 to 2^14 are clamped.
    pub fn set_max_plaintext(&mut self, max_plaintext: u16) {
        self.limit = clamp_plaintext(max_plaintext);
    }

    /// Sets the padding of application data from the next record on. It has an effect in TLS 1.3 only. At
    /// first there is none.
    pub const fn set_padding(&mut self, padding: RecordPadding) {
        self.padding = padding;
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

    /// The sequence number of the next record: the number of records sealed under the current keys.
    #[must_use]
    pub const fn sequence_number(&self) -> u64 {
        self.budget.sequence_number()
    }

    /// The number of records that may still be sealed under the current key. A few more are reserved for
    /// alerts.
    #[must_use]
    pub const fn records_left(&self) -> u64 {
        self.budget.left()
    }

    /// The usage of the current key, and its limit.
    #[must_use]
    pub const fn usage(&self) -> Usage {
        self.budget.usage()
    }

    /// Whether the key is so close to its usage limit that, in TLS 1.3, KeyUpdate should be sent before more
    /// application data (RFC 9846 section 5.5). When the limit is reached, handshake messages may still be
    /// sealed in TLS 1.3, so that KeyUpdate may be.
    #[must_use]
    pub const fn is_update_due(&self) -> bool {
        self.budget.is_update_due()
    }
}
