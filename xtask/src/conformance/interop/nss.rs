//! NSS: its test programs `tstclnt` and `selfserv`. The edition of Debian 12 is tested with TLS 1.2, and that
//! of Debian 13 with TLS 1.3.

use alloc::collections::BTreeSet;
use std::fs;

use super::case::{Asker, Case, Key, Limit, Resumption, Role};
use super::debian13::{self, Edition};
use super::nss13 as tls13;
use super::peer::{Client, Ends, No, Peer, Ready, Server, Word, not_offered};
use super::process::{Launch, PORT};
use super::run::{path, request};
use super::world::{World, authority_scheme};
use crate::conformance::suite::Tool;

/// The cipher suites of TLS 1.2 that it supports, and their numbers in the IANA registry, by which its
/// programs select them.
const SUITES: [(&str, &str); 31] = [
    ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "C02B"),
    ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "C02F"),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "C02C"),
    ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "C030"),
    ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "CCA9"),
    ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "CCA8"),
    ("TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "CCAA"),
    ("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "009E"),
    ("TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", "009F"),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "C009"),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "C00A"),
    ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "C013"),
    ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "C014"),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "C023"),
    ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", "C027"),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", "C024"),
    ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", "C028"),
    ("TLS_DHE_RSA_WITH_AES_128_CBC_SHA", "0033"),
    ("TLS_DHE_RSA_WITH_AES_256_CBC_SHA", "0039"),
    ("TLS_DHE_RSA_WITH_AES_128_CBC_SHA256", "0067"),
    ("TLS_DHE_RSA_WITH_AES_256_CBC_SHA256", "006B"),
    ("TLS_RSA_WITH_AES_128_CBC_SHA", "002F"),
    ("TLS_RSA_WITH_AES_256_CBC_SHA", "0035"),
    ("TLS_RSA_WITH_AES_128_CBC_SHA256", "003C"),
    ("TLS_RSA_WITH_AES_256_CBC_SHA256", "003D"),
    ("TLS_RSA_WITH_AES_128_GCM_SHA256", "009C"),
    ("TLS_RSA_WITH_AES_256_GCM_SHA384", "009D"),
    ("TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA", "C008"),
    ("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", "C012"),
    ("TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA", "0016"),
    ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", "000A"),
];

#[derive(Debug)]
pub(super) struct Nss(pub(super) Edition);

impl Nss {
    /// The edition of this machine, for tests.
    #[cfg(test)]
    pub(super) const fn installed() -> Self {
        Self(Edition::Installed)
    }

    /// The folder of its database of keys and certificates.
    fn folder(&self, world: &World) -> String {
        world.file(match self.0 {
            Edition::Installed => "nss",
            Edition::Debian13 => "nss13",
        })
    }

    fn database(&self, world: &World) -> String {
        format!("sql:{}", self.folder(world))
    }
}

/// The arguments that both programs share.
fn common(launch: Launch, case: &Case) -> Launch {
    let mut launch = launch.args(["-V", "tls1.2:tls1.2", "-G"]);
    launch = launch.args_if(case.resumption == Some(Resumption::Ticket), &["-u"]);
    if let Some(group) = case.group {
        let own = match group {
            "secp256r1" => "P256",
            "secp384r1" => "P384",
            "secp521r1" => "P521",
            other => other,
        };
        launch = launch.args(["-I", own]);
    }
    if let Some(scheme) = case.scheme {
        launch = launch.args(["-J", &format!("{scheme},{}", authority_scheme(scheme))]);
    }
    launch
}

fn lacks(case: &Case) -> Option<&'static str> {
    if case.keys.contains(&Key::Ed25519) || case.client_key == Some(Key::Ed25519) {
        return Some("NSS 3.87 has no Ed25519");
    }
    if case.client_key == Some(Key::RsaPss) {
        return Some("NSS requests no scheme for such keys from clients by default");
    }
    matches!(case.limit, Some(Limit::MaxFragmentLength(_)))
        .then_some("NSS does not support max_fragment_length")
}

