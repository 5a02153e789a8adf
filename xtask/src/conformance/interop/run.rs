//! Runs cases with one peer in one role: real connections, with data in both directions.

use core::time::Duration;
use std::fs;
use std::net::TcpStream;
use std::thread;
use std::time::Instant;

use super::case::{Asker, Case, Limit, Resumption, Role};
use super::peer::{Client, Ends, No, Peer, Ready, Server};
use super::process::{Launch, Mark, PATIENCE, Running, tail};
use super::world::{PSK, PSK_IDENTITY, World};

/// The request that a client of the peer sends to Cairn's server, with a path of about `long` bytes if
/// records are small. The answer repeats it.
pub(super) fn request(case: &Case, long: usize) -> String {
    format!("GET {} HTTP/1.0\r\n\r\n", path(case, long))
}

/// The path of that request.
pub(super) fn path(case: &Case, long: usize) -> String {
    let length = if case.limit.is_some() { long } else { 100 };
    format!("/{}-end", "abcdefghi-".repeat(length / 10))
}

/// A peer, and processes that continue from one case to the next.
pub(super) struct Bench<'a> {
    world: &'a World,
    peer: &'a dyn Peer,
    ours: Role,
    server: Option<(Launch, Running, u16)>,
    asked: Option<(Launch, Running)>,
}

impl<'a> Bench<'a> {
    pub(super) fn new(world: &'a World, peer: &'a dyn Peer, ours: Role) -> Self {
        Self { world, peer, ours, server: None, asked: None }
    }

    /// Runs one case.
    pub(super) fn run(&mut self, case: &Case) -> Result<(), No> {
        let result = match self.ours {
            Role::Client => self.our_client(case),
            Role::Server => self.our_server(case),
        };
        if matches!(result, Err(No::Failed(_))) {
            // Remaining output must not affect the next case.
            self.server = None;
            self.asked = None;
        }
        result
    }

    fn our_client(&mut self, case: &Case) -> Result<(), No> {
        let Server { launch, ready, request, answer, prompts, closes } =
            self.peer.server(self.world, case)?;
        let port = self.serve(&launch, &ready)?;
        let mut client =
            self.world.cairn(["connect", &format!("127.0.0.1:{port}"), "--name", "localhost", "--trace"]);
        client = client.args(["--ca", &self.world.ca(), "--suites", &case.suite]);
        // If there are several connections, each carries the text.
        let repeats = case.resumption.is_some();
        client = if closes || repeats {
            client.args(["--send", &request, "--wait", if closes { "5" } else { "0" }])
        } else {
            client.args(["--wait", "0"])
        };
        if case.uses_psk() {
            client = client.args(["--psk", &format!("{PSK_IDENTITY}:{PSK}")]);
        }
        if let Some(group) = case.group {
            client = client.args(["--groups", group]);
        }
        client = client.args_if(case.resumption == Some(Resumption::Id), &["--no-tickets"]);
        client = client.args_if(repeats, &["--reconnect", "1"]);
        client = client.args_if(case.renegotiation == Some(Asker::Client), &["--renegotiate"]);
        client = client.args_if(case.renegotiation == Some(Asker::Server), &["--renegotiation", "allowed"]);
        if let Some(key) = case.client_key {
            let (cert, private) = self.world.identity(Role::Client, key);
            client = client.args(["--cert", &cert, "--key", &private]);
        }
        client = match case.limit {
            None => client,
            Some(Limit::MaxFragmentLength(bytes)) => {
                client.args(["--max-fragment-length", &bytes.to_string()])
            }
            Some(Limit::RecordSize(bytes)) => client.args(["--record-size-limit", &bytes.to_string()]),
        };
        let mark = self.server.as_ref().map_or_else(Mark::default, |(_, server, _)| server.mark());
        let mut running = client.start()?;
        if !closes && !repeats {
            running.write(&request);
        }
        if let Some((_, server, _)) = &mut self.server {
            for (said, next) in prompts {
                server.wait_for(mark, |text| text.contains(said).then_some(()))?;
                server.write(next);
            }
        }
        if !closes && !repeats {
            // If the answer never comes, the connection ends anyway, and the failure is reported below.
            let _never = running.wait_for(Mark::default(), |text| text.contains(&answer).then_some(()));
        }
        running.end_input();
        let done = running.finish()?;
        let theirs =
            self.server.as_ref().map_or_else(String::new, |(_, server, _)| tail(&server.since(mark)));
        let told = || format!("{}: {}; the peer: {theirs}", client.line(), tail(&done.text));
        if !done.status.success() {
            return Err(No::Failed(told()));
        }
        if done.text.matches(&answer).count() < 1 + usize::from(repeats) {
            return Err(No::Failed(format!("no data came back; {}", told())));
        }
        self.check(case, &done.text).map_err(|why| No::Failed(format!("{why}; {}", told())))
    }

