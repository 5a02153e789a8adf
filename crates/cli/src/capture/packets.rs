//! The packets of a capture file: pcap and pcapng, down to the TCP segments.

use alloc::collections::BTreeSet;
use core::{
    fmt,
    net::{IpAddr, SocketAddr},
};
use etherparse::{EtherType, LaxNetSlice, LaxSlicedPacket, TransportSlice};
use pcap_parser::{
    Block, LegacyPcapBlock, Linktype, PcapBlockOwned, PcapError, PcapNGSlice, SecretsType, nom,
    parse_pcap_frame, parse_pcap_frame_be, parse_pcap_header,
};

/// Whether these are the first bytes of a capture file, and of which format.
pub(crate) fn format(file: &[u8]) -> Option<&'static str> {
    match file {
        [0xd4, 0xc3, 0xb2, 0xa1, ..]
        | [0xa1, 0xb2, 0xc3, 0xd4, ..]
        | [0x4d, 0x3c, 0xb2, 0xa1, ..]
        | [0xa1, 0xb2, 0x3c, 0x4d, ..] => Some("pcap"),
        [0x0a, 0x0d, 0x0d, 0x0a, ..] => Some("pcapng"),
        _ => None,
    }
}

/// A TCP segment. Its payload is a part of the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment<'a> {
    /// The number of its packet in the file, from 1 on, as other programs count.
    pub(crate) packet: usize,
    /// The time in microseconds since 1970.
    pub(crate) at: u64,
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    /// The sequence number.
    pub(crate) seq: u32,
    pub(crate) syn: bool,
    /// The acknowledgment number, if there is one.
    pub(crate) ack: Option<u32>,
    pub(crate) fin: bool,
    pub(crate) rst: bool,
    pub(crate) payload: &'a [u8],
}

/// The contents of a capture file.
#[derive(Debug, Default)]
pub(crate) struct Capture<'a> {
    pub(crate) segments: Vec<Segment<'a>>,
    /// The key logs in Decryption Secrets Blocks.
    pub(crate) key_logs: Vec<&'a [u8]>,
    /// The number of all packets.
    pub(crate) packets: usize,
    /// What was passed over.
    pub(crate) skipped: Skipped,
    /// Why the file could not be read to its end.
    pub(crate) broken: Option<String>,
}

/// Packets without a TCP segment that can be read.
#[derive(Debug, Default)]
pub(crate) struct Skipped {
    pub(crate) udp: usize,
    /// Fragments of IP packets, which are not put together.
    pub(crate) fragments: usize,
    /// Other protocols, and malformed packets.
    pub(crate) others: usize,
    /// Link types that are not known here.
    pub(crate) link_types: BTreeSet<i32>,
    /// Units of time that are too small for any time in microseconds.
    pub(crate) units: BTreeSet<Unit>,
    /// Packets whose time is too large for a number of microseconds.
    pub(crate) times: usize,
}

impl Skipped {
    /// A sentence for each kind of packet.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let mut add = |number: usize, what: &str| {
            if number > 0 {
                let packets = if number == 1 { "packet" } else { "packets" };
                notes.push(format!("{number} {packets} {what}"));
            }
        };
        add(self.udp, "of UDP: QUIC and DTLS are not decoded");
        add(self.fragments, "with a fragment of an IP packet: fragments are not put together");
        add(self.others, "without TCP");
        add(self.times, "with a time that has no place in 64 bits of microseconds");
        let units = self.units.iter();
        notes.extend(units.map(|unit| {
            format!(
                "times in units of {unit} of a second, which are too small: these packets have the time 0"
            )
        }));
        if !self.link_types.is_empty() {
            let types: Vec<String> = self.link_types.iter().map(ToString::to_string).collect();
            notes.push(format!(
                "link type {} is not known: Ethernet, Linux cooked (1 and 2), raw IP and loopback are",
                types.join(", ")
            ));
        }
        notes
    }
}

/// A unit of time: a power of a second, as the option if_tsresol of pcapng has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Unit {
    /// 2 or 10.
    base: u8,
    /// Without its sign.
    exponent: u8,
}

impl Unit {
    /// The highest bit of the option tells the base.
    const fn of(if_tsresol: u8) -> Self {
        let base = if if_tsresol & 0x80 == 0 { 10 } else { 2 };
        Self { base, exponent: if_tsresol & 0x7f }
    }

