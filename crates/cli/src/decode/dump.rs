//! Hex dumps with a column of offsets, as `xxd`, `hexdump -C`, `od`, Wireshark, tcpdump and OpenSSL print them.

/// The bytes of a dump. `None` when this is no dump; an error says on which line one breaks off.
pub(super) fn read(text: &str) -> Option<Result<Vec<u8>, String>> {
    let lines: Vec<Line<'_>> = text.lines().enumerate().filter_map(Line::new).collect();
    let first = lines.first()?;
    // One line without a mark behind its offset could be a row of groups of digits.
    let is_marked = first.is_marked || lines.len() > 1;
    if !is_marked || !lines.iter().all(|line| line.is_squeeze || line.offset.is_some()) {
        // A dump in which a line is broken is better named than taken for something else.
        let most = lines.iter().filter(|line| line.is_marked).count();
        let broken = lines.iter().find(|line| !line.is_squeeze && line.offset.is_none());
        return match broken {
            Some(line) if most > lines.len() / 2 => Some(Err(format!(
                "it looks like a hex dump, but line {} does not begin with an offset",
                line.number
            ))),
            _ => None,
        };
    }
    let mut failure = None;
    for radix in [16, 8, 10] {
        match bytes(&lines, radix) {
            Ok(bytes) => return Some(Ok(bytes)),
            Err(error) => {
                failure.get_or_insert(error);
            }
        }
    }
    if first.is_marked { failure.map(Err) } else { None }
}

/// A line of a dump, parted.
struct Line<'a> {
    /// Counted from 1.
    number: usize,
    /// The digits of its offset.
    offset: Option<&'a str>,
    /// Whether something behind the offset says that it is one: a colon, a hyphen, or two spaces.
    is_marked: bool,
    /// `*`, for lines like the one before.
    is_squeeze: bool,
    /// What stands behind the offset.
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
        let nothing = Self { number, offset: None, is_marked: false, is_squeeze: false, rest: "" };
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
        let rest = rest.strip_prefix(':').or_else(|| rest.strip_prefix(" - ")).unwrap_or(rest);
        Some(Self { number, offset: Some(offset), is_marked, is_squeeze: false, rest })
    }

    fn offset(&self, radix: u32) -> Option<usize> {
        usize::from_str_radix(self.offset?, radix).ok()
    }

    /// The bytes of the line, so many at most: pairs of digits, until what cannot be one.
    fn bytes(&self, most: Option<usize>) -> Vec<u8> {
        let mut bytes = Vec::new();
        // `hexdump -C` has its text between bars; a bar can stand in the text as well, but behind the first.
        let mut rest = self.rest.split('|').next().unwrap_or_default().trim_start();
        while most.is_none_or(|most| bytes.len() < most) {
            let end = rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len());
            let Some((digits, after)) = rest.split_at_checked(end) else { break };
            let gap = after.trim_start_matches(' ');
            let spaces = after.len() - gap.len();
            let is_group = matches!(digits.len(), 2 | 4 | 8 | 16 | 32);
            // OpenSSL has a hyphen between the eighth byte and the ninth.
            let joined = after.strip_prefix('-').filter(|_| bytes.len() == 7);
            if !is_group || (spaces == 0 && !gap.is_empty() && joined.is_none()) {
                break;
            }
            let pairs = digits.as_bytes().chunks(2).filter_map(|pair| core::str::from_utf8(pair).ok());
            bytes.extend(pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()));
            // Behind a wide gap stands the text, but for the one in the middle of a line.
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

