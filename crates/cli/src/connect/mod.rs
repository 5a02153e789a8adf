//! `cairn connect`: a command-line client.

mod args;
mod client;
mod config;
mod early;
#[cfg(feature = "http3")]
mod http3;
mod outcome;
mod pipe;
mod reconnect;
mod starttls;
mod withheld;

pub(crate) use args::Args;

use crate::failure::Failure;
use client::Client;
use std::io;

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let client = Client::new(args)?;
    #[cfg(feature = "http3")]
    if args.http3 {
        return http3::run(&client, args.reconnect.unwrap_or(0));
    }
    match args.reconnect {
        Some(times) => reconnect::run(&client, times),
        None => {
            let input = args.text_to_send().unwrap_or_else(|| Box::new(io::stdin()));
            client.converse(input, &[]).map(|_visited| ())
        }
    }
}
