//! The limit on consecutive records that make no progress.

use crate::{error::RecordError, limits::RecordLimits};
use cairn_wire::{AlertDescription, AlertLevel, ContentType};

/// Counts consecutive empty records and warning alerts.
///
/// Neither kind resets the count of the other. Otherwise a peer could alternate them indefinitely.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    max_empty: u16,
    max_warnings: u16,
    empty: u16,
    warnings: u16,
    /// Whether the last alert record ended after the first byte of an alert.
    half_alert: bool,
}

impl Progress {
    pub(crate) const fn new(limits: &RecordLimits) -> Self {
        Self {
            max_empty: limits.max_empty_records,
            max_warnings: limits.max_warning_alerts,
            empty: 0,
            warnings: 0,
            half_alert: false,
        }
    }

    /// Counts an authenticated record. An empty one is application data.
    pub(crate) fn check(&mut self, content_type: ContentType, content: &[u8]) -> Result<(), RecordError> {
        match (content_type, content) {
            (_, []) => {
                if self.empty >= self.max_empty {
                    return Err(RecordError::TooManyEmptyRecords { max: self.max_empty });
                }
                self.empty += 1;
            }
            (ContentType::ALERT, content) => self.check_alerts(content)?,
            _ => {
                self.empty = 0;
                self.warnings = 0;
            }
        }
        Ok(())
    }

