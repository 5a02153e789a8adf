//! TCP connections of a capture, with the bytes of each direction put in order.
//!
//! All segments are collected first and put in order then, so the order of the packets in the file does not
//! matter. Segments refer to the file; nothing is copied.

use super::{
    packets::Segment,
    records::is_hello,
    sides::{From, Sides},
};
use alloc::collections::BTreeMap;
use core::net::SocketAddr;
use std::collections::HashMap;

/// A part of the bytes that one side sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'a> {
    pub(crate) from: From,
    /// The packet that made these bytes available in their order.
    pub(crate) packet: usize,
    /// Its time in microseconds since 1970.
    pub(crate) at: u64,
    /// The position of the first byte in the stream of this side.
    pub(crate) offset: u64,
    /// The number of bytes of the other side that its sender had received.
    acknowledged: u64,
    pub(crate) content: Content<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content<'a> {
    Bytes(&'a [u8]),
    /// This many bytes are not in the capture.
    Missing(u64),
}

/// What was noticed about the segments of one direction.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts {
    /// The bytes in the capture, each counted once.
    pub(crate) bytes: u64,
    /// Whether the first byte of the connection is known: there was a SYN.
    pub(crate) has_start: bool,
    /// Whether the end of the connection is known: there was a FIN.
    pub(crate) has_end: bool,
    pub(crate) rst: bool,
    /// Bytes that came again with another value. The first value is taken.
    pub(crate) changed: u64,
}

/// A TCP connection.
#[derive(Debug)]
pub(crate) struct Flow<'a> {
    /// Counted from 1, in the order of the first packets.
    pub(crate) number: usize,
    pub(crate) addresses: Sides<SocketAddr>,
    pub(crate) facts: Sides<Facts>,
    /// The bytes of both sides, in the order in which they became available.
    pub(crate) pieces: Vec<Piece<'a>>,
    /// The time of the first packet.
    pub(crate) start: u64,
}

/// The flows of these segments.
pub(crate) fn of<'a>(segments: &[Segment<'a>]) -> Vec<Flow<'a>> {
    let mut collected: Vec<Collected<'a>> = Vec::new();
    let mut latest: HashMap<[SocketAddr; 2], usize> = HashMap::new();
    for segment in segments {
        let mut ends = [segment.from, segment.to];
        ends.sort_unstable();
        let known = latest.get(&ends).and_then(|place| collected.get_mut(*place));
        match known {
            Some(flow) if !flow.is_followed_by(segment) => flow.add(segment),
            _ => {
                latest.insert(ends, collected.len());
                let mut flow = Collected::new(segment);
                flow.add(segment);
                collected.push(flow);
            }
        }
    }
    (1..).zip(collected).map(|(number, flow)| flow.into_flow(number)).collect()
}

/// The segments of a connection.
struct Collected<'a> {
    /// The sender of the first segment, and the receiver.
    ends: [SocketAddr; 2],
    directions: [Direction<'a>; 2],
    start: u64,
}

impl<'a> Collected<'a> {
    fn new(first: &Segment<'a>) -> Self {
        Self { ends: [first.from, first.to], directions: Default::default(), start: first.at }
    }

    fn direction(&self, segment: &Segment<'_>) -> &Direction<'a> {
        let [there, back] = &self.directions;
        if self.ends.first() == Some(&segment.from) { there } else { back }
    }

    /// Whether the segment opens another connection between the same ports.
    fn is_followed_by(&self, segment: &Segment<'_>) -> bool {
        segment.syn && self.direction(segment).differs_from(segment)
    }

    fn add(&mut self, segment: &Segment<'a>) {
        let is_first = self.ends.first() == Some(&segment.from);
        let [there, back] = &mut self.directions;
        let (own, other) = if is_first { (there, back) } else { (back, there) };
        let acknowledged = segment.ack.map(|ack| {
            // Positions are relative, so the first number seen of a direction may be an acknowledgment.
            other.last.get_or_insert((ack, 0));
            other.position(ack)
        });
        own.add(segment, acknowledged);
        self.start = self.start.min(segment.at);
    }

    fn into_flow(self, number: usize) -> Flow<'a> {
        let [there, back] = self.directions;
        let [first, second] = self.ends;
        let is_client = match (there.opens, back.opens) {
            (Some(Opens::Asks), _) | (_, Some(Opens::Answers)) => true,
            (_, Some(Opens::Asks)) | (Some(Opens::Answers), _) => false,
            // Without a SYN, the hellos tell.
            _ => there.is_client_of(&back) || !back.is_client_of(&there),
        };
        let (client, server, addresses) = if is_client {
            (there, back, Sides { client: first, server: second })
        } else {
            (back, there, Sides { client: second, server: first })
        };
        let starts = (client.start(), server.start());
        let (client_pieces, client_facts) = client.in_order(From::Client, starts.1);
        let (server_pieces, server_facts) = server.in_order(From::Server, starts.0);
        Flow {
            number,
            addresses,
            facts: Sides { client: client_facts, server: server_facts },
            pieces: merge(client_pieces, server_pieces),
            start: self.start,
        }
    }
}

