//! `cairn connect`: a command-line client.

mod args;
mod chain;
mod client;
mod config;
mod crlf;
mod early;
#[cfg(feature = "http3")]
mod http3;
mod inspect;
mod outcome;
mod pipe;
mod reconnect;
mod session_file;
pub(crate) mod starttls;
mod via;
mod withheld;

pub(crate) use args::Args;

use crate::failure::Failure;
use client::Client;

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let client = match Client::new(args) {
        Ok(client) => client,
        Err(failure) if args.json => return inspect::failed(args, failure),
        Err(failure) => return Err(failure),
    };
    let done = visit(&client);
    // The failure of the connection matters more.
    done.and_then(|()| client.sessions_written())
}

fn visit(client: &Client<'_>) -> Result<(), Failure> {
    let args = client.args;
    #[cfg(feature = "http3")]
    if args.http3 {
        return http3::run(client, args.reconnect.unwrap_or(0));
    }
    match args.reconnect {
        _ if args.json => inspect::run(client),
        Some(times) => reconnect::run(client, times),
        None => client.converse(args.input(), &[]).map(|_visited| ()),
    }
}
