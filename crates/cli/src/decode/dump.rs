//! Hex dumps with a column of offsets, as `xxd`, `hexdump -C`, `od`, Wireshark, tcpdump and OpenSSL print
//! them.

/// The most bytes that lines with `*` are filled up to.
const MAX_BYTES: usize = 64 << 20;

/// The bytes of a dump. `None` if the text is not a dump. An error names the line that is broken.
pub(super) fn read(text: &str) -> Option<Result<Vec<u8>, String>> {
    let lines: Vec<Line<'_>> = text.lines().enumerate().filter_map(Line::new).collect();
    let first = lines.first()?;
    let with_offset = lines.iter().filter(|line| line.is_squeeze || line.offset.is_some()).count();
    if with_offset < lines.len() {
        // A dump with a broken line is reported as such rather than read as another format.
        let broken = lines.iter().find(|line| !line.is_squeeze && line.offset.is_none())?;
        let is_dump = first.is_marked && with_offset * 2 >= lines.len();
        return is_dump.then(|| {
            Err(format!("it looks like a hex dump, but line {} does not begin with an offset", broken.number))
        });
    }
    // A single line without a mark after its offset may be plain groups of digits.
    if !first.is_marked && lines.len() == 1 {
        return None;
    }
    // By default `od` prints octal offsets without a mark.
    let radixes: &[u32] = if first.is_certain { &[16] } else { &[16, 8, 10] };
    let mut failure = None;
    for radix in radixes {
        match bytes(&lines, *radix) {
            Ok(bytes) => return Some(Ok(bytes)),
            Err(error) => {
                failure.get_or_insert(error);
            }
        }
    }
    if first.is_marked { failure.map(Err) } else { None }
}

/// A line of a dump, split into its parts.
struct Line<'a> {
    /// Counted from 1.
    number: usize,
    /// The digits of its offset.
    offset: Option<&'a str>,
    /// Whether the offset is marked as such: by a colon, a hyphen, or two spaces after it.
    is_marked: bool,
    /// Whether it is certainly an offset: a colon or a hyphen follows it.
    is_certain: bool,
    /// `*`, which stands for lines equal to the previous one.
    is_squeeze: bool,
    /// The text after the offset.
    rest: &'a str,
}

impl<'a> Line<'a> {
    fn new((place, line): (usize, &'a str)) -> Option<Self> {
        let number = place + 1;
        let line = line.trim_end();
        let start = line.trim_start();
        if start.is_empty() {
            return None;
        }
        let nothing =
            Self { number, offset: None, is_marked: false, is_certain: false, is_squeeze: false, rest: "" };
        if start == "*" {
            return Some(Self { is_squeeze: true, ..nothing });
        }
        let digits = start.strip_prefix("0x").unwrap_or(start);
        let end = digits.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(digits.len());
        let (offset, rest) = digits.split_at_checked(end)?;
        if !(4..=16).contains(&offset.len()) {
            return Some(nothing);
        }
        let marks = [":", " - ", "  ", "\t"];
        let is_marked = marks.iter().any(|mark| rest.starts_with(mark));
        if !is_marked && !rest.is_empty() && !rest.starts_with(' ') {
            return Some(nothing);
        }
        let certain = rest.strip_prefix(':').or_else(|| rest.strip_prefix(" - "));
        let is_certain = certain.is_some();
        let rest = certain.unwrap_or(rest);
        Some(Self { number, offset: Some(offset), is_marked, is_certain, is_squeeze: false, rest })
    }

    fn offset(&self, radix: u32) -> Option<usize> {
        usize::from_str_radix(self.offset?, radix).ok()
    }

    /// Whether it has 16-bit words in the byte order of the machine, the lower byte first, as `hexdump` and
    /// `od -x` print them.
    fn has_words(&self) -> bool {
        let groups = || self.rest.split_ascii_whitespace();
        let is_word = |group: &str| group.len() == 4 && group.bytes().all(|byte| byte.is_ascii_hexdigit());
        !self.is_certain && self.offset.is_some_and(|offset| offset.len() == 7) && groups().all(is_word)
    }

    /// The reason why the groups of this line are not bytes in their order, as with `xxd -b` and `xxd -e`.
    fn oddity(&self, bytes: &[u8]) -> Option<&'static str> {
        let groups: Vec<&str> = self.rest.split_ascii_whitespace().collect();
        let of_eight = |group: &&&str| group.len() == 8 && group.bytes().all(|byte| byte.is_ascii_hexdigit());
        let eights: Vec<&&str> = groups.iter().take_while(of_eight).collect();
        if !self.is_certain || eights.is_empty() {
            return None;
        }
        if eights.iter().all(|group| group.bytes().all(|byte| matches!(byte, b'0' | b'1'))) {
            return Some("its bytes are in binary digits");
        }
        // The text at the end of the line shows their order.
        let text = self.rest.trim_start().split_once("  ")?.1.trim_start();
        let is_shown = |byte: &u8| (0x21..0x7f).contains(byte);
        let differs = text.len() == bytes.len()
            && text.bytes().zip(bytes).any(|(shown, byte)| is_shown(byte) && shown != *byte);
        differs.then_some("its groups are in another order than its text")
    }

