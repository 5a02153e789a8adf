//! Transition tables as data.

use cairn_wire::ProtocolVersion;

/// One row of a transition table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The state.
    pub state: &'static str,
    /// The accepted input: a message, ChangeCipherSpec, or an answer.
    pub input: &'static str,
    /// `false` if the input always fails, with a more specific error than `unexpected_message`.
    pub accepted: bool,
}

/// One row of the table of alerts and HelloRequest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InterruptRow {
    /// The states, separated with `|`.
    pub states: &'static str,
    /// The alert, or HelloRequest.
    pub input: &'static str,
    /// The effect: `Decided` if the table of the state decides, `Counted` if the input is ignored but too
    /// many end the connection, `Ignored`, `PeerClosed`, or `Ends`.
    pub effect: &'static str,
}

/// A transition table. An input without a row is `unexpected_message`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// The name of the table: role and version.
    pub name: &'static str,
    /// The version of TLS that is in use in these states. `None` before it is chosen.
    pub version: Option<ProtocolVersion>,
    /// The rows, in the RFC's order.
    pub rows: &'static [Row],
}

impl Table {
    /// The inputs that a state accepts.
    pub(crate) fn expected(&self, state: &'static str) -> impl Iterator<Item = &'static str> + use<> {
        let leads_on = move |row: &&Row| row.state == state && row.accepted;
        self.rows.iter().filter(leads_on).map(|row| row.input)
    }
}
