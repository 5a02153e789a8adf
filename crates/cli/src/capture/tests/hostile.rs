//! Captures that an attacker has made: nothing panics, every file is read to its end, and what is kept of it
//! is bounded by its length.

use super::*;
use proptest::{prelude::*, sample::Index};

/// The shortest packet with a TCP segment: the headers of the packet in the file, of IPv4 and of TCP.
const MIN_PACKET: usize = 16 + 20 + 20;

/// Reads a file with its own key log and with that of the recorded capture, and shows it in every way.
fn read(file: &[u8]) {
    let capture = packets::read(file);
    let (segments, packets) = (&capture.segments, capture.packets);
    let payload: usize = segments.iter().map(|segment| segment.payload.len()).sum();
    assert!(
        payload + segments.len() * MIN_PACKET <= file.len(),
        "{payload} bytes, {} segments",
        segments.len()
    );
    assert!(segments.iter().all(|segment| (1..=packets).contains(&segment.packet)));
    capture.skipped.notes();
    let mut own = KeyLog::default();
    for block in &capture.key_logs {
        own.add(block);
    }
    for log in [&own, &log(|_| true)] {
        let decoded = decode(file, log);
        let pieces: usize = decoded.iter().map(|each| each.flow.pieces.len()).sum();
        assert!(pieces <= 4 * segments.len(), "{pieces} pieces of {} segments", segments.len());
        let bytes: usize = decoded.iter().map(check).sum();
        assert!(bytes <= payload, "{bytes} bytes of {payload}");
        let document = json::Document::new(&capture, decoded.iter().map(json::flow));
        serde_json::to_string_pretty(&document).unwrap();
    }
}

/// Checks what is kept of a flow, and returns the number of its bytes.
fn check(decoded: &Decoded<'_>) -> usize {
    let length_of = |content| match content {
        Content::Bytes(bytes) => bytes.len(),
        Content::Missing(_) => 0,
    };
    let bytes: usize = decoded.flow.pieces.iter().map(|piece| length_of(piece.content)).sum();
    let conversation = &decoded.conversation;
    let lines = &conversation.lines;
    assert!(lines.len() <= tls::MAX_LINES && conversation.notes.len() <= 30);
    let messages: usize = lines.iter().filter_map(|line| Some(line.message.as_ref()?.0.len())).sum();
    let data: usize = From::BOTH.into_iter().map(|from| conversation.data_len(from)).sum();
    assert!(messages + data <= bytes, "{messages} and {data} bytes of {bytes}");
    for detail in [Detail::Lines, Detail::Ladders, Detail::Trees] {
        let text = show::text(detail, decoded);
        // A ladder has two lines for each message. The names of code points are longer than their bytes.
        let most = 10_000 + 1_000 * lines.len() + 64 * bytes;
        assert!(text.len() <= most, "{detail:?}: {} bytes of text, {bytes} bytes of TCP", text.len());
    }
    let _complete = write::check(decoded, None);
    bytes
}

/// The packets of the recorded capture.
fn recorded_packets() -> Vec<Vec<u8>> {
    let (mut packets, mut rest) = (Vec::new(), &SMALL[24..]);
    while let Some((header, after)) = rest.split_at_checked(16) {
        let length = u32::from_le_bytes(header[8..12].try_into().unwrap());
        let (packet, after) = after.split_at(usize::try_from(length).unwrap());
        packets.push(packet.to_vec());
        rest = after;
    }
    packets
}

/// An IP packet behind the header of a link type, if the type is known here.
fn framed(link: u32, ip: &[u8]) -> Vec<u8> {
    let header: &[u8] = match link {
        1 => &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0],
        113 => &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0],
        276 => &[8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        0 | 108 => &[2, 0, 0, 0],
        _ => &[],
    };
    [header, ip].concat()
}

/// A pcapng file with these packets, and with the key log of the recorded capture.
fn pcapng(link: u32, packets: &[Vec<u8>]) -> Vec<u8> {
    let word = |length: usize| u32::try_from(length).unwrap().to_le_bytes();
    let block = |kind: u32, body: &[&[u8]]| {
        let mut body = body.concat();
        body.resize(body.len().next_multiple_of(4), 0);
        let length = word(12 + body.len());
        [&kind.to_le_bytes()[..], &length, &body, &length].concat()
    };
    let mut file = block(0x0a0d_0d0a, &[&0x1a2b_3c4d_u32.to_le_bytes(), &[1, 0, 0, 0], &[0xff; 8]]);
    file.extend(block(1, &[&link.to_le_bytes()[..2], &[0; 6]]));
    file.extend(block(10, &[&0x544c_534b_u32.to_le_bytes(), &word(KEYS.len()), KEYS.as_bytes()]));
    for packet in packets {
        let length = word(packet.len());
        file.extend(block(6, &[&[0; 12], &length, &length, packet]));
    }
    file
}

fn link() -> impl Strategy<Value = u32> {
    let known = proptest::sample::select(vec![0_u32, 1, 12, 14, 101, 108, 113, 228, 229, 276]);
    prop_oneof![9 => known, 1 => any::<u32>()]
}

/// A change of the packets of a file.
#[derive(Clone, Debug)]
enum Change {
    Remove(Index),
    Repeat(Index, Index),
    Swap(Index, Index),
    Cut(Index, Index),
    Set(Index, Index, u8),
}

impl Change {
    fn any() -> impl Strategy<Value = Self> {
        let place = any::<Index>;
        prop_oneof![
            place().prop_map(Self::Remove),
            (place(), place()).prop_map(|(at, to)| Self::Repeat(at, to)),
            (place(), place()).prop_map(|(one, other)| Self::Swap(one, other)),
            (place(), place()).prop_map(|(at, length)| Self::Cut(at, length)),
            (place(), place(), any::<u8>()).prop_map(|(at, byte, value)| Self::Set(at, byte, value)),
        ]
    }

