#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use super::*;
use crate::capture::testing::{ACK, RAW, SYN, Tcp, pcap};
use core::net::{Ipv4Addr, SocketAddrV4};

const TCP: Tcp = Tcp {
    ends: [
        SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), 50_000),
        SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 2), 443),
    ],
    next: [1000, 2000],
};

fn segment() -> Vec<u8> {
    let mut tcp = TCP;
    tcp.packet(true, ACK, b"hello")
}

fn check(file: &[u8]) {
    let capture = read(file);
    assert_eq!(capture.broken, None);
    let [segment] = capture.segments[..] else { panic!("{:?}", capture.segments) };
    assert_eq!((segment.payload, segment.seq, segment.packet), (&b"hello"[..], 1000, 1));
    assert_eq!(segment.from.to_string(), "192.0.2.1:50000");
    assert_eq!(segment.to.to_string(), "192.0.2.2:443");
    assert!(segment.ack == Some(2000) && !segment.syn && !segment.fin && !segment.rst);
}

#[test]
fn segments_are_found_behind_every_link_header() {
    let ip = segment();
    let with = |header: &[u8]| [header, &ip].concat();
    let ethernet = [0; 12];
    let vlan = [&ethernet[..], &[0x81, 0, 0, 7, 8, 0]].concat();
    let two_vlans = [&ethernet[..], &[0x88, 0xa8, 0, 7, 0x81, 0, 0, 9, 8, 0]].concat();
    let cooked = [&[0; 14][..], &[8, 0]].concat();
    let cooked2 = [&[8, 0][..], &[0; 18]].concat();
    for (link, packet) in [
        (1, with(&[&ethernet[..], &[8, 0]].concat())),
        (1, with(&vlan)),
        (1, with(&two_vlans)),
        (113, with(&cooked)),
        (276, with(&cooked2)),
        (0, with(&[2, 0, 0, 0])),
        (108, with(&[0, 0, 0, 2])),
        (101, ip.clone()),
        (12, ip.clone()),
        (228, ip.clone()),
    ] {
        check(&pcap(link, &[packet]));
    }
    // Ethernet pads short packets, and its frame check sequence may follow.
    check(&pcap(1, &[[&ethernet[..], &[8, 0], &ip, &[0; 6]].concat()]));
    check(&pcap(0x4400_0001, &[[&ethernet[..], &[8, 0], &ip, &[1, 2, 3, 4]].concat()]));
}

#[test]
fn segments_are_found_behind_extension_headers_of_ipv6() {
    let tcp = &segment()[20..];
    // A Destination Options header of eight bytes comes before TCP.
    let length = u16::try_from(8 + tcp.len()).unwrap().to_be_bytes();
    let mut ip = vec![0x60, 0, 0, 0, length[0], length[1], 60, 64];
    ip.extend([0xfe; 32]);
    ip.extend([6, 0, 1, 4, 0, 0, 0, 0]);
    ip.extend(tcp);
    let file = pcap(RAW, &[ip]);
    let capture = read(&file);
    assert_eq!(capture.segments.len(), 1, "{:?}", capture.skipped);
    assert_eq!(capture.segments[0].payload, b"hello");
    assert!(capture.segments[0].from.is_ipv6());
}

#[test]
fn big_endian_and_nanosecond_files_are_read() {
    let file = pcap(RAW, &[segment()]);
    let swapped = |file: &[u8]| -> Vec<u8> {
        let words = file[..24].chunks(4).chain(file[24..40].chunks(4));
        let mut swapped: Vec<u8> = words.flat_map(|word| word.iter().rev().copied()).collect();
        swapped[4..8].copy_from_slice(&[0, 2, 0, 4]);
        swapped.extend(&file[40..]);
        swapped
    };
    check(&swapped(&file));
    assert_eq!(read(&file).segments[0].at, 1_700_000_000_000_001);
    let mut nanoseconds = file.clone();
    nanoseconds[..4].copy_from_slice(&0xa1b2_3c4d_u32.to_le_bytes());
    nanoseconds[28..32].copy_from_slice(&5_000_u32.to_le_bytes());
    check(&nanoseconds);
    assert_eq!(read(&nanoseconds).segments[0].at, 1_700_000_000_000_005);
}