    /// Counts the alerts in a record, which may contain several alerts and parts of alerts (RFC 5246 section
    /// 6.2.1). An alert that ends the connection (fatal, or `close_notify`) is not counted, and everything
    /// after it is ignored. Each part of an alert counts as one.
    fn check_alerts(&mut self, content: &[u8]) -> Result<(), RecordError> {
        let (rest_of_one, content) = content.split_at(usize::from(self.half_alert).min(content.len()));
        let ends = |alert: &&[u8]| {
            matches!(**alert, [level, description]
                if level == AlertLevel::FATAL.0 || description == AlertDescription::CLOSE_NOTIFY.0)
        };
        let warnings = content.chunks(2).take_while(|alert| !ends(alert)).count() + rest_of_one.len();
        self.half_alert = !content.len().is_multiple_of(2);
        self.warnings = self.warnings.saturating_add(u16::try_from(warnings).unwrap_or(u16::MAX));
        if self.warnings > self.max_warnings {
            return Err(RecordError::TooManyWarnings { max: self.max_warnings });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: RecordLimits =
        RecordLimits { max_plaintext: 100, max_empty_records: 3, max_warning_alerts: 2 };
    const DATA: ContentType = ContentType::APPLICATION_DATA;
    const TOO_EMPTY: RecordError = RecordError::TooManyEmptyRecords { max: 3 };
    const TOO_WARNED: RecordError = RecordError::TooManyWarnings { max: 2 };

    #[test]
    fn empty_records_are_limited_and_content_resets_the_count() {
        let mut progress = Progress::new(&LIMITS);
        for _ in 0..2 {
            for _ in 0..3 {
                assert_eq!(progress.check(DATA, &[]), Ok(()));
            }
            assert_eq!(progress.check(DATA, &[0]), Ok(()));
        }
        for _ in 0..3 {
            assert_eq!(progress.check(DATA, &[]), Ok(()));
        }
        assert_eq!(progress.check(DATA, &[]), Err(TOO_EMPTY));
    }

    #[test]
    fn warnings_are_limited_and_other_content_resets_the_count() {
        let mut progress = Progress::new(&LIMITS);
        for end in [DATA, ContentType::HANDSHAKE, ContentType::CHANGE_CIPHER_SPEC] {
            for _ in 0..2 {
                assert_eq!(progress.check(ContentType::ALERT, &[1, 90]), Ok(()));
            }
            assert_eq!(progress.check(end, &[1]), Ok(()));
        }
        for _ in 0..2 {
            assert_eq!(progress.check(ContentType::ALERT, &[1, 90]), Ok(()));
        }
        assert_eq!(progress.check(ContentType::ALERT, &[2, 40]), Ok(()));
        assert_eq!(progress.check(ContentType::ALERT, &[1, 90]), Err(TOO_WARNED));
    }

    #[test]
    fn alternating_empty_records_and_warnings_are_both_counted() {
        let mut progress = Progress::new(&LIMITS);
        for _ in 0..2 {
            assert_eq!(progress.check(DATA, &[]), Ok(()));
            assert_eq!(progress.check(ContentType::ALERT, &[1, 90]), Ok(()));
        }
        assert_eq!(progress.check(ContentType::ALERT, &[1, 90]), Err(TOO_WARNED));
        assert_eq!(progress.check(DATA, &[]), Ok(()));
        assert_eq!(progress.check(DATA, &[]), Err(TOO_EMPTY));
    }

    #[test]
    fn fragmented_warnings_are_counted() {
        let mut progress = Progress::new(&LIMITS);
        assert_eq!(progress.check(ContentType::ALERT, &[1]), Ok(()));
        assert_eq!(progress.check(ContentType::ALERT, &[90]), Ok(()));
        assert_eq!(progress.check(ContentType::ALERT, &[1]), Err(TOO_WARNED));
    }

    /// Compares every sequence of up to seven records with an independent count of both kinds since the last
    /// record with content.
    #[test]
    fn counts_are_right_for_every_short_sequence() {
        const KINDS: [(ContentType, &[u8]); 5] = [
            (DATA, &[]),
            (DATA, &[1]),
            (ContentType::ALERT, &[1, 90]),
            (ContentType::ALERT, &[2, 40]),
            (ContentType::HANDSHAKE, &[0]),
        ];
        for number in 0..5_usize.pow(7) {
            let (mut progress, mut empty, mut warnings) = (Progress::new(&LIMITS), 0, 0);
            let row = (0..7).scan(number, |rest, _| {
                let kind = *rest % 5;
                *rest /= 5;
                Some(kind)
            });
            for kind in row {
                let (content_type, content) = KINDS[kind];
                let wanted = match kind {
                    0 => {
                        empty += 1;
                        if empty > LIMITS.max_empty_records { Err(TOO_EMPTY) } else { Ok(()) }
                    }
                    2 => {
                        warnings += 1;
                        if warnings > LIMITS.max_warning_alerts { Err(TOO_WARNED) } else { Ok(()) }
                    }
                    3 => Ok(()),
                    _ => {
                        (empty, warnings) = (0, 0);
                        Ok(())
                    }
                };
                assert_eq!(progress.check(content_type, content), wanted, "{number}");
                if wanted.is_err() {
                    break;
                }
            }
        }
    }

    #[test]
    fn every_warning_in_a_record_is_counted() {
        let alert = ContentType::ALERT;
        let after = |records: &[&[u8]]| {
            let mut progress = Progress::new(&LIMITS);
            records.iter().map(|record| progress.check(alert, record)).find(Result::is_err)
        };
        assert_eq!(after(&[&[1, 90, 1, 90]]), None);
        assert_eq!(after(&[&[1, 90, 1, 90, 1, 90]]), Some(Err(TOO_WARNED)));
        // A `close_notify` or fatal alert is not a warning, and the bytes after it are ignored.
        assert_eq!(after(&[&[1, 90, 1, 90, 2, 40]]), None);
        assert_eq!(after(&[&[1, 90, 1, 90, 1, 0, 1, 90, 1, 90]]), None);
        // Each record ends in the middle of an alert: five parts.
        assert_eq!(after(&[&[1], &[90, 1]]), Some(Err(TOO_WARNED)));
        // The rest of a split alert is not mistaken for a fatal one.
        assert_eq!(after(&[&[1], &[2, 1], &[40]]), Some(Err(TOO_WARNED)));
    }
}
