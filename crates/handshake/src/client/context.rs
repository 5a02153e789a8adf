//! The context of the client's states.

use crate::{connection::ConnectionState, out::Out, policy::ClientPolicy, session::Endpoint};
use alloc::sync::Arc;

/// A host name in the form of the server_name extension.
pub(crate) type HostName = Arc<[u8]>;

/// The context of every state.
pub(crate) struct Cx<'a> {
    pub(crate) policy: &'a Arc<ClientPolicy>,
    pub(crate) server_name: Option<&'a HostName>,
    pub(crate) endpoint: Option<&'a Endpoint>,
    pub(crate) out: Out<'a>,
    pub(crate) connection: &'a mut ConnectionState,
}
