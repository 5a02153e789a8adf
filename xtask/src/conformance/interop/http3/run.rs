//! Runs a case: connections between Cairn and a peer.

use core::time::Duration;
use std::fs;
use std::net::UdpSocket;
use std::thread;
use std::time::Instant;

use super::case::{Case, Fault, PATH, Second};
use super::lossy::Lossy;
use super::ours;
use super::peer::{Client, Peer, Server};
use crate::conformance::interop::case::{Asker, Role};
use crate::conformance::interop::check::Report;
use crate::conformance::interop::peer::{No, not_offered};
use crate::conformance::interop::process::{Launch, Mark, PATIENCE, Running, tail};
use crate::conformance::interop::world::{PAGE_END, World};

/// The time limit for a client. Each lost packet of a handshake doubles a wait.
const CLIENT_PATIENCE: Duration = Duration::from_secs(90);
/// The last line of each page of `cairn serve --http3`.
const TRANSPORT: &str = "HTTP/3 over QUIC version 1";

/// Runs a case with Cairn in this role.
pub(super) fn run(world: &World, peer: &dyn Peer, ours: Role, case: &Case) -> Result<(), No> {
    if let Some(why) = ours::lacks(case, ours) {
        return not_offered(why);
    }
    match ours {
        Role::Client => our_client(world, peer, case),
        Role::Server => our_server(world, peer, case),
    }
}

fn our_client(world: &World, peer: &dyn Peer, case: &Case) -> Result<(), No> {
    let Server { launch, words } = peer.server(world, case)?;
    let mut server = start(&launch)?;
    let lossy = case.losses.map(|seed| Lossy::start(server.port, seed)).transpose()?;
    let port = lossy.as_ref().map_or(server.port, |lossy| lossy.port);
    let client = ours::client(world, case, port);
    let done = client.run_within(CLIENT_PATIENCE)?;
    let told = |why: String, server: &Running| {
        let theirs = tail(&server.since(Mark::default()));
        No::Failed(format!("{why}; {}: {}; the server: {theirs}", client.line(), tail(&done.text)))
    };
    let code = case.fault.map_or(0, Fault::exit_code);
    if done.status.code() != Some(code) {
        return Err(told(format!("{}, expected code {code}", done.status), &server));
    }
    of_client(case, &done.text).map_err(|why| told(why, &server))?;
    let lacking = |text: &str| words.iter().find(|word| !text.contains(*word)).cloned();
    let all = server.wait_for(Mark::default(), |text| lacking(text).is_none().then_some(()));
    if all.is_err() {
        let word = lacking(&server.since(Mark::default())).unwrap_or_default();
        return Err(told(format!("the server does not say {word:?}"), &server));
    }
    did_something(lossy.as_ref())
}

/// Checks the output of Cairn's client.
fn of_client(case: &Case, text: &str) -> Result<(), String> {
    if let Some(fault) = case.fault {
        let word = fault.alert();
        let is_told = fault == Fault::Authority || text.contains(word);
        return if is_told { Ok(()) } else { Err(format!("the client does not say {word:?}")) };
    }
    let pages =
        1 + usize::from(case.second != Second::No) + usize::from(case.key_update == Some(Asker::Client));
    let came = text.matches(PAGE_END).count();
    if came != pages {
        return Err(format!("{came} pages of {pages} came"));
    }
    let report = Report::last_in(text);
    report.expect("version", Some("TLS 1.3"))?;
    report.expect("protocol", Some("h3"))?;
    let scheme = report.value("server signed").unwrap_or_default();
    if !scheme.starts_with(case.key.1) {
        return Err(format!("server signed is {scheme:?}, expected {:?}", case.key.1));
    }
    if case.suite.is_some() {
        report.expect("cipher suite", case.suite)?;
    }
    if case.group.is_some() {
        report.expect("group", case.group)?;
    }
    let retry = if case.hello_retry { "HelloRetryRequest: one more round trip" } else { "none" };
    report.expect("hello retry", Some(retry))?;
    if report.value("client signed").is_some() != case.client_key.is_some() {
        return Err(format!("client signed is {:?}", report.value("client signed")));
    }
    let second = match case.second {
        Second::No => return Ok(()),
        Second::Resumes(_) => "reconnect 1 of 1: resumed\n",
        Second::EarlyAccepted => "reconnect 1 of 1: resumed, early data accepted\n",
        Second::EarlyRejected => "reconnect 1 of 1: resumed, early data rejected\n",
    };
    if text.contains(second) { Ok(()) } else { Err(format!("the client does not say {second:?}")) }
}

