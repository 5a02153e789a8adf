//! The server that a client connects to.

use cairn_x509::ServerName;

/// The server that a client connects to: the name or address that the certificate must contain, and the port.
///
/// The port affects sessions only: a session is resumed only at the port of its full handshake, because
/// another port may be another server. Without a port, sessions are distinguished by name or address.
///
/// ```
/// use cairn_config::ServerEndpoint;
/// use cairn_x509::ServerName;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let name = ServerName::parse("example.com")?;
/// let with_port = ServerEndpoint::from((name.clone(), 8443));
/// assert_eq!(with_port, ServerEndpoint { name: name.clone(), port: Some(8443) });
/// assert_eq!(ServerEndpoint::from(name.clone()), ServerEndpoint { name, port: None });
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ServerEndpoint {
    /// The name or address.
    pub name: ServerName,
    /// The port, if it is known. 0 counts as unknown.
    pub port: Option<u16>,
}

impl From<ServerName> for ServerEndpoint {
    fn from(name: ServerName) -> Self {
        Self { name, port: None }
    }
}

impl From<(ServerName, u16)> for ServerEndpoint {
    fn from((name, port): (ServerName, u16)) -> Self {
        Self { name, port: Some(port) }
    }
}
