//! Resources that all peers share: the program under test, a folder, certificates and keys.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::case::{Key, Role, Versions};
use super::process::Launch;
use super::root::prepare_root;
use crate::conformance::suite::Context;

/// The identity of the pre-shared key.
pub(super) const PSK_IDENTITY: &str = "client";
/// The pre-shared key, in hex digits.
pub(super) const PSK: &str = "00112233445566778899aabbccddeeff";
/// The file that file servers serve, and the text at its end.
pub(super) const PAGE: &str = "page.txt";
pub(super) const PAGE_END: &str = "this-was-the-page";

/// The signature scheme of the authority for certificates with this scheme. It always belongs to another kind
/// of key, so that the two cannot be confused.
pub(super) fn authority_scheme(scheme: &str) -> &'static str {
    if scheme.starts_with("rsa") { "ecdsa_secp256r1_sha256" } else { "rsa_pkcs1_sha256" }
}

/// Resources that all peers share.
#[derive(Debug)]
pub(super) struct World {
    /// The folder of certificates, keys and configurations.
    pub(super) folder: PathBuf,
    /// The root folder of current peers, which contains `folder`.
    pub(super) root: PathBuf,
    /// The folder of the peers' builds.
    pub(super) built: PathBuf,
    /// The folder of the peers in this project: `xtask/interop-peers`.
    pub(super) peers: PathBuf,
    cairn: PathBuf,
    /// All cipher suites of Cairn for TLS 1.2, in its order.
    pub(super) suites: Vec<String>,
    /// Those for TLS 1.3.
    pub(super) suites13: Vec<String>,
}

impl World {
    /// Builds the program under test and generates the certificates. Removes the files of an earlier run,
    /// except the peers.
    pub(super) fn new(context: &Context) -> Result<Self, String> {
        let root = context.folder.join("debian13");
        let folder = prepare_root(&root)?;
        let left = fs::read_dir(&folder).map_err(|e| format!("{} cannot be read: {e}", folder.display()))?;
        for file in left.filter_map(Result::ok).filter(|entry| entry.path().is_file()) {
            let _stays = fs::remove_file(file.path());
        }
        let cairn = build(context, &["--package", "cairn-cli"])?;
        let list = |versions: Versions| -> Result<Vec<String>, String> {
            let arguments = ["suites", "--all", "--names", "suites", "--tls", versions.name()];
            let all = Launch::new(&cairn).args(arguments).run("")?;
            let suites: Vec<String> =
                all.text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
            if !all.status.success() || suites.is_empty() {
                return Err(format!("`cairn suites` failed: {}", all.text));
            }
            Ok(suites)
        };
        let (suites, suites13) = (list(Versions::Tls12)?, list(Versions::Tls13)?);
        let (peers, built) = (context.root.join("xtask/interop-peers"), context.folder.join("built"));
        let world = Self { folder, root, built, peers, cairn, suites, suites13 };
        world.make_files()?;
        Ok(world)
    }

    /// The path of a file in the folder, for command lines.
    pub(super) fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Both authorities in one file.
    pub(super) fn ca(&self) -> String {
        self.file("ca.pem")
    }

    /// The chain and the key for this role.
    pub(super) fn identity(&self, role: Role, key: Key) -> (String, String) {
        let (role, key) = (role.name(), key.name());
        (self.file(&format!("{role}-{key}.pem")), self.file(&format!("{role}-{key}.key")))
    }

    /// The public key for this role.
    pub(super) fn public_key(&self, role: Role, key: Key) -> String {
        self.file(&format!("{}-{}.pub", role.name(), key.name()))
    }

    /// Writes early data for a server at this port into a file, and returns its path.
    pub(super) fn early_data(&self, port: u16, text: &str) -> Result<String, String> {
        let name = format!("early-{port}.txt");
        self.write(&name, text)?;
        Ok(self.file(&name))
    }

    /// The program under test.
    pub(super) fn cairn<T: AsRef<str>>(&self, arguments: impl IntoIterator<Item = T>) -> Launch {
        Launch::new(&self.cairn).args(arguments)
    }

