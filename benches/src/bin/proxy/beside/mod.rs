//! `cairn proxy` beside nginx, HAProxy and stunnel.

mod client;
mod contender;
mod figures;
mod upstream;

use cairn_tls::{
    crypto::KeySpec,
    default_provider,
    x509::issue::{Identity, Template},
};
use client::{Client, Handshake};
use contender::{Contender, Running, Version, processor_time};
use core::time::Duration;
use figures::{Figures, Quantity};
use std::{
    env, fs,
    path::PathBuf,
    process::{self, Command},
    time::Instant,
};

/// The processor of the proxies.
const PROXIES: &str = "0";
/// The processor of the generator and the server behind the proxies.
const GENERATOR: &str = "1";

/// How much is measured.
#[derive(Clone, Copy, Debug)]
struct Extent {
    rounds: u32,
    /// Connections in a measurement of processor time.
    handshakes: usize,
    /// Bytes of a transfer.
    transfer: u64,
    /// Idle connections that are measured, after others that warm the allocator up.
    idle: usize,
    /// The time of an open loop.
    open_loop: Duration,
}

/// An extent that takes less than ten minutes.
const FULL: Extent = Extent {
    rounds: 5,
    handshakes: 2000,
    transfer: 512_000_000,
    idle: 2000,
    open_loop: Duration::from_secs(4),
};

/// An extent that only shows that everything works.
const QUICK: Extent = Extent {
    rounds: 1,
    handshakes: 200,
    transfer: 32_000_000,
    idle: 200,
    open_loop: Duration::from_millis(500),
};

/// The time after the start from which no further round of costs begins. A slow machine gets fewer rounds, so
/// that the command ends within ten minutes.
const LAST_COSTS: Duration = Duration::from_secs(270);
/// The same for the latency of each version.
const LAST_LATENCY: [Duration; 2] = [Duration::from_secs(400), Duration::from_secs(530)];

/// The number of idle connections before the first measurement of memory.
const WARM: usize = 500;

/// Measures all programs that are installed, and prints the table.
pub(crate) fn run(quick: bool) {
    let (begun, extent) = (Instant::now(), if quick { QUICK } else { FULL });
    pin();
    describe_machine();
    let mut contenders = Vec::new();
    for contender in Contender::ALL {
        let name = contender.name();
        match contender.version() {
            Some(version) => {
                println!("{name} {version}");
                contenders.push(contender);
            }
            None => println!("{name} is not installed and left out: Debian's {}", contender.packages()),
        }
    }
    let setup = Setup::new();
    let mut figures = Figures::default();
    let in_time = |round: &u32, last| *round == 1 || begun.elapsed() < last;
    for round in (1..=extent.rounds).take_while(|round| in_time(round, LAST_COSTS)) {
        for version in Version::ALL {
            for contender in &contenders {
                setup.measure_costs(*contender, version, extent, &mut figures);
            }
        }
        eprintln!("round {round} of {}: costs, after {:.0} s", extent.rounds, begun.elapsed().as_secs_f64());
    }
    let mut notes = Vec::new();
    for (version, last) in Version::ALL.into_iter().zip(LAST_LATENCY) {
        let times = contenders.iter().filter_map(|it| figures.median(*it, version, Quantity::Full));
        let slowest = times.fold(0.0, f64::max);
        // The slowest program has one processor, of which half is to be in use.
        let rate = 1_000_000.0 / slowest / 2.0;
        let (own, wall) = (processor_time("self"), Instant::now());
        for round in (1..=extent.rounds).take_while(|round| in_time(round, last)) {
            let arrivals = arrivals(rate, extent.open_loop, round);
            for contender in &contenders {
                setup.measure_latency(*contender, version, &arrivals, &mut figures);
            }
        }
        let used = (processor_time("self") - own) / 10_000.0 / wall.elapsed().as_secs_f64();
        notes.push(format!(
            "{}: latency at {rate:.0} new connections in a second; the generator and the server used \
             {used:.0} % of their processor",
            version.name()
        ));
        eprintln!("{}: latency, after {:.0} s", version.name(), begun.elapsed().as_secs_f64());
    }
    println!("\n{}\n{}", figures.table(&contenders), notes.join("\n"));
    println!("it took {:.0} s", begun.elapsed().as_secs_f64());
}