impl Peer for Nss {
    fn name(&self) -> &'static str {
        "NSS"
    }

    fn edition(&self) -> Edition {
        self.0
    }

    fn letter(&self) -> char {
        match self.0 {
            Edition::Installed => 'N',
            Edition::Debian13 => 'n',
        }
    }

    fn tools(&self) -> &'static [Tool] {
        if self.speaks_tls13() {
            return &debian13::TOOLS;
        }
        &[
            Tool { program: "tstclnt", package: "libnss3-tools" },
            Tool { program: "selfserv", package: "libnss3-tools" },
            Tool { program: "certutil", package: "libnss3-tools" },
            Tool { program: "pk12util", package: "libnss3-tools" },
        ]
    }

    fn prepare(&self, world: &World) -> Result<String, String> {
        self.0.bring(world, &["libnss3-tools"])?;
        let folder = self.folder(world);
        let _none_yet = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(|e| format!("{folder} cannot be made: {e}"))?;
        let run = |launch: Launch| -> Result<(), String> {
            let done = launch.run("")?;
            if done.status.success() { Ok(()) } else { Err(format!("{}: {}", launch.line(), done.text)) }
        };
        let database = self.database(world);
        let program = |name| self.0.launch(world, name);
        run(program("certutil").args(["-N", "-d", &database, "--empty-password"]))?;
        for name in ["ca-ec", "ca-rsa"] {
            let file = world.file(&format!("{name}.pem"));
            run(program("certutil")
                .args(["-A", "-d", &database, "-n", name, "-t", "CT,C,", "-a", "-i", &file]))?;
        }
        for role in Role::BOTH {
            for key in Key::ALL.into_iter().filter(|key| *key != Key::Ed25519) {
                let (cert, private) = world.identity(role, key);
                let (name, file) =
                    (format!("{}-{}", role.name(), key.name()), format!("{folder}/identity.p12"));
                let export =
                    ["pkcs12", "-export", "-in", &cert, "-inkey", &private, "-name", &name, "-out", &file];
                run(Launch::new("openssl").args(export).args(["-passout", "pass:x"]))?;
                run(program("pk12util").args(["-d", &database, "-i", &file, "-W", "x"]))?;
            }
        }
        // Its programs print no version, but the package has one.
        let changes = world.root.join("usr/share/doc/libnss3/changelog.Debian.gz");
        let version = match self.0 {
            Edition::Installed => Launch::new("dpkg-query").args(["-W", "-f", "${Version}", "libnss3"]),
            Edition::Debian13 => Launch::new("zcat").args([changes.display().to_string()]),
        };
        // The first line of the changes: `nss (2:3.110-1) trixie; urgency=medium`.
        let version = version.run("").map(|done| done.text).unwrap_or_default();
        let version = version.lines().next().unwrap_or_default().trim_start_matches("nss (");
        let version = version.trim().split(['-', '+']).next().unwrap_or_default().to_owned();
        Ok(version.rsplit(':').next().unwrap_or_default().to_owned())
    }

    fn suites(&self, _: &World, _: Role) -> Result<BTreeSet<String>, String> {
        if self.speaks_tls13() {
            return Ok(tls13::SUITES.iter().map(|(name, _)| (*name).to_owned()).collect());
        }
        Ok(SUITES.iter().map(|(name, _)| (*name).to_owned()).collect())
    }

    fn speaks_tls12(&self) -> bool {
        self.0 == Edition::Installed
    }

    fn speaks_tls13(&self) -> bool {
        self.0 == Edition::Debian13
    }

    fn own_words(&self, case: &Case, ours: Role) -> Vec<Word> {
        if self.speaks_tls13() { tls13::own_words(case, ours) } else { Vec::new() }
    }

    fn in_depth(&self, suite: &str) -> bool {
        suite.contains("3DES")
    }

    fn knows_etm(&self) -> bool {
        false
    }

    fn long_path(&self) -> usize {
        // The size of selfserv's buffer.
        6_000
    }

    fn server(&self, world: &World, case: &Case) -> Result<Server, No> {
        if self.speaks_tls13() {
            let launch = self.0.launch(world, "selfserv").args(["-d", &self.database(world)]);
            return tls13::server(launch, case);
        }
        if let Some(why) = lacks(case) {
            return not_offered(why);
        }
        if case.renegotiation == Some(Asker::Client) {
            return not_offered("selfserv refuses renegotiation by a client");
        }
        let all: String = SUITES.iter().map(|(_, number)| format!(":{number}")).collect();
        let mut launch =
            Launch::new("selfserv").args(["-d", &self.database(world), "-p", PORT, "-c", &all, "-v"]);
        for key in case.keys {
            launch = launch.args([if key.is_rsa() { "-n" } else { "-e" }, &format!("server-{}", key.name())]);
        }
        launch = common(launch, case);
        launch = launch.args_if(case.client_key.is_some(), &["-r", "-r"]);
        launch = launch.args_if(case.renegotiation == Some(Asker::Server), &["-r", "-r", "-r"]);
        Ok(Server {
            launch,
            ready: Ready::AtPort("About to call accept"),
            request: request(case, self.long_path()),
            answer: format!("GET {}", path(case, self.long_path())),
            prompts: Vec::new(),
            closes: true,
        })
    }

    fn client(&self, world: &World, case: &Case, port: u16) -> Result<Client, No> {
        if self.speaks_tls13() {
            let launch = self.0.launch(world, "tstclnt").args(["-d", &self.database(world)]);
            return tls13::client(launch, case, port);
        }
        if let Some(why) = lacks(case) {
            return not_offered(why);
        }
        if case.resumption.is_some() {
            return not_offered("tstclnt keeps no sessions, and crashes if it connects twice");
        }
        let number =
            SUITES.iter().find(|(name, _)| *name == case.suite).map(|(_, number)| format!(":{number}"));
        let port = port.to_string();
        let mut launch =
            Launch::new("tstclnt").args(["-d", &self.database(world), "-h", "127.0.0.1", "-p", &port]);
        launch = launch.args(["-a", "localhost", "-c", &number.unwrap_or_default()]);
        launch = common(launch, case);
        launch = launch.args_if(case.renegotiation == Some(Asker::Client), &["-r", "1"]);
        if let Some(key) = case.client_key {
            launch = launch.args(["-n", &format!("client-{}", key.name())]);
        }
        Ok(Client::Run {
            launches: vec![launch],
            command: None,
            input: request(case, self.long_path()),
            ends: Ends::Never,
        })
    }
}
