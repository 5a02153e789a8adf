//! The sections of RFC 9846 with the rules that errors name for TLS 1.2.

use crate::codes::ProtocolVersion;

/// The sections that errors of both versions name, each with its successor in RFC 9846.
const SUCCESSORS: &[(&str, &str)] = &[
    ("RFC 5246 section 4.3", "RFC 9846 section 3.4"),
    ("RFC 5246 section 4.7", "RFC 9846 section 4.5.2"),
    ("RFC 5246 section 6.1", "RFC 9846 section 5.3"),
    ("RFC 5246 section 6.2.1", "RFC 9846 section 5.1"),
    ("RFC 5246 section 6.2.3", "RFC 9846 section 5.2"),
    ("RFC 5246 section 7.1", "RFC 9846 section 5.1"),
    ("RFC 5246 section 7.2", "RFC 9846 section 6"),
    ("RFC 5246 section 7.2.1", "RFC 9846 section 6.1"),
    ("RFC 5246 section 7.2.2", "RFC 9846 section 6.2"),
    ("RFC 5246 section 7.3", "RFC 9846 section 4"),
    ("RFC 5246 section 7.4.1.2", "RFC 9846 section 4.2.2"),
    ("RFC 5246 section 7.4.1.3", "RFC 9846 section 4.2.3"),
    ("RFC 5246 section 7.4.1.4", "RFC 9846 section 4.3"),
    ("RFC 5246 section 7.4.1.4.1", "RFC 9846 section 4.3.3"),
    ("RFC 5246 section 7.4.2", "RFC 9846 section 4.5.1"),
    ("RFC 5246 section 7.4.9", "RFC 9846 section 4.5.3"),
    ("RFC 5246 appendix E.1", "RFC 9846 appendix E"),
    ("RFC 8422 section 5.4", "RFC 9846 section 4.3.8"),
    ("RFC 8422 section 5.11", "RFC 9846 section 4.3.8"),
];

/// The section of the RFC of the version in use that has the rule of `section`.
///
/// The tables of errors name a section of TLS 1.2 for a rule of both versions. In TLS 1.3 its successor in
/// RFC 9846 counts. Sections of other RFCs, and rules without a successor, are returned as they are. So is
/// every section before a version is chosen (`None`).
///
/// ```
/// use cairn_wire::{ProtocolVersion, section_in};
///
/// let of_alerts = "RFC 5246 section 7.2.2";
/// assert_eq!(section_in(Some(ProtocolVersion::TLS_1_2), of_alerts), of_alerts);
/// assert_eq!(section_in(Some(ProtocolVersion::TLS_1_3), of_alerts), "RFC 9846 section 6.2");
/// ```
#[must_use]
pub fn section_in(version: Option<ProtocolVersion>, section: &'static str) -> &'static str {
    if version != Some(ProtocolVersion::TLS_1_3) {
        return section;
    }
    let successor = SUCCESSORS.iter().find(|(of_tls12, _)| *of_tls12 == section);
    successor.map_or(section, |(_, of_tls13)| of_tls13)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn successor_counts_in_tls13_alone() {
        for (of_tls12, of_tls13) in SUCCESSORS {
            assert!(of_tls13.starts_with("RFC 9846 "));
            assert_eq!(section_in(None, of_tls12), *of_tls12);
            assert_eq!(section_in(Some(ProtocolVersion::TLS_1_2), of_tls12), *of_tls12);
            assert_eq!(section_in(Some(ProtocolVersion::TLS_1_3), of_tls12), *of_tls13);
            assert_eq!(section_in(Some(ProtocolVersion::TLS_1_3), of_tls13), *of_tls13);
        }
    }

    /// ServerKeyExchange and its like are messages of TLS 1.2 alone.
    #[test]
    fn decoding_errors_of_both_versions_have_a_successor() {
        let table = include_str!("error.rs").split("fn row<R>").nth(1).unwrap();
        let sections = table.split('"').filter(|literal| literal.starts_with("RFC 5246 "));
        let without: Vec<_> = sections
            .filter(|section| section_in(Some(ProtocolVersion::TLS_1_3), section) == *section)
            .collect();
        assert_eq!(without, ["RFC 5246 section 7.4.3"]);
    }
}
