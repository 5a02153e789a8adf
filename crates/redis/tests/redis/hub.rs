//! Runs a test in namespaces of its own, so that everything disappears with its processes, whatever their end
//! is.
//!
//! A test runs in three kinds of processes, all of them this program:
//!
//! - the test itself, which starts the next one in new namespaces for networks, mounts and processes;
//! - the hub: the client, and what the test does to the network and the store;
//! - the servers of the fleet, each in another network namespace (`ip netns`).

use crate::{
    process::{self, PART},
    server::{available, program},
};
use std::{env, process::Command};

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
