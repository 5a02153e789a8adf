//! `cairn serve`: a command-line server.

mod args;
mod config;
mod delegate;
mod http;
mod slots;
mod visit;

pub(crate) use args::Args;

use crate::{
    failure::{Code, Failure},
    output::{note, print},
    show::watch::Print,
};
use alloc::sync::Arc;
use config::Configs;
use core::time::Duration;
use slots::Slots;
use std::{io, net::TcpListener, sync::mpsc, thread};
use visit::Visit;

/// The first and the longest pause after a failure to accept a connection.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let timeout = Duration::from_secs(args.timeout);
    let Configs { first, later, trusted, keys } = config::configs(args)?;
    let visit = Arc::new(Visit {
        config: first,
        later,
        trusted,
        keys,
        requires_certificate: args.require_client_cert,
        asks_later: args.ask_later,
        http: args.http,
        early_data: args.early_data.is_some(),
        print: Print::times(args.trace),
        quiet: args.quiet,
        timeout,
    });
    let listener = listen(&args.listen)?;
    let slots = Slots::new(args.max_connections, timeout);
    let (results, done) = mpsc::channel();
    let (mut accepted, mut pause) = (0, PAUSES.0);
    while args.once.is_none_or(|once| accepted < once.get()) {
        let tcp = match listener.accept() {
            Ok((tcp, _)) => tcp,
            Err(error) => {
                // A client that is already gone, or too many open files: both are temporary.
                note(format_args!("cairn: no connection: {error}"));
                thread::sleep(pause);
                pause = pause.saturating_mul(2).min(PAUSES.1);
                continue;
            }
        };
        pause = PAUSES.0;
        accepted += 1;
        let slot = slots.take(&tcp);
        let (visit, results) = (Arc::clone(&visit), args.once.map(|_| results.clone()));
        let spawned = thread::Builder::new().name("connection".into()).spawn(move || {
            let result = visit.serve(tcp, &slot);
            drop(slot);
            if let Some(results) = results {
                let _nobody_waits = results.send(result);
            }
        });
        if let Err(error) = spawned {
            note(format_args!("cairn: no thread for a connection: {error}"));
        }
    }
    drop(results);
    // Only failures matter, and the first one decides.
    match done.iter().find_map(Result::err) {
        Some(code) => {
            let failure = Failure::silent(code);
            done.iter().for_each(drop);
            Err(failure)
        }
        None => Ok(()),
    }
}

/// Listens, and prints the address.
fn listen(address: &str) -> Result<TcpListener, Failure> {
    let cannot_listen = |error: io::Error| {
        let failure = Failure::new(Code::Local, format!("cannot listen on {address}: {error}"));
        match error.kind() {
            io::ErrorKind::AddrInUse => {
                failure.hint("Another program listens there; --listen ADDRESS:0 takes a free port.")
            }
            io::ErrorKind::PermissionDenied => {
                failure.hint("Ports below 1024 are for privileged programs; --listen names another.")
            }
            _ => failure,
        }
    };
    let listener = TcpListener::bind(address).or_else(|error| {
        // A machine without IPv6.
        match address.strip_prefix("[::]") {
            Some(port) if error.kind() != io::ErrorKind::AddrInUse => {
                TcpListener::bind(format!("0.0.0.0{port}"))
            }
            _ => Err(error),
        }
    });
    let listener = listener.map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    print(format_args!("listening on {address}\n"))?;
    Ok(listener)
}
