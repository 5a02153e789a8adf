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
use std::io;
use tokio::{net::TcpListener, runtime::Runtime, time::sleep};
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
    let runtime = Runtime::new().map_err(|e| Failure::new(Code::Local, format!("no runtime: {e}")))?;
    runtime.block_on(serve(args, visit))
}

/// Accepts connections.
async fn serve(args: &Args, visit: Arc<Visit>) -> Result<(), Failure> {
    let listener = listen(&args.listen)?;
    let mut slots = Slots::new(args.max_connections, visit.timeout);
    // Only failures matter, and the first one decides.
    let mut first = None;
    let mut done = |result: Result<(), Code>| first = first.or(result.err());
    let (mut accepted, mut pause) = (0, PAUSES.0);
    while args.once.is_none_or(|once| accepted < once.get()) {
        let tcp = match listener.accept().await {
            Ok((tcp, _)) => tcp,
            Err(error) => {
                // A client that is already gone, or too many open files: both are temporary.
                note(format_args!("cairn: no connection: {error}"));
                sleep(pause).await;
                pause = pause.saturating_mul(2).min(PAUSES.1);
                continue;
            }
        };
        pause = PAUSES.0;
        accepted += 1;
        slots.wait(&mut done).await;
        let visit = Arc::clone(&visit);
        slots.start(|ended| async move { visit.serve(tcp, ended).await });
    }
    slots.finish(&mut done).await;
    first.map_or(Ok(()), |code| Err(Failure::silent(code)))
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
    let listener = std::net::TcpListener::bind(address).or_else(|error| {
        // A machine without IPv6.
        match address.strip_prefix("[::]") {
            Some(port) if error.kind() != io::ErrorKind::AddrInUse => {
                std::net::TcpListener::bind(format!("0.0.0.0{port}"))
            }
            _ => Err(error),
        }
    });
    let listener = listener.and_then(|listener| {
        listener.set_nonblocking(true)?;
        TcpListener::from_std(listener)
    });
    let listener = listener.map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    print(format_args!("listening on {address}\n"))?;
    Ok(listener)
}