/// All bytes, if the offsets fit them.
fn bytes(lines: &[Line<'_>], radix: u32) -> Result<Vec<u8>, String> {
    let offset_of = |line: &Line<'_>| {
        line.offset(radix).ok_or_else(|| format!("the offset on line {} cannot be read", line.number))
    };
    let base = lines.first().map(offset_of).transpose()?.unwrap_or_default();
    let mut all: Vec<u8> = Vec::new();
    let mut last: Vec<u8> = Vec::new();
    let mut squeezed = false;
    for (place, line) in lines.iter().enumerate() {
        if line.is_squeeze {
            squeezed = true;
            continue;
        }
        let offset = offset_of(line)?.wrapping_sub(base);
        if squeezed {
            // No dump that people paste is longer than this.
            let is_sane = !last.is_empty() && offset < 1 << 28;
            while is_sane && all.len() < offset {
                all.extend_from_slice(&last);
            }
            squeezed = false;
        }
        if offset != all.len() {
            return Err(format!(
                "it looks like a hex dump, but the offset on line {} is not that of the byte there; `xxd -p` prints bytes alone",
                line.number
            ));
        }
        let next = lines.get(place + 1).filter(|next| !next.is_squeeze).and_then(|next| next.offset(radix));
        let most = next.map(|next| next.wrapping_sub(base).wrapping_sub(offset)).filter(|most| *most <= 256);
        last = line.bytes(most);
        all.extend_from_slice(&last);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// 20 bytes, of which some are letters that look like digits.
    const BYTES: &[u8; 20] = b"\x16\x03\x01\x00\x04abcdef 12 34\n\x00\xff";

    #[test]
    fn dumps_of_many_programs_are_read() {
        for (program, dump) in [
            (
                "xxd",
                "00000000: 1603 0100 0461 6263 6465 6620 3132 2033  .....abcdef 12 3\n00000010: 340a 00ff                                4...\n",
            ),
            (
                "hexdump -C",
                "00000000  16 03 01 00 04 61 62 63  64 65 66 20 31 32 20 33  |.....abcdef 12 3|\n00000010  34 0a 00 ff                                       |4...|\n00000014\n",
            ),
            (
                "Wireshark",
                "0000   16 03 01 00 04 61 62 63 64 65 66 20 31 32 20 33   .....abcdef 12 3\n0010   34 0a 00 ff                                       4...\n",
            ),
            (
                "tcpdump -X",
                "\t0x0000:  1603 0100 0461 6263 6465 6620 3132 2033  .....abcdef.12.3\n\t0x0010:  340a 00ff                                4...\n",
            ),
            (
                "od -A x -t x1z",
                "000000 16 03 01 00 04 61 62 63 64 65 66 20 31 32 20 33  >.....abcdef 12 3<\n000010 34 0a 00 ff                                      >4...<\n000014\n",
            ),
            (
                "od -t x1",
                "0000000 16 03 01 00 04 61 62 63 64 65 66 20 31 32 20 33\n0000020 34 0a 00 ff\n0000024\n",
            ),
            (
                "openssl s_client -debug",
                "0000 - 16 03 01 00 04 61 62 63-64 65 66 20 31 32 20 33   .....abcdef 12 3\n0010 - 34 0a 00 ff                                       4...\n",
            ),
            ("one line", "0000  16 03 01 00 04 61 62 63 64 65 66 20 31 32 20 33 34 0a 00 ff\n"),
        ] {
            assert_eq!(read(dump), Some(Ok(BYTES.to_vec())), "{program}");
        }
    }

    #[test]
    fn lines_that_a_dump_leaves_out_are_filled_in() {
        let dump = "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n00000040  01\n00000041\n";
        let mut zeros = vec![0; 64];
        zeros.push(1);
        assert_eq!(read(dump), Some(Ok(zeros)));
    }

    #[test]
    fn a_dump_that_begins_later_is_read_from_there() {
        assert_eq!(read("00000020: 1603\n00000022: 0100\n"), Some(Ok(vec![0x16, 3, 1, 0])));
    }

    #[test]
    fn broken_dumps_are_named_by_the_line() {
        let error = |dump| read(dump).unwrap().unwrap_err();
        assert!(error("00000000: 1603\n00000003: 0100\n").contains("line 2"));
        assert!(error("00000000: 1603\n00000002: 0100\nand so on\n").contains("line 3"));
    }

    #[test]
    fn bytes_alone_are_no_dump() {
        for text in
            ["0e000000", "0e 00 00 00", "0e00 0000", "0000 0000", "16030100\n040e0000\n", "16:03:01", ""]
        {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
