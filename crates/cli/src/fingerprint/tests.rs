#![allow(clippy::unwrap_used)]
use super::*;

/// A length of two bytes and the content.
fn vec16(content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&length[..], content].concat()
}

fn codes(codes: &[u16]) -> Vec<u8> {
    codes.iter().flat_map(|code| code.to_be_bytes()).collect()
}

/// What a test states of a ClientHello.
struct Offer<'a> {
    version: u16,
    suites: &'a [u16],
    extensions: &'a [u16],
    groups: &'a [u16],
    schemes: &'a [u16],
    versions: &'a [u16],
    protocols: &'a [&'a [u8]],
}

impl Offer<'_> {
    /// The content of an extension.
    fn content(&self, kind: u16) -> Vec<u8> {
        match kind {
            0 => vec16(&[&[0][..], &vec16(b"example.com")].concat()),
            5 => vec![1, 0, 0, 0, 0],
            10 => vec16(&codes(self.groups)),
            11 => vec![1, 0],
            13 => vec16(&codes(self.schemes)),
            16 => {
                let names = self.protocols.iter().map(|name| {
                    let length = u8::try_from(name.len()).unwrap();
                    [&[length], *name].concat()
                });
                vec16(&names.collect::<Vec<_>>().concat())
            }
            27 => vec![2, 0, 2],
            43 => {
                let versions = codes(self.versions);
                [&[u8::try_from(versions.len()).unwrap()], &versions[..]].concat()
            }
            0xff01 => vec![0],
            _ => Vec::new(),
        }
    }

    fn message(&self) -> Vec<u8> {
        let mut body = codes(&[self.version]);
        body.extend([7; 32]);
        body.push(0);
        body.extend(vec16(&codes(self.suites)));
        body.extend([1, 0]);
        if !self.extensions.is_empty() {
            let extensions =
                self.extensions.iter().map(|kind| [codes(&[*kind]), vec16(&self.content(*kind))].concat());
            body.extend(vec16(&extensions.collect::<Vec<_>>().concat()));
        }
        let mut message = u32::try_from(body.len()).unwrap().to_be_bytes().to_vec();
        *message.first_mut().unwrap() = 1;
        message.extend(body);
        message
    }
}

const NOTHING: Offer<'static> = Offer {
    version: 0x0301,
    suites: &[],
    extensions: &[],
    groups: &[],
    schemes: &[],
    versions: &[],
    protocols: &[],
};

/// The example of the description of JA4, of a browser.
const BROWSER: Offer<'static> = Offer {
    version: 0x0303,
    suites: &[
        0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013, 0xc014, 0x009c,
        0x009d, 0x002f, 0x0035,
    ],
    extensions: &[
        0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023, 0x0012, 0x002b,
        0xff01, 0x000b, 0x000a, 0x0015,
    ],
    groups: &[29, 23, 24],
    schemes: &[0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601],
    versions: &[0x0304, 0x0303],
    protocols: &[b"h2", b"http/1.1"],
};

#[test]
fn published_values_of_ja4_are_reached() {
    let fingerprints = Client::of(&BROWSER.message()).unwrap();
    assert_eq!(fingerprints.ja4, "t13d1516h2_8daaf6152771_e5627efa2ab1");
    assert_eq!(
        fingerprints.ja4_raw,
        "t13d1516h2_002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9_0005,000a,\
         000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01_0403,0804,0401,0503,0805,0501,0806,\
         0601"
    );
    // The same with GREASE.
    let grease = |list: &[u16], value: u16| [&[value], list].concat();
    let (suites, extensions) = (grease(BROWSER.suites, 0x1a1a), grease(BROWSER.extensions, 0x2a2a));
    let (groups, versions) = (grease(BROWSER.groups, 0x3a3a), grease(BROWSER.versions, 0xfafa));
    let schemes = grease(BROWSER.schemes, 0x4a4a);
    let greased = Offer {
        suites: &suites,
        extensions: &extensions,
        groups: &groups,
        versions: &versions,
        schemes: &schemes,
        ..BROWSER
    };
    assert_eq!(Client::of(&greased.message()), Some(fingerprints));
    // Without signature algorithms the list of extensions stands alone: the published hash is of this list.
    let listed = "0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01";
    assert_eq!(hex(&Sha256::digest(listed.as_bytes())).get(..12), Some("6d807ffa2a79"));
    let types: Vec<u16> = BROWSER.extensions.iter().copied().filter(|kind| *kind != 13).collect();
    let raw = Client::of(&Offer { extensions: &types, ..BROWSER }.message()).unwrap().ja4_raw;
    assert!(raw.ends_with(",0033,4469,ff01"), "{raw}");
}

