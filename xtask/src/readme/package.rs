//! The programs as a package outside of the workspace, with nothing but what their authors would name in its manifest.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use super::blocks::Block;
use crate::workspace::cargo;

/// The port that the documentation names.
const PORT: &str = "8443";

/// Makes the files that the programs read.
const FILES: &str = r#"use cairn_tls::{crypto::KeySpec, x509::issue::Template};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let provider = cairn_tls::default_provider();
    let ca = Template::authority("A CA").valid(0, 4_000_000_000).self_signed(&provider, KeySpec::EcP256)?;
    let server = Template::server("localhost").dns("localhost").valid(0, 4_000_000_000);
    let server = server.issue(&provider, KeySpec::EcP256, &ca)?;
    std::fs::write("ca.pem", ca.certificate_pem())?;
    std::fs::write("cert.pem", server.chain_pem())?;
    std::fs::write("key.pem", server.key().to_pem())?;
    Ok(())
}
"#;

/// A client as the documentation has it, its variations, and their server.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) server: String,
    /// What each does, and the name of its program.
    pub(super) clients: Vec<(&'static str, String)>,
    pub(super) port: u16,
    /// Held until the server needs it, so that nobody else gets the port.
    pub(super) place: Option<TcpListener>,
}

/// The package: its folder, and where its programs will be.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) folder: PathBuf,
    target: PathBuf,
}

impl Package {
    /// An empty one.
    pub(super) fn new(root: &Path, target: &Path) -> Result<Self, String> {
        let folder = target.join("readme");
        let bins = folder.join("src").join("bin");
        if bins.exists() {
            fs::remove_dir_all(&bins).map_err(|e| format!("{} cannot be cleared: {e}", bins.display()))?;
        }
        fs::create_dir_all(&bins).map_err(|e| format!("{} cannot be made: {e}", bins.display()))?;
        let package = Self { folder, target: target.to_owned() };
        package.put("Cargo.toml", &manifest(root))?;
        // The same crates as everywhere: nothing is looked up.
        let lock = root.join("Cargo.lock");
        fs::copy(&lock, package.folder.join("Cargo.lock"))
            .map_err(|e| format!("{} cannot be copied: {e}", lock.display()))?;
        package.add("make_files", FILES)?;
        Ok(package)
    }

    fn put(&self, name: &str, text: &str) -> Result<(), String> {
        let path = self.folder.join(name);
        fs::write(&path, text).map_err(|e| format!("{} cannot be written: {e}", path.display()))
    }

    /// Adds a program.
    pub(super) fn add(&self, name: &str, program: &str) -> Result<(), String> {
        self.put(&format!("src/bin/{name}.rs"), program)
    }

    /// Adds a client, what is made of it, and its server.
    pub(super) fn pair(&mut self, client: &Block, server: &Block) -> Result<Pair, String> {
        let place = TcpListener::bind("127.0.0.1:0").map_err(|e| format!("no port: {e}"))?;
        let port = place.local_addr().map_err(|e| format!("no port: {e}"))?.port();
        let with_port = |block: &Block| {
            let program = block.program();
            if program.contains(PORT) {
                Ok(program.replace(PORT, &port.to_string()))
            } else {
                Err(format!("{}:{} does not name the port {PORT}", block.file, block.line))
            }
        };
        let server_name = name(server);
        self.add(&server_name, &with_port(server)?)?;
        let program = with_port(client)?;
        let mut clients = vec![("as it is", name(client))];
        self.add(&name(client), &program)?;
        for (number, (what, body)) in variations().into_iter().enumerate() {
            let name = format!("{}_variation_{number}", name(client));
            self.add(&name, &vary(&program, &body).ok_or("the client has no line with write_all")?)?;
            clients.push((what, name));
        }
        Ok(Pair { server: server_name, clients, port, place: Some(place) })
    }

