//! `--json`: the report of one connection as a JSON object on standard output.

use super::{args::Args, client::Client, reconnect};
use crate::{failure::Failure, net::Transport, output::print, show::json};
use cairn_tls::Stream;
use serde_json::{Map, Value, json};

/// Connects, prints the report and ends the connection.
pub(super) fn run(client: &Client<'_>) -> Result<(), Failure> {
    let watch = client.watch();
    let mut report = place(client);
    let mut tls = match client.handshake_with(&[], &watch) {
        Ok(opened) => opened.tls,
        Err(failure) => {
            let chain = watch.seen().peer_chain;
            report.insert("certificates".into(), json::certificates(chain.iter().map(Vec::as_slice)));
            report.insert("error".into(), json::failure(&failure));
            print_object(report)?;
            return Err(failure);
        }
    };
    describe(&tls, client.args.insecure, &mut report);
    let closed = reconnect::close(&mut tls);
    if let Err(failure) = &closed {
        report.insert("error".into(), json::failure(failure));
    }
    print_object(report)?;
    closed
}

/// The object for a command line that leads to no connection.
pub(super) fn failed(args: &Args, failure: Failure) -> Result<(), Failure> {
    let report = json!({ "host": args.destination.target.host.name(), "error": json::failure(&failure) });
    print(format_args!("{report:#}\n"))?;
    Err(failure)
}

/// The server as the command line names it.
fn place(client: &Client<'_>) -> Map<String, Value> {
    let host = &client.args.destination.target.host;
    let mut report = Map::new();
    report.insert("host".into(), json!(host.name()));
    if host.is_international() {
        report.insert("host_unicode".into(), json!(host.unicode()));
    }
    report.insert("port".into(), json!(client.port));
    report.insert("name".into(), json!(client.name.to_string()));
    report.insert("proxy".into(), json!(client.proxy.as_ref().map(ToString::to_string)));
    report.insert("starttls".into(), json!(client.starttls.map(|protocol| protocol.option())));
    report
}

/// Adds what the handshake has negotiated.
fn describe(tls: &Stream<Transport>, is_insecure: bool, report: &mut Map<String, Value>) {
    if let Ok(address) = tls.transport().tcp().peer_addr() {
        report.insert("address".into(), json!(address.to_string()));
    }
    let Some(summary) = tls.summary() else { return };
    report.extend(json::report(summary));
    report.insert("checked".into(), json!(!is_insecure));
    let chain = summary.peer_chain.as_deref();
    let certificates = match chain.filter(|chain| chain.end_entity().is_some()) {
        Some(chain) => json::certificates(chain.iter()),
        None => json!([]),
    };
    report.insert("certificates".into(), certificates);
}

fn print_object(report: Map<String, Value>) -> Result<(), Failure> {
    print(format_args!("{:#}\n", Value::Object(report)))
}
