//! The context of the server's states.

use crate::{connection::ConnectionState, out::Out, policy::ServerPolicy};
use alloc::sync::Arc;

/// The context of every state.
pub(crate) struct Cx<'a> {
    pub(crate) policy: &'a Arc<ServerPolicy>,
    pub(crate) out: Out<'a>,
    pub(crate) connection: &'a mut ConnectionState,
}
