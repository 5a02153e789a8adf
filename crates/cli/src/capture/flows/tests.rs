#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use super::*;
use proptest::prelude::*;

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], port))
}

/// A segment from port 1 to port 2.
fn segment(packet: usize, seq: u32, payload: &[u8]) -> Segment<'_> {
    Segment {
        packet,
        at: 0,
        from: address(1),
        to: address(2),
        seq,
        syn: false,
        ack: Some(0),
        fin: false,
        rst: false,
        payload,
    }
}

fn back(segment: Segment<'_>) -> Segment<'_> {
    Segment { from: segment.to, to: segment.from, ..segment }
}

fn syn(packet: usize, seq: u32) -> Segment<'static> {
    Segment { syn: true, ack: None, ..segment(packet, seq, &[]) }
}

/// The only flow.
fn flow<'a>(segments: &[Segment<'a>]) -> Flow<'a> {
    let mut flows = of(segments);
    assert_eq!(flows.len(), 1);
    flows.remove(0)
}

/// The bytes of one side; a gap is a question mark for each byte.
fn bytes(flow: &Flow<'_>, from: From) -> Vec<u8> {
    let mut bytes = Vec::new();
    for piece in flow.pieces.iter().filter(|piece| piece.from == from) {
        assert_eq!(piece.offset, u64::try_from(bytes.len()).unwrap());
        match piece.content {
            Content::Bytes(more) => bytes.extend(more),
            Content::Missing(length) => bytes.extend(vec![b'?'; usize::try_from(length).unwrap()]),
        }
    }
    bytes
}

#[test]
fn retransmissions_and_overlaps_are_taken_once() {
    let segments = [
        syn(1, 9),
        segment(2, 10, b"abc"),
        segment(3, 10, b"abc"),
        segment(4, 16, b"g"),
        segment(5, 12, b"cDeXg!"),
        segment(6, 8, b"??abc"),
    ];
    let flow = flow(&segments);
    assert_eq!(bytes(&flow, From::Client), b"abcDeXg!");
    let facts = flow.facts.client;
    assert_eq!((facts.bytes, facts.changed), (8, 0));
    assert!(facts.has_start);
    let flow = self::flow(&[segment(1, 5, b"abc"), segment(2, 6, b"X")]);
    assert_eq!((bytes(&flow, From::Client), flow.facts.client.changed), (b"abc".to_vec(), 1));
}

#[test]
fn byte_of_a_keep_alive_is_ignored() {
    let flow = flow(&[syn(1, 0), segment(2, 1, b"abc"), segment(3, 3, b"X"), segment(4, 4, b"d")]);
    assert_eq!(bytes(&flow, From::Client), b"abcd");
    assert_eq!((flow.facts.client.bytes, flow.facts.client.changed), (4, 0));
    // Elsewhere another byte is a change.
    let flow = self::flow(&[syn(1, 0), segment(2, 1, b"abc"), segment(3, 2, b"X")]);
    assert_eq!(flow.facts.client.changed, 1);
}

#[test]
fn gaps_have_their_place_and_length() {
    let segments = [syn(1, 0xffff_fffe), segment(2, 1, b"c"), Segment { fin: true, ..segment(3, 3, b"e") }];
    let flow = flow(&segments);
    assert_eq!(bytes(&flow, From::Client), b"??c?e");
    // The FIN tells that bytes before it are missing.
    let flow = self::flow(&[syn(1, 0), segment(2, 1, b"a"), Segment { fin: true, ..segment(3, 4, &[]) }]);
    assert_eq!(bytes(&flow, From::Client), b"a??");
}

#[test]
fn syn_decides_which_side_is_the_client() {
    let answer = Segment { syn: true, ..segment(2, 100, &[]) };
    for segments in [
        vec![syn(1, 5), back(answer)],
        vec![back(answer), syn(1, 5)],
        vec![back(segment(1, 101, b"x")), back(answer)],
        vec![back(segment(1, 101, b"x")), syn(2, 5)],
    ] {
        assert_eq!(flow(&segments).addresses.client, address(1));
    }
}