    fn our_server(&mut self, case: &Case) -> Result<(), No> {
        // If the peer does not support the case, no process needs to start.
        let _possible = self.peer.client(self.world, case, 1)?;
        let all = self.world.suites.join(",");
        let mut server = self.world.cairn(["serve", "--listen", "127.0.0.1:0", "--http", "--suites", &all]);
        server = server.args(["--psk", &format!("{PSK_IDENTITY}:{PSK}")]);
        for key in case.keys {
            let (cert, private) = self.world.identity(Role::Server, *key);
            server = server.args(["--cert", &cert, "--key", &private]);
        }
        server = server.args_if(case.resumption == Some(Resumption::Ticket), &["--tickets"]);
        if let Some(group) = case.group {
            server = server.args(["--groups", group]);
        }
        if case.client_key.is_some() {
            server = server.args(["--client-ca", &self.world.ca(), "--require-client-cert"]);
        }
        server = server.args_if(case.renegotiation == Some(Asker::Client), &["--renegotiation", "allowed"]);
        server = server.args_if(case.renegotiation == Some(Asker::Server), &["--renegotiate"]);
        server = server.args_if(case.renegotiation.is_some(), &["--trace"]);
        if let Some(Limit::RecordSize(bytes)) = case.limit {
            server = server.args(["--record-size-limit", &bytes.to_string()]);
        }
        let port = self.serve(&server, &Ready::Says("listening on "))?;
        let mark = self.server.as_ref().map_or_else(Mark::default, |(_, server, _)| server.mark());
        let client = self.peer.client(self.world, case, port)?;
        let path = path(case, self.peer.long_path());
        let (line, text) = match client {
            Client::Run { launches, command, input, ends } => {
                let mut last = None;
                for launch in launches {
                    last = Some((launch.line(), visit(&launch, command, &input, ends, &path)?));
                }
                last.unwrap_or_default()
            }
            Client::Ask { launch, line } => (line.clone(), self.ask(&launch, &line)?),
        };
        // The report of a connection is printed when it ends.
        let ours = self.server.as_ref().map_or_else(String::new, |(_, server, _)| server.since(mark));
        let told = || format!("{line}: {}; our server: {}", tail(&text), tail(&ours));
        let rows = rows(&text);
        let Some((_, request)) = rows.iter().find(|(label, _)| label == "request") else {
            return Err(No::Failed(format!("no page came; {}", told())));
        };
        if *request != format!("GET {path}") {
            return Err(No::Failed(format!("the answer does not match the request; {}", told())));
        }
        if case.renegotiation.is_some() && ours.matches("<- ClientHello").count() != 2 {
            return Err(No::Failed(format!("there was no renegotiation; {}", told())));
        }
        self.check(case, &text).map_err(|why| No::Failed(format!("{why}; {}", told())))
    }

    /// Makes sure that this server is running, and returns its port.
    fn serve(&mut self, launch: &Launch, ready: &Ready) -> Result<u16, No> {
        if let Some((running, _, port)) = &self.server
            && running == launch
        {
            return Ok(*port);
        }
        self.server = None;
        // A free port may be taken before the server starts.
        let mut failure = String::new();
        for _ in 0..3 {
            match start(launch, ready) {
                Ok((running, port)) => {
                    self.server = Some((launch.clone(), running, port));
                    return Ok(port);
                }
                Err(No::NotOffered(why)) => return Err(No::NotOffered(why)),
                Err(No::Failed(why)) => failure = why,
            }
        }
        Err(No::Failed(failure))
    }

