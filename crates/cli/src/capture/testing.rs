//! Capture files for tests: the format of libpcap, with TCP segments over IPv4.

use core::net::SocketAddrV4;

/// The link type of packets that begin with the IP header.
pub(crate) const RAW: u32 = 101;

pub(crate) const FIN: u8 = 0x01;
pub(crate) const SYN: u8 = 0x02;
pub(crate) const ACK: u8 = 0x10;

/// The most bytes in a segment, as over Ethernet.
const MAX_SEGMENT: usize = 1460;

/// A capture file with these packets, a microsecond apart.
pub(crate) fn pcap(link: u32, packets: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(0xa1b2_c3d4_u32.to_le_bytes());
    file.extend([2, 0, 4, 0]);
    file.extend([0; 8]);
    file.extend(65_535_u32.to_le_bytes());
    file.extend(link.to_le_bytes());
    for (number, packet) in (1_u32..).zip(packets) {
        let size = u32::try_from(packet.len()).unwrap();
        for word in [1_700_000_000, number, size, size] {
            file.extend(word.to_le_bytes());
        }
        file.extend(packet);
    }
    file
}

/// A TCP connection between two addresses: the client's and the server's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tcp {
    pub(crate) ends: [SocketAddrV4; 2],
    /// The next sequence number of each side.
    pub(crate) next: [u32; 2],
}

impl Tcp {
    /// All packets of a connection in which the sides send these bytes: `true` is the client.
    pub(crate) fn packets(mut self, sent: &[(bool, Vec<u8>)]) -> Vec<Vec<u8>> {
        let mut packets = vec![
            self.packet(true, SYN, &[]),
            self.packet(false, SYN | ACK, &[]),
            self.packet(true, ACK, &[]),
        ];
        for (from_client, bytes) in sent {
            for part in bytes.chunks(MAX_SEGMENT) {
                packets.push(self.packet(*from_client, ACK, part));
            }
        }
        packets.push(self.packet(true, FIN | ACK, &[]));
        packets.push(self.packet(false, FIN | ACK, &[]));
        packets.push(self.packet(true, ACK, &[]));
        packets
    }

    /// An IPv4 packet with a segment. Its TCP checksum is left out.
    pub(crate) fn packet(&mut self, from_client: bool, flags: u8, payload: &[u8]) -> Vec<u8> {
        let (own, other) = if from_client { (0, 1) } else { (1, 0) };
        let mut tcp = Vec::new();
        tcp.extend(self.ends[own].port().to_be_bytes());
        tcp.extend(self.ends[other].port().to_be_bytes());
        tcp.extend(self.next[own].to_be_bytes());
        tcp.extend(if flags & ACK == 0 { 0 } else { self.next[other] }.to_be_bytes());
        // The header has five words; the window is as large as possible.
        tcp.extend([5 << 4, flags, 0xff, 0xff, 0, 0, 0, 0]);
        tcp.extend(payload);
        let counted = u32::from(flags & (SYN | FIN) != 0);
        self.next[own] = self.next[own].wrapping_add(u32::try_from(payload.len()).unwrap() + counted);

        let length = u16::try_from(20 + tcp.len()).unwrap();
        let mut ip = vec![0x45, 0];
        ip.extend(length.to_be_bytes());
        ip.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        ip.extend(self.ends[own].ip().octets());
        ip.extend(self.ends[other].ip().octets());
        let sum: u32 = ip.chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
        let folded = (sum & 0xffff) + (sum >> 16);
        let sum = !u16::try_from((folded & 0xffff) + (folded >> 16)).unwrap();
        ip[10..12].copy_from_slice(&sum.to_be_bytes());
        ip.extend(tcp);
        ip
    }
}
