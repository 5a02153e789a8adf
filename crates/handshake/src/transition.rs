//! Transition tables as data.

/// One row of a transition table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The state.
    pub state: &'static str,
    /// The accepted input: a message, ChangeCipherSpec, or an answer.
    pub input: &'static str,
    /// The possible next states; empty if the input always fails.
    pub next: &'static [&'static str],
}

/// A transition table. An input without a row is `unexpected_message`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table {
    /// The name of the table: role and version.
    pub name: &'static str,
    /// The rows, in the RFC's order.
    pub rows: &'static [Row],
}

impl Table {
    /// The inputs that a state accepts.
    pub(crate) fn expected(&self, state: &'static str) -> impl Iterator<Item = &'static str> + use<> {
        let leads_on = move |row: &&Row| row.state == state && !row.next.is_empty();
        self.rows.iter().filter(leads_on).map(|row| row.input)
    }
}
