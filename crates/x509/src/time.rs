//! Times in certificates, CRLs and OCSP responses.
//!
//! They are in seconds since 1970, since certificates have no finer unit: "GeneralizedTime values MUST NOT
//! include fractional seconds" (RFC 5280 section 4.1.2.5.2).

use crate::tlv::{self, Element, GENERALIZED_TIME, UTC_TIME};
use core::{fmt, time::Duration};
use der::DateTime;

/// A time in seconds since 1970, displayed as a date.
pub(crate) struct Time(pub(crate) u64);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::from_unix_duration(Duration::from_secs(self.0)) {
            Ok(date) => write!(f, "{date}"),
            // After the year 9999.
            Err(_) => write!(f, "{} seconds after 1970", self.0),
        }
    }
}

/// A `Time` (RFC 5280 section 4.1.2.5) in seconds since 1970; earlier times become 0.
///
/// A GeneralizedTime is accepted for years before 2050 too, although issuers must write UTCTime.
pub(crate) fn time(element: Element<'_>) -> der::Result<u64> {
    match element.tag {
        UTC_TIME => utc(element.contents),
        GENERALIZED_TIME => generalized(element.contents),
        _ => Err(tlv::malformed()),
    }
}

/// `YYMMDDHHMMSSZ`. Years from 50 on belong to the 20th century (section 4.1.2.5.1).
fn utc(contents: &[u8]) -> der::Result<u64> {
    let (year, rest) = contents.split_at_checked(2).ok_or_else(tlv::malformed)?;
    let year = two_digits(year)?;
    moment(if year >= 50 { 1900 } else { 2000 } + year, rest)
}

/// `YYYYMMDDHHMMSSZ`, without fractions of a second (section 4.1.2.5.2).
pub(crate) fn generalized(contents: &[u8]) -> der::Result<u64> {
    let (year, rest) = contents.split_at_checked(4).ok_or_else(tlv::malformed)?;
    let (century, year) = year.split_at_checked(2).ok_or_else(tlv::malformed)?;
    moment(two_digits(century)? * 100 + two_digits(year)?, rest)
}

fn two_digits(digits: &[u8]) -> der::Result<u64> {
    match *digits {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Ok(u64::from(tens - b'0') * 10 + u64::from(ones - b'0')),
        _ => Err(tlv::malformed()),
    }
}

/// The remainder of a time, `MMDDHHMMSSZ`, in this year.
fn moment(year: u64, rest: &[u8]) -> der::Result<u64> {
    let rest = rest.strip_suffix(b"Z").filter(|digits| digits.len() == 10).ok_or_else(tlv::malformed)?;
    let mut numbers = rest.chunks(2).map(two_digits);
    let mut next = || numbers.next().unwrap_or_else(|| Err(tlv::malformed()));
    let (month, day, hour, minute, second) = (next()?, next()?, next()?, next()?, next()?);
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days_in_month = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => return Err(tlv::malformed()),
    };
    if !(1..=days_in_month).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return Err(tlv::malformed());
    }
    if year < 1970 {
        return Ok(0);
    }
    let before = year - 1;
    let leap_days = before / 4 - before / 100 + before / 400 - (1969 / 4 - 1969 / 100 + 1969 / 400);
    let days_before = match month {
        1 => 0,
        2 => 31,
        3 => 59,
        4 => 90,
        5 => 120,
        6 => 151,
        7 => 181,
        8 => 212,
        9 => 243,
        10 => 273,
        11 => 304,
        _ => 334,
    };
    let leap_day = u64::from(is_leap && month > 2);
    let days = (year - 1970) * 365 + leap_days + days_before + leap_day + day - 1;
    Ok(days * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use der::asn1::GeneralizedTime;
    use proptest::prelude::*;

    fn read(tag: u8, contents: &[u8]) -> Option<u64> {
        time(Element { tag, contents, whole: &[] }).ok()
    }

    #[test]
    fn only_canonical_times_are_accepted() {
        for (contents, expected) in [
            ("700101000000Z", Some(0)),
            ("691231230000Z", Some(0)),
            ("500101000000Z", Some(0)),
            ("491231235959Z", Some(2_524_607_999)),
            ("000229000000Z", Some(951_782_400)),
            ("010229000000Z", None),
            ("691232000000Z", None),
            ("700001000000Z", None),
            ("701301000000Z", None),
            ("700101240000Z", None),
            ("700101006000Z", None),
            ("700101000060Z", None),
            ("7001010000Z", None),
            ("700101000000", None),
            ("700101000000+0000", None),
            ("7001010000 0Z", None),
            ("", None),
        ] {
            assert_eq!(read(UTC_TIME, contents.as_bytes()), expected, "{contents}");
        }
        for (contents, expected) in [
            ("19700101000000Z", Some(0)),
            ("19691231235959Z", Some(0)),
            ("00010101000000Z", Some(0)),
            ("20500101000000Z", Some(2_524_608_000)),
            ("21000229000000Z", None),
            ("99991231235959Z", Some(253_402_300_799)),
            ("20500101000000.0Z", None),
            ("205001010000Z", None),
            ("20500101000000", None),
        ] {
            assert_eq!(read(GENERALIZED_TIME, contents.as_bytes()), expected, "{contents}");
        }
        assert_eq!(read(tlv::INTEGER, b"700101000000Z"), None);
    }

    proptest! {
        #[test]
        fn times_agree_with_the_der_crate(seconds in 0..253_402_300_800_u64) {
            let date = DateTime::from_unix_duration(Duration::from_secs(seconds)).unwrap();
            let encoded = der::Encode::to_der(&GeneralizedTime::from_date_time(date)).unwrap();
            prop_assert_eq!(read(GENERALIZED_TIME, &encoded[2..]), Some(seconds));
        }
    }
}
