//! Runs cases with one peer in one role: real connections, with data in both directions.

use core::time::Duration;
use std::fs;
use std::net::TcpStream;
use std::thread;
use std::time::Instant;

use super::case::{Asker, Case, Role};
use super::check::{Report, check, missing};
use super::ours;
use super::peer::{Client, Command, Ends, No, Peer, Ready, Server, not_offered};
use super::process::{Launch, Mark, PATIENCE, Running, tail};
use super::world::World;

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

/// The data that Cairn's client sends after a KeyUpdate of the server.
const AFTERWARDS: &str = "afterwards\n";

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
        if let Some(why) = ours::lacks(case, self.ours) {
            return not_offered(why);
        }
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
        // If there are several connections, each carries the text.
        let repeats = case.resumption.is_some();
        let mut client = ours::client(self.world, case, port);
        if case.early_data.is_some() {
            client = client.args(["--early-data", &self.world.early_data(port, &request)?]);
        }
        let client = if closes || repeats {
            client.args(["--send", &request, "--wait", if closes { "5" } else { "0" }])
        } else {
            client.args(["--wait", "0"])
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
            if case.key_update == Some(Asker::Server) {
                // A KeyUpdate is answered before the next data (RFC 9846 section 4.7.3).
                running.write(AFTERWARDS);
                if let Some((_, server, _)) = &mut self.server {
                    server.wait_for(mark, |text| text.contains(AFTERWARDS).then_some(()))?;
                }
            }
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
        check(case, self.ours, self.peer, &done.text)
            .map_err(|why| No::Failed(format!("{why}; {}", told())))?;
        let words = self.peer.own_words(case, self.ours);
        if let Some((_, server, _)) = &mut self.server
            && !words.is_empty()
        {
            // It may print them after its answer.
            let all = |text: &str| missing(&words, &format!("{text}{}", done.text)).is_none().then_some(());
            if server.wait_for(mark, all).is_err() {
                let said = format!("{}{}", server.since(mark), done.text);
                let word = missing(&words, &said).unwrap_or_default();
                return Err(No::Failed(format!("the peer does not say {word:?}; {}", told())));
            }
        }
        Ok(())
    }

    fn our_server(&mut self, case: &Case) -> Result<(), No> {
        // If the peer does not support the case, no process needs to start.
        let _possible = self.peer.client(self.world, case, 1)?;
        let server = ours::server(self.world, case);
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
        let ours = self.server.as_ref().map_or_else(String::new, |(_, server, _)| server.since(mark));
        let told = || format!("{line}: {}; our server: {}", tail(&text), tail(&ours));
        let report = Report::last_in(&text);
        let Some(request) = report.value("request") else {
            return Err(No::Failed(format!("no page came; {}", told())));
        };
        if request != format!("GET {path}") {
            return Err(No::Failed(format!("the answer does not match the request; {}", told())));
        }
        // The trace is complete with the line about the end of the connection.
        let end = format!("GET {path} ");
        let trace = match &mut self.server {
            Some((_, server, _)) if ours::traces(case) => {
                server.wait_for(mark, |text| text.contains(&end).then(|| text.to_owned()))?
            }
            _ => String::new(),
        };
        if case.renegotiation.is_some() && trace.matches("<- ClientHello").count() != 2 {
            return Err(No::Failed(format!("there was no renegotiation; {}", told())));
        }
        check(case, self.ours, self.peer, &format!("{trace}\n{text}"))
            .map_err(|why| No::Failed(format!("{why}; {}", told())))?;
        match missing(&self.peer.own_words(case, self.ours), &text) {
            Some(word) => Err(No::Failed(format!("the peer does not say {word:?}; {}", told()))),
            None => Ok(()),
        }
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
}

/// Runs a client of the peer to its end.
fn visit(
    launch: &Launch,
    command: Option<Command>,
    input: &str,
    ends: Ends,
    answer: &str,
) -> Result<String, String> {
    let mut running = launch.start()?;
    if let Some(Command { after, line, says }) = command {
        running.wait_for(Mark::default(), |text| text.contains(after).then_some(()))?;
        running.write(line);
        running.wait_for(Mark::default(), |text| text.contains(says).then_some(()))?;
    }
    running.write(input);
    if ends != Ends::AtOnce {
        running.wait_for(Mark::default(), |text| Report::last_in(text).has_end(answer).then_some(()))?;
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

#[cfg(test)]
mod tests {
    use super::super::case::Limit;
    use super::*;

    #[test]
    fn request_fits_into_the_limit_and_takes_many_records() {
        let usual = Case::of_suite("TLS_X");
        assert!(request(&usual, 12_000).len() < 512);
        let limited = Case { limit: Some(Limit::RecordSize(64)), ..usual };
        let length = request(&limited, 12_000).len();
        assert!((8192..16_384).contains(&length), "{length}");
    }
}
