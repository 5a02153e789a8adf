//! The usage limit of the current key, and the sequence number counted against it.

use crate::error::RecordError;

/// Below this number of remaining records, [`RecordWriter::usage`](crate::RecordWriter::usage) returns
/// [`Usage::RekeySoon`]. With full records, 2^16 of them are a gigabyte, which is enough to finish the
/// current transfer and close the connection.
pub const REKEY_SOON: u64 = 1 << 16;

/// Records reserved for alerts, so that a connection can always report why it closes: a warning, a fatal
/// alert or `close_notify`, and some spare. In TLS 1.3 one of them may be KeyUpdate.
const KEPT_FOR_ALERTS: u64 = 8;

/// The usage of the current key and its limit (RFC 9846 section 5.5, which applies to the same ciphers
/// in TLS 1.2).
///
/// TLS 1.2 has no message that updates keys. Only a new handshake replaces an exhausted key. In TLS 1.3
/// KeyUpdate does: see [`RecordWriter::is_update_due`](crate::RecordWriter::is_update_due).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Usage {
    /// The limit is far away.
    Fine,
    /// Fewer than [`REKEY_SOON`] records remain: renegotiate or close the connection.
    RekeySoon,
    /// Only alerts may be sealed.
    Exhausted,
}

/// The sequence number of the next record under the current key. It starts at 0, so it is also the number of
/// records sealed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    next: u64,
    limit: u64,
}

impl Budget {
    /// Creates a budget of `limit` records. The number 2^64 - 1 is never reached, so the count cannot wrap
    /// (RFC 5246 section 6.1).
    pub(crate) const fn new(limit: u64) -> Self {
        Self { next: 0, limit }
    }

    pub(crate) const fn sequence_number(self) -> u64 {
        self.next
    }

    /// The number of records, other than alerts, that may still be sealed.
    pub(crate) const fn left(self) -> u64 {
        self.limit.saturating_sub(KEPT_FOR_ALERTS).saturating_sub(self.next)
    }

    pub(crate) const fn usage(self) -> Usage {
        match self.left() {
            0 => Usage::Exhausted,
            left if left < REKEY_SOON => Usage::RekeySoon,
            _ => Usage::Fine,
        }
    }

    /// Whether KeyUpdate should be sent before more application data: fewer than [`REKEY_SOON`] records
    /// remain, or fewer than half.
    pub(crate) const fn is_update_due(self) -> bool {
        let half = self.limit.saturating_sub(KEPT_FOR_ALERTS) / 2;
        let margin = if half < REKEY_SOON { half } else { REKEY_SOON };
        let left = self.left();
        left == 0 || left < margin
    }

    /// Checks that `records` records may be sealed, of a type that may use the reserve or of another.
    #[inline]
    pub(crate) const fn allows(self, has_reserve: bool, records: u64) -> Result<(), RecordError> {
        let left = if has_reserve { self.limit.saturating_sub(self.next) } else { self.left() };
        if records <= left { Ok(()) } else { Err(RecordError::KeyExhausted { limit: self.limit }) }
    }

    /// Counts a record. The count saturates; [`Budget::allows`] ensures that this never happens.
    pub(crate) const fn count(&mut self) {
        self.next = self.next.saturating_add(1);
    }