/// A block of pcapng.
fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let padded = body.len().next_multiple_of(4);
    let length = u32::try_from(12 + padded).unwrap().to_le_bytes();
    let mut block = [&kind.to_le_bytes()[..], &length, body].concat();
    block.resize(8 + padded, 0);
    block.extend(length);
    block
}

fn section() -> Vec<u8> {
    block(0x0a0d_0d0a, &[0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255])
}

fn enhanced(interface: u32, data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    let words = [interface, 0, 7_000, length, length];
    let mut body: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    body.extend(data);
    block(6, &body)
}

#[test]
fn pcapng_is_read_with_its_key_log() {
    let interface = block(1, &[101, 0, 0, 0, 0, 0, 0, 0]);
    let secrets = block(10, &[&0x544c_534b_u32.to_le_bytes()[..], &5_u32.to_le_bytes(), b"# log"].concat());
    let simple = block(3, &[&45_u32.to_le_bytes()[..], &segment()].concat());
    let file = [section(), interface.clone(), secrets, enhanced(0, &segment())].concat();
    check(&file);
    let capture = read(&file);
    assert_eq!(capture.key_logs, [b"# log"]);
    assert_eq!(capture.segments[0].at, 7_000);
    check(&[section(), interface.clone(), simple].concat());

    let nanoseconds = block(1, &[101, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0]);
    let file = [section(), nanoseconds, enhanced(0, &segment())].concat();
    assert_eq!(read(&file).segments[0].at, 7);
    let file = [section(), interface, enhanced(1, &segment())].concat();
    assert!(read(&file).broken.unwrap().contains("names an interface that is not described"));
}

#[test]
fn times_are_in_the_unit_of_the_interface() {
    let with = |unit: u8, high: u32, low: u32| {
        let interface = block(1, &[101, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0, unit, 0, 0, 0, 0, 0, 0, 0]);
        let data = segment();
        let length = u32::try_from(data.len()).unwrap();
        let words = [0, high, low, length, length];
        let mut body: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        body.extend(data);
        let file = [section(), interface, block(6, &body)].concat();
        let capture = read(&file);
        (capture.segments[0].at, capture.skipped.notes())
    };
    for (unit, high, low, at) in [
        (0, 0, 3, 3_000_000),
        (3, 0, 1_500, 1_500_000),
        (6, 0, 7, 7),
        (9, 0, 7_000, 7),
        (19, 1, 0, 0),
        (0x80, 0, 3, 3_000_000),
        (0x8a, 0, 1024, 1_000_000),
        // 2^-32 and 2^-63: half a second and a second.
        (0xa0, 0, 1 << 31, 500_000),
        (0xbf, 1 << 31, 0, 1_000_000),
        // Above 63, only the large numbers have a time.
        (0xc0, 1 << 31, 0, 500_000),
        (0xd3, u32::MAX, u32::MAX, 1),
    ] {
        assert_eq!(with(unit, high, low), (at, Vec::new()), "{unit:#x}");
    }
    for (unit, words) in [(0x7f, "10^-127"), (0xff, "2^-127"), (26, "10^-26")] {
        let (at, notes) = with(unit, u32::MAX, u32::MAX);
        assert_eq!((at, notes.len()), (0, 1), "{notes:?}");
        assert!(notes[0].contains(words), "{notes:?}");
    }
    let (at, notes) = with(0, u32::MAX, 0);
    assert_eq!(at, u64::MAX);
    assert!(notes[0].contains("1 packet with a time that has no place"), "{notes:?}");
}

