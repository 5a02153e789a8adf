//! The server that `cairn connect` and `cairn scan` connect to, as the command line names it.

use crate::{
    failure::{Code, Failure},
    names::{self, Protocol, Target},
};
use cairn_tls::ServerName;

/// The address of a server, its name, and the protocol before TLS.
#[derive(Debug, clap::Args)]
pub(crate) struct Destination {
    /// The server: a host or an address, and a port (443 if omitted, or that of --starttls); or a URL, whose
    /// path only connect --http3 uses. The schemes smtp, imap, pop3, ftp, ldap, postgres, mysql, xmpp and
    /// sieve imply --starttls. Names may be internationalised, and IPv6 addresses may have a zone:
    /// [fe80::1%eth0]:443.
    #[arg(value_name = "HOST:PORT")]
    pub(crate) target: Target,
    /// Start in plain text, and change to TLS by the command of this protocol. Without a port in HOST:PORT,
    /// its own port is used.
    #[arg(long, value_name = "PROTOCOL", hide_possible_values = true)]
    #[arg(long_help = STARTTLS_HELP)]
    starttls: Option<Protocol>,
    /// The name of the server, if it differs from HOST: the one that is sent (server_name), and that the
    /// certificate must have.
    #[arg(long, visible_alias = "server-name", value_parser = names::server)]
    name: Option<ServerName>,
}

const STARTTLS_HELP: &str = "\
Start in plain text, and change to TLS by the command of this protocol: smtp, imap, pop3, ftp, ldap, \
postgres, mysql, xmpp, xmpp-server or sieve. Without a port in HOST:PORT, its own port is used";

impl Destination {
    /// The protocol that is spoken before TLS.
    pub(crate) fn starttls(&self) -> Result<Option<Protocol>, Failure> {
        self.target.starttls(self.starttls)
    }

    /// The name that the certificate must have.
    pub(crate) fn name(&self) -> Result<ServerName, Failure> {
        let host = &self.target.host;
        match &self.name {
            Some(name) => Ok(name.clone()),
            None => names::server(host.name()).map_err(|error| {
                Failure::new(Code::Local, format!("{host}: {error}"))
                    .hint("--name NAME sets the name in the server's certificate.")
            }),
        }
    }
}
