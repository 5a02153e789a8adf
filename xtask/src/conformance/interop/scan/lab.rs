//! The program under test, certificates, and the peers that must be built.

use core::time::Duration;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::super::process::Launch;
use super::super::world::build;
use crate::conformance::suite::Context;

/// The time limit of a scan.
const PATIENCE: Duration = Duration::from_secs(300);

/// The folder of all files, and the programs.
pub(super) struct Lab {
    folder: PathBuf,
    /// The folder of the peers in this project.
    peers: PathBuf,
    cairn: PathBuf,
}

impl Lab {
    /// Builds the program under test, and generates the certificates.
    pub(super) fn new(context: &Context) -> Result<Self, String> {
        let folder = context.folder.join("files");
        let _none_yet = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(|e| format!("{} cannot be made: {e}", folder.display()))?;
        let cairn = build(context, &["--package", "cairn-cli"])?;
        let lab = Self { folder, peers: context.root.join("xtask/interop-peers"), cairn };
        lab.make_files()?;
        Ok(lab)
    }

    /// The path of a file, for command lines.
    pub(super) fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Writes a file, and returns its path.
    pub(super) fn write(&self, name: &str, content: &str) -> Result<String, String> {
        let path = self.file(name);
        fs::write(&path, content).map_err(|e| format!("{path} cannot be written: {e}"))?;
        Ok(path)
    }

    /// The program under test.
    pub(super) fn cairn(&self, words: &str) -> Launch {
        Launch::new(&self.cairn).args(self.words(words)).within(&self.folder)
    }

    /// A program with these arguments, in the folder of the files.
    pub(super) fn program(&self, program: &str, words: &str) -> Launch {
        Launch::new(program).args(self.words(words)).within(&self.folder)
    }

    fn words(&self, words: &str) -> Vec<String> {
        words.split_whitespace().map(str::to_owned).collect()
    }

    /// Java's own TLS.
    pub(super) fn java(&self, properties: &str, words: &str) -> Result<Launch, String> {
        let classes = self.file("java");
        let sources =
            ["Peer.java", "Jsse.java"].map(|name| self.peers.join("java").join(name).display().to_string());
        ran(&Launch::new("javac").args(["-nowarn", "-Xlint:none", "-d", &classes]).args(sources))?;
        Ok(Launch::new("java")
            .args(self.words(properties))
            .args(["-cp", &classes, "Jsse", "server"])
            .args(self.words(words))
            .within(&self.folder))
    }

    /// Go's crypto/tls.
    pub(super) fn go(&self, words: &str) -> Result<Launch, String> {
        let program = self.file("go-peer");
        ran(&Launch::new("go").args(["build", "-o", &program, "."]).within(&self.peers.join("go")))?;
        Ok(Launch::new(program).args(["server"]).args(self.words(words)).within(&self.folder))
    }

    /// The report about the server at this port.
    pub(super) fn scan(&self, port: u16) -> Result<Value, String> {
        let address = format!("127.0.0.1:{port}");
        let words = format!("scan {address} --name localhost --ca ca.pem --json --rate 0");
        let done = self.cairn(&words).run_within(PATIENCE)?;
        if !done.status.success() {
            return Err(format!("the scan failed: {}", done.text));
        }
        // Warnings follow on standard error.
        let mut values = serde_json::Deserializer::from_str(&done.text).into_iter::<Value>();
        values.next().ok_or("the scan printed nothing")?.map_err(|e| format!("the report: {e}"))
    }

    fn openssl(&self, line: &str) -> Result<(), String> {
        ran(&self.program("openssl", line))
    }

    fn make_files(&self) -> Result<(), String> {
        self.openssl(
            "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=Lab_CA -days 300 \
             -addext keyUsage=critical,keyCertSign,cRLSign",
        )?;
        self.write("own.ext", "subjectAltName=DNS:localhost,IP:127.0.0.1\n")?;
        self.write("other.ext", "subjectAltName=DNS:other.example\n")?;
        self.write("staple.ext", "subjectAltName=DNS:localhost\ntlsfeature=status_request\n")?;
        for (name, key, extensions, how) in [
            ("rsa", "rsa:2048", "own", "-days 90"),
            ("ec", "ec -pkeyopt ec_paramgen_curve:P-256", "own", "-days 90"),
            ("small", "rsa:1024", "own", "-days 90"),
            ("sha1", "rsa:2048", "own", "-days 90 -sha1"),
            ("soon", "rsa:2048", "own", "-days 3"),
            ("staple", "ec -pkeyopt ec_paramgen_curve:P-256", "staple", "-days 90"),
            ("other", "ec -pkeyopt ec_paramgen_curve:P-384", "other", "-days 90"),
        ] {
            self.openssl(&format!(
                "req -new -newkey {key} -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}"
            ))?;
            self.openssl(&format!(
                "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial {how} \
                 -extfile {extensions}.ext -out {name}.pem"
            ))?;
        }
        self.make_expired()?;
        self.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout self.key -out self.pem \
             -subj /CN=self -days 90 -addext subjectAltName=DNS:localhost",
        )?;
        self.openssl("genpkey -genparam -algorithm DH -pkeyopt group:modp_1536 -out dh1536.pem")?;
        for name in ["rsa", "ec"] {
            self.openssl(&format!("pkcs8 -topk8 -nocrypt -in {name}.key -out {name}.p8"))?;
        }
        self.make_ocsp()
    }

    /// A certificate that has expired: only `openssl ca` sets both dates.
    fn make_expired(&self) -> Result<(), String> {
        self.write("old-index.txt", "")?;
        self.write(
            "ca.conf",
            "[ca]\ndefault_ca = lab\n[lab]\ndatabase = old-index.txt\nnew_certs_dir = .\nrand_serial = yes\n\
             default_md = sha256\npolicy = names\n[names]\ncommonName = supplied\n",
        )?;
        self.openssl("req -new -newkey rsa:2048 -nodes -keyout old.key -out old.csr -subj /CN=old")?;
        self.openssl(
            "ca -batch -notext -config ca.conf -cert ca.pem -keyfile ca.key -in old.csr -out old.pem \
             -extfile own.ext -startdate 20200101000000Z -enddate 20201231000000Z",
        )
    }

    /// An OCSP response for the RSA certificate.
    fn make_ocsp(&self) -> Result<(), String> {
        let serial = self.program("openssl", "x509 -in rsa.pem -noout -serial").run("")?.text;
        let serial = serial.trim().trim_start_matches("serial=").to_owned();
        self.write("index.txt", &format!("V\t491231235959Z\t\t{serial}\tunknown\t/CN=rsa\n"))?;
        self.openssl("ocsp -issuer ca.pem -cert rsa.pem -reqout ocsp.req")?;
        self.openssl(
            "ocsp -index index.txt -rsigner ca.pem -rkey ca.key -CA ca.pem -reqin ocsp.req -respout ocsp.der \
             -ndays 7",
        )
    }
}

/// Runs a program that must succeed.
fn ran(launch: &Launch) -> Result<(), String> {
    let done = launch.run_within(PATIENCE)?;
    if done.status.success() { Ok(()) } else { Err(format!("{}: {}", launch.line(), done.text)) }
}