#[test]
fn protocol_of_ja4_follows_the_published_cases() {
    for (protocol, expected) in [
        (&b"h2"[..], "h2"),
        (b"http/1.1", "h1"),
        (b"h", "hh"),
        (b"\xab", "ab"),
        (b"\xab\xcd", "ad"),
        (b"\x30\xab", "3b"),
        (b"\x30\x31\xab\xcd", "3d"),
        (b"\x30\xab\xcd\x31", "01"),
    ] {
        let ja4 = Client::of(&Offer { protocols: &[protocol], ..BROWSER }.message()).unwrap().ja4;
        assert_eq!(ja4.get(8..10), Some(expected), "{protocol:?}");
    }
}

#[test]
fn old_hellos_have_fingerprints() {
    // Both values of JA3 were published with the method.
    let old = Offer {
        suites: &[47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4],
        extensions: &[0, 10, 11],
        groups: &[23, 24, 25],
        ..NOTHING
    };
    let fingerprints = Client::of(&old.message()).unwrap();
    let text = "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0";
    assert_eq!(fingerprints.ja3.text, text);
    assert_eq!(fingerprints.ja3.hash, "ada70206e40642a3e4461f35503241d5");
    assert!(fingerprints.ja4.starts_with("t10d120300_"), "{}", fingerprints.ja4);
    let older = Offer { suites: &[4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99], ..NOTHING };
    let fingerprints = Client::of(&older.message()).unwrap();
    assert_eq!(fingerprints.ja3.text, "769,4-5-10-9-100-98-3-6-19-18-99,,,");
    assert_eq!(fingerprints.ja3.hash, "de350869b8c85de67a350c8d186f11e6");
    assert!(fingerprints.ja4.starts_with("t10i110000_"), "{}", fingerprints.ja4);
    assert!(fingerprints.ja4.ends_with("_000000000000"), "{}", fingerprints.ja4);
}

#[test]
fn server_hello_has_ja3s() {
    // A value that is often seen: TLS 1.3 with AES-128-GCM. Wireshark computes the same.
    let mut body = codes(&[0x0303]);
    body.extend([7; 32]);
    body.extend([0, 0x13, 0x01, 0]);
    let versions = [codes(&[43]), vec16(&codes(&[0x0304]))].concat();
    let share = [codes(&[51]), vec16(&[&codes(&[29])[..], &vec16(&[9; 32])].concat())].concat();
    body.extend(vec16(&[versions, share].concat()));
    let mut message = u32::try_from(body.len()).unwrap().to_be_bytes().to_vec();
    *message.first_mut().unwrap() = 2;
    message.extend(body);
    let ja3s = of_server_hello(&message).unwrap();
    assert_eq!(ja3s.text, "771,4865,43-51");
    assert_eq!(ja3s.hash, "f4febc55ea12b31ae17cfb7e614afda8");
    assert_eq!(Client::of(&message), None);
    assert_eq!(of_server_hello(message.get(..60).unwrap()), None);
}

#[test]
fn malformed_hellos_have_none() {
    let message = BROWSER.message();
    for length in 0..message.len() {
        let cut = message.get(..length).unwrap();
        // A hello may end before its extensions.
        let has_no_extensions = length == 4 + 2 + 32 + 1 + 2 + 2 * BROWSER.suites.len() + 2;
        assert_eq!(Client::of(cut).is_some(), has_no_extensions, "{length}");
        assert_eq!(of_server_hello(cut), None);
    }
}
