//! Child processes that are ended on drop.

use super::PATIENCE;
use alloc::sync::Arc;
use core::time::Duration;
use std::{
    collections::HashMap,
    io::{Read, Write},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Mutex, OnceLock},
    thread::{self, JoinHandle},
    time::Instant,
};

/// A running program; killed on drop.
#[derive(Debug)]
pub(crate) struct Peer {
    what: String,
    child: Child,
    out: Output,
    err: Output,
}

/// The output of a program so far.
#[derive(Debug)]
struct Output {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

/// A program that has exited.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) what: String,
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

impl Output {
    fn of(mut pipe: impl Read + Send + 'static) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&bytes);
        let reader = thread::spawn(move || {
            let mut chunk = vec![0; 1 << 16];
            while let Ok(came @ 1..) = pipe.read(&mut chunk) {
                sink.lock().unwrap().extend_from_slice(&chunk[..came]);
            }
        });
        Self { bytes, reader: Some(reader) }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }

    /// Whether all of it has been read.
    fn is_whole(&self) -> bool {
        self.reader.as_ref().is_none_or(JoinHandle::is_finished)
    }

    fn take(&mut self) -> Vec<u8> {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        core::mem::take(&mut self.bytes.lock().unwrap())
    }
}

impl Peer {
    /// Starts a program whose standard input stays open as long as this value lives.
    pub(crate) fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let what = format!("{command:?}");
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{what}: {error}"));
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        Self { what, child, out: Output::of(out), err: Output::of(err) }
    }

    /// Sends it a signal, by its name: `HUP`, `TERM`.
    #[cfg(all(unix, feature = "proxy"))]
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status();
        assert!(sent.unwrap().success(), "{}: no {name}", self.what);
    }

    pub(crate) fn stdout(&self) -> String {
        self.out.text()
    }

    pub(crate) fn stderr(&self) -> String {
        self.err.text()
    }

    /// Waits until `find` finds something in its standard output or standard error.
    pub(crate) fn wait_for<T>(&mut self, wanted: &str, find: impl Fn(&str) -> Option<T>) -> T {
        let found = self.try_wait_for(find);
        found.unwrap_or_else(|| panic!("{}: no {wanted}\n{}\n{}", self.what, self.stdout(), self.stderr()))
    }

    /// Like `wait_for`; `None` if the program exits or the time is over before.
    pub(crate) fn try_wait_for<T>(&mut self, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        let start = Instant::now();
        let mut ended = false;
        loop {
            if let Some(found) = find(&self.stdout()).or_else(|| find(&self.stderr())) {
                return Some(found);
            }
            if ended || start.elapsed() > PATIENCE {
                return None;
            }
            // After the exit, the last output may still be in the pipe.
            ended = self.child.try_wait().unwrap().is_some() && self.out.is_whole() && self.err.is_whole();
            if !ended {
                thread::sleep(Duration::from_millis(5));
            }
        }
    }

    /// Waits until a line of its output contains this text.
    pub(crate) fn wait_for_text(&mut self, wanted: &str) {
        self.wait_for(wanted, |text| text.contains(wanted).then_some(()));
    }

    /// Writes to its standard input.
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.child.stdin.as_mut().unwrap().write_all(bytes).unwrap();
    }

    /// Writes to its standard input from a separate thread, then closes it.
    pub(crate) fn feed(&mut self, bytes: Vec<u8>) {
        let mut stdin = self.child.stdin.take().unwrap();
        // A program may exit before it has read everything.
        thread::spawn(move || stdin.write_all(&bytes));
    }

    /// Waits until it exits.
    pub(crate) fn finish(mut self) -> Finished {
        let start = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if start.elapsed() > PATIENCE {
                let _ = self.child.kill();
                panic!("{} does not end\n{}\n{}", self.what, self.stdout(), self.stderr());
            }
            thread::sleep(Duration::from_millis(2));
        };
        let what = self.what.clone();
        Finished { what, status, stdout: self.out.take(), stderr: self.err.take() }
    }

    /// Kills it.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Finished {
    pub(crate) fn out(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    pub(crate) fn err(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    pub(crate) fn code(&self) -> i32 {
        self.status.code().unwrap_or(-1)
    }

    /// Both outputs, for programs that use either of them.
    pub(crate) fn all(&self) -> String {
        format!("{}\n{}", self.out(), self.err())
    }

    #[track_caller]
    pub(crate) fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code(), code, "{}\n{}", self.what, self.all());
        self
    }

    /// Fails unless each of these words is in one of the outputs.
    #[track_caller]
    pub(crate) fn expect_words(self, words: &[&str]) -> Self {
        let all = self.all();
        for word in words {
            assert!(all.contains(word), "{}: no {word:?} in\n{all}", self.what);
        }
        self
    }
}

/// Runs a program to its end without input.
pub(crate) fn run(command: &mut Command) -> Finished {
    run_with_input(command, b"")
}

/// Runs a program to its end.
pub(crate) fn run_with_input(command: &mut Command, input: &[u8]) -> Finished {
    let mut peer = Peer::start(command);
    peer.feed(input.to_vec());
    peer.finish()
}

/// Whether a program is installed. If not, reports that, or fails if it is required.
pub(crate) fn installed(program: &str) -> bool {
    installed_with(program, "")
}

/// Whether a program is installed whose version output contains this text.
pub(crate) fn installed_with(program: &str, wanted: &str) -> bool {
    static KNOWN: OnceLock<Mutex<HashMap<String, bool>>> = OnceLock::new();
    let mut known =
        KNOWN.get_or_init(Mutex::default).lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let there = *known.entry(program.to_owned()).or_insert_with(|| {
        let argument = if program == "openssl" { "version" } else { "--version" };
        let version = Command::new(program).arg(argument).stdin(Stdio::null()).output();
        version
            .is_ok_and(|done| done.status.success() && String::from_utf8_lossy(&done.stdout).contains(wanted))
    });
    let test = thread::current().name().unwrap_or("a test").to_owned();
    if there {
        let _there_was_none = std::fs::remove_file(note_of(&test));
    } else {
        assert!(
            std::env::var_os("CAIRN_REQUIRE_PEERS").is_none_or(|value| value != "1"),
            "there is no {program} {wanted}, and CAIRN_REQUIRE_PEERS=1 says that there must be"
        );
        std::fs::write(note_of(&test), format!("there is no {program} {wanted}").trim_end()).expect("a note");
        // Not with a macro: the test harness captures its output.
        let loud =
            format!("\n*** NOT TESTED: there is no {program} {wanted}, so {test} tests nothing ***\n\n");
        let _ = std::io::stderr().write_all(loud.as_bytes());
    }
    there
}

/// The file in which a test records that it checked nothing. `xtask/tests/not_tested.rs`, which runs last in
/// the workspace, lists these tests as ignored.
fn note_of(test: &str) -> std::path::PathBuf {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("not-tested");
    std::fs::create_dir_all(&folder).expect("a folder for notes");
    folder.join(format!("{}--{}", env!("CARGO_PKG_NAME"), test.replace("::", "--")))
}

/// Repeats an attempt until it succeeds: another process may take a free port first.
pub(crate) fn retry<T>(mut attempt: impl FnMut() -> Option<T>) -> T {
    for _ in 0..10 {
        if let Some(done) = attempt() {
            return done;
        }
    }
    panic!("ten attempts, and none worked");
}