#[test]
fn offset_of_times_has_the_byte_order_of_the_section() {
    let swapped_if = |is_big: bool, mut bytes: Vec<u8>| {
        if is_big {
            bytes.reverse();
        }
        bytes
    };
    for is_big in [false, true] {
        let word = |value: u32| swapped_if(is_big, value.to_le_bytes().to_vec());
        let half = |value: u16| swapped_if(is_big, value.to_le_bytes().to_vec());
        let block = |kind: u32, mut body: Vec<u8>| {
            body.resize(body.len().next_multiple_of(4), 0);
            let length = word(u32::try_from(12 + body.len()).unwrap());
            [word(kind), length.clone(), body, length].concat()
        };
        let section = [word(0x1a2b_3c4d), half(1), half(0), vec![255; 8]].concat();
        let offset = swapped_if(is_big, 5_i64.to_le_bytes().to_vec());
        let interface = [half(101), half(0), word(0), half(14), half(8), offset, half(0), half(0)].concat();
        let data = segment();
        let length = u32::try_from(data.len()).unwrap();
        let packet = [word(0), word(0), word(7), word(length), word(length), data].concat();
        let file = [block(0x0a0d_0d0a, section), block(1, interface), block(6, packet)].concat();
        assert_eq!(read(&file).segments[0].at, 5_000_007, "{is_big}");
    }
}

#[test]
fn packets_without_tcp_are_counted() {
    let mut udp = segment();
    udp[9] = 17;
    let mut fragment = segment();
    fragment[6] = 0x20;
    let file = pcap(RAW, &[udp, fragment, vec![0xff; 30], Vec::new(), segment()]);
    let capture = read(&file);
    assert_eq!((capture.segments.len(), capture.packets), (1, 5));
    let skipped = &capture.skipped;
    assert_eq!((skipped.udp, skipped.fragments, skipped.others), (1, 1, 2));
    assert_eq!(skipped.notes().len(), 3);
    let file = pcap(147, &[segment()]);
    assert!(read(&file).skipped.notes()[0].contains("link type 147"));
}

#[test]
fn packets_before_a_fault_of_the_file_remain() {
    let mut tcp = TCP;
    let file = pcap(RAW, &[tcp.packet(true, SYN, &[]), tcp.packet(true, ACK, b"hello")]);
    let capture = read(&file[..file.len() - 1]);
    assert_eq!(capture.segments.len(), 1);
    assert_eq!(capture.broken.as_deref(), Some("the capture file is cut off after packet 1"));
    for at in 0..24 {
        assert!(read(&file[..at]).broken.is_some(), "{at}");
    }
    let file = [section(), vec![1, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0, 0, 0]].concat();
    assert!(read(&file).broken.is_some());
}

/// A pcapng file with every kind of block that is read.
fn pcapng() -> Vec<u8> {
    let nanoseconds = block(1, &[101, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0]);
    let secrets = block(10, &[&0x544c_534b_u32.to_le_bytes()[..], &5_u32.to_le_bytes(), b"# log"].concat());
    let simple = block(3, &[&45_u32.to_le_bytes()[..], &segment()].concat());
    [section(), nanoseconds, secrets, enhanced(0, &segment()), simple].concat()
}

proptest::proptest! {
    #[test]
    fn malformed_pcapng_files_do_not_panic(
        changes in proptest::collection::vec((proptest::num::usize::ANY, proptest::num::u8::ANY), 0..8),
        end in proptest::num::usize::ANY,
    ) {
        let mut file = pcapng();
        let length = file.len();
        for (place, value) in changes {
            file[place % length] = value;
        }
        // Half of them have their end.
        if end % 2 == 0 {
            file.truncate(end % length);
        }
        let capture = read(&file);
        proptest::prop_assert!(capture.packets <= 5);
        capture.skipped.notes();
    }

    #[test]
    fn any_packet_is_read_without_panic(
        link in proptest::sample::select(vec![0_u32, 1, 12, 101, 108, 113, 228, 229, 276]),
        start in proptest::collection::vec(proptest::num::u8::ANY, 0..30),
        with_ip in proptest::bool::ANY,
    ) {
        let mut packet = start;
        if with_ip {
            packet.extend(segment());
        }
        let file = pcap(link, &[packet]);
        proptest::prop_assert_eq!(read(&file).packets, 1);
    }
}
