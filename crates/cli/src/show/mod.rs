//! Presents connections to the user.

pub(crate) mod certificate;
pub(crate) mod event;
mod gist;
pub(crate) mod json;
pub(crate) mod ladder;
pub(crate) mod report;
pub(crate) mod svg;
pub(crate) mod wanted;
pub(crate) mod watch;

/// Escapes text for HTML and SVG.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // XML cannot represent these characters.
            c if c.is_control() && c != '\n' && c != '\t' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Text of a peer, safe to print on a terminal: control characters and invisible ones are escaped.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\'' | '"' | '\\' => shown.push(character),
            other => shown.extend(other.escape_debug()),
        }
    }
    shown
}

/// The first bytes in hexadecimal.
pub(crate) fn hex_start(bytes: &[u8]) -> String {
    const SHOWN: usize = 4;
    let shown: String = bytes.iter().take(SHOWN).map(|byte| format!("{byte:02x}")).collect();
    if bytes.len() > SHOWN { format!("{shown}…") } else { shown }
}

/// A number with its noun: `1 certificate`, `2 certificates`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped() {
        assert_eq!(escape("<a href=\"x\">'&\x07"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;\u{fffd}");
    }

    #[test]
    fn text_of_a_peer_cannot_control_the_terminal() {
        assert_eq!(printable("it's \"ü\"\x1b[2J\u{202e}"), "it's \"ü\"\\u{1b}[2J\\u{202e}");
    }

    #[test]
    fn long_bytes_are_abbreviated() {
        assert_eq!(hex_start(&[1, 2, 3, 0xff]), "010203ff");
        assert_eq!(hex_start(&[0; 32]), "00000000…");
    }
}