/// Puts both sides together in the order of their packets, but no bytes before those that they acknowledge.
fn merge<'a>(client: Vec<Piece<'a>>, server: Vec<Piece<'a>>) -> Vec<Piece<'a>> {
    let mut pieces: Vec<Piece<'a>> = Vec::with_capacity(client.len().saturating_add(server.len()));
    let (mut client, mut server) = (client.into_iter().peekable(), server.into_iter().peekable());
    // The bytes of each side so far.
    let mut sent = Sides::<u64>::default();
    loop {
        let client_is_next = match (client.peek(), server.peek()) {
            (Some(own), Some(other)) => {
                let own_waits = own.acknowledged > sent.server;
                let other_waits = other.acknowledged > sent.client;
                if own_waits == other_waits { own.packet <= other.packet } else { other_waits }
            }
            (own, _) => own.is_some(),
        };
        let Some(piece) = (if client_is_next { client.next() } else { server.next() }) else { break };
        let length = match piece.content {
            Content::Bytes(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Content::Missing(length) => length,
        };
        let sent = sent.of_mut(piece.from);
        *sent = sent.saturating_add(length);
        pieces.push(piece);
    }
    pieces
}

/// Which packet of the opening of a connection a side sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opens {
    /// SYN.
    Asks,
    /// SYN and ACK.
    Answers,
}

/// The payload of a segment at its place.
#[derive(Clone, Copy)]
struct Part<'a> {
    packet: usize,
    at: u64,
    /// The position of the other side that its packet acknowledges.
    acknowledged: Option<i64>,
    bytes: &'a [u8],
}

/// The segments of one direction.
#[derive(Default)]
struct Direction<'a> {
    /// A sequence number and the position that it stands for. Positions are relative to the first segment.
    last: Option<(u32, i64)>,
    parts: Vec<(i64, Part<'a>)>,
    opens: Option<Opens>,
    /// The position of the first byte after the SYN.
    start: Option<i64>,
    /// The position of the FIN.
    end: Option<i64>,
    rst: bool,
}

impl<'a> Direction<'a> {
    /// The position that a sequence number stands for, nearest to the last one.
    fn position(&self, seq: u32) -> i64 {
        let (last, position) = self.last.unwrap_or((seq, 0));
        let distance = i64::from(seq.wrapping_sub(last).cast_signed());
        position.saturating_add(distance)
    }

    /// Whether a SYN does not belong to these segments.
    fn differs_from(&self, segment: &Segment<'_>) -> bool {
        /// The bytes that may come before their SYN in a capture.
        const NEAR: i64 = 1 << 20;
        let start = self.position(segment.seq).saturating_add(1);
        if let Some(known) = self.start {
            return known != start;
        }
        let first = self.parts.iter().map(|(position, _)| *position).min();
        first.is_some_and(|first| !(0..NEAR).contains(&first.saturating_sub(start)))
    }

    fn add(&mut self, segment: &Segment<'a>, acknowledged: Option<i64>) {
        let position = self.position(segment.seq);
        self.last = Some((segment.seq, position));
        // A SYN counts as one byte.
        let position = position.saturating_add(i64::from(segment.syn));
        if segment.syn {
            self.start = Some(position);
            self.opens = Some(if segment.ack.is_some() { Opens::Answers } else { Opens::Asks });
        }
        if segment.rst {
            // The payload of a RST, if any, is a message for people (RFC 9293 section 3.5.3).
            self.rst = true;
            return;
        }
        if segment.fin {
            let length = i64::try_from(segment.payload.len()).unwrap_or(i64::MAX);
            self.end = Some(position.saturating_add(length));
        }
        if !segment.payload.is_empty() {
            let (packet, at, bytes) = (segment.packet, segment.at, segment.payload);
            let part = Part { packet, at, acknowledged, bytes };
            self.parts.push((position, part));
        }
    }

    /// Whether this side begins with a ClientHello, or the other side with a ServerHello.
    fn is_client_of(&self, other: &Self) -> bool {
        self.starts_with_hello(From::Client) || other.starts_with_hello(From::Server)
    }

