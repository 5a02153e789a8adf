//! The network of a test: members in network namespaces of their own, and links that the test cuts.
//!
//! Each member has two links to the hub. Clients come over the front, and the store is reached over the back.

use std::{
    net::{IpAddr, Ipv4Addr},
    process::Command,
};

/// The links between the hub and its members.
pub(crate) struct Network;

/// A fault of the link between a member and the store.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    /// Packets are dropped without a report to their sender.
    Silent,
    /// The interface of the member is down.
    Down,
}

impl Network {
    /// Makes the namespaces and links of so many members.
    pub(crate) fn new(members: u8) -> Self {
        ip("link set lo up");
        for (network, address) in [("front", front(HUB)), ("back", back(HUB))] {
            // Otherwise the address of a bridge follows its links, and changes with a cut.
            ip(&format!("link add {network} address 02:00:00:00:00:01 type bridge"));
            ip(&format!("addr add {address}/24 dev {network}"));
            ip(&format!("link set {network} up"));
        }
        for member in 0..members {
            ip(&format!("netns add m{member}"));
            ip(&format!("-n m{member} link set lo up"));
            for (network, address) in [("front", front(member)), ("back", back(member))] {
                ip(&format!("link add {network}{member} type veth peer name {network} netns m{member}"));
                ip(&format!("link set {network}{member} master {network} up"));
                ip(&format!("-n m{member} addr add {address}/24 dev {network}"));
                ip(&format!("-n m{member} link set {network} up"));
            }
        }
        Self
    }

    /// Cuts a member off from the store. Clients still reach it.
    pub(crate) fn cut(&self, member: u8, cut: Cut) {
        match cut {
            Cut::Silent => ip(&format!("link set back{member} nomaster")),
            Cut::Down => ip(&format!("-n m{member} link set back down")),
        }
    }

    /// Ends a cut.
    pub(crate) fn heal(&self, member: u8, cut: Cut) {
        match cut {
            Cut::Silent => ip(&format!("link set back{member} master back")),
            Cut::Down => ip(&format!("-n m{member} link set back up")),
        }
    }
}

/// The words that start a command in the namespace of a member.
pub(crate) fn inside(member: u8) -> [String; 4] {
    ["ip".into(), "netns".into(), "exec".into(), format!("m{member}")]
}

/// The number of the hub, as that of a member.
pub(crate) const HUB: u8 = 99;

/// The address of a member for clients. The addresses are reserved for documentation (RFC 5737).
pub(crate) const fn front(member: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, member + 1))
}

/// The address of a member in the network of the store.
pub(crate) const fn back(member: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(198, 51, 100, member + 1))
}

fn ip(words: &str) {
    let output = Command::new("ip").args(words.split(' ')).output().unwrap();
    assert!(output.status.success(), "ip {words}: {}", String::from_utf8_lossy(&output.stderr));
}
