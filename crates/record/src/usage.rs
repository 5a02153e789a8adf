//! How far the current key may still go, and the sequence number that counts it.

use crate::RecordError;
use cairn_wire::ContentType;

/// With fewer records left than this, [`Usage::RekeySoon`] is said: 2^16, at full size a gigabyte. It is time enough to
/// finish what is being sent and make an end in good order.
pub const REKEY_SOON: u64 = 1 << 16;

/// Records that are kept for alerts, so that a connection can always say why it closes: a warning, the fatal alert or
/// `close_notify`, and some to spare.
const KEPT_FOR_ALERTS: u64 = 8;

/// How near the current key is to the limit of its use (RFC 8446 section 5.5, which holds for the same ciphers in
/// TLS 1.2).
///
/// TLS 1.2 has no message that updates keys: past the limit only a new handshake helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Usage {
    /// Far from it.
    Fine,
    /// Fewer than [`REKEY_SOON`] records are left: renegotiate, or close.
    RekeySoon,
    /// Only alerts may be sealed.
    Exhausted,
}

/// The sequence number of the next record under the current key. As it starts at 0, it is also the number of records
/// sealed so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    next: u64,
    limit: u64,
}

impl Budget {
    /// A budget of `limit` records. The number 2^64 - 1 is never reached, so that the count cannot wrap
    /// (RFC 5246 section 6.1).
    pub(crate) const fn new(limit: u64) -> Self {
        Self { next: 0, limit }
    }

    pub(crate) const fn sequence_number(self) -> u64 {
        self.next
    }

    /// Records of any type but alerts that may still be sealed.
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

    /// Whether `records` of this type may be sealed.
    pub(crate) fn allows(self, content_type: ContentType, records: u64) -> Result<(), RecordError> {
        let left = if content_type == ContentType::ALERT {
            self.limit.saturating_sub(self.next)
        } else {
            self.left()
        };
        if records <= left { Ok(()) } else { Err(RecordError::KeyExhausted { limit: self.limit }) }
    }

    /// Counts a record. It saturates, which [`Budget::allows`] keeps from ever happening.
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

    const DATA: ContentType = ContentType::APPLICATION_DATA;

    #[test]
    fn the_warning_comes_before_the_end_and_alerts_outlive_it() {
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
            assert_eq!(budget.allows(ContentType::ALERT, 1), Ok(()));
            budget.count();
        }
        assert_eq!(budget.allows(ContentType::ALERT, 1), Err(RecordError::KeyExhausted { limit }));
    }

    /// Every small limit, and those around the warning, with every place in them that matters.
    #[test]
    fn every_budget_allows_what_is_left_and_no_more() {
        let around = |place: u64| place.saturating_sub(12)..=place.saturating_add(12);
        for limit in (0..40).chain(around(REKEY_SOON)).chain(around(u64::MAX)) {
            let ends = around(0).chain(around(limit)).chain(around(limit.saturating_sub(REKEY_SOON)));
            for next in ends.filter(|next| *next <= limit) {
                let mut budget = Budget::new(limit);
                budget.set_sequence_number(next);
                // In a wider type, where nothing saturates.
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
                    let alerts = budget.allows(ContentType::ALERT, records).is_ok();
                    assert_eq!(alerts, wanted, "{limit} {next} {records}");
                }
            }
        }
    }

    #[test]
    fn a_limit_below_what_is_kept_leaves_alerts_only() {
        let budget = Budget::new(2);
        assert_eq!(budget.usage(), Usage::Exhausted);
        assert_eq!(budget.allows(ContentType::ALERT, 2), Ok(()));
        assert!(budget.allows(DATA, 1).is_err());
    }

    #[test]
    fn the_sequence_number_never_wraps() {
        let mut budget = Budget::new(u64::MAX);
        budget.set_sequence_number(u64::MAX - 1);
        assert_eq!(budget.allows(ContentType::ALERT, 1), Ok(()));
        budget.count();
        assert!(budget.allows(ContentType::ALERT, 1).is_err());
        assert_eq!(budget.sequence_number(), u64::MAX);
    }
}