    fn starts_with_hello(&self, from: From) -> bool {
        let first = self.parts.iter().min_by_key(|(position, _)| *position);
        first.is_some_and(|(_, part)| is_hello(part.bytes, from))
    }

    /// The position of the first byte.
    fn start(&self) -> i64 {
        let first = || self.parts.iter().map(|(position, _)| *position).min();
        self.start.or_else(first).unwrap_or_default()
    }

    /// The bytes in their order, with the gaps between them. Those of the other side begin at `other_start`.
    fn in_order(self, from: From, other_start: i64) -> (Vec<Piece<'a>>, Facts) {
        let start = self.start();
        let mut facts = Facts {
            has_start: self.start.is_some(),
            has_end: self.end.is_some(),
            rst: self.rst,
            ..Facts::default()
        };
        let mut placed = Placed::default();
        for (position, part) in self.parts {
            placed.add(start, position, part, &mut facts);
        }
        let mut pieces = Vec::new();
        let (mut next, mut packet, mut at, mut acknowledged) = (start, 0, 0, 0);
        let offset = |position: i64| u64::try_from(position.saturating_sub(start)).unwrap_or_default();
        for (position, part) in placed.0 {
            // The bytes are there when all before them are.
            if part.packet > packet {
                (packet, at) = (part.packet, part.at);
            }
            let received = part.acknowledged.map(|position| position.saturating_sub(other_start));
            acknowledged =
                received.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(0).max(acknowledged);
            let piece = |position, content| Piece {
                from,
                packet,
                at,
                offset: offset(position),
                acknowledged,
                content,
            };
            if position > next {
                pieces.push(piece(next, Content::Missing(position.abs_diff(next))));
            }
            pieces.push(piece(position, Content::Bytes(part.bytes)));
            facts.bytes = facts.bytes.saturating_add(u64::try_from(part.bytes.len()).unwrap_or_default());
            next = end_of(position, part.bytes);
        }
        if let Some(end) = self.end.filter(|end| *end > next) {
            let content = Content::Missing(end.abs_diff(next));
            pieces.push(Piece { from, packet, at, offset: offset(next), acknowledged, content });
        }
        (pieces, facts)
    }
}

/// The position after these bytes.
fn end_of(position: i64, bytes: &[u8]) -> i64 {
    position.saturating_add(i64::try_from(bytes.len()).unwrap_or(i64::MAX))
}

/// Parts that do not overlap, by position.
#[derive(Default)]
struct Placed<'a>(BTreeMap<i64, Part<'a>>);

impl<'a> Placed<'a> {
    /// Whether no bytes follow this position.
    fn is_last(&self, position: i64) -> bool {
        position.checked_add(1).is_none_or(|next| self.0.range(next..).next().is_none())
    }

    /// Adds the bytes that are not there yet. Those before `start` do not belong to the stream.
    fn add(&mut self, start: i64, mut position: i64, part: Part<'a>, facts: &mut Facts) {
        let mut bytes = part.bytes;
        let before = usize::try_from(start.saturating_sub(position)).unwrap_or_default();
        if before > 0 {
            bytes = bytes.get(before..).unwrap_or_default();
            position = start;
        }
        while !bytes.is_empty() {
            // The part that covers the position, or else the distance to the next one.
            let covering = self.0.range(..=position).next_back();
            let covering = covering.filter(|(at, known)| end_of(**at, known.bytes) > position);
            let length = if let Some((at, known)) = covering {
                let skip = usize::try_from(position.saturating_sub(*at)).unwrap_or_default();
                let known = known.bytes.get(skip..).unwrap_or_default();
                let length = known.len().min(bytes.len());
                // A keep-alive may have any byte just before the next one (RFC 9293 section 3.8.4).
                if part.bytes.len() == 1 && known.len() == 1 && self.is_last(position) {
                    return;
                }
                let differing = known.iter().zip(bytes).filter(|(known, new)| known != new).count();
                facts.changed = facts.changed.saturating_add(u64::try_from(differing).unwrap_or_default());
                length
            } else {
                let next = self.0.range(position..).next().map(|(at, _)| at.saturating_sub(position));
                let room = next.and_then(|room| usize::try_from(room).ok()).unwrap_or(usize::MAX);
                let length = room.min(bytes.len());
                self.0.insert(position, Part { bytes: bytes.get(..length).unwrap_or_default(), ..part });
                length
            };
            bytes = bytes.get(length..).unwrap_or_default();
            position = position.saturating_add(i64::try_from(length).unwrap_or(i64::MAX));
        }
    }
}

#[cfg(test)]
mod tests;
