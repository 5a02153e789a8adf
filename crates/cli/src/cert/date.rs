//! Dates on the command line.

use crate::show::certificate::date;
use core::{fmt, str::FromStr, time::Duration};
use der::DateTime;

/// A moment in seconds since 1970, printed as a date in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date(pub(crate) u64);

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&date(self.0))
    }
}

impl FromStr for Date {
    type Err = String;

    /// Reads `2026-01-31`, `2026-01-31T12:00:00Z`, or seconds since 1970 after an at sign.
    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || {
            "expected a date in UTC from 1970 on, such as 2026-01-31, 2026-01-31T12:00:00Z or @1769817600"
                .to_owned()
        };
        if let Some(seconds) = text.strip_prefix('@') {
            let seconds = seconds.parse().map_err(|_| expected())?;
            let in_range = DateTime::from_unix_duration(Duration::from_secs(seconds)).is_ok();
            return if in_range { Ok(Self(seconds)) } else { Err(expected()) };
        }
        let whole = if text.contains('T') { text.to_owned() } else { format!("{text}T00:00:00Z") };
        let date = DateTime::from_str(&whole).map_err(|_| expected())?;
        Ok(Self(date.unix_duration().as_secs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_printed() {
        for (text, seconds, printed) in [
            ("1970-01-01", 0, "1970-01-01T00:00:00Z"),
            ("2026-01-31", 1_769_817_600, "2026-01-31T00:00:00Z"),
            ("2026-01-31T12:30:15Z", 1_769_862_615, "2026-01-31T12:30:15Z"),
            ("@1769862615", 1_769_862_615, "2026-01-31T12:30:15Z"),
            ("9999-12-31", 253_402_214_400, "9999-12-31T00:00:00Z"),
        ] {
            assert_eq!(text.parse(), Ok(Date(seconds)), "{text}");
            assert_eq!(Date(seconds).to_string(), printed);
        }
        for wrong in ["", "tomorrow", "2026-02-30", "2026-1-1", "1969-12-31", "@", "@-1", "@999999999999"] {
            assert!(wrong.parse::<Date>().is_err(), "{wrong}");
        }
    }
}
