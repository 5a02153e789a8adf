//! The parts of DER (X.690) that the checks need.

/// Encodes a sequence of nonnegative integers.
pub(crate) fn sequence(numbers: &[&[u8]]) -> Vec<u8> {
    let body: Vec<u8> = numbers.iter().flat_map(|number| integer(number)).collect();
    element(0x30, &body)
}

/// Encodes a nonnegative integer.
pub(crate) fn integer(number: &[u8]) -> Vec<u8> {
    let mut body = crate::number::significant(number).to_vec();
    if body.first().is_none_or(|first| *first >= 0x80) {
        body.insert(0, 0);
    }
    element(2, &body)
}

/// Encodes an element with the shortest length.
pub(crate) fn element(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(body.len()) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let length = body.len().to_be_bytes();
            let length = crate::number::significant(&length);
            out.push(0x80 | u8::try_from(length.len()).unwrap_or(0x7f));
            out.extend_from_slice(length);
        }
    }
    out.extend_from_slice(body);
    out
}

/// The contents of the integers in a sequence.
pub(crate) fn integers(der: &[u8]) -> Option<Vec<&[u8]>> {
    let (0x30, mut body, []) = split(der)? else { return None };
    let mut numbers = Vec::new();
    while !body.is_empty() {
        let (2, number, rest) = split(body)? else { return None };
        numbers.push(number);
        body = rest;
    }
    Some(numbers)
}

/// Tag, contents and the bytes after the element.
fn split(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, mut rest) = rest.split_first()?;
    let mut len = usize::from(*first);
    if len >= 0x80 {
        let (digits, body) = rest.split_at_checked(len & 0x7f)?;
        len = digits
            .iter()
            .try_fold(0_usize, |len, digit| len.checked_mul(256)?.checked_add((*digit).into()))?;
        rest = body;
    }
    let (body, rest) = rest.split_at_checked(len)?;
    Some((*tag, body, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_integers_are_read_back() {
        let large = vec![0x91; 300];
        let der = sequence(&[&[0, 0, 5], &[0x80], &[], &large]);
        assert_eq!(der[..3], [0x30, 0x82, 1]);
        let wide = [&[0][..], &large].concat();
        assert_eq!(integers(&der).unwrap(), [&[5][..], &[0, 0x80], &[0], &wide]);
        assert_eq!(integers(&[&der[..], &[0]].concat()), None);
        assert_eq!(integers(&der[..der.len() - 1]), None);
    }
}