    /// The bytes of the line, at most `most`: pairs of digits, up to the first group that is none.
    fn bytes(&self, most: Option<usize>) -> Vec<u8> {
        let mut bytes = Vec::new();
        // `hexdump -C` prints its text between bars. The text may contain bars too, but only after the first
        // one.
        let mut rest = self.rest.split('|').next().unwrap_or_default().trim_start();
        while most.is_none_or(|most| bytes.len() < most) {
            let end = rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len());
            let Some((digits, after)) = rest.split_at_checked(end) else { break };
            let gap = after.trim_start_matches(' ');
            let spaces = after.len() - gap.len();
            let is_group = matches!(digits.len(), 2 | 4 | 8 | 16 | 32);
            // OpenSSL prints a hyphen between the eighth and the ninth byte.
            let joined = after.strip_prefix('-').filter(|_| bytes.len() == 7);
            if !is_group || (spaces == 0 && !gap.is_empty() && joined.is_none()) {
                break;
            }
            let pairs = digits.as_bytes().chunks(2).filter_map(|pair| core::str::from_utf8(pair).ok());
            bytes.extend(pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()));
            // The text follows a wide gap; the gap in the middle of a line does not count.
            if spaces > 1 && bytes.len() != 8 {
                break;
            }
            rest = joined.unwrap_or(gap);
        }
        if let Some(most) = most {
            bytes.truncate(most);
        }
        bytes
    }
}