#[test]
fn hellos_decide_which_side_is_the_client_without_a_syn() {
    let (hello, answer) = ([22, 3, 1, 0, 9, 1, 0, 0, 5], [22, 3, 3, 0, 9, 2, 0, 0, 5]);
    for segments in [
        vec![back(segment(1, 1, b"SSH-2")), segment(2, 1, &hello)],
        vec![back(segment(1, 1, &answer)), segment(2, 1, b"late")],
        // One direction alone.
        vec![back(segment(1, 1, &answer))],
    ] {
        assert_eq!(flow(&segments).addresses.client, address(1));
    }
}

#[test]
fn a_new_syn_begins_a_new_connection() {
    let segments = [
        syn(1, 9),
        syn(2, 9),
        segment(3, 10, b"one"),
        Segment { rst: true, ..segment(4, 13, b"reset by a firewall") },
        syn(5, 99_999_999),
        segment(6, 100_000_000, b"two"),
    ];
    let flows = of(&segments);
    assert_eq!(flows.len(), 2);
    assert_eq!(bytes(&flows[0], From::Client), b"one");
    assert!(flows[0].facts.client.rst && !flows[1].facts.client.rst);
    assert_eq!(bytes(&flows[1], From::Client), b"two");
    assert_eq!((flows[0].number, flows[1].number), (1, 2));
}

#[test]
fn pieces_of_both_sides_are_in_the_order_in_which_they_are_complete() {
    let segments = [
        segment(1, 1, b"a"),
        segment(2, 3, b"c"),
        back(segment(3, 1, b"x")),
        segment(4, 2, b"b"),
        back(segment(5, 2, b"y")),
    ];
    let flow = flow(&segments);
    let order: Vec<Content<'_>> = flow.pieces.iter().map(|piece| piece.content).collect();
    let expected = [b"a", b"x", b"b", b"c", b"y"].map(|bytes| Content::Bytes(bytes));
    assert_eq!(order, expected);
}

#[test]
fn answers_come_after_what_they_answer() {
    let segments = [
        back(Segment { ack: Some(11), ..segment(1, 50, b"answer") }),
        back(Segment { ack: Some(12), ..segment(2, 56, b"second") }),
        Segment { ack: Some(50), ..segment(3, 10, b"a") },
        Segment { ack: Some(62), ..segment(4, 11, b"b") },
    ];
    // The last two wait for each other, which cannot be: the order of the packets decides.
    let flow = flow(&segments);
    let order: Vec<Content<'_>> = flow.pieces.iter().map(|piece| piece.content).collect();
    assert_eq!(order, [&b"a"[..], b"answer", b"second", b"b"].map(Content::Bytes));
}

proptest! {
    #[test]
    fn any_segmentation_and_order_gives_the_same_bytes(
        data in proptest::collection::vec(any::<u8>(), 1..2000),
        isn in any::<u32>(),
        cuts in proptest::collection::vec((0_usize..2000, 1_usize..300), 0..40),
        order in any::<u64>(),
        with_syn in any::<bool>(),
    ) {
        // Segments of one length cover everything; others overlap them.
        let step = 1 + data.len() / 20;
        let whole = (0..data.len()).step_by(step).map(|at| (at, step));
        let ranges = whole.chain(cuts.into_iter().filter(|(at, _)| *at < data.len()));
        let mut segments: Vec<Segment<'_>> = ranges
            .map(|(at, length)| {
                let seq = isn.wrapping_add(1).wrapping_add(u32::try_from(at).unwrap());
                segment(0, seq, &data[at..data.len().min(at + length)])
            })
            .collect();
        if with_syn {
            segments.push(syn(0, isn));
        }
        // An order that depends on a number.
        segments.sort_by_key(|each| (u64::from(each.seq) + 1).wrapping_mul(order | 1).rotate_left(17));
        for (packet, segment) in (1..).zip(&mut segments) {
            segment.packet = packet;
        }
        let flow = flow(&segments);
        prop_assert_eq!(&bytes(&flow, From::Client), &data);
        prop_assert_eq!(flow.facts.client.changed, 0);
        prop_assert!(flow.pieces.is_sorted_by_key(|piece| piece.packet));
    }
}
