//! `cairn connect`: a command-line client.

mod args;
mod client;
mod config;
mod early;
mod outcome;
mod pipe;
mod reconnect;
mod withheld;

pub(crate) use args::Args;

use crate::failure::Failure;
use client::Client;
use std::io;

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let client = Client::new(args)?;
    match args.reconnect {
        Some(times) => reconnect::run(&client, times),
        None => {
            let input = args.text_to_send().unwrap_or_else(|| Box::new(io::stdin()));
            client.converse(input, &[]).map(|_visited| ())
        }
    }
}
