//! The `cairn` command: a TLS client, server and decoder for experiments and tests.

extern crate alloc;

mod capture;
mod cert;
mod completions;
mod connect;
mod decode;
mod demo;
mod destination;
mod explain;
mod failure;
mod files;
mod fingerprint;
#[cfg(feature = "http3")]
mod http3;
mod json;
mod log_line;
mod names;
mod net;
mod output;
mod provider;
#[cfg(feature = "proxy")]
mod proxy;
mod psk;
mod scan;
mod serve;
mod show;
mod suites;
mod versions;

use clap::{CommandFactory, Parser, Subcommand};
use std::process::ExitCode;

/// A TLS client, server and decoder for experiments and tests.
#[derive(Debug, Parser)]
#[command(
    name = "cairn",
    version,
    propagate_version = true,
    after_help = AFTER_HELP,
    disable_help_subcommand = true,
    styles = output::HELP,
    max_term_width = 100
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    Connect(Box<connect::Args>),
    Serve(Box<serve::Args>),
    Decode(decode::Args),
    Cert(Box<cert::Args>),
    #[cfg(feature = "proxy")]
    Proxy(proxy::Args),
    Scan(scan::Args),
    Suites(suites::Args),
    Completions(completions::CompletionsArgs),
    Man(completions::ManArgs),
}

const AFTER_HELP: &str = "\
Examples:
  cairn demo                                   watch handshakes; nothing to set up
  cairn connect example.com:443                a connection; type, or pipe something in
  cairn serve --listen 127.0.0.1:8443 --cert cert.pem --key key.pem --http
  cairn decode client-hello.hex                print these bytes as a tree
  cairn decode capture.pcap --keylog keys.log  show the TLS connections of a capture
  cairn cert issue localhost                   make a certificate and its key
  cairn scan example.com                       report the settings and weaknesses of a server
  cairn suites                                 list suites, groups and signature schemes

Exit codes:
  0  success
  1  a local fault: a file, the output, a self-check of the demo
  2  a wrong command line
  3  no connection: unknown host, refused, timed out
  4  the TLS connection failed: the handshake, a record, or an alert of the peer
  5  the peer's certificate is not accepted
  6  cut off: the transport ended without close_notify, or before all was sent
  7  malformed bytes (decode)
  8  not resumed (connect --reconnect)
  9  given up: the server was silent for the time of --wait, and had not closed
  10 findings of the severity of --fail-on, or above (scan)";

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Demo(args) => demo::run(&args),
        Command::Connect(args) => connect::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Decode(args) => decode::run(&args),
        Command::Cert(args) => cert::run(&args),
        #[cfg(feature = "proxy")]
        Command::Proxy(args) => proxy::run(&args),
        Command::Scan(args) => scan::run(&args),
        Command::Suites(args) => suites::run(&args),
        Command::Completions(args) => completions::completions(&args, Cli::command()),
        Command::Man(args) => completions::man(&args, Cli::command()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => output::tell(&failure),
    }
}