    fn write(&self, name: &str, content: &str) -> Result<(), String> {
        fs::write(self.folder.join(name), content).map_err(|e| format!("{name} cannot be written: {e}"))
    }

    fn openssl(&self, line: &str) -> Result<(), String> {
        let done = Launch::new("openssl").args(line.split_whitespace()).within(&self.folder).run("")?;
        if done.status.success() { Ok(()) } else { Err(format!("openssl {line}: {}", done.text)) }
    }

    fn make_files(&self) -> Result<(), String> {
        // More than fits into two records, in lines that any text server accepts.
        let line = "A line of a page, of which there are many, so that it takes more than one record.\n";
        self.write(PAGE, &format!("{}{PAGE_END}\n", line.repeat(480)))?;
        self.write("psk.txt", &format!("{PSK_IDENTITY}:{PSK}\n"))?;
        // Without repetitions, compression would not make the certificates shorter.
        let names: String = (0..12).map(|number| format!(",DNS:name-{number}-of-many.example")).collect();
        self.write(
            "server.ext",
            &format!("subjectAltName=DNS:localhost,IP:127.0.0.1{names}\nextendedKeyUsage=serverAuth\n"),
        )?;
        self.write(
            "client.ext",
            &format!("subjectAltName=DNS:client{names}\nextendedKeyUsage=clientAuth\n"),
        )?;
        self.openssl("genpkey -genparam -algorithm DH -pkeyopt group:ffdhe2048 -out dh.pem")?;
        let mut authorities = String::new();
        for (name, algorithm) in [
            ("ca-ec", "EC -pkeyopt ec_paramgen_curve:P-256"),
            ("ca-rsa", "RSA -pkeyopt rsa_keygen_bits:2048"),
        ] {
            self.openssl(&format!("genpkey -algorithm {algorithm} -out {name}.key"))?;
            self.openssl(&format!(
                "req -x509 -new -key {name}.key -subj /CN=Interop_{name} -days 30 -out {name}.pem \
                 -addext keyUsage=critical,keyCertSign,cRLSign"
            ))?;
            authorities += &fs::read_to_string(self.folder.join(format!("{name}.pem"))).unwrap_or_default();
        }
        self.write("ca.pem", &authorities)?;
        for key in Key::ALL {
            let algorithm = match key {
                Key::Rsa => "RSA -pkeyopt rsa_keygen_bits:2048",
                Key::RsaPss => "RSA-PSS -pkeyopt rsa_keygen_bits:2048",
                Key::P256 => "EC -pkeyopt ec_paramgen_curve:P-256",
                Key::P384 => "EC -pkeyopt ec_paramgen_curve:P-384",
                Key::P521 => "EC -pkeyopt ec_paramgen_curve:P-521",
                Key::Ed25519 => "ED25519",
            };
            let ca = if key.is_rsa() { "ca-ec" } else { "ca-rsa" };
            for role in Role::BOTH {
                let (of, role) = (key.name(), role.name());
                let name = format!("{role}-{of}");
                self.openssl(&format!("genpkey -algorithm {algorithm} -out {name}.key"))?;
                self.openssl(&format!("pkey -in {name}.key -pubout -out {name}.pub"))?;
                self.openssl(&format!(
                    "req -new -key {name}.key -subj /CN=Interop_{role}_{of} -out {name}.csr"
                ))?;
                self.openssl(&format!(
                    "x509 -req -in {name}.csr -CA {ca}.pem -CAkey {ca}.key -CAcreateserial -days 30 \
                     -extfile {role}.ext -out {name}.pem"
                ))?;
            }
        }
        Ok(())
    }
}

/// Builds the program that these arguments of `cargo build` select, and returns its path.
pub(super) fn build(context: &Context, selection: &[&str]) -> Result<PathBuf, String> {
    let output = context
        .cargo()
        .args(["build", "--quiet", "--message-format", "json"])
        .args(selection)
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|e| format!("cargo could not be started: {e}"))?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let mut executables = messages.lines().rev().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        message.get("executable")?.as_str().map(PathBuf::from)
    });
    let built = executables.next().filter(|path| Path::is_file(path));
    built.ok_or_else(|| format!("`cargo build {}` built no program", selection.join(" ")))
}