fn our_server(world: &World, peer: &dyn Peer, case: &Case) -> Result<(), No> {
    let launch = ours::server(world, case);
    let mut server = launch.start()?;
    let port: u16 = server.wait_for(Mark::default(), |text| {
        text.split_once("listening on 127.0.0.1:")?.1.lines().next()?.parse().ok()
    })?;
    let lossy = case.losses.map(|seed| Lossy::start(port, seed)).transpose()?;
    let Client { launches, input, page, words } =
        peer.client(world, case, lossy.as_ref().map_or(port, |lossy| lossy.port))?;
    let mut last = None;
    for launch in launches {
        last = Some((format!("{} {input}", launch.line()), launch.run_with(&input, CLIENT_PATIENCE)?));
    }
    let Some((line, done)) = last else { return Err(No::Failed("the peer has no command".to_owned())) };
    if let Some(why) = absent(&done.text) {
        return not_offered(why);
    }
    let told = |why: String, server: &Running| {
        let ours = tail(&server.since(Mark::default()));
        No::Failed(format!("{why}; {line}: {}; our server: {ours}", tail(&done.text)))
    };
    if let Some(word) = words.iter().find(|word| !done.text.contains(*word)) {
        return Err(told(format!("the client does not say {word:?}"), &server));
    }
    let page = match page {
        Some(path) => fs::read_to_string(&path).unwrap_or_default(),
        None => done.text.clone(),
    };
    if case.fault.is_none() && !(page.contains(TRANSPORT) && page.contains(&format!("GET {PATH}"))) {
        return Err(told("the page did not come".to_owned(), &server));
    }
    let wanted = |text: &str| lacking_in_log(case, text).is_none().then_some(());
    if server.wait_for(Mark::default(), wanted).is_err() {
        let word = lacking_in_log(case, &server.since(Mark::default())).unwrap_or_default();
        return Err(told(format!("our server does not say {word:?}"), &server));
    }
    did_something(lossy.as_ref())
}

/// The first expected word that the last line of our server's log lacks.
fn lacking_in_log(case: &Case, log: &str) -> Option<String> {
    let lines: Vec<&str> = log.lines().filter(|line| line.starts_with("127.0.0.1:")).collect();
    let line = lines.last().copied().unwrap_or_default();
    let mut words: Vec<String> = Vec::new();
    match case.fault {
        Some(Fault::Protocol) => words.push(Fault::Protocol.alert().to_owned()),
        // Any alert about certificates (RFC 9846 section 6.2).
        Some(Fault::Authority) => words.push("the peer ended the connection with ".to_owned()),
        None => words.extend(["TLS 1.3 ".to_owned(), " ALPN h3 ".to_owned(), ", HTTP/3".to_owned()]),
    }
    let named = [case.suite, case.group, case.hello_retry.then_some("after HelloRetryRequest")];
    words.extend(named.into_iter().flatten().map(|name| format!(" {name} ")));
    if case.fault.is_none() && case.second == Second::No {
        words.push(format!(" {}", case.key.1));
    }
    if let Some(key) = case.client_key {
        words.push(format!("CN=Interop_client_{}", key.name()));
    }
    let second = match case.second {
        Second::No => "",
        // GnuTLS also offers early data that the ticket does not permit.
        Second::Resumes(_) => " resumed, HTTP/3",
        Second::EarlyAccepted => " resumed, HTTP/3, early data accepted: ",
        Second::EarlyRejected => " resumed, HTTP/3, early data rejected: ",
    };
    words.push(second.to_owned());
    words.into_iter().find(|word| !line.contains(word))
}

/// A case with losses shows nothing if there was none.
fn did_something(lossy: Option<&Lossy>) -> Result<(), No> {
    if lossy.is_none_or(Lossy::did_something) {
        Ok(())
    } else {
        Err(No::Failed("no packet was lost or delayed".to_owned()))
    }
}

/// Starts a peer's server, and waits until its port is taken or it says that it lacks a feature.
fn start(launch: &Launch) -> Result<Running, No> {
    let mut server = launch.start()?;
    let begun = Instant::now();
    while UdpSocket::bind(("127.0.0.1", server.port)).is_ok() {
        let has_ended = server.has_ended();
        let said = server.since(Mark::default());
        if let Some(why) = absent(&said) {
            return not_offered(why);
        }
        if has_ended || begun.elapsed() > PATIENCE {
            return Err(No::Failed(format!("{} does not listen; it said: {}", launch.line(), tail(&said))));
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(server)
}

/// The reason of a program of this project, if its library lacks a feature.
fn absent(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.strip_prefix("absent: "))
}