    fn make(&self, packets: &mut Vec<Vec<u8>>) {
        let Some(most) = packets.len().checked_sub(1) else { return };
        let at = |index: &Index| index.index(most + 1);
        match self {
            Self::Remove(index) => drop(packets.remove(at(index))),
            Self::Repeat(index, to) => {
                let packet = packets[at(index)].clone();
                packets.insert(at(to), packet);
            }
            Self::Swap(one, other) => packets.swap(at(one), at(other)),
            Self::Cut(index, length) => {
                let packet = &mut packets[at(index)];
                let length = length.index(packet.len() + 1);
                packet.truncate(length);
            }
            Self::Set(index, byte, value) => {
                let packet = &mut packets[at(index)];
                if !packet.is_empty() {
                    let byte = byte.index(packet.len());
                    packet[byte] = *value;
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn any_file_is_read_to_its_end(
        begin in proptest::sample::select(vec![
            pcap(1, &[]),
            pcap(RAW, &[]),
            pcapng(RAW, &[]),
            vec![0xa1, 0xb2, 0xc3, 0xd4],
            vec![0x4d, 0x3c, 0xb2, 0xa1],
            vec![0x0a, 0x0d, 0x0d, 0x0a],
        ]),
        rest in proptest::collection::vec(any::<u8>(), 0..2000),
    ) {
        read(&[begin, rest].concat());
    }

    #[test]
    fn any_packets_are_read_to_their_end(
        link in link(),
        packets in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 0..20),
        is_pcapng in any::<bool>(),
    ) {
        read(&if is_pcapng { pcapng(link, &packets) } else { pcap(link, &packets) });
    }

    #[test]
    fn changed_packets_are_read_to_their_end(
        link in link(),
        changes in proptest::collection::vec(Change::any(), 0..20),
        is_pcapng in any::<bool>(),
    ) {
        let mut packets: Vec<Vec<u8>> = recorded_packets().iter().map(|ip| framed(link, ip)).collect();
        for change in changes {
            change.make(&mut packets);
        }
        read(&if is_pcapng { pcapng(link, &packets) } else { pcap(link, &packets) });
    }

    #[test]
    fn changed_files_are_read_to_their_end(
        changes in proptest::collection::vec((0..SMALL.len(), any::<u8>()), 0..12),
        end in 0..=SMALL.len(),
        moved in (0..SMALL.len(), 0..SMALL.len(), 0_usize..2000),
    ) {
        let mut file = SMALL.to_vec();
        let (from, to, length) = moved;
        let part = SMALL[from..SMALL.len().min(from + length)].to_vec();
        file.splice(to..to, part);
        for (place, value) in changes {
            file[place] = value;
        }
        // Half of them have their end.
        if end % 2 == 0 {
            file.truncate(end);
        }
        read(&file);
    }

    #[test]
    fn any_records_are_read_to_their_end(
        sent in proptest::collection::vec(
            (any::<bool>(), proptest::collection::vec(any::<u8>(), 0..60)),
            0..10,
        ),
        with_headers in any::<bool>(),
    ) {
        let sent: Vec<(bool, Vec<u8>)> = sent
            .into_iter()
            .map(|(client, mut bytes)| {
                if with_headers {
                    let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
                    let kind = 20 + bytes.first().unwrap_or(&0) % 5;
                    bytes.splice(..0, [kind, 3, 3, length[0], length[1]]);
                }
                (client, bytes)
            })
            .collect();
        let borrowed: Vec<(bool, &[u8])> = sent.iter().map(|(client, bytes)| (*client, &bytes[..])).collect();
        read(&capture(&borrowed));
    }
}

#[test]
fn many_small_segments_under_large_ones_are_kept_once() {
    let mut tcp = tcp();
    let start = tcp.next;
    let mut packets = Vec::new();
    // Every other byte, and then all of them again and again.
    for at in (0..2_000).step_by(2) {
        tcp.next[0] = start[0] + at;
        packets.push(tcp.packet(true, ACK, b"a"));
    }
    for _ in 0..50 {
        tcp.next = start;
        packets.push(tcp.packet(true, ACK, &[b'a'; 2_000]));
    }
    let file = pcap(RAW, &packets);
    let capture = packets::read(&file);
    let flows = flows::of(&capture.segments);
    assert_eq!((flows[0].pieces.len(), flows[0].facts.client.bytes), (2_000, 2_000));
    read(&file);
}

#[test]
fn lengths_that_a_file_claims_take_no_memory() {
    // A record, a handshake message, and a gap in the stream, each far longer than what follows.
    let record = [23, 3, 3, 0x48, 0];
    let message = [22, 3, 3, 0, 6, 1, 0xff, 0xff, 0xff, 3, 3];
    let mut tcp = tcp();
    let mut packets = vec![tcp.packet(true, SYN, &[]), tcp.packet(false, SYN | ACK, &[])];
    packets.push(tcp.packet(true, ACK, &message));
    packets.push(tcp.packet(true, ACK, &record));
    tcp.next[0] = tcp.next[0].wrapping_add(0x7fff_0000);
    packets.push(tcp.packet(true, ACK, &record));
    let file = pcap(RAW, &packets);
    read(&file);
    let decoded = decode(&file, &KeyLog::default());
    let stop = decoded[0].conversation.stops.client.clone().unwrap();
    assert!(stop.starts_with("bytes 16 to 2147418128 of the client are not in the capture"), "{stop}");
}
