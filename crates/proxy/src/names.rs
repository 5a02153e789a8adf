//! Patterns of DNS names.

/// Whether a pattern matches a name: they are equal but for case, or the pattern is `*.` and a domain and the
/// name is below that domain.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    match pattern.strip_prefix("*.") {
        None => pattern.eq_ignore_ascii_case(name),
        Some(domain) => name
            .len()
            .checked_sub(domain.len())
            .and_then(|at| name.split_at_checked(at))
            .and_then(|(below, end)| Some((below.strip_suffix('.')?, end)))
            .is_some_and(|(below, end)| !below.is_empty() && end.eq_ignore_ascii_case(domain)),
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_wildcard_matches_every_name_below_its_domain() {
        for (pattern, name, expected) in [
            ("a.example", "a.example", true),
            ("a.example", "A.Example.", true),
            ("a.example", "b.a.example", false),
            ("*.example", "a.example", true),
            ("*.example", "a.b.EXAMPLE", true),
            ("*.example", "example", false),
            ("*.example", ".example", false),
            ("*.example", "anexample", false),
            ("*.example", "example.org", false),
            ("*.example", "ü", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
