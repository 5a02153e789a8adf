//! Network namespaces for one test. Everything is in namespaces of the test's own, so that it disappears with
//! the processes of the test, whatever their end is.
//!
//! A test runs in three kinds of processes, all of them this program:
//!
//! - the test itself, which starts the next one in new namespaces for networks, mounts and processes;
//! - the hub: the client, and what the test does to the network and the store;
//! - the servers of the fleet, each in another network namespace (`ip netns`).
//!
//! Each member has two links to the hub. Clients come over the front, and the store is reached over the back.

use crate::{
    process,
    server::{available, program},
};
use std::{
    env,
    net::{IpAddr, Ipv4Addr},
    process::Command,
};

/// Tells a process its part in the test.
pub(crate) const PART: &str = "CAIRN_FLEET_PART";

/// The time limit in seconds of a test, with everything that it starts.
const SECONDS: &str = "240";

/// Runs a command in new namespaces. They disappear with it. `/run` has the names of the network namespaces.
const ALONE: [&str; 10] = [
    "unshare",
    "--net",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
    "sh",
    "-c",
    "mount -t tmpfs none /run && exec \"$@\"",
];

/// Runs a test with its client in the hub. `name` is that of the test.
pub(crate) fn run(name: &str, client: impl AsyncFnOnce()) {
    match env::var(PART).as_deref() {
        Err(_) if available(is_possible) => start_hub(name),
        Err(_) => {}
        Ok("client") => {
            tokio::runtime::Runtime::new().unwrap().block_on(client());
        }
        Ok(server) => process::serve(server),
    }
}

/// Whether the programs are installed, and this process may make namespaces.
fn is_possible() -> Result<(), String> {
    let probe = "ip netns add probe && ip link add probe0 type veth peer name probe1 netns probe \
        && ip link add probe2 type bridge && exec \"$1\" --version";
    let mut command = Command::new(ALONE[0]);
    command.args(&ALONE[1..]).args(["sh", "sh", "-c", probe, "sh", &program()]);
    let output = command.output().map_err(|error| format!("{}: {error}", ALONE[0]))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let reason =
        || format!("network namespaces need root, iproute2, util-linux and {}: {}", program(), said.trim());
    output.status.success().then_some(()).ok_or_else(reason)
}

fn start_hub(name: &str) {
    let mut command = Command::new("timeout");
    command.args([SECONDS, ALONE[0]]).args(&ALONE[1..]).arg("sh").arg(env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture"]).env(PART, "client").env("TMPDIR", "/run");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{text}");
    eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "the hub of {name} ended with {}", output.status);
    assert!(text.contains("test result: ok. 1 passed"), "there is no test with the name {name}");
}

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
