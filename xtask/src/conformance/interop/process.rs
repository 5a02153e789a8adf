//! Child processes with time limits.

use alloc::sync::Arc;
use core::time::Duration;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use std::{net, thread};

/// The time limit for any step, far more than needed even on a busy machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// A placeholder in arguments for a free port.
pub(super) const PORT: &str = "{port}";

/// The path in another root folder.
const ROOTED_PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// A program and its arguments. Equal values are interchangeable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Launch {
    program: PathBuf,
    arguments: Vec<String>,
    folder: Option<PathBuf>,
    /// The root folder, if the program is run by `chroot`.
    root: Option<PathBuf>,
}

impl Launch {
    pub(super) fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), arguments: Vec::new(), folder: None, root: None }
    }

    /// Adds arguments.
    pub(super) fn args<T: AsRef<str>>(mut self, arguments: impl IntoIterator<Item = T>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Adds arguments if `wanted`.
    pub(super) fn args_if(self, wanted: bool, arguments: &[&str]) -> Self {
        if wanted { self.args(arguments) } else { self }
    }

    /// Sets the working directory.
    pub(super) fn within(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Runs it by `chroot` in this folder.
    pub(super) fn rooted(mut self, root: &Path) -> Self {
        self.root = Some(root.to_owned());
        self
    }

    fn command(&self, port: u16) -> Command {
        let arguments = self.arguments.iter().map(|argument| argument.replace(PORT, &port.to_string()));
        let mut command = if let Some(root) = &self.root {
            let mut command = Command::new("chroot");
            // chroot changes to the new root, so the working directory is set inside.
            let folder = self.folder.as_deref().unwrap_or(Path::new("/"));
            command.arg(root).arg("env").arg("-C").arg(folder).arg(&self.program).env("PATH", ROOTED_PATH);
            command
        } else {
            let mut command = Command::new(&self.program);
            if let Some(folder) = &self.folder {
                command.current_dir(folder);
            }
            command
        };
        command.args(arguments);
        command.env_remove("SSLKEYLOGFILE").env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The command line, for people who want to run it.
    pub(super) fn line(&self) -> String {
        let words = self.arguments.iter().map(|word| {
            let plain = !word.is_empty()
                && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:=@,+".contains(c));
            if plain { word.clone() } else { format!("'{}'", word.escape_debug()) }
        });
        let root = self.root.as_ref().map_or_else(String::new, |root| format!("chroot {} ", root.display()));
        format!("{root}{} {}", self.program.display(), words.collect::<Vec<_>>().join(" "))
    }

    /// Starts it.
    pub(super) fn start(&self) -> Result<Running, String> {
        Running::start(self)
    }

    /// Runs it to its end with this standard input. The caller checks its exit code.
    pub(super) fn run(&self, input: &str) -> Result<Finished, String> {
        self.run_with(input, PATIENCE)
    }

    /// Runs it to its end with this standard input, within this time limit.
    pub(super) fn run_with(&self, input: &str, patience: Duration) -> Result<Finished, String> {
        let mut running = self.start()?;
        running.write(input);
        running.end_input();
        running.finish_within(patience)
    }

    /// Runs it to its end without input, within this time limit.
    pub(super) fn run_within(&self, patience: Duration) -> Result<Finished, String> {
        self.run_with("", patience)
    }
}

/// The output so far.
#[derive(Debug, Default)]
struct Heard {
    said: Mutex<Said>,
    news: Condvar,
}

/// The output on each stream. They are kept apart, because one may interrupt a line of the other.
#[derive(Debug, Default)]
struct Said {
    out: Vec<u8>,
    err: Vec<u8>,
}

/// A position in the output.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mark {
    out: usize,
    err: usize,
}

impl Said {
    /// The output after that position, standard output first.
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

/// A running program; killed on drop.
#[derive(Debug)]
pub(super) struct Running {
    launch: Launch,
    child: Child,
    heard: Arc<Heard>,
    readers: Vec<thread::JoinHandle<()>>,
    /// The port that replaces [`PORT`].
    pub(super) port: u16,
}

/// A program that has ended.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) status: ExitStatus,
    /// The output on both streams.
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

    /// The current position in the output: later output lies after it.
    pub(super) fn mark(&self) -> Mark {
        let said = self.heard.said();
        Mark { out: said.out.len(), err: said.err.len() }
    }

    /// The output after a position.
    pub(super) fn since(&self, mark: Mark) -> String {
        self.heard.said().since(mark)
    }

    /// Waits until `find` succeeds on the output after `mark`.
    pub(super) fn wait_for<T>(&mut self, mark: Mark, find: impl Fn(&str) -> Option<T>) -> Result<T, String> {
        let begun = Instant::now();
        loop {
            // Checks for the end first, so that the last output is searched once more afterwards.
            let ended = self.has_ended();
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

    /// Writes to its standard input. If the program has already ended, waiting for its answer reports that.
    pub(super) fn write(&mut self, text: &str) {
        if let Some(stdin) = &mut self.child.stdin {
            let _broken = stdin.write_all(text.as_bytes()).and_then(|()| stdin.flush());
        }
    }

    pub(super) fn end_input(&mut self) {
        self.child.stdin = None;
    }

    /// Returns `true` if it has ended; then its entire output has been read.
    pub(super) fn has_ended(&mut self) -> bool {
        let ended = !matches!(self.child.try_wait(), Ok(None));
        if ended {
            self.join();
        }
        ended
    }

    /// Waits for its end, within the usual time limit.
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

    /// Waits until its entire output has been read.
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

/// The end of the output, on one line.
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
