//! The secrets of a TLS 1.2 session.

use cairn_schedule::{MasterSecret, Randoms, Tls12Suite};

/// The secrets of a session, with the data for exporters. It is boxed, so that moving a state does not move
/// it.
pub(crate) struct Secrets {
    pub(crate) suite: &'static Tls12Suite,
    pub(crate) master: MasterSecret,
    pub(crate) randoms: Randoms,
}
