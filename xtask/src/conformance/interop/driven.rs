//! Peers that are libraries without suitable programs. The programs are part of this project, in
//! `xtask/interop-peers`, and all take the same arguments (see the README there).

use alloc::collections::BTreeSet;
use core::time::Duration;
use std::fs;
use std::path::PathBuf;

use super::case::{Asker, Case, Early, FIRST_GROUP, Key, Limit, Resumption, Role, Versions};
use super::case13::USUAL;
use super::peer::{Client, No, Peer, Ready, Server, Word, not_offered};
use super::process::Launch;
use super::run::{path, request};
use super::world::{PSK, World, authority_scheme};
use crate::conformance::suite::Tool;
use crate::workspace::cargo;

/// One of these peers.
#[derive(Debug)]
pub(super) struct Driven {
    name: &'static str,
    letter: char,
    tools: &'static [Tool],
    etm: bool,
    /// The cipher suites that are tested in depth.
    in_depth: fn(&str) -> bool,
    /// Builds the program and returns its version.
    prepare: fn(&World) -> Result<String, String>,
    /// The command for a case, apart from the common arguments.
    program: fn(&World, &Case) -> Launch,
    /// The reason why it does not support a case in which Cairn has this role.
    lacks: fn(&Case, Role) -> Option<&'static str>,
    /// Whether its program is tested with TLS 1.2, and with TLS 1.3.
    tls12: bool,
    tls13: bool,
}

/// The arguments that client and server share.
fn words(world: &World, case: &Case, groups: &[&str]) -> Vec<String> {
    let mut words = vec![format!("ca={}", world.ca()), format!("psk={PSK}")];
    words.push(format!("tls={}", case.theirs.name()));
    if !groups.is_empty() {
        words.push(format!("group={}", groups.join(",")));
    }
    match case.key_update {
        None => {}
        Some(Asker::Client) => words.push("key-update=client".to_owned()),
        Some(Asker::Server) => words.push("key-update=server".to_owned()),
    }
    if case.external_psk {
        words.push("external-psk=1".to_owned());
    }
    if case.early_data.is_some() {
        words.push("early-data=1".to_owned());
    }
    if let Some(algorithm) = case.compression {
        words.push(format!("compression={algorithm}"));
    }
    if let Some(scheme) = case.scheme {
        words.push(format!("scheme={scheme},{}", authority_scheme(scheme)));
    }
    match case.resumption {
        None => {}
        Some(Resumption::Id) => words.push("resume=id".to_owned()),
        Some(Resumption::Ticket) => words.push("resume=ticket".to_owned()),
    }
    if !case.etm {
        words.push("no-etm=1".to_owned());
    }
    match case.renegotiation {
        None => {}
        Some(Asker::Client) => words.push("renegotiate=client".to_owned()),
        Some(Asker::Server) => words.push("renegotiate=server".to_owned()),
    }
    if let Some(Limit::MaxFragmentLength(bytes)) = case.limit {
        words.push(format!("limit={bytes}"));
    }
    words
}

