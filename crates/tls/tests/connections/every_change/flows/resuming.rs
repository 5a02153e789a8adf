//! Flows that resume the session of an earlier flow.

use super::Flow;
use crate::every_change::peer::{Peer, Plan};

impl Flow {
    /// The same with an earlier session.
    pub(super) fn resuming(mut self) -> Self {
        let mut first = Peer::new(&self, Plan::default());
        let played = first.play();
        assert_eq!(played, Ok(()), "{}: {:?}", self.name, first.victim.error);
        self.memory = Some(first.memory());
        self
    }
}
