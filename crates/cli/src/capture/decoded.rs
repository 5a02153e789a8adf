//! A flow with its TLS, and what could not be read of it.

use super::{
    conversation::{Conversation, End},
    flows::Flow,
    sides::From,
    tls::MAX_LINES,
};
use crate::{json::hex, show::count};

/// A flow and its TLS.
#[derive(Debug)]
pub(super) struct Decoded<'a> {
    pub(super) flow: Flow<'a>,
    pub(super) conversation: Conversation,
    /// Whether there is a key log.
    pub(super) has_log: bool,
}

impl Decoded<'_> {
    /// What is missing to open the closed records.
    pub(super) fn missing(&self) -> Option<String> {
        let missing = &self.conversation.missing;
        if missing.is_empty() {
            return None;
        }
        let names: Vec<&str> = missing.iter().copied().collect();
        let random = self.conversation.facts.client_random.unwrap_or_default();
        let (random, names) = (hex(&random), names.join(", "));
        Some(if self.has_log {
            format!("the key log has no line for {random} with {names}")
        } else {
            format!("--keylog FILE opens them if the file has a line for {random} with {names}")
        })
    }

    /// The number of records of both sides that stayed closed.
    pub(super) fn closed(&self) -> usize {
        From::BOTH.iter().map(|from| *self.conversation.closed.of(*from)).sum()
    }

    /// Why a flow is not shown completely.
    pub(super) fn reasons(&self) -> Vec<String> {
        let Self { flow, conversation, .. } = self;
        let mut reasons: Vec<String> =
            From::BOTH.iter().filter_map(|from| conversation.stops.of(*from).clone()).collect();
        reasons.extend(conversation.notes.iter().cloned());
        if conversation.left_out > 0 {
            let messages = count(conversation.left_out, "more message");
            reasons.push(format!("{messages} of this flow are left out: the list has {MAX_LINES} lines"));
        }
        let closed = self.closed();
        if closed > 0 {
            let why = self.missing().map(|missing| format!("; {missing}")).unwrap_or_default();
            reasons.push(format!("{} not opened{why}", count(closed, "record")));
        }
        for from in From::BOTH {
            let (facts, name) = (flow.facts.of(from), from.name());
            if facts.changed > 0 {
                let changed = usize::try_from(facts.changed).unwrap_or(usize::MAX);
                let bytes = count(changed, "byte");
                let again = if changed == 1 {
                    "was sent again with another value; the first counts"
                } else {
                    "were sent again with other values; the first count"
                };
                reasons.push(format!("{bytes} of the {name} {again}"));
            }
            if !facts.has_start && facts.bytes > 0 {
                reasons.push(format!("the capture begins after the first packets of the {name}"));
            }
            if facts.rst {
                reasons.push(format!("the {name} reset the connection"));
            }
        }
        reasons.extend(self.unfinished(None));
        reasons
    }

    /// The reasons why a side, or one of both, may have sent more data than the capture has, although all of
    /// its records are complete.
    pub(super) fn unfinished(&self, wanted: Option<From>) -> Vec<String> {
        let ends = &self.conversation.ends;
        let is_over = |from| self.flow.facts.of(from).rst || *ends.of(from) == End::ErrorAlert;
        if From::BOTH.into_iter().any(is_over) {
            return Vec::new();
        }
        let sides = || From::BOTH.into_iter().filter(|from| wanted.is_none_or(|wanted| wanted == *from));
        let has_end = |from: From| self.flow.facts.of(from).has_end;
        let is_open =
            |from: &From| matches!(ends.of(*from), End::Closed | End::WithoutAlert) && !has_end(*from);
        let open: Vec<From> = sides().filter(is_open).collect();
        let mut reasons = Vec::new();
        if let Some(first) = open.first() {
            let closes = match open.len() {
                1 => format!("the {} closes", first.name()),
                _ => "either side closes".into(),
            };
            reasons.push(format!("the capture ends before {closes} the connection: more data may follow"));
        }
        // RFC 9846 section 6.1: without close_notify "the receiver cannot know that all the data that was
        // sent has been received".
        let is_cut = |from: &From| *ends.of(*from) == End::WithoutAlert && has_end(*from);
        reasons.extend(sides().filter(is_cut).map(|from| {
            format!("the {} ends without a close_notify alert, so its data may be cut off", from.name())
        }));
        reasons
    }
}
