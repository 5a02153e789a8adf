//! Capture files: the format of libpcap, with IPv4 packets that contain TCP segments.

/// Bytes that one side sent.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) from_client: bool,
    pub(crate) bytes: Vec<u8>,
}

/// The TCP port of the server: the one on which `tshark` expects TLS.
pub(crate) const SERVER_PORT: u16 = 443;
const CLIENT_PORT: u16 = 50_000;
/// The address of the client.
pub(crate) const CLIENT: [u8; 4] = [192, 0, 2, 1];
const SERVER: [u8; 4] = [192, 0, 2, 2];

/// Packets without a link layer: `LINKTYPE_RAW`.
const LINKTYPE_RAW: u32 = 101;

/// The most bytes in a segment, as over Ethernet.
const MAX_SEGMENT: usize = 1460;

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const PUSH: u8 = 0x08;
const ACK: u8 = 0x10;

/// A TCP connection.
struct Tcp {
    file: Vec<u8>,
    /// The next sequence number of the client and of the server.
    next: [u32; 2],
    packets: u32,
}

/// The capture file of a TCP connection with these bytes.
pub(crate) fn pcap(segments: &[Segment]) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(0xa1b2_c3d4_u32.to_le_bytes());
    file.extend([2, 0, 4, 0]);
    file.extend([0; 8]);
    file.extend(65_535_u32.to_le_bytes());
    file.extend(LINKTYPE_RAW.to_le_bytes());
    let mut tcp = Tcp { file, next: [1_000, 2_000], packets: 0 };
    tcp.packet(true, SYN, &[]);
    tcp.packet(false, SYN | ACK, &[]);
    tcp.packet(true, ACK, &[]);
    for Segment { from_client, bytes } in segments {
        for part in bytes.chunks(MAX_SEGMENT) {
            tcp.packet(*from_client, PUSH | ACK, part);
        }
        tcp.packet(!*from_client, ACK, &[]);
    }
    tcp.packet(true, FIN | ACK, &[]);
    tcp.packet(false, FIN | ACK, &[]);
    tcp.packet(true, ACK, &[]);
    tcp.file
}

impl Tcp {
    /// Appends a packet. The checksum of TCP is left out: `tshark` does not check it by default.
    fn packet(&mut self, from_client: bool, flags: u8, payload: &[u8]) {
        let (from, to, ports) = if from_client {
            (CLIENT, SERVER, [CLIENT_PORT, SERVER_PORT])
        } else {
            (SERVER, CLIENT, [SERVER_PORT, CLIENT_PORT])
        };
        let (own, other) = if from_client { (0, 1) } else { (1, 0) };
        let mut tcp = Vec::new();
        tcp.extend(ports.iter().flat_map(|port| port.to_be_bytes()));
        tcp.extend(self.next[own].to_be_bytes());
        let acknowledged = if flags & ACK == 0 { 0 } else { self.next[other] };
        tcp.extend(acknowledged.to_be_bytes());
        // The header has five words; the window is as large as possible.
        tcp.extend([5 << 4, flags, 0xff, 0xff, 0, 0, 0, 0]);
        tcp.extend(payload);
        let counted = u32::from(flags & (SYN | FIN) != 0);
        self.next[own] += u32::try_from(payload.len()).unwrap() + counted;

        let length = u16::try_from(20 + tcp.len()).unwrap();
        let mut ip = vec![0x45, 0];
        ip.extend(length.to_be_bytes());
        ip.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        ip.extend(from);
        ip.extend(to);
        let sum = checksum(&ip);
        ip[10..12].copy_from_slice(&sum.to_be_bytes());
        ip.extend(tcp);

        // A microsecond between packets.
        self.packets += 1;
        let size = u32::try_from(ip.len()).unwrap();
        for word in [1_700_000_000, self.packets, size, size] {
            self.file.extend(word.to_le_bytes());
        }
        self.file.extend(ip);
    }
}

/// The checksum of an IPv4 header (RFC 791 section 3.1).
fn checksum(header: &[u8]) -> u16 {
    let sum: u32 = header.chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !u16::try_from((folded & 0xffff) + (folded >> 16)).unwrap()
}

#[test]
fn header_with_its_checksum_sums_to_ones() {
    // The sum over a header with its checksum is all ones.
    let mut header =
        vec![0x45, 0, 0, 60, 0x1c, 0x46, 0x40, 0, 0x40, 6, 0, 0, 192, 168, 0, 104, 192, 168, 0, 1];
    let sum = checksum(&header);
    header[10..12].copy_from_slice(&sum.to_be_bytes());
    assert_eq!(checksum(&header), 0);
}
