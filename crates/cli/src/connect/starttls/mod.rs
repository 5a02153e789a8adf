//! The change from plain text to TLS, in the protocols that have a command for it.

mod databases;
mod exchange;
mod ldap;
mod mail;
mod replies;
mod xmpp;

use crate::{
    explain::{self, plain},
    failure::{Code, Failure},
    names::Protocol,
    net::Transport,
};
use cairn_tls::{ServerName, Side};
use core::net::IpAddr;
use exchange::{Exchange, Machine, Trouble};
use std::io::{self, Read, Write};

/// Why TLS does not start.
#[derive(Debug)]
pub(crate) struct NotStarted {
    failure: Failure,
    /// Whether the server answered, so that it would answer the same again.
    pub(crate) is_answer: bool,
}

impl From<NotStarted> for Failure {
    fn from(not: NotStarted) -> Self {
        not.failure
    }
}

impl From<Failure> for NotStarted {
    fn from(failure: Failure) -> Self {
        Self { failure, is_answer: false }
    }
}

/// Speaks the protocol with the server up to the point where TLS starts. `domain` is the server's name for
/// protocols that send it.
pub(crate) fn start(
    transport: &mut Transport,
    protocol: Protocol,
    domain: &ServerName,
) -> Result<(), NotStarted> {
    let us = transport.tcp().local_addr().ok().map(|address| address.ip());
    let mut exchange = Exchange::new(machine(protocol, domain, us));
    let opening = exchange.opening();
    let mut buffer = [0; 4096];
    let failed = |transport: &Transport, error: &io::Error| broken(protocol, transport.heard(), error);
    send(transport, &opening).map_err(|error| failed(transport, &error))?;
    while !exchange.is_done() {
        let came = match transport.read(&mut buffer) {
            Ok(0) => return Err(closed(protocol, transport.heard()).into()),
            Ok(came) => came,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(transport, &error).into()),
        };
        let came = buffer.get(..came).unwrap_or_default();
        let answer = match exchange.receive(came) {
            Ok(answer) => answer,
            Err(trouble) => {
                let failure = refused(protocol, &trouble, transport.heard());
                return Err(NotStarted { failure, is_answer: true });
            }
        };
        send(transport, &answer).map_err(|error| failed(transport, &error))?;
    }
    transport.forget();
    Ok(())
}

fn send(transport: &mut Transport, bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    transport.write_all(bytes)?;
    transport.flush()
}

fn machine(protocol: Protocol, domain: &ServerName, us: Option<IpAddr>) -> Box<dyn Machine> {
    match protocol {
        Protocol::Smtp => Box::new(replies::Smtp::new(us)),
        Protocol::Ftp => Box::new(replies::Ftp::default()),
        Protocol::Imap => Box::new(mail::Imap::default()),
        Protocol::Pop3 => Box::new(mail::Pop3::default()),
        Protocol::Sieve => Box::new(mail::Sieve::default()),
        Protocol::Ldap => Box::new(ldap::Ldap),
        Protocol::Postgres => Box::new(databases::Postgres),
        Protocol::Mysql => Box::new(databases::Mysql),
        Protocol::Xmpp => Box::new(xmpp::Xmpp::new(domain.to_string(), false)),
        Protocol::XmppServer => Box::new(xmpp::Xmpp::new(domain.to_string(), true)),
    }
}

/// The failure for a server that does not start TLS. `heard` are its first bytes.
fn refused(protocol: Protocol, trouble: &Trouble, heard: &[u8]) -> Failure {
    let failure = Failure::new(Code::Tls, format!("{protocol}: {trouble}"));
    match trouble {
        Trouble::Unexpected { .. } => match plain::hint(heard, protocol) {
            Some(hint) => failure.hint(hint),
            None => failure.hint("--starttls must name the protocol of this port."),
        },
        Trouble::Refused(_) if matches!(protocol, Protocol::Xmpp | Protocol::XmppServer) => {
            failure.hint("--name NAME names the domain that the server serves, if it is not HOST.")
        }
        Trouble::NotOffered | Trouble::Refused(_) => match plain::port_with_tls(protocol) {
            Some(port) => failure.hint(format!(
                "The server may have no certificate. On port {port} it may speak TLS from the start, without \
                --starttls."
            )),
            None => failure.hint("The server's operator must set up TLS and a certificate."),
        },
        Trouble::Injected(_) => failure.hint(
            "An attacker on the network may have inserted these bytes (CVE-2011-0411), or the server is \
            faulty. The connection is not safe.",
        ),
        Trouble::Unasked(_) => {
            failure.hint("The server is faulty, or an attacker on the network has inserted these bytes.")
        }
        Trouble::TooLong => failure,
    }
}

/// The failure for a server that goes on in plain text after its agreement. `heard` are its first bytes
/// after that.
pub(super) fn goes_on(protocol: Protocol, heard: &[u8]) -> Failure {
    refused(protocol, &Trouble::Injected(heard.len()), heard)
}

/// The failure for a server that closes the connection.
fn closed(protocol: Protocol, heard: &[u8]) -> Failure {
    let failure = Failure::new(Code::Tls, format!("{protocol}: the server closed the connection before TLS"));
    match plain::hint(heard, protocol) {
        Some(hint) => failure.hint(hint),
        None => failure.hint("--starttls must name the protocol of this port."),
    }
}

/// The failure for an error of the transport.
fn broken(protocol: Protocol, heard: &[u8], error: &io::Error) -> Failure {
    use io::ErrorKind as Io;
    let failure = explain::stream(error, Side::Client).after(protocol);
    match error.kind() {
        // Closed too, with data of ours under way.
        Io::ConnectionReset | Io::ConnectionAborted | Io::BrokenPipe | Io::UnexpectedEof => {
            closed(protocol, heard)
        }
        Io::TimedOut if heard.is_empty() => failure.hint(format!(
            "The server says nothing in {protocol}. It may speak TLS from the start: then leave out \
            --starttls."
        )),
        _ => failure,
    }
}

#[cfg(test)]
mod tests;
