//! Programs that are started and surely ended.

use alloc::sync::Arc;
use core::time::Duration;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use std::{net, thread};

/// How long anything may take. Far longer than it takes, even on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// In an argument, it stands for a port that is free.
pub(super) const PORT: &str = "{port}";

/// A program and its arguments: two that are equal can stand in for each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Launch {
    program: PathBuf,
    arguments: Vec<String>,
    folder: Option<PathBuf>,
}

impl Launch {
    pub(super) fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), arguments: Vec::new(), folder: None }
    }

    /// With these arguments too.
    pub(super) fn args<T: AsRef<str>>(mut self, arguments: impl IntoIterator<Item = T>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// With these too, if `wanted`.
    pub(super) fn args_if(self, wanted: bool, arguments: &[&str]) -> Self {
        if wanted { self.args(arguments) } else { self }
    }

    /// In this folder.
    pub(super) fn within(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    fn command(&self, port: u16) -> Command {
        let mut command = Command::new(&self.program);
        command.args(self.arguments.iter().map(|argument| argument.replace(PORT, &port.to_string())));
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command.env_remove("SSLKEYLOGFILE").env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// For people who want to try it.
    pub(super) fn line(&self) -> String {
        let words = self.arguments.iter().map(|word| {
            let plain = !word.is_empty()
                && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:=@,+".contains(c));
            if plain { word.clone() } else { format!("'{}'", word.escape_debug()) }
        });
        format!("{} {}", self.program.display(), words.collect::<Vec<_>>().join(" "))
    }

    /// Starts it.
    pub(super) fn start(&self) -> Result<Running, String> {
        Running::start(self)
    }

    /// Runs it to its end with this as its standard input, which then ends. Its end is what counts: its exit code is for
    /// the caller to judge.
    pub(super) fn run(&self, input: &str) -> Result<Finished, String> {
        let mut running = self.start()?;
        running.write(input);
        running.end_input();
        running.finish()
    }

    /// Runs it to its end without input, however long that takes, up to this.
    pub(super) fn run_within(&self, patience: Duration) -> Result<Finished, String> {
        let mut running = self.start()?;
        running.end_input();
        running.finish_within(patience)
    }
}

/// What a program has said so far.
#[derive(Debug, Default)]
struct Heard {
    said: Mutex<Said>,
    news: Condvar,
}

/// What it has said on each of its outputs. They are kept apart: the one may come in the middle of a line of the other.
#[derive(Debug, Default)]
struct Said {
    out: Vec<u8>,
    err: Vec<u8>,
}

/// How much that was at some time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    out: usize,
    err: usize,
}

impl Said {
    /// What came since then, first on standard output.
    fn since(&self, mark: Mark) -> String {
        let part =
            |bytes: &[u8], from| String::from_utf8_lossy(bytes.get(from..).unwrap_or_default()).into_owned();
        format!("{}\n{}", part(&self.out, mark.out), part(&self.err, mark.err))
    }
}

impl Heard {
    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_in(&self, mut pipe: impl Read, which: fn(&mut Said) -> &mut Vec<u8>) {
        let mut chunk = vec![0; 1 << 14];
        while let Ok(count @ 1..) = pipe.read(&mut chunk) {
            which(&mut self.said()).extend_from_slice(chunk.get(..count).unwrap_or_default());
            self.news.notify_all();
        }
    }
}

/// A program that runs; killed when dropped.
#[derive(Debug)]
pub(super) struct Running {
    launch: Launch,
    child: Child,
    heard: Arc<Heard>,
    readers: Vec<thread::JoinHandle<()>>,
    /// The port that stands for [`PORT`].
    pub(super) port: u16,
}

/// A program that has ended.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) status: ExitStatus,
    /// Both outputs.
    pub(super) text: String,
}

impl Running {
    fn start(launch: &Launch) -> Result<Self, String> {
        let port = free_port()?;
        let mut child = launch
            .command(port)
            .spawn()
            .map_err(|e| format!("{} could not be started: {e}", launch.line()))?;
        let heard = Arc::new(Heard::default());
        let mut readers = Vec::new();
        if let Some(pipe) = child.stdout.take() {
            let heard = Arc::clone(&heard);
            readers.push(thread::spawn(move || heard.take_in(pipe, |said| &mut said.out)));
        }
        if let Some(pipe) = child.stderr.take() {
            let heard = Arc::clone(&heard);
            readers.push(thread::spawn(move || heard.take_in(pipe, |said| &mut said.err)));
        }
        Ok(Self { launch: launch.clone(), child, heard, readers, port })
    }

    /// How much it has said: what comes later lies behind this mark.
    pub(super) fn mark(&self) -> Mark {
        let said = self.heard.said();
        Mark { out: said.out.len(), err: said.err.len() }
    }

    /// What it has said since.
    pub(super) fn since(&self, mark: Mark) -> String {
        self.heard.said().since(mark)
    }

    /// Waits until `find` finds what it looks for in what it says from `mark` on.
    pub(super) fn wait_for<T>(&mut self, mark: Mark, find: impl Fn(&str) -> Option<T>) -> Result<T, String> {
        let begun = Instant::now();
        loop {
            // First whether it has ended: what it said with its last breath is looked at once more then.
            let ended = !matches!(self.child.try_wait(), Ok(None));
            if ended {
                self.join();
            }
            let heard = self.heard.said();
            let said = heard.since(mark);
            if let Some(found) = find(&said) {
                return Ok(found);
            }
            let left = PATIENCE.saturating_sub(begun.elapsed());
            if ended || left.is_zero() {
                let what = if ended { "ended" } else { "was silent" };
                return Err(format!("{} {what}; it said: {}", self.launch.line(), tail(&said)));
            }
            drop(self.heard.news.wait_timeout(heard, left.min(Duration::from_millis(100))));
        }
    }

    /// Writes to its standard input. That it has ended already is found out by those who wait for its answer.
    pub(super) fn write(&mut self, text: &str) {
        if let Some(stdin) = &mut self.child.stdin {
            let _broken = stdin.write_all(text.as_bytes()).and_then(|()| stdin.flush());
        }
    }

    pub(super) fn end_input(&mut self) {
        self.child.stdin = None;
    }

    /// Waits for its end.
    pub(super) fn finish(self) -> Result<Finished, String> {
        self.finish_within(PATIENCE)
    }

    fn finish_within(mut self, patience: Duration) -> Result<Finished, String> {
        let begun = Instant::now();
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => {
                    self.join();
                    return Ok(Finished { status, text: self.since(Mark::default()) });
                }
                Ok(None) if begun.elapsed() > patience => {
                    return Err(format!(
                        "{} does not end; it said: {}",
                        self.launch.line(),
                        tail(&self.since(Mark::default()))
                    ));
                }
                Ok(None) => thread::sleep(Duration::from_millis(3)),
                Err(error) => return Err(format!("{}: {error}", self.launch.line())),
            }
        }
    }

    /// Waits until all that it has said is here.
    fn join(&mut self) {
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that was free a moment ago.
fn free_port() -> Result<u16, String> {
    let listener = net::TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr());
    listener.map(|address| address.port()).map_err(|e| format!("no free port: {e}"))
}

/// The end of what was said, in one line.
pub(super) fn tail(text: &str) -> String {
    const LINES: usize = 4;
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let kept = lines.iter().skip(lines.len().saturating_sub(LINES));
    let mut text =
        kept.map(|line| line.chars().take(160).collect::<String>()).collect::<Vec<_>>().join(" / ");
    if text.is_empty() {
        text.push_str("nothing");
    }
    text
}
