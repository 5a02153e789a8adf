//! The order of packet numbers and generations of keys (RFC 9001 sections 6.4 and 6.5).

use crate::error::KeyUpdateViolation;

/// The packet numbers that were opened.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// The largest, with keys of any generation.
    largest: Option<u64>,
    /// The largest with keys before the current ones.
    largest_before: Option<u64>,
    /// The lowest with the current keys.
    lowest: Option<u64>,
}

/// A generation of keys for reading, relative to the current one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Generation {
    Previous,
    Current,
    Next,
}

impl Numbers {
    /// RFC 9001 section 6.4: "Packets with higher packet numbers MUST be protected with either the same or
    /// newer packet protection keys than packets with lower packet numbers."
    pub(super) fn check(&self, used: Generation, number: u64) -> Result<(), KeyUpdateViolation> {
        let older = match used {
            Generation::Previous => None,
            Generation::Current => self.largest_before,
            Generation::Next => self.largest,
        };
        if let Some(older) = older.filter(|older| *older > number) {
            return Err(KeyUpdateViolation::OldKeys { older, newer: number });
        }
        match self.lowest {
            Some(newer) if used == Generation::Previous && newer < number => {
                Err(KeyUpdateViolation::OldKeys { older: number, newer })
            }
            _ => Ok(()),
        }
    }

    /// Takes note of a packet that was opened and passed [`Numbers::check`]. If it is the first with the next
    /// keys, they are the current ones by now: [`Numbers::update_keys`].
    pub(super) fn note(&mut self, used: Generation, number: u64) {
        if used == Generation::Previous {
            let largest = self.largest_before.get_or_insert(number);
            *largest = number.max(*largest);
        } else {
            let lowest = self.lowest.get_or_insert(number);
            *lowest = number.min(*lowest);
        }
        let largest = self.largest.get_or_insert(number);
        *largest = number.max(*largest);
    }

    /// The largest packet number, from which the next is decoded.
    pub(super) const fn largest(&self) -> Option<u64> {
        self.largest
    }

    /// Whether the number is lower than all with the current keys.
    pub(super) fn is_before_current(&self, number: u64) -> bool {
        self.lowest.is_none_or(|lowest| number < lowest)
    }

    /// The keys were updated.
    pub(super) const fn update_keys(&mut self) {
        self.largest_before = self.largest;
        self.lowest = None;
    }
}