/// All bytes, if they match the offsets.
fn bytes(lines: &[Line<'_>], radix: u32) -> Result<Vec<u8>, String> {
    let offset_of = |line: &Line<'_>| {
        line.offset(radix).ok_or_else(|| format!("the offset on line {} cannot be read", line.number))
    };
    let base = lines.first().map(offset_of).transpose()?.unwrap_or_default();
    let mut all: Vec<u8> = Vec::new();
    let mut last: Vec<u8> = Vec::new();
    let mut squeezed = false;
    let has_words = lines.iter().all(|line| line.is_squeeze || line.has_words());
    for (place, line) in lines.iter().enumerate() {
        if line.is_squeeze {
            squeezed = true;
            continue;
        }
        let offset = offset_of(line)?.wrapping_sub(base);
        if squeezed {
            // A short dump cannot stand for more bytes than an input may have.
            let is_sane = !last.is_empty() && offset <= MAX_BYTES;
            while is_sane && all.len() < offset {
                all.extend_from_slice(&last);
            }
            squeezed = false;
        }
        if offset != all.len() {
            return Err(format!(
                "it looks like a hex dump, but the offset on line {} is not that of the byte there; `xxd \
                -p` prints bytes alone",
                line.number
            ));
        }
        let next = lines.get(place + 1).filter(|next| !next.is_squeeze).and_then(|next| next.offset(radix));
        let most = next.map(|next| next.wrapping_sub(base).wrapping_sub(offset)).filter(|most| *most <= 256);
        last = line.bytes(most.map(|most| if has_words { most.next_multiple_of(2) } else { most }));
        if let Some(oddity) = line.oddity(&last) {
            return Err(format!(
                "it looks like a hex dump, but {oddity} on line {}; `xxd` without -b and -e prints bytes in \
                their order",
                line.number
            ));
        }
        if has_words {
            last.chunks_exact_mut(2).for_each(<[u8]>::reverse);
            // The last word of an odd number of bytes is padded.
            last.truncate(most.unwrap_or(usize::MAX));
        }
        all.extend_from_slice(&last);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// 20 bytes, some of which are letters that look like digits.
    const BYTES: &[u8; 20] = b"\x16\x03\x01\x00\x04abcdef 12 34\n\x00\xff";

    #[test]
    fn dumps_of_various_programs_are_read() {
        for (program, dump) in [
            (
                "xxd",
                concat!(
                    "00000000: 1603 0100 0461 6263 6465 6620 3132 2033  .....abcdef 12 3\n",
                    "00000010: 340a 00ff                                4...\n",
                ),
            ),
            (
                "hexdump -C",
                concat!(
                    "00000000  16 03 01 00 04 61 62 63  64 65 66 20 31 32 20 33  |.....abcdef 12 3|\n",
                    "00000010  34 0a 00 ff                                       |4...|\n",
                    "00000014\n",
                ),
            ),
            (
                "Wireshark",
                concat!(
                    "0000   16 03 01 00 04 61 62 63 64 65 66 20 31 32 20 33   .....abcdef 12 3\n",
                    "0010   34 0a 00 ff                                       4...\n",
                ),
            ),
            (
                "tcpdump -X",
                concat!(
                    "\t0x0000:  1603 0100 0461 6263 6465 6620 3132 2033  .....abcdef.12.3\n",
                    "\t0x0010:  340a 00ff                                4...\n",
                ),
            ),
            (
                "od -A x -t x1z",
                concat!(
                    "000000 16 03 01 00 04 61 62 63 64 65 66 20 31 32 20 33  >.....abcdef 12 3<\n",
                    "000010 34 0a 00 ff                                      >4...<\n",
                    "000014\n",
                ),
            ),
            (
                "od -t x1",
                "0000000 16 03 01 00 04 61 62 63 64 65 66 20 31 32 20 33\n0000020 34 0a 00 ff\n0000024\n",
            ),
            (
                "openssl s_client -debug",
                concat!(
                    "0000 - 16 03 01 00 04 61 62 63-64 65 66 20 31 32 20 33   .....abcdef 12 3\n",
                    "0010 - 34 0a 00 ff                                       4...\n",
                ),
            ),
            ("hexdump", "0000000 0316 0001 6104 6362 6564 2066 3231 3320\n0000010 0a34 ff00\n0000014\n"),
            ("od -x", "0000000 0316 0001 6104 6362 6564 2066 3231 3320\n0000020 0a34 ff00\n0000024\n"),
            ("one line", "0000  16 03 01 00 04 61 62 63 64 65 66 20 31 32 20 33 34 0a 00 ff\n"),
        ] {
            assert_eq!(read(dump), Some(Ok(BYTES.to_vec())), "{program}");
        }
    }

    #[test]
    fn squeezed_lines_of_a_dump_are_restored() {
        let dump = concat!(
            "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n",
            "*\n",
            "00000040  01\n",
            "00000041\n",
        );
        let mut zeros = vec![0; 64];
        zeros.push(1);
        assert_eq!(read(dump), Some(Ok(zeros)));
        let endless = "00000000: 0000 0000 0000 0000\n*\n7fffffff8: 00\n";
        assert!(read(endless).unwrap().unwrap_err().contains("line 3"));
    }

    #[test]
    fn dump_with_a_nonzero_start_offset_is_read() {
        assert_eq!(read("00000020: 1603\n00000022: 0100\n"), Some(Ok(vec![0x16, 3, 1, 0])));
    }

    #[test]
    fn malformed_dumps_are_reported_with_the_line() {
        let error = |dump| read(dump).unwrap().unwrap_err();
        assert!(error("00000000: 1603\n00000003: 0100\n").contains("line 2"));
        assert!(error("00000000: 1603\n00000002: 0100\nand so on\n").contains("line 3"));
        assert!(error("00000000: 16030100\n00000020: 1603\n").contains("line 2"));
        assert!(error("00000000: 00010110 00000011  ..\n").contains("binary digits"));
        assert!(error("00000000: 61010316 66656463  ...abcdef\n00000008: 00000000  ....\n").contains("line"));
        assert!(error("00000000: 61010316 65646362  ...abcde\n").contains("another order"));
    }

    #[test]
    fn plain_hexadecimal_is_not_a_dump() {
        for text in
            ["0e000000", "0e 00 00 00", "0e00 0000", "0000 0000", "16030100\n040e0000\n", "16:03:01", ""]
        {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