    /// Compiles all programs.
    pub(super) fn build(&self) -> Result<(), String> {
        let target = self.target.display().to_string();
        let status = Command::new(cargo())
            .args(["build", "--quiet", "--offline", "--bins", "--target-dir", &target])
            .current_dir(&self.folder)
            .status()
            .map_err(|e| format!("cargo could not be started: {e}"))?;
        if status.success() { Ok(()) } else { Err("a program of the documentation does not compile".into()) }
    }

    /// Makes `ca.pem`, `cert.pem` and `key.pem` in the package's folder.
    pub(super) fn make_files(&self) -> Result<(), String> {
        let status = self.program("make_files").status().map_err(|e| format!("no files: {e}"))?;
        if status.success() { Ok(()) } else { Err("the certificates could not be made".into()) }
    }

    /// A program, in the folder of its files.
    pub(super) fn program(&self, name: &str) -> Command {
        let file = format!("{name}{}", env::consts::EXE_SUFFIX);
        let mut command = Command::new(self.target.join("debug").join(file));
        command.current_dir(&self.folder);
        command
    }
}

/// What the program of a block is called.
pub(super) fn name(block: &Block) -> String {
    let stem: String = block.file.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("{}_line_{}", stem.to_ascii_lowercase(), block.line)
}

/// A package of its own, whose features are those that the blocks ask for.
fn manifest(root: &Path) -> String {
    let mut text = String::from(
        "[package]\nname = \"readme\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[workspace]\n\n\
         [features]\ndefault = [\"std\", \"aws-lc\"]\nstd = []\naws-lc = []\n\n[dependencies]\n",
    );
    for (name, folder) in [
        ("cairn-tls", "tls"),
        ("cairn-crypto", "crypto"),
        ("cairn-provider-check", "provider-check"),
        ("cairn-provider-aws-lc", "provider-aws-lc"),
    ] {
        let path = root.join("crates").join(folder).display().to_string().replace('\\', "/");
        text += &format!("{name} = {{ path = \"{path}\" }}\n");
    }
    // What rustdoc lets pass too: a block shows a function, and does not call it.
    text += "\n[lints.rust]\nunused = \"allow\"\n";
    text
}

/// What else a healthy client may do, in place of what the one in the documentation does from its `write_all` on.
fn variations() -> Vec<(&'static str, String)> {
    let show = "io::copy(&mut tls, &mut io::stdout())?;";
    let read =
        "let mut all = String::new(); io::Read::read_to_string(&mut tls, &mut all)?; print!(\"{all}\");";
    vec![
        ("sends nothing", format!("{show} tls.close()?;")),
        ("sends nothing and closes before it reads", format!("tls.close()?; {show}")),
        ("closes before it reads", format!("tls.write_all(b\"hello\\n\")?; tls.close()?; {show}")),
        ("says that it sends no more", format!("tls.write_all(b\"hello\\n\")?; tls.close_write()?; {read}")),
        ("does not close", format!("tls.write_all(b\"hello\\n\")?; {read}")),
        ("closes twice", format!("tls.write_all(b\"hello\\n\")?; {read} tls.close()?; tls.close()?;")),
        ("sends much that nobody reads", format!("tls.write_all(&[b'x'; 200_000])?; {show} tls.close()?;")),
        (
            "flushes and reads byte by byte",
            format!(
                "tls.write_all(b\"hello\\n\")?; tls.flush()?; \
             for byte in io::Read::bytes(&mut tls) {{ io::stdout().write_all(&[byte?])?; }} tls.close()?;"
            ),
        ),
        (
            "goes on with two halves",
            "let (mut read, mut write) = tls.split(TcpStream::try_clone)?; \
             write.write_all(b\"hello\\n\")?; io::copy(&mut read, &mut io::stdout())?; write.close()?;"
                .to_owned(),
        ),
    ]
}

/// The client with other deeds: its lines from that with `write_all` to that with `Ok(())`.
fn vary(program: &str, body: &str) -> Option<String> {
    let (before, rest) = program.split_once("    tls.write_all(")?;
    let (_, after) = rest.split_once("    Ok(())")?;
    Some(format!("{before}    {body}\n    Ok(()){after}"))
}
