//! The validity period of a new certificate.

use super::date::Date;
use crate::failure::{Code, Failure};
use cairn_tls::{Clock, SystemClock};

const DAY: u64 = 86_400;

/// The options for a validity period.
#[derive(Debug, clap::Args)]
pub(super) struct Lifetime {
    /// The number of days that the certificate is valid.
    #[arg(long, value_name = "N", conflicts_with = "not_after")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) days: Option<u32>,
    /// The beginning of its validity in UTC, such as 2026-01-31 or 2026-01-31T12:00:00Z. The default is now.
    #[arg(long, value_name = "DATE")]
    pub(super) not_before: Option<Date>,
    /// The end of its validity in UTC.
    #[arg(long, value_name = "DATE")]
    pub(super) not_after: Option<Date>,
}

impl Lifetime {
    /// The first and the last second. Unless the end is stated, it is not after that of the issuer.
    pub(super) fn period(&self, days: u32, issuer_end: Option<u64>) -> Result<(u64, u64), Failure> {
        let from = self.not_before.map_or_else(|| SystemClock.now().as_secs(), |date| date.0);
        let after = |days: u32| from.saturating_add(u64::from(days).saturating_mul(DAY)).saturating_sub(1);
        let until = match (self.not_after, self.days) {
            (Some(date), _) => date.0,
            (None, Some(days)) => after(days),
            (None, None) => after(days).min(issuer_end.unwrap_or(u64::MAX)),
        };
        if until >= from {
            return Ok((from, until));
        }
        let (begin, end) = (Date(from), Date(until));
        if self.not_after.is_none() {
            let words = format!("the certificate would begin ({begin}) after its issuer has ended ({end})");
            return Err(Failure::new(Code::Local, words).hint("--days and --not-after state another end."));
        }
        let words = format!("the certificate would end ({end}) before it begins ({begin})");
        Err(Failure::new(Code::Local, words).hint("--not-before and --not-after state both."))
    }
}
