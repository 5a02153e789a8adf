//! The programs that are compared, with equal settings.
//!
//! Equal for all: one processor and one thread or process (stunnel has a thread for each connection by its
//! design), the same certificate, one version of TLS, TCP_NODELAY on both sides, tickets and the session
//! cache on, no log lines for connections that end as they should, and room for 8,000 connections. The client
//! offers one cipher suite, and the proxies have to choose X25519; the generator checks that they do.
//! Everything else, buffers included, is each program's default.

use core::{net::SocketAddr, time::Duration};
use std::{
    env, fs,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Instant,
};

/// The time that a program has to listen.
const PATIENCE: Duration = Duration::from_secs(10);

/// A clock tick of `/proc/PID/stat`, in microseconds: Linux reports 100 in a second to programs.
const TICK: f64 = 10_000.0;

/// The module of nginx for TCP, where Debian installs it.
const STREAM_MODULE: &str = "/usr/lib/nginx/modules/ngx_stream_module.so";

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Tls13,
    Tls12,
}

impl Version {
    /// Both, in the order of the table.
    pub(crate) const ALL: [Self; 2] = [Self::Tls13, Self::Tls12];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Tls13 => "TLS 1.3",
            Self::Tls12 => "TLS 1.2",
        }
    }

    /// The number alone.
    const fn number(self) -> &'static str {
        match self {
            Self::Tls13 => "1.3",
            Self::Tls12 => "1.2",
        }
    }
}

/// A program that terminates TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contender {
    Cairn,
    Nginx,
    Haproxy,
    Stunnel,
}