/// Moves this process to the processor of the generator. It must have no other threads yet.
fn pin() {
    let mut command = Command::new("taskset");
    command.args(["-cp", GENERATOR, &process::id().to_string()]);
    let output = command.output().expect("taskset, which pins the generator to a processor");
    assert!(
        output.status.success(),
        "two processors are needed, one for the proxies and one for the generator: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn describe_machine() {
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let (processor, kernel) = (read("/proc/cpuinfo"), read("/proc/sys/kernel/osrelease"));
    let model = processor.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.map_or("unknown processor", |line| line.trim_start_matches([' ', '\t', ':']));
    let processors = processor.lines().filter(|line| line.starts_with("processor")).count();
    let load = read("/proc/loadavg");
    println!(
        "{model}, {processors} processors, Linux {}, load {}",
        kernel.trim(),
        load.split(' ').next().unwrap_or("unknown")
    );
}

/// The certificate and its folder.
#[derive(Debug)]
struct Setup {
    folder: PathBuf,
    identity: Identity,
}

impl Drop for Setup {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.folder);
    }
}

impl Setup {
    fn new() -> Self {
        let folder = env::temp_dir().join(format!("cairn-bench-beside-{}", process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let template = Template::server("localhost").dns("localhost").valid(0, 4_000_000_000);
        let identity = template.self_signed(&default_provider(), KeySpec::EcP256).expect("a certificate");
        let (chain, key) = (identity.chain_pem(), identity.key().to_pem());
        fs::write(folder.join("cert.pem"), &chain).expect("a file");
        fs::write(folder.join("key.pem"), key.as_bytes()).expect("a file");
        fs::write(folder.join("both.pem"), [chain.as_bytes(), key.as_bytes()].concat()).expect("a file");
        Self { folder, identity }
    }

    /// Starts a program with a server of its own, so that no address has a past.
    fn start(&self, contender: Contender, version: Version) -> (Running, Client) {
        let running = contender.start(version, &self.folder, upstream::start(), PROXIES);
        let client = Client::new(running.address, version, &self.identity.certificate_pem());
        (running, client)
    }

    /// The memory of idle connections and the processor time.
    fn measure_costs(&self, contender: Contender, version: Version, extent: Extent, figures: &mut Figures) {
        let (running, client) = self.start(contender, version);
        let mut open = Vec::new();
        client.leave_idle(&mut open, WARM.min(extent.idle));
        let before = running.memory();
        client.leave_idle(&mut open, extent.idle);
        let grown = running.memory() - before;
        figures.add(contender, version, Quantity::Memory, grown / count(extent.idle));
        open.into_iter().for_each(|mut stream| stream.close().expect("close_notify"));
        for (handshake, quantity) in
            [(Handshake::Full, Quantity::Full), (Handshake::Resumed, Quantity::Resumed)]
        {
            // It also ends what the idle connections have left.
            client.handshakes(handshake, extent.handshakes / 10);
            let before = running.processor_time();
            client.handshakes(handshake, extent.handshakes);
            let used = running.processor_time() - before;
            figures.add(contender, version, quantity, used / count(Client::made(extent.handshakes)));
        }
        for (quantity, upload, download) in
            [(Quantity::Upload, extent.transfer, 1), (Quantity::Download, 1, extent.transfer)]
        {
            let before = running.processor_time();
            client.transfer(upload, download);
            let used = running.processor_time() - before;
            let megabytes = usize::try_from(extent.transfer / 1_000_000).expect("a small number");
            figures.add(contender, version, quantity, used / count(megabytes));
        }
    }

    /// The latency in an open loop.
    fn measure_latency(
        &self,
        contender: Contender,
        version: Version,
        arrivals: &[Duration],
        figures: &mut Figures,
    ) {
        let (_running, client) = self.start(contender, version);
        client.handshakes(Handshake::Full, 100);
        let mut times = client.open_loop(arrivals);
        times.sort();
        let time = times.get(times.len() * 99 / 100).expect("at least one arrival");
        figures.add(contender, version, Quantity::Latency, time.as_secs_f64() * 1_000_000.0);
    }
}

/// A number of things, exactly.
fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).expect("a small number"))
}

/// The times of a Poisson process with this rate in a second, the same for every program.
fn arrivals(rate: f64, limit: Duration, seed: u32) -> Vec<Duration> {
    let (mut state, mut at, mut times) = (u64::from(seed), Duration::ZERO, Vec::new());
    while at < limit {
        times.push(at);
        // A linear congruential generator (Knuth's MMIX); its upper bits are good enough here.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let upper = u32::try_from(state >> 32).expect("32 bits");
        let fraction = (f64::from(upper) + 1.0) / (f64::from(u32::MAX) + 1.0);
        at += Duration::from_secs_f64(-fraction.ln() / rate);
    }
    times
}
