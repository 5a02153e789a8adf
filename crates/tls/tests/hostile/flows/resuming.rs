//! Flows that resume the session of a flow before.

use super::Flow;
use crate::peer::{Peer, Plan};

impl Flow {
    /// The same with a session from before.
    pub(super) fn resuming(mut self) -> Self {
        let mut first = Peer::new(&self, Plan::default());
        let played = first.play();
        assert_eq!(played, Ok(()), "{}: {:?}", self.name, first.victim.error);
        self.memory = Some(first.memory());
        self
    }
}