impl Contender {
    /// All programs. The first is ours.
    pub(crate) const ALL: [Self; 4] = [Self::Cairn, Self::Nginx, Self::Haproxy, Self::Stunnel];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Cairn => "cairn",
            Self::Nginx => "nginx",
            Self::Haproxy => "HAProxy",
            Self::Stunnel => "stunnel",
        }
    }

    /// Its version, or `None` if it is not installed.
    pub(crate) fn version(self) -> Option<String> {
        let (program, argument) = match self {
            Self::Cairn => return Some(env!("CARGO_PKG_VERSION").to_owned()),
            Self::Nginx if !Path::new(STREAM_MODULE).exists() => return None,
            Self::Nginx => ("nginx", "-v"),
            Self::Haproxy => ("haproxy", "-v"),
            Self::Stunnel => ("stunnel4", "-version"),
        };
        let output = Command::new(program).arg(argument).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        let is_number = |word: &&str| word.contains('.') && word.contains(|c: char| c.is_ascii_digit());
        let number = text.split(|c: char| c.is_whitespace() || c == '/').find(is_number)?;
        Some(number.to_owned())
    }

    /// The packages of Debian that contain it.
    pub(crate) const fn packages(self) -> &'static str {
        match self {
            Self::Cairn => "none",
            Self::Nginx => "nginx-core and libnginx-mod-stream",
            Self::Haproxy => "haproxy",
            Self::Stunnel => "stunnel4",
        }
    }

    /// The text of its settings file.
    fn settings(self, version: Version, folder: &str, port: u16, upstream: SocketAddr) -> String {
        let number = version.number();
        match self {
            Self::Cairn => format!(
                "log_connections = false\n[[listener]]\nname = 'tls'\nlisten = '127.0.0.1:{port}'\n\
                 max_connections = 8000\n[listener.tls]\nversions = '{number}'\n\
                 [[listener.tls.certificate]]\nchain = 'cert.pem'\nkey = 'key.pem'\n\
                 [[listener.route]]\nupstream = '{upstream}'\n"
            ),
            // Without a master there is one process. The cache of sessions is off by default.
            Self::Nginx => format!(
                "load_module {STREAM_MODULE};\ndaemon off;\nmaster_process off;\npid {folder}/nginx.pid;\n\
                 error_log stderr error;\nworker_rlimit_nofile 20000;\n\
                 events {{ worker_connections 16000; }}\nstream {{\n  server {{\n\
                 listen 127.0.0.1:{port} ssl;\nproxy_pass {upstream};\nssl_protocols TLSv{number};\n\
                 ssl_certificate {folder}/cert.pem;\nssl_certificate_key {folder}/key.pem;\n\
                 ssl_ecdh_curve X25519;\nssl_session_cache shared:sessions:10m;\n  }}\n}}\n"
            ),
            Self::Haproxy => format!(
                "global\n  nbthread 1\n  maxconn 8000\n\
                 defaults\n  mode tcp\n  timeout connect 10s\n  timeout client 10m\n  timeout server 10m\n\
                 listen tls\n  bind 127.0.0.1:{port} ssl crt {folder}/both.pem curves X25519 \
                 ssl-min-ver TLSv{number} ssl-max-ver TLSv{number}\n  server upstream {upstream}\n"
            ),
            Self::Stunnel => format!(
                "foreground = yes\npid =\ndebug = err\nsyslog = no\nsocket = l:TCP_NODELAY=1\n\
                 socket = r:TCP_NODELAY=1\n[tls]\naccept = 127.0.0.1:{port}\nconnect = {upstream}\n\
                 cert = {folder}/cert.pem\nkey = {folder}/key.pem\nsslVersion = TLSv{number}\n\
                 curves = X25519\nsessionCacheSize = 20000\n"
            ),
        }
    }

    /// The program with its arguments.
    fn command(self, settings: &str) -> Vec<String> {
        let own = env::current_exe().expect("this program").display().to_string();
        let words: &[&str] = match self {
            Self::Cairn => &[&own, "run", settings],
            Self::Nginx => &["nginx", "-e", "stderr", "-c", settings],
            Self::Haproxy => &["haproxy", "-db", "-f", settings],
            Self::Stunnel => &["stunnel4", settings],
        };
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    /// Starts it on this processor with the certificate in `folder`: `cert.pem`, `key.pem`, and `both.pem`
    /// with the contents of the two. Returns as soon as it listens.
    pub(crate) fn start(
        self,
        version: Version,
        folder: &Path,
        upstream: SocketAddr,
        processor: &str,
    ) -> Running {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = free.local_addr().expect("an address");
        drop(free);
        let (text, file) = (folder.display().to_string(), folder.join(self.name()));
        fs::write(&file, self.settings(version, &text, address.port(), upstream)).expect("a file");
        let mut command = Command::new("taskset");
        command.args(["-c", processor]).args(self.command(&file.display().to_string()));
        // Ours runs until its standard input ends.
        let log = folder.join("log");
        let errors = fs::File::create(&log).expect("a file");
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(errors);
        let child = command.spawn().expect("taskset, which pins the program to a processor");
        let mut running = Running { child, address };
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            let ended = running.child.try_wait().expect("its state");
            if let Some(status) = ended {
                let words = fs::read_to_string(&log).unwrap_or_default();
                panic!("{} has ended before it listened, with {status}: {words}", self.name());
            }
            assert!(begun.elapsed() < PATIENCE, "{} does not listen on {address}", self.name());
            thread::sleep(Duration::from_millis(10));
        }
        running
    }
}

/// A program that listens. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _ended = self.child.wait();
    }
}

impl Running {
    /// The processor time of the process and all its threads so far, in microseconds.
    pub(crate) fn processor_time(&self) -> f64 {
        processor_time(&self.child.id().to_string())
    }

    /// Its resident memory in bytes.
    pub(crate) fn memory(&self) -> f64 {
        let file = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(file).expect("the state of the process, from Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        let number = line.split_whitespace().next().expect("a number");
        number.parse::<f64>().expect("a number") * 1024.0
    }
}

/// The processor time of a process in microseconds; `self` is this one.
pub(crate) fn processor_time(process: &str) -> f64 {
    let file = format!("/proc/{process}/stat");
    let text = fs::read_to_string(file).expect("the state of the process, from Linux");
    // The name of the program, in parentheses, can contain spaces. utime and stime are the fields 14 and 15.
    let (_, fields) = text.rsplit_once(')').expect("the name");
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks.map(|field| field.parse::<f64>().expect("a number")).sum::<f64>() * TICK
}