impl Peer for Driven {
    fn name(&self) -> &'static str {
        self.name
    }

    fn letter(&self) -> char {
        self.letter
    }

    fn tools(&self) -> &'static [Tool] {
        self.tools
    }

    fn prepare(&self, world: &World) -> Result<String, String> {
        (self.prepare)(world)
    }

    fn suites(&self, world: &World, _: Role) -> Result<BTreeSet<String>, String> {
        let list = (self.program)(world, &Case::of_suite("")).args(["suites"]).run("")?;
        let names: BTreeSet<String> = list.text.lines().map(str::to_owned).collect();
        if list.status.success() { Ok(names) } else { Err(format!("{}: {}", self.name, list.text)) }
    }

    fn in_depth(&self, suite: &str) -> bool {
        (self.in_depth)(suite)
    }

    fn knows_etm(&self) -> bool {
        self.etm
    }

    fn speaks_tls12(&self) -> bool {
        self.tls12
    }

    fn speaks_tls13(&self) -> bool {
        self.tls13
    }

    fn own_words(&self, case: &Case, _: Role) -> Vec<Word> {
        if !case.concerns_tls13() {
            return Vec::new();
        }
        let (version, suite) = (if case.is_tls13() { "1.3" } else { "1.2" }, &case.suite);
        // s2n-tls counts an external PSK as resumption.
        let resumed = if case.resumption.is_some() || case.external_psk { "yes" } else { "no" };
        vec![Word::once(format!("negotiated: version={version} suite={suite} resumed={resumed}"))]
    }

    fn server(&self, world: &World, case: &Case) -> Result<Server, No> {
        if let Some(why) = (self.lacks)(case, Role::Client) {
            return not_offered(why);
        }
        let suites: Vec<&str> = world.suites.iter().chain(&world.suites13).map(String::as_str).collect();
        let (certs, keys): (Vec<String>, Vec<String>) =
            case.keys.iter().map(|key| world.identity(Role::Server, *key)).unzip();
        let mut launch =
            (self.program)(world, case).args(["server", &format!("suites={}", suites.join(","))]);
        launch = launch.args(words(world, case, case.group.as_slice()));
        launch = launch.args([format!("cert={}", certs.join(",")), format!("key={}", keys.join(","))]);
        launch = launch.args_if(case.client_key.is_some(), &["client-auth=1"]);
        Ok(Server {
            launch,
            ready: Ready::Says("listening on "),
            request: request(case, self.long_path()),
            answer: format!("GET {}", path(case, self.long_path())),
            prompts: Vec::new(),
            // After its KeyUpdate it waits for data.
            closes: case.key_update != Some(Asker::Server),
        })
    }

    fn client(&self, world: &World, case: &Case, port: u16) -> Result<Client, No> {
        if let Some(why) = (self.lacks)(case, Role::Server) {
            return not_offered(why);
        }
        let mut line = vec![
            format!("port={port}"),
            format!("path={}", path(case, self.long_path())),
            format!("suite={}", case.suite),
        ];
        // It sends a share of the first group.
        let groups: Vec<&str> = case.retry.then_some(FIRST_GROUP).into_iter().chain(case.group).collect();
        line.extend(words(world, case, &groups));
        if let Some(key) = case.client_key {
            let (cert, private) = world.identity(Role::Client, key);
            line.extend([format!("cert={cert}"), format!("key={private}")]);
        }
        Ok(Client::Ask { launch: (self.program)(world, case).args(["client"]), line: line.join(" ") })
    }
}

/// Features of TLS 1.3 that none of these libraries has, or that their programs do not use.
fn lacks_in_tls13(case: &Case) -> Option<&'static str> {
    if case.raw_keys.is_some() {
        return Some("its program uses no raw public keys");
    }
    if case.external_psk {
        return Some("it has no external pre-shared keys in TLS 1.3");
    }
    case.later.then_some("it has no authentication after the handshake")
}

/// The folder for the build of a peer.
fn built(world: &World, name: &str) -> Result<PathBuf, String> {
    let folder = world.built.join(name);
    fs::create_dir_all(&folder).map_err(|e| format!("{} cannot be made: {e}", folder.display()))?;
    Ok(folder)
}

/// The time limit for a compiler, on a slow machine without any previous build.
const COMPILER_PATIENCE: Duration = Duration::from_secs(900);

/// Runs a build command.
fn build(launch: &Launch) -> Result<(), String> {
    let done = launch.run_within(COMPILER_PATIENCE)?;
    if done.status.success() { Ok(()) } else { Err(format!("{}:\n{}", launch.line(), done.text)) }
}

const JAVA: Tool = Tool { program: "java", package: "default-jdk-headless" };
const JAVAC: Tool = Tool { program: "javac", package: "default-jdk-headless" };
pub(super) const CARGO: Tool = Tool { program: "cargo", package: "cargo" };
pub(super) const CC: Tool = Tool { program: "cc", package: "gcc" };
const BC_JARS: [&str; 3] =
    ["/usr/share/java/bctls.jar", "/usr/share/java/bcprov.jar", "/usr/share/java/bcutil.jar"];

