//! A `redis-server` for one test. The variable `CAIRN_REDIS_SERVER` names another program, for example
//! `valkey-server`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

/// A `redis-server` on a Unix socket in a folder of its own. It is ended on drop.
pub(crate) struct RedisServer {
    folder: PathBuf,
    /// The command that starts it, without the options that every server has.
    words: Vec<String>,
    child: Child,
}

impl RedisServer {
    /// Starts one without TCP; `None` if it is not installed.
    pub(crate) fn start() -> Option<Self> {
        available(is_installed).then(|| Self::start_with(&[], &["--port", "0"]))
    }

    /// Starts one with these options, by a command that begins with these words.
    pub(crate) fn start_with(before: &[&str], options: &[&str]) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        // The name of a socket must be short.
        let folder = std::env::temp_dir().join(format!("cairn-redis-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let program = program();
        let words: Vec<String> =
            [before, &[program.as_str()], options].concat().into_iter().map(Into::into).collect();
        let child = run(&words, &folder);
        let server = Self { folder, words, child };
        server.wait();
        server
    }

    pub(crate) fn client(&self) -> redis::Client {
        self.client_with("")
    }

    /// A client with an account that may run these commands only.
    pub(crate) fn client_of_account(&self, commands: &[&str]) -> redis::Client {
        let mut rules = vec!["ACL", "SETUSER", "tls", "on", ">secret", "~cairn:*"];
        rules.extend(commands);
        let rules: Vec<&[u8]> = rules.into_iter().map(str::as_bytes).collect();
        self.command::<()>(&rules);
        self.client_with("?user=tls&pass=secret")
    }

    fn client_with(&self, parameters: &str) -> redis::Client {
        redis::Client::open(format!("redis+unix://{}{parameters}", self.socket().display())).unwrap()
    }

    /// The result of a command.
    pub(crate) fn command<T: redis::FromRedisValue>(&self, words: &[&[u8]]) -> T {
        let mut connection = self.client().get_connection().unwrap();
        let mut command = redis::Cmd::new();
        words.iter().for_each(|word| {
            command.arg(*word);
        });
        command.query(&mut connection).unwrap()
    }

    pub(crate) fn set(&self, setting: &str, value: &str) {
        self.command::<()>(&[b"CONFIG", b"SET", setting.as_bytes(), value.as_bytes()]);
    }

    /// The names of the records with this pattern.
    pub(crate) fn names(&self, pattern: &str) -> Vec<String> {
        self.command(&[b"KEYS", pattern.as_bytes()])
    }

    /// Ends it at once, as a power failure would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again after [`Self::kill`].
    pub(crate) fn start_again(&mut self) {
        self.child = run(&self.words, &self.folder);
        self.wait();
    }

    /// Sends a signal: STOP or CONT.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status();
        assert!(status.unwrap().success());
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join("socket")
    }

    /// Waits until it answers.
    fn wait(&self) {
        let begun = Instant::now();
        loop {
            let connection = self.client().get_connection();
            let answer = connection.and_then(|mut to| redis::cmd("PING").query::<String>(&mut to));
            if answer.is_ok() {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "redis-server does not answer: {answer:?}");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The program of the store.
pub(crate) fn program() -> String {
    std::env::var("CAIRN_REDIS_SERVER").unwrap_or_else(|_| "redis-server".into())
}

/// A server that writes its data only on command.
fn run(words: &[String], folder: &Path) -> Child {
    let (program, words) = words.split_first().unwrap();
    let mut command = Command::new(program);
    command.args(words).args(["--save", "", "--appendonly", "no", "--unixsocket"]);
    command.arg(folder.join("socket")).arg("--dir").arg(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

fn is_installed() -> Result<(), String> {
    let version = Command::new(program()).arg("--version").stdout(Stdio::null()).status();
    let is_there = version.is_ok_and(|status| status.success());
    is_there.then_some(()).ok_or_else(|| format!("there is no {}", program()))
}

/// Whether this machine has what a test needs. If not, reports the reason, or fails if it must be there.
pub(crate) fn available(check: impl FnOnce() -> Result<(), String>) -> bool {
    let test = thread::current().name().unwrap_or("a test").replace("::", "--");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("not-tested");
    let note = folder.join(format!("{}--{test}", env!("CARGO_PKG_NAME")));
    let Err(reason) = check() else {
        let _there_was_none = fs::remove_file(note);
        return true;
    };
    assert!(
        std::env::var_os("CAIRN_REQUIRE_PEERS").is_none_or(|value| value != "1"),
        "CAIRN_REQUIRE_PEERS=1 does not permit that this test is omitted: {reason}"
    );
    fs::create_dir_all(&folder).unwrap();
    fs::write(note, reason).unwrap();
    false
}