    /// Sends this command to a peer's program.
    fn ask(&mut self, launch: &Launch, line: &str) -> Result<String, No> {
        if self.asked.as_ref().is_none_or(|(running, _)| running != launch) {
            self.asked = Some((launch.clone(), launch.start()?));
        }
        let Some((_, program)) = &mut self.asked else { return Err(No::Failed("not started".to_owned())) };
        let mark = program.mark();
        program.write(&format!("{line}\n"));
        let text = program.wait_for(mark, |text| {
            let mut lines = text.lines();
            lines
                .any(|line| line == "ok" || line.starts_with("failed") || line.starts_with("absent"))
                .then(|| text.to_owned())
        })?;
        if let Some(why) = absent(&text) {
            return Err(No::NotOffered(why));
        }
        if text.lines().any(|line| line == "ok") {
            Ok(text)
        } else {
            let ours = self
                .server
                .as_ref()
                .map_or_else(String::new, |(_, server, _)| tail(&server.since(Mark::default())));
            Err(No::Failed(format!("{line}: {}; our server: {ours}", tail(&text))))
        }
    }

    /// Compares Cairn's report of the connection with the expected parameters.
    fn check(&self, case: &Case, text: &str) -> Result<(), String> {
        let rows = rows(text);
        let told =
            |wanted: &str| rows.iter().find(|(label, _)| label == wanted).map(|(_, value)| value.as_str());
        let expect = |label: &str, wanted: Option<&str>| {
            let value = told(label);
            if value == wanted { Ok(()) } else { Err(format!("{label} is {value:?}, expected {wanted:?}")) }
        };
        expect("cipher suite", Some(&case.suite))?;
        let etm = case.is_cbc() && case.etm && self.peer.knows_etm();
        if told("integrity").is_some_and(|told| told.contains("over the ciphertext")) != etm {
            return Err(format!("encrypt_then_mac was {}negotiated", if etm { "not " } else { "" }));
        }
        if let Some(group) = case.group {
            expect("group", Some(group))?;
        }
        if let Some(scheme) = case.scheme {
            expect("server signed", Some(scheme))?;
        }
        if case.client_key.is_some() && told("client signed").is_none() {
            return Err("the client was not authenticated".to_owned());
        }
        let resumed = told("session").is_some_and(|session| session.starts_with("resumed"));
        if resumed != case.resumption.is_some() {
            return Err(format!("the session was {}resumed", if resumed { "" } else { "not " }));
        }
        if self.ours == Role::Client && case.resumption.is_some() {
            let ticket = text.contains("<- NewSessionTicket");
            if ticket != (case.resumption == Some(Resumption::Ticket)) {
                return Err(format!("there was {} ticket", if ticket { "a" } else { "no" }));
            }
        }
        if self.ours == Role::Client
            && case.renegotiation.is_some()
            && text.matches("-> ClientHello").count() != 2
        {
            return Err("there was no renegotiation".to_owned());
        }
        let size = told("record size").unwrap_or_default();
        match case.limit {
            // A server may accept the record_size_limit that Cairn's client also offers.
            Some(Limit::MaxFragmentLength(bytes))
                if size != format!("at most {bytes} bytes")
                    && !size.contains(&format!(" {bytes} received")) =>
            {
                Err(format!("the record size is {size:?}"))
            }
            Some(Limit::RecordSize(bytes)) if !size.contains(&format!(" {bytes} received")) => {
                Err(format!("the record size is {size:?}"))
            }
            _ => Ok(()),
        }
    }
}

/// Runs a client of the peer to its end.
fn visit(
    launch: &Launch,
    command: Option<(&str, &str)>,
    input: &str,
    ends: Ends,
    answer: &str,
) -> Result<String, String> {
    let mut running = launch.start()?;
    if let Some((command, said)) = command {
        // Before the first handshake has completed, a command might be lost.
        running.wait_for(Mark::default(), |text| text.contains("Verify return code").then_some(()))?;
        running.write(command);
        running.wait_for(Mark::default(), |text| text.contains(said).then_some(()))?;
    }
    running.write(input);
    if ends != Ends::AtOnce {
        running.wait_for(Mark::default(), |text| {
            rows(text).iter().any(|(_, value)| value.ends_with(answer)).then_some(())
        })?;
    }
    if ends == Ends::Never {
        return Ok(running.since(Mark::default()));
    }
    running.end_input();
    let done = running.finish()?;
    // A nonzero exit code may only concern the end of the connection; a signal is always a failure.
    match done.status.code() {
        Some(_) => Ok(done.text),
        None => Err(format!("{}: {}; it said: {}", launch.line(), done.status, tail(&done.text))),
    }
}