    /// The microseconds of a number of units.
    fn microseconds(self, ticks: u64) -> u128 {
        let microseconds = u128::from(ticks).saturating_mul(1_000_000);
        // More units than this in a second are more than any number of them.
        let in_a_second = u128::from(self.base).checked_pow(self.exponent.into()).unwrap_or(u128::MAX);
        microseconds.checked_div(in_a_second).unwrap_or_default()
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}^-{}", self.base, self.exponent)
    }
}

/// An interface of a pcapng file.
struct Interface {
    link: Linktype,
    unit: Unit,
    /// Seconds to add to each time.
    offset: i64,
}

/// Reads a capture file. What is malformed ends it; the packets before remain.
pub(crate) fn read(file: &[u8]) -> Capture<'_> {
    let mut capture = Capture::default();
    let done =
        if format(file) == Some("pcapng") { capture.read_pcapng(file) } else { capture.read_pcap(file) };
    capture.broken = done.err();
    capture
}

type ParserError<'a> = nom::Err<PcapError<&'a [u8]>>;

impl<'a> Capture<'a> {
    fn read_pcap(&mut self, file: &'a [u8]) -> Result<(), String> {
        let (mut rest, header) = parse_pcap_header(file).map_err(|error| self.why(&error))?;
        let parse = if header.is_bigendian() { parse_pcap_frame_be } else { parse_pcap_frame };
        let divisor = if header.is_nanosecond_precision() { 1000 } else { 1 };
        // The upper bits may tell the length of a frame check sequence at the end of each packet.
        let link = Linktype(header.network.0 & 0xffff);
        while !rest.is_empty() {
            let (after, frame) = parse(rest).map_err(|error| self.why(&error))?;
            rest = after;
            let LegacyPcapBlock { ts_sec, ts_usec, data, .. } = frame;
            let at = u64::from(ts_sec) * 1_000_000 + u64::from(ts_usec / divisor);
            self.packet(at, link, data);
        }
        Ok(())
    }

