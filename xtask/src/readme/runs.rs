//! Runs clients against their server, and counts.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::package::{Package, Pair};

/// How long one client may take. The programs have time limits of their own, which are longer than a healthy run takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// What every healthy client shows.
const ANSWER: &str = "hello\n";

/// A server that ends with us.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _status = self.0.wait();
    }
}

/// Runs each client of a pair so often, and says in a line what failed; nothing if all is well.
pub(super) fn run(package: &Package, mut pair: Pair, runs: u32) -> Result<Vec<String>, String> {
    // Now the port is the server's.
    pair.place = None;
    let mut server = start(package, &pair)?;
    let mut failures = Vec::new();
    for (what, name) in &pair.clients {
        let mut wrong: BTreeMap<String, u32> = BTreeMap::new();
        for number in 0..runs {
            if number % 50 == 25 {
                // Between them somebody who does not know TLS: it must trouble nobody else.
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
    failures.extend(complaints(server));
    Ok(failures)
}

/// What the server says of its clients, but for those that were bad on purpose.
fn complaints(mut server: Server) -> Option<String> {
    let _gone = server.0.kill();
    let mut words = String::new();
    server.0.stderr.take()?.read_to_string(&mut words).ok()?;
    let of_healthy = words
        .lines()
        .find(|line| !line.contains("not a TLS record") && !line.contains("in state AwaitClientHello"));
    of_healthy.map(|line| format!("the server says of a healthy client: {line}"))
}

/// Starts the server, and waits until it listens.
fn start(package: &Package, pair: &Pair) -> Result<Server, String> {
    let mut command = package.program(&pair.server);
    let spawned = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut server = Server(spawned.map_err(|e| format!("{} could not be started: {e}", pair.server))?);
    let begun = Instant::now();
    loop {
        if let Ok(Some(status)) = server.0.try_wait() {
            return Err(format!("{} ended before anybody came ({status})", pair.server));
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

/// One run of a client, and what was wrong with it.
fn visit(package: &Package, name: &str) -> Result<(), String> {
    let mut command = package.program(name);
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|e| format!("it could not be started: {e}"))?;
    let begun = Instant::now();
    while child.try_wait().map_err(|e| e.to_string())?.is_none() {
        if begun.elapsed() > PATIENCE {
            let _gone = child.kill();
            let _status = child.wait();
            return Err("it does not end".into());
        }
        thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().map_err(|e| e.to_string())?;
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        Err(format!("{}: {}", output.status, complained.trim()))
    } else if said != ANSWER {
        Err(format!("it shows {said:?}, expected {ANSWER:?}"))
    } else {
        Ok(())
    }
}