fn start(launch: &Launch, ready: &Ready) -> Result<(Running, u16), No> {
    let mut running = launch.start()?;
    let port = match ready {
        Ready::Says(before) => running.wait_for(Mark::default(), |text| {
            if let Some(why) = absent(text) {
                return Some(Err(No::NotOffered(why)));
            }
            let (_, after) = text.split_once(before)?;
            let (address, _) = after.split_once('\n')?;
            address.trim().rsplit(':').next()?.parse().ok().map(Ok)
        })??,
        Ready::AtPort(said) => {
            running.wait_for(Mark::default(), |text| text.contains(said).then_some(()))?;
            // Botan says so before it listens.
            let begun = Instant::now();
            while !listens(running.port) && begun.elapsed() < PATIENCE {
                thread::sleep(Duration::from_millis(5));
            }
            running.port
        }
        Ready::Connects => {
            let begun = Instant::now();
            while TcpStream::connect(("127.0.0.1", running.port)).is_err() {
                if begun.elapsed() > PATIENCE {
                    let said = tail(&running.since(Mark::default()));
                    return Err(No::Failed(format!("{} does not listen; it said: {said}", launch.line())));
                }
                thread::sleep(Duration::from_millis(20));
            }
            running.port
        }
    };
    Ok((running, port))
}

/// Returns `true` if a socket of this machine listens on a port, without connecting to it. If the system does
/// not list its sockets in `/proc`, the result is `true`.
fn listens(port: u16) -> bool {
    let mut listed = false;
    for file in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let Ok(table) = fs::read_to_string(file) else { continue };
        listed = true;
        // The columns are: number, local address and port in hexadecimal, remote address, state (0A: LISTEN).
        let is_it = |line: &str| {
            let mut columns = line.split_whitespace().skip(1);
            let local = columns.next().and_then(|address| address.rsplit(':').next());
            let local = local.and_then(|digits| u16::from_str_radix(digits, 16).ok());
            local == Some(port) && columns.nth(1) == Some("0A")
        };
        if table.lines().skip(1).any(is_it) {
            return true;
        }
    }
    !listed
}

/// The output of a peer's program that lacks a feature.
fn absent(text: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.strip_prefix("absent: "))?;
    Some(line.to_owned())
}

/// The last of Cairn's reports in a text, as labels and values. It may have passed through a program that
/// prefixes each line with `| `.
fn rows(text: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = text.lines().map(|line| line.strip_prefix("| ").unwrap_or(line)).collect();
    let Some(first) = lines.iter().rposition(|line| line.starts_with("  version  ")) else {
        return Vec::new();
    };
    lines
        .iter()
        .skip(first)
        .map_while(|line| {
            let (label, value) = line.strip_prefix("  ")?.split_once("  ")?;
            Some((label.to_owned(), value.trim().to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_report_counts() {
        let text = "CONNECTED\n  version        TLS 1.2\n  cipher suite   A\nmore\n\
                    | Cairn: this connection\n| \n|   version        TLS 1.2\n|   cipher suite   B\n\
                    |   session        new, 01\n|   request        GET /x\nclosed\n";
        let rows = rows(text);
        assert_eq!(rows.len(), 4);
        assert_eq!(rows[1], ("cipher suite".to_owned(), "B".to_owned()));
        assert_eq!(rows[3], ("request".to_owned(), "GET /x".to_owned()));
        assert!(super::rows("nothing").is_empty());
    }

    #[test]
    fn request_fits_into_the_limit_and_takes_many_records() {
        let usual = Case::of_suite("TLS_X");
        assert!(request(&usual, 12_000).len() < 512);
        let limited = Case { limit: Some(Limit::RecordSize(64)), ..usual };
        let length = request(&limited, 12_000).len();
        assert!((8192..16_384).contains(&length), "{length}");
    }
}