/// Builds a Java peer from its own file and the common one.
fn javac(world: &World, class: &str) -> Result<(), String> {
    let (folder, sources) = (built(world, class)?, world.peers.join("java"));
    let sources = ["Peer", class].map(|name| sources.join(format!("{name}.java")).display().to_string());
    let folder = folder.display().to_string();
    build(
        &Launch::new("javac")
            .args(["-nowarn", "-Xlint:none", "-d", &folder, "-cp", &BC_JARS.join(":")])
            .args(sources),
    )
}

fn java(world: &World, class: &str, properties: &[String]) -> Launch {
    let mut path = vec![world.built.join(class).display().to_string()];
    path.extend(BC_JARS.map(str::to_owned));
    // Short runs: startup time matters most.
    let quick = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"];
    Launch::new("java").args(quick).args(properties).args(["-cp", &path.join(":"), class])
}

/// The TLS implementation of the JDK.
pub(super) fn jsse() -> Driven {
    Driven {
        name: "JSSE",
        letter: 'J',
        tools: &[JAVA, JAVAC],
        etm: false,
        in_depth: |suite| suite.contains("3DES"),
        prepare: |world| {
            javac(world, "Jsse")?;
            let version = Launch::new("java").args(["-version"]).run("")?.text;
            Ok(version.split('"').nth(1).unwrap_or_default().to_owned())
        },
        program: |world, case| {
            let tickets = case.resumption == Some(Resumption::Ticket);
            let mut properties = Vec::new();
            for side in ["client", "server"] {
                properties.push(format!("-Djdk.tls.{side}.enableSessionTicketExtension={tickets}"));
                if let Some(scheme) = case.scheme {
                    let both = format!("{scheme},{}", authority_scheme(scheme));
                    properties.push(format!("-Djdk.tls.{side}.SignatureSchemes={both}"));
                }
            }
            if let Some(group) = case.group {
                let first = if case.retry { format!("{FIRST_GROUP},") } else { String::new() };
                properties.push(format!("-Djdk.tls.namedGroups={first}{group}"));
            }
            if case.limit.is_some() {
                properties.push("-Djsse.enableMFLNExtension=true".to_owned());
            }
            java(world, "Jsse", &properties)
        },
        lacks: |case, ours| match case {
            Case { retry: true, .. } if ours == Role::Server => {
                Some("JSSE's client sends a share of each of these groups")
            }
            Case { limit: Some(Limit::RecordSize(_)), .. } => Some("JSSE does not support record_size_limit"),
            Case { early_data: Some(_), .. } => Some("JSSE has no early data"),
            Case { compression: Some(_), .. } => Some("JSSE does not compress certificates"),
            Case { group: Some(group), .. } if group.contains("MLKEM") => Some("JSSE has no ML-KEM"),
            _ => lacks_in_tls13(case),
        },
        tls12: true,
        tls13: true,
    }
}

/// Bouncy Castle.
pub(super) fn bouncy_castle() -> Driven {
    Driven {
        name: "Bouncy Castle",
        letter: 'B',
        tools: &[JAVA, JAVAC],
        etm: true,
        // Suites that OpenSSL or GnuTLS lacks.
        in_depth: |suite| suite.contains("3DES") || suite.contains("DHE_PSK") || suite.contains("PSK_DHE"),
        prepare: |world| {
            if BC_JARS.iter().any(|jar| !PathBuf::from(jar).is_file()) {
                return Err("Bouncy Castle is not installed: apt-get install libbctls-java".to_owned());
            }
            javac(world, "BouncyCastle")?;
            let jars = fs::read_dir("/usr/share/java").map_err(|e| e.to_string())?;
            let names = jars.filter_map(|file| file.ok()?.file_name().into_string().ok());
            let version = |name: String| Some(name.strip_prefix("bctls-")?.strip_suffix(".jar")?.to_owned());
            Ok(names.filter_map(version).next().unwrap_or_default())
        },
        program: |world, _| java(world, "BouncyCastle", &[]),
        lacks: |case, ours| match case {
            Case { resumption: Some(Resumption::Ticket), .. } => {
                Some("Bouncy Castle has no session tickets for TLS 1.2")
            }
            Case { limit: Some(Limit::RecordSize(_)), .. } => {
                Some("Bouncy Castle does not support record_size_limit")
            }
            Case { renegotiation: Some(asker), .. } => match (asker, ours) {
                (Asker::Client, Role::Client) => None,
                (Asker::Server, Role::Server) => Some("Bouncy Castle's client refuses renegotiation"),
                _ => Some("Bouncy Castle does not request renegotiation"),
            },
            _ => None,
        },
        tls12: true,
        tls13: false,
    }
}

