//! A server, and how to wait until it listens.

use super::super::super::process::{Launch, Mark, Running};
use super::super::lab::Lab;
use crate::conformance::suite::Tool;

/// A server.
pub(in super::super) struct Server {
    /// The program and its configuration.
    pub(in super::super) name: &'static str,
    pub(in super::super) tools: &'static [Tool],
    pub(in super::super) launch: fn(&Lab) -> Result<Launch, String>,
    /// Waits until it listens, and returns its port.
    pub(in super::super) ready: fn(&mut Running) -> Result<u16, String>,
    /// Properties and their values; lists in any order.
    pub(in super::super) expected: &'static [(&'static str, &'static str)],
}

/// Waits for a line of the program that means that it listens on the chosen port.
pub(super) fn says(running: &mut Running, line: &str) -> Result<u16, String> {
    running.wait_for(Mark::default(), |text| text.contains(line).then_some(()))?;
    Ok(running.port)
}

/// Reads the port that the program prints.
pub(super) fn prints(running: &mut Running) -> Result<u16, String> {
    running.wait_for(Mark::default(), |text| {
        text.split_once("listening on 127.0.0.1:")?.1.lines().next()?.trim().parse().ok()
    })
}
