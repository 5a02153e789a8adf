//! Protocols that start in plain text and change to TLS by a command.

use core::fmt;

/// A protocol with a command for TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Protocol {
    /// SMTP (RFC 3207), port 25.
    Smtp,
    /// IMAP (RFC 9051 section 6.2.1), port 143.
    Imap,
    /// POP3 (RFC 2595 section 4), port 110.
    Pop3,
    /// FTP (RFC 4217), port 21.
    Ftp,
    /// LDAP (RFC 4511 section 4.14), port 389.
    Ldap,
    /// PostgreSQL, port 5432.
    Postgres,
    /// MySQL and MariaDB, port 3306.
    Mysql,
    /// XMPP between clients and servers (RFC 6120 section 5), port 5222.
    Xmpp,
    /// XMPP between servers, port 5269.
    XmppServer,
    /// ManageSieve (RFC 5804 section 2.2), port 4190.
    Sieve,
}

impl Protocol {
    /// The registered port.
    pub(crate) const fn port(self) -> u16 {
        match self {
            Self::Smtp => 25,
            Self::Imap => 143,
            Self::Pop3 => 110,
            Self::Ftp => 21,
            Self::Ldap => 389,
            Self::Postgres => 5432,
            Self::Mysql => 3306,
            Self::Xmpp => 5222,
            Self::XmppServer => 5269,
            Self::Sieve => 4190,
        }
    }

    /// The value of `--starttls`.
    pub(crate) const fn option(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Imap => "imap",
            Self::Pop3 => "pop3",
            Self::Ftp => "ftp",
            Self::Ldap => "ldap",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Xmpp => "xmpp",
            Self::XmppServer => "xmpp-server",
            Self::Sieve => "sieve",
        }
    }

    /// The protocol of a URL's scheme in lower case, and the port of the scheme.
    pub(super) fn of_scheme(scheme: &str) -> Option<(Self, u16)> {
        let protocol = match scheme {
            "smtp" => Self::Smtp,
            // Mail from users (RFC 6409 section 3.1).
            "submission" => return Some((Self::Smtp, 587)),
            "imap" => Self::Imap,
            "pop" | "pop3" => Self::Pop3,
            "ftp" => Self::Ftp,
            "ldap" => Self::Ldap,
            "postgres" | "postgresql" => Self::Postgres,
            "mysql" | "mariadb" => Self::Mysql,
            "xmpp" => Self::Xmpp,
            "sieve" => Self::Sieve,
            _ => return None,
        };
        Some((protocol, protocol.port()))
    }
}

/// The name as people write it.
impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Smtp => "SMTP",
            Self::Imap => "IMAP",
            Self::Pop3 => "POP3",
            Self::Ftp => "FTP",
            Self::Ldap => "LDAP",
            Self::Postgres => "PostgreSQL",
            Self::Mysql => "MySQL",
            Self::Xmpp | Self::XmppServer => "XMPP",
            Self::Sieve => "ManageSieve",
        })
    }
}