/// Go's crypto/tls.
pub(super) fn go() -> Driven {
    Driven {
        name: "Go crypto/tls",
        letter: 'g',
        tools: &[Tool { program: "go", package: "golang-go" }],
        etm: false,
        in_depth: |_| false,
        prepare: |world| {
            let program = built(world, "go")?.join("peer").display().to_string();
            build(&Launch::new("go").args(["build", "-o", &program, "."]).within(&world.peers.join("go")))?;
            let version = Launch::new("go").args(["version"]).run("")?.text;
            Ok(version.split_whitespace().nth(2).unwrap_or_default().trim_start_matches("go").to_owned())
        },
        program: |world, _| Launch::new(world.built.join("go/peer")),
        lacks: |case, ours| match case {
            Case { limit: Some(Limit::RecordSize(_)), .. } => Some("Go does not support record_size_limit"),
            Case { client_key: Some(Key::RsaPss), .. } => Some("Go has no RSASSA-PSS keys"),
            Case { early_data: Some(_), .. } => Some("Go has early data only for QUIC"),
            Case { compression: Some(_), .. } => Some("Go does not compress certificates"),
            Case { group: Some("ffdhe2048"), .. } => Some("Go has no finite field groups"),
            Case { key_update: Some(Asker::Server), .. } => Some("Go sends KeyUpdate only in answer to one"),
            Case { key_update: Some(Asker::Client), .. } if ours == Role::Server => {
                Some("Go sends KeyUpdate only in answer to one")
            }
            _ => lacks_in_tls13(case),
        },
        tls12: true,
        tls13: true,
    }
}

/// Builds a peer in Rust, and returns the version of the library, which has the name of the folder.
pub(super) fn cargo_build(world: &World, name: &str) -> Result<String, String> {
    let (source, target) = (world.peers.join(name), built(world, name)?.display().to_string());
    build(
        &Launch::new(cargo()).args(["build", "--quiet", "--locked", "--target-dir", &target]).within(&source),
    )?;
    let lock = fs::read_to_string(source.join("Cargo.lock")).map_err(|e| e.to_string())?;
    let version = lock
        .split_once(&format!("name = \"{name}\"\nversion = \""))
        .and_then(|(_, rest)| rest.split('"').next());
    Ok(version.unwrap_or_default().to_owned())
}

/// rustls, with AWS-LC.
pub(super) fn rustls() -> Driven {
    Driven {
        name: "rustls",
        letter: 'r',
        tools: &[CARGO, CC],
        etm: true,
        in_depth: |_| false,
        prepare: |world| cargo_build(world, "rustls"),
        program: |world, _| Launch::new(world.built.join("rustls/debug/interop-peer-rustls")),
        lacks: |case, ours| match case {
            Case { limit: Some(Limit::RecordSize(_)), .. } => {
                Some("rustls does not support record_size_limit")
            }
            Case { client_key: Some(Key::RsaPss), .. } => Some("rustls with AWS-LC has no such keys"),
            Case { group: Some("ffdhe2048"), .. } => Some("rustls has no finite field groups"),
            // RFC 8422 section 5.1.1: supported_groups also limits the curves of certificates.
            Case { scheme: Some("ecdsa_secp521r1_sha512"), theirs: Versions::Tls12, .. }
                if ours == Role::Server =>
            {
                Some("rustls offers no group secp521r1, so a server of TLS 1.2 cannot use such a certificate")
            }
            Case { retry: true, resumption: Some(_), .. } if ours == Role::Server => {
                Some("rustls's client sends a share of the group that the server chose before")
            }
            Case { compression: Some("zstd"), .. } => Some("rustls has no Zstandard"),
            Case { early_data: Some(Early::Refused), .. } if ours == Role::Client => {
                Some("rustls accepts early data if its tickets permit it")
            }
            _ => lacks_in_tls13(case),
        },
        tls12: true,
        tls13: true,
    }
}