    fn read_pcapng(&mut self, file: &'a [u8]) -> Result<(), String> {
        let mut interfaces: Vec<Interface> = Vec::new();
        let mut is_big_endian = false;
        for block in PcapNGSlice::from_slice(file).map_err(|error| self.why(&error))? {
            let PcapBlockOwned::NG(block) = block.map_err(|error| self.why(&error))? else { continue };
            match block {
                Block::SectionHeader(section) => {
                    interfaces.clear();
                    is_big_endian = section.big_endian();
                }
                Block::InterfaceDescription(interface) => interfaces.push(Interface {
                    link: interface.linktype,
                    unit: Unit::of(interface.if_tsresol),
                    // The parser takes the option as little-endian in every section.
                    offset: if is_big_endian {
                        interface.ts_offset().swap_bytes()
                    } else {
                        interface.ts_offset()
                    },
                }),
                Block::EnhancedPacket(packet) => {
                    let interface = usize::try_from(packet.if_id).ok().and_then(|id| interfaces.get(id));
                    let Some(interface) = interface else {
                        let number = self.packets.saturating_add(1);
                        return Err(format!("packet {number} names an interface that is not described"));
                    };
                    let ticks = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
                    if interface.unit.microseconds(u64::MAX) == 0 {
                        self.skipped.units.insert(interface.unit);
                    }
                    let at = i128::try_from(interface.unit.microseconds(ticks)).unwrap_or(i128::MAX);
                    let at = at.saturating_add(i128::from(interface.offset).saturating_mul(1_000_000));
                    let at = u64::try_from(at).unwrap_or_else(|_| {
                        add_one(&mut self.skipped.times);
                        if at < 0 { 0 } else { u64::MAX }
                    });
                    let length = usize::try_from(packet.caplen).unwrap_or(usize::MAX);
                    self.packet(at, interface.link, packet.data.get(..length).unwrap_or(packet.data));
                }
                Block::SimplePacket(packet) => {
                    let Some(interface) = interfaces.first() else {
                        let number = self.packets.saturating_add(1);
                        return Err(format!("packet {number} comes before the description of an interface"));
                    };
                    let length = usize::try_from(packet.origlen).unwrap_or(usize::MAX);
                    // It has no time.
                    self.packet(0, interface.link, packet.data.get(..length).unwrap_or(packet.data));
                }
                Block::DecryptionSecrets(secrets) if secrets.secrets_type == SecretsType::TlsKeyLog => {
                    let length = usize::try_from(secrets.secrets_len).unwrap_or(usize::MAX);
                    self.key_logs.push(secrets.data.get(..length).unwrap_or(secrets.data));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Why the next block cannot be read.
    fn why(&self, error: &ParserError<'_>) -> String {
        let place = match self.packets {
            0 => "before the first packet".to_owned(),
            packets => format!("after packet {packets}"),
        };
        match error {
            nom::Err::Incomplete(_) => format!("the capture file is cut off {place}"),
            nom::Err::Error(_) | nom::Err::Failure(_) => format!("the capture file is malformed {place}"),
        }
    }

    fn packet(&mut self, at: u64, link: Linktype, data: &'a [u8]) {
        self.packets = self.packets.saturating_add(1);
        let sliced = match sliced(link, data) {
            Ok(sliced) => sliced,
            Err(Unread::Malformed) => return add_one(&mut self.skipped.others),
            Err(Unread::UnknownLink) => {
                self.skipped.link_types.insert(link.0);
                return;
            }
        };
        let (from, to, is_fragment) = match &sliced.net {
            Some(LaxNetSlice::Ipv4(ip)) => (
                IpAddr::V4(ip.header().source_addr()),
                IpAddr::V4(ip.header().destination_addr()),
                ip.is_payload_fragmented(),
            ),
            Some(LaxNetSlice::Ipv6(ip)) => (
                IpAddr::V6(ip.header().source_addr()),
                IpAddr::V6(ip.header().destination_addr()),
                ip.is_payload_fragmented(),
            ),
            _ => return add_one(&mut self.skipped.others),
        };
        match &sliced.transport {
            Some(TransportSlice::Tcp(tcp)) => self.segments.push(Segment {
                packet: self.packets,
                at,
                from: SocketAddr::new(from, tcp.source_port()),
                to: SocketAddr::new(to, tcp.destination_port()),
                seq: tcp.sequence_number(),
                syn: tcp.syn(),
                ack: tcp.ack().then(|| tcp.acknowledgment_number()),
                fin: tcp.fin(),
                rst: tcp.rst(),
                payload: tcp.payload(),
            }),
            Some(TransportSlice::Udp(_)) => add_one(&mut self.skipped.udp),
            _ if is_fragment => add_one(&mut self.skipped.fragments),
            _ => add_one(&mut self.skipped.others),
        }
    }
}

fn add_one(counter: &mut usize) {
    *counter = counter.saturating_add(1);
}

/// Why the headers of a packet cannot be read.
enum Unread {
    Malformed,
    UnknownLink,
}

/// BSD loopback in the byte order of the machine, and in that of the network.
const LOOPBACK: [Linktype; 2] = [Linktype::NULL, Linktype::LOOP];
/// Packets that begin with the IP header. 12 and 14 are older numbers.
const RAW_IP: [Linktype; 5] = [Linktype(12), Linktype(14), Linktype::RAW, Linktype::IPV4, Linktype::IPV6];
/// Linux cooked capture, version 2.
const LINUX_SLL2: Linktype = Linktype(276);

/// The headers of a packet.
fn sliced(link: Linktype, data: &[u8]) -> Result<LaxSlicedPacket<'_>, Unread> {
    let packet = match link {
        Linktype::ETHERNET => LaxSlicedPacket::from_ethernet(data).ok(),
        // The family of addresses comes first.
        link if LOOPBACK.contains(&link) => ip_packet(data.get(4..).unwrap_or_default()),
        link if RAW_IP.contains(&link) => ip_packet(data),
        Linktype::LINUX_SLL => cooked(data, 14, 16),
        LINUX_SLL2 => cooked(data, 0, 20),
        _ => return Err(Unread::UnknownLink),
    };
    packet.ok_or(Unread::Malformed)
}

fn ip_packet(data: &[u8]) -> Option<LaxSlicedPacket<'_>> {
    LaxSlicedPacket::from_ip(data).ok()
}

/// A packet after a header of this length that has the protocol at this place.
fn cooked(data: &[u8], protocol_at: usize, header: usize) -> Option<LaxSlicedPacket<'_>> {
    let protocol = data.get(protocol_at..)?.first_chunk::<2>()?;
    let payload = data.get(header..)?;
    Some(LaxSlicedPacket::from_ether_type(EtherType(u16::from_be_bytes(*protocol)), payload))
}

#[cfg(test)]
mod tests;