    #[cfg(test)]
    pub(crate) const fn set_sequence_number(&mut self, next: u64) {
        self.next = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: bool = false;
    const ALERT: bool = true;

    #[test]
    fn usage_warns_before_the_limit_and_reserves_records_for_alerts() {
        let limit = REKEY_SOON + KEPT_FOR_ALERTS + 1;
        let mut budget = Budget::new(limit);
        assert_eq!((budget.left(), budget.usage()), (REKEY_SOON + 1, Usage::Fine));
        budget.count();
        assert_eq!((budget.left(), budget.usage()), (REKEY_SOON, Usage::Fine));
        budget.count();
        assert_eq!((budget.left(), budget.usage()), (REKEY_SOON - 1, Usage::RekeySoon));

        budget.set_sequence_number(limit - KEPT_FOR_ALERTS - 1);
        assert_eq!((budget.left(), budget.usage()), (1, Usage::RekeySoon));
        assert_eq!(budget.allows(DATA, 1), Ok(()));
        assert_eq!(budget.allows(DATA, 2), Err(RecordError::KeyExhausted { limit }));
        budget.count();
        assert_eq!((budget.left(), budget.usage()), (0, Usage::Exhausted));
        assert_eq!(budget.allows(DATA, 1), Err(RecordError::KeyExhausted { limit }));
        for _ in 0..KEPT_FOR_ALERTS {
            assert_eq!(budget.allows(ALERT, 1), Ok(()));
            budget.count();
        }
        assert_eq!(budget.allows(ALERT, 1), Err(RecordError::KeyExhausted { limit }));
    }

    /// Every small limit, and limits around the warning threshold, at every relevant position.
    #[test]
    fn budget_allows_exactly_the_remaining_records() {
        let around = |place: u64| place.saturating_sub(12)..=place.saturating_add(12);
        for limit in (0..40).chain(around(REKEY_SOON)).chain(around(u64::MAX)) {
            let ends = around(0).chain(around(limit)).chain(around(limit.saturating_sub(REKEY_SOON)));
            for next in ends.filter(|next| *next <= limit) {
                let mut budget = Budget::new(limit);
                budget.set_sequence_number(next);
                // In a wider type, which does not saturate.
                let left = i128::from(limit) - i128::from(KEPT_FOR_ALERTS) - i128::from(next);
                let usage = match left {
                    ..=0 => Usage::Exhausted,
                    left if left < i128::from(REKEY_SOON) => Usage::RekeySoon,
                    _ => Usage::Fine,
                };
                assert_eq!(budget.usage(), usage, "{limit} {next}");
                for records in (0..30).chain([u64::MAX - 1, u64::MAX]) {
                    let wanted = i128::from(records) <= left.max(0);
                    assert_eq!(budget.allows(DATA, records).is_ok(), wanted, "{limit} {next} {records}");
                    let wanted = i128::from(records) <= i128::from(limit) - i128::from(next);
                    let alerts = budget.allows(ALERT, records).is_ok();
                    assert_eq!(alerts, wanted, "{limit} {next} {records}");
                }
            }
        }
    }

    #[test]
    fn update_is_due_before_the_limit_and_not_for_a_new_key() {
        for limit in [9, 10, 11, 12, 20, 1000, REKEY_SOON, 1 << 24, u64::MAX] {
            let mut budget = Budget::new(limit);
            assert!(!budget.is_update_due(), "{limit}");
            let usable = limit - KEPT_FOR_ALERTS;
            let margin = REKEY_SOON.min(usable / 2).max(1);
            budget.set_sequence_number(usable - margin);
            assert!(!budget.is_update_due() && budget.left() == margin, "{limit}");
            budget.count();
            assert!(budget.is_update_due(), "{limit}");
            budget.set_sequence_number(usable);
            assert!(budget.is_update_due(), "{limit}");
            assert_eq!(budget.allows(DATA, 1), Err(RecordError::KeyExhausted { limit }));
            assert_eq!(budget.allows(ALERT, 1), Ok(()), "KeyUpdate may use the reserve");
        }
    }

    #[test]
    fn limit_below_the_reserve_permits_only_alerts() {
        let budget = Budget::new(2);
        assert_eq!(budget.usage(), Usage::Exhausted);
        assert_eq!(budget.allows(ALERT, 2), Ok(()));
        assert!(budget.allows(DATA, 1).is_err());
    }

    #[test]
    fn the_sequence_number_never_wraps() {
        let mut budget = Budget::new(u64::MAX);
        budget.set_sequence_number(u64::MAX - 1);
        assert_eq!(budget.allows(ALERT, 1), Ok(()));
        budget.count();
        assert!(budget.allows(ALERT, 1).is_err());
        assert_eq!(budget.sequence_number(), u64::MAX);
    }
}
