//! `cairn proxy`: terminates, originates and forwards TLS.

use crate::{
    failure::{Code, Failure},
    output::{note, print},
};
use cairn_proxy::Proxy;
use core::time::Duration;
use std::path::PathBuf;
use tokio::runtime::Runtime;

/// The longest wait for the threads at the end.
const END: Duration = Duration::from_secs(2);

/// Proxy: terminate, originate and forward TLS for other programs.
///
/// The settings are in a TOML file. SIGHUP reads it again, with the certificates that it names; if something
/// is wrong, the old settings stay in use. With watch_seconds, changed files are read again without SIGHUP.
/// SIGTERM and SIGINT stop the proxy: it accepts nothing more, and waits for open connections up to the time
/// limit of the settings.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// The settings file: see docs/proxy.md.
    file: PathBuf,
    /// Only check the settings and the files that they name. No connection is accepted, but the addresses
    /// must be free.
    #[arg(long)]
    check: bool,
}

const AFTER_HELP: &str = "\
Example of a file:
  [[listener]]
  name = \"web\"
  listen = \"0.0.0.0:443\"
  [listener.tls]
  alpn = [\"h2\", \"http/1.1\"]
  [[listener.tls.certificate]]
  chain = \"cert.pem\"
  key = \"key.pem\"
  [[listener.route]]
  upstream = \"127.0.0.1:8080\"";

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let local = |words: String| Failure::new(Code::Local, words);
    let runtime = Runtime::new().map_err(|e| local(format!("no runtime: {e}")))?;
    let done = runtime.block_on(serve(args));
    // The threads close the sessions of tokens as they end. A module that is called while the process exits
    // can crash it; a call that hangs must not keep it.
    runtime.shutdown_timeout(END);
    done
}

async fn serve(args: &Args) -> Result<(), Failure> {
    let local = |words: String| Failure::new(Code::Local, words);
    let mut proxy = Proxy::start(&args.file).await.map_err(local)?;
    for (name, address) in proxy.addresses() {
        print(format_args!("{name}: {address}\n"))?;
    }
    if let Some(address) = proxy.admin() {
        print(format_args!("metrics and health: {address}\n"))?;
    }
    if args.check {
        return Ok(());
    }
    let mut signals = Signals::new().map_err(|e| local(format!("no signals: {e}")))?;
    loop {
        let signal = tokio::select! {
            signal = signals.next() => signal,
            () = proxy.changed() => Signal::Reload,
        };
        if signal == Signal::Stop {
            break;
        }
        // The proxy reports the result itself. A token can take its time.
        tokio::select! {
            _reported = proxy.reload() => {}
            () = signals.stop() => break,
        }
    }
    note("cairn: waiting for open connections; another signal ends them");
    tokio::select! {
        () = proxy.stop() => {}
        _ = signals.next() => {}
    }
    Ok(())
}

/// A signal of the operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signal {
    Reload,
    Stop,
}

#[cfg(unix)]
struct Signals {
    hangup: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.hangup.recv() => Signal::Reload,
            _ = self.interrupt.recv() => Signal::Stop,
            _ = self.terminate.recv() => Signal::Stop,
        }
    }

    /// Waits for a signal that stops. SIGHUP stays pending.
    async fn stop(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Signal {
        // Without a handler, the process ends at the signal.
        let _no_handler = tokio::signal::ctrl_c().await;
        Signal::Stop
    }

    async fn stop(&mut self) {
        self.next().await;
    }
}