/// s2n-tls, with AWS-LC.
pub(super) fn s2n_tls() -> Driven {
    Driven {
        name: "s2n-tls",
        letter: '2',
        tools: &[CARGO, CC],
        etm: false,
        in_depth: |_| false,
        prepare: |world| cargo_build(world, "s2n-tls"),
        program: |world, _| Launch::new(world.built.join("s2n-tls/debug/interop-peer-s2n-tls")),
        lacks: |case, ours| match case {
            Case { retry: true, .. } => Some("s2n-tls has policies, which do not choose one group"),
            Case { theirs: Versions::Tls13, ours: Versions::Both, .. } => {
                Some("s2n-tls has no policy with TLS 1.3 alone and X25519MLKEM768")
            }
            Case { scheme: Some(_), .. } => Some("s2n-tls has policies, which do not choose one scheme"),
            Case { group: Some("ffdhe2048"), .. } => Some("s2n-tls has no finite field groups in TLS 1.3"),
            Case { group: Some(_), .. } if ours == Role::Server => {
                Some("s2n-tls has policies, which do not choose one group")
            }
            Case { suite, .. } if ours == Role::Server && suite.as_str() != USUAL && case.is_tls13() => {
                Some("s2n-tls has policies, which do not choose one suite")
            }
            Case { client_key: Some(Key::Ed25519), .. } => Some("s2n-tls has no Ed25519"),
            Case { resumption: Some(Resumption::Id), .. } if ours == Role::Client => {
                Some("the tickets of s2n-tls contain the session")
            }
            Case { early_data: Some(_), .. } => Some("the Rust interface of s2n-tls has no early data"),
            Case { compression: Some(_), .. } => Some("s2n-tls does not compress certificates"),
            Case { key_update: Some(asker), .. } if (*asker == Asker::Client) != (ours == Role::Client) => {
                Some("s2n-tls requests no KeyUpdate")
            }
            Case { external_psk: true, .. } => None,
            _ => lacks_in_tls13(case),
        },
        tls12: false,
        tls13: true,
    }
}

/// BoringSSL, whose suites of TLS 1.3 cannot be chosen.
pub(super) fn boring() -> Driven {
    Driven {
        name: "BoringSSL",
        letter: 'C',
        tools: &[CARGO, Tool { program: "c++", package: "g++" }, Tool { program: "cmake", package: "cmake" }],
        etm: false,
        in_depth: |_| false,
        prepare: |world| cargo_build(world, "boring"),
        program: |world, _| Launch::new(world.built.join("boring/debug/interop-peer-boring")),
        lacks: |case, ours| match case {
            Case { suite, .. } if ours == Role::Server && suite.as_str() != USUAL && case.is_tls13() => {
                Some("BoringSSL offers all suites of TLS 1.3")
            }
            Case { group: Some("ffdhe2048"), .. } => Some("BoringSSL has no finite field groups"),
            Case { group: Some("SecP256r1MLKEM768" | "SecP384r1MLKEM1024"), .. } => {
                Some("of the hybrid groups, BoringSSL has X25519MLKEM768 alone")
            }
            Case { scheme: Some(scheme), .. } if scheme.starts_with("rsa_pss_pss") => {
                Some("BoringSSL has no RSASSA-PSS keys")
            }
            Case { client_key: Some(Key::RsaPss), .. } => Some("BoringSSL has no RSASSA-PSS keys"),
            Case { resumption: Some(_), .. } if ours == Role::Server => {
                Some("the Rust interface of BoringSSL sets a client's session only in unsafe code")
            }
            Case { resumption: Some(Resumption::Id), .. } => {
                Some("BoringSSL's tickets of TLS 1.3 contain the session")
            }
            Case { key_update: Some(asker), .. } if (*asker == Asker::Client) != (ours == Role::Client) => {
                Some("the Rust interface of BoringSSL requests no KeyUpdate")
            }
            Case { early_data: Some(_), .. } => Some("the Rust interface of BoringSSL has no early data"),
            Case { compression: Some(_), .. } => Some("its program compresses no certificates"),
            _ => lacks_in_tls13(case),
        },
        tls12: false,
        tls13: true,
    }
}
