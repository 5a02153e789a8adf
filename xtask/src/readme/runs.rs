//! Runs clients with their server, and counts failures. Runs programs with both sides.

use alloc::collections::BTreeMap;
use core::time::Duration;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Instant;

use super::package::{Package, Pair};

/// The time limit for one client. The programs have their own time limits, which are longer than a normal
/// run.
const PATIENCE: Duration = Duration::from_secs(30);

/// The output of every correct client.
const ANSWER: &str = "hello\n";

/// A server that is killed on drop.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _status = self.0.wait();
    }
}

/// Runs each client of a pair repeatedly, and returns a line for each failure.
pub(super) fn run(package: &Package, mut pair: Pair, runs: u32) -> Result<Vec<String>, String> {
    // From here on the port belongs to the server.
    pair.place = None;
    let mut server = start(package, &pair)?;
    let mut failures = Vec::new();
    for (number, (what, name)) in pair.clients.iter().enumerate() {
        // Users try the client itself first, and clients that send nothing.
        let runs = if number < 3 { runs } else { runs.div_ceil(4) };
        let mut wrong: BTreeMap<String, u32> = BTreeMap::new();
        for number in 0..runs {
            if number % 50 == 25 {
                // In between, a client that does not speak TLS. It must not affect the others.
                be_a_bad_client(pair.port);
            }
            if let Err(words) = visit(package, name) {
                *wrong.entry(words).or_default() += 1;
            }
        }
        let failed: u32 = wrong.values().sum();
        println!("{name} against {}: {what}: {} of {runs} passed", pair.server, runs - failed);
        for (words, times) in wrong {
            failures.push(format!("{name} ({what}) failed {times} of {runs} times: {words}"));
        }
    }
    if let Some(status) = server.0.try_wait().map_err(|e| format!("{}: {e}", pair.server))? {
        failures.push(format!("{} ended by itself ({status})", pair.server));
        return Ok(failures);
    }
    let complaint = complaints(server);
    failures.extend(
        complaint.map(|line| format!("{} reports an error of a correct client: {line}", pair.server)),
    );
    Ok(failures)
}

/// The first error that the server prints, except for the invalid clients.
fn complaints(mut server: Server) -> Option<String> {
    let _gone = server.0.kill();
    let mut words = String::new();
    server.0.stderr.take()?.read_to_string(&mut words).ok()?;
    let of_healthy =
        |line: &&str| !line.contains("expected a TLS record") && !line.contains("in state AwaitClientHello");
    words.lines().find(of_healthy).map(str::to_owned)
}

/// Starts the server, and waits until it listens.
fn start(package: &Package, pair: &Pair) -> Result<Server, String> {
    let mut command = package.program(&pair.server);
    let spawned = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut server = Server(spawned.map_err(|e| format!("{} could not be started: {e}", pair.server))?);
    let begun = Instant::now();
    loop {
        if let Ok(Some(status)) = server.0.try_wait() {
            return Err(format!("{} ended before the first connection ({status})", pair.server));
        }
        if TcpStream::connect(("127.0.0.1", pair.port)).is_ok() {
            return Ok(server);
        }
        if begun.elapsed() > PATIENCE {
            return Err(format!("{} does not listen", pair.server));
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn be_a_bad_client(port: u16) {
    if let Ok(mut tcp) = TcpStream::connect(("127.0.0.1", port)) {
        let _gone = tcp.write_all(b"GET / HTTP/1.0\r\n\r\n");
    }
}

/// Runs a client once, and returns its error.
fn visit(package: &Package, name: &str) -> Result<(), String> {
    let said = finish(package, name)?;
    if said == ANSWER { Ok(()) } else { Err(format!("it prints {said:?}, expected {ANSWER:?}")) }
}

/// Runs a program with both sides, and returns its error.
pub(super) fn run_alone(package: &Package, name: &str) -> Result<(), String> {
    let said = finish(package, name)?;
    println!("{name} alone: passed; it prints {said:?}");
    Ok(())
}

/// Runs a program to its end, and returns its output.
fn finish(package: &Package, name: &str) -> Result<String, String> {
    let mut command = package.program(name);
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|e| format!("it could not be started: {e}"))?;
    let begun = Instant::now();
    while child.try_wait().map_err(|e| e.to_string())?.is_none() {
        if begun.elapsed() > PATIENCE {
            let _gone = child.kill();
            let _status = child.wait();
            return Err("it does not finish".into());
        }
        thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().map_err(|e| e.to_string())?;
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() {
        Ok(said.into_owned())
    } else {
        Err(format!("{}: {}", output.status, complained.trim()))
    }
}
