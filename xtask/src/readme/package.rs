//! A package outside the workspace with the programs. Its manifest has only the dependencies that a user
//! would name.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use super::blocks::Block;
use crate::workspace::cargo;

/// The port in the documentation.
const PORT: &str = "8443";

/// Creates the files that the programs read.
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

/// A documented client, its variations, and their server.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) server: String,
    /// The behavior of each client, and the name of its program.
    pub(super) clients: Vec<(&'static str, String)>,
    pub(super) port: u16,
    /// Held until the server needs it, so that no other process gets the port.
    pub(super) place: Option<TcpListener>,
}

/// The package: its folder, and the folder of its programs.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) folder: PathBuf,
    target: PathBuf,
}

impl Package {
    /// Creates an empty package.
    pub(super) fn new(root: &Path, target: &Path) -> Result<Self, String> {
        let folder = target.join("readme");
        let bins = folder.join("src").join("bin");
        if bins.exists() {
            fs::remove_dir_all(&bins).map_err(|e| format!("{} cannot be cleared: {e}", bins.display()))?;
        }
        fs::create_dir_all(&bins).map_err(|e| format!("{} cannot be made: {e}", bins.display()))?;
        let package = Self { folder, target: target.to_owned() };
        let workspace = root.join("Cargo.toml");
        let workspace = fs::read_to_string(&workspace)
            .map_err(|e| format!("{} cannot be read: {e}", workspace.display()))?;
        package.put("Cargo.toml", &(manifest(root) + &profiles(&workspace)))?;
        // The same versions as in the workspace, so that none are looked up.
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

    /// Adds a client, its variations, and its server.
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
        let variations = if client.is_async() { async_variations() } else { variations() };
        for (number, (what, body)) in variations.into_iter().enumerate() {
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

    /// Creates `ca.pem`, `cert.pem` and `key.pem` in the folder of the package.
    pub(super) fn make_files(&self) -> Result<(), String> {
        let status = self.program("make_files").status().map_err(|e| format!("no files: {e}"))?;
        if status.success() { Ok(()) } else { Err("the certificates could not be made".into()) }
    }

    /// The command for a program, in the folder of its files.
    pub(super) fn program(&self, name: &str) -> Command {
        let file = format!("{name}{}", env::consts::EXE_SUFFIX);
        let mut command = Command::new(self.target.join("debug").join(file));
        command.current_dir(&self.folder);
        command
    }
}

/// The name of the program of a block.
pub(super) fn name(block: &Block) -> String {
    let stem: String = block.file.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("{}_line_{}", stem.to_ascii_lowercase(), block.line)
}

/// The manifest of a package with the features that the blocks use.
fn manifest(root: &Path) -> String {
    let mut text = String::from(
        "[package]\nname = \"readme\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
         publish = false\n\n[workspace]\n\n\
         [features]\ndefault = [\"std\", \"aws-lc\", \"net\"]\nstd = []\naws-lc = []\nnet = []\n\n\
         [dependencies]\n",
    );
    let path = |folder| root.join("crates").join(folder).display().to_string().replace('\\', "/");
    for (name, folder) in [
        ("cairn-tls", "tls"),
        ("cairn-quinn", "quinn"),
        ("cairn-redis", "redis"),
        ("cairn-crypto", "crypto"),
        ("cairn-provider-check", "provider-check"),
        ("cairn-provider-aws-lc", "provider-aws-lc"),
    ] {
        text += &format!("{name} = {{ path = \"{}\" }}\n", path(folder));
    }
    let tokio = path("tokio");
    text += &format!("cairn-tokio = {{ path = \"{tokio}\", features = [\"axum\", \"hyper\"] }}\n");
    text += "axum = { version = \"0.8\", default-features = false }\n\
             futures = { version = \"0.3\", default-features = false, features = [\"std\"] }\n\
             quinn = { version = \"0.11\", default-features = false, features = [\"runtime-tokio\"] }\n\
             tokio-util = { version = \"0.7\", default-features = false, features = [\"compat\"] }\n\
             [dependencies.tokio]\nversion = \"1\"\n\
             features = [\"io-util\", \"macros\", \"net\", \"rt-multi-thread\", \"time\"]\n";
    // rustdoc permits this too: a block shows a function without calling it.
    text += "\n[lints.rust]\nunused = \"allow\"\n";
    text
}

/// The workspace's settings of development builds, so that builds are shared.
fn profiles(workspace: &str) -> String {
    let mut of_profile = false;
    let mut text = String::from("\n");
    for line in workspace.lines() {
        if line.starts_with('[') {
            of_profile = line.starts_with("[profile.dev");
        }
        if of_profile && !line.starts_with('#') {
            text += line;
            text.push('\n');
        }
    }
    text
}

/// Other correct behaviors of a client, which replace the lines from `write_all` on.
fn variations() -> Vec<(&'static str, String)> {
    let show = "io::copy(&mut tls, &mut io::stdout())?;";
    let read =
        "let mut all = String::new(); io::Read::read_to_string(&mut tls, &mut all)?; print!(\"{all}\");";
    vec![
        ("sends nothing", format!("{show} tls.close()?;")),
        ("sends nothing and closes before it reads", format!("tls.close()?; {show}")),
        ("closes before it reads", format!("tls.write_all(b\"hello\\n\")?; tls.close()?; {show}")),
        (
            "sends close_notify and keeps reading",
            format!("tls.write_all(b\"hello\\n\")?; tls.close_write()?; {read}"),
        ),
        ("does not close", format!("tls.write_all(b\"hello\\n\")?; {read}")),
        ("closes twice", format!("tls.write_all(b\"hello\\n\")?; {read} tls.close()?; tls.close()?;")),
        (
            "sends much data that the server does not read",
            format!("tls.write_all(&[b'x'; 200_000])?; {show} tls.close()?;"),
        ),
        (
            "flushes and reads byte by byte",
            "tls.write_all(b\"hello\\n\")?; tls.flush()?; \
             for byte in io::Read::bytes(&mut tls) { io::stdout().write_all(&[byte?])?; } tls.close()?;"
                .to_owned(),
        ),
        (
            "continues with split halves",
            "let (mut read, mut write) = tls.split(TcpStream::try_clone)?; \
             write.write_all(b\"hello\\n\")?; io::copy(&mut read, &mut io::stdout())?; write.close()?;"
                .to_owned(),
        ),
    ]
}

/// As [`variations`], for an async client. Such a client must close its side.
fn async_variations() -> Vec<(&'static str, String)> {
    let read = "let mut all = String::new(); tls.read_to_string(&mut all).await?; print!(\"{all}\");";
    let (send, close) = ("tls.write_all(b\"hello\\n\").await?;", "tls.shutdown().await?;");
    vec![
        ("sends nothing", format!("{read} {close}")),
        ("sends nothing and closes before it reads", format!("{close} {read}")),
        ("reads before it closes", format!("{send} {read} {close}")),
        ("closes twice", format!("{send} {read} {close} {close}")),
        (
            "sends much data that the server does not read",
            format!("tls.write_all(&[b'x'; 200_000]).await?; {close} {read}"),
        ),
        (
            "closes and takes the transport back",
            format!(
                "{send} let parts = tls.close_notify().await?; \
                 print!(\"{{}}\", String::from_utf8(parts.unread)?); parts.transport.into_std()?;"
            ),
        ),
        (
            "continues with split halves in two tasks",
            format!(
                "let (mut tls, mut write) = tls.into_split()?; \
                 let sent = async move {{ write.write_all(b\"hello\\n\").await?; write.shutdown().await }}; \
                 let sent = tokio::spawn(sent); {read} sent.await??;"
            ),
        ),
    ]
}

/// Replaces the lines of the client from the one with `write_all` up to the one with `Ok(())`.
fn vary(program: &str, body: &str) -> Option<String> {
    let (before, rest) = program.split_once("    tls.write_all(")?;
    let (_, after) = rest.split_once("    Ok(())")?;
    Some(format!("{before}    {body}\n    Ok(()){after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variation_changes_only_the_behavior_of_the_client() {
        let program = "a\n    tls.write_all(b\"hello\")?;\n    read\n    Ok(())\n}\n";
        assert_eq!(vary(program, "other();").unwrap(), "a\n    other();\n    Ok(())\n}\n");
        assert_eq!(vary("fn main() {}", "other();"), None);
    }

    #[test]
    fn settings_of_development_builds_are_copied() {
        let text = profiles("[profile.release]\nlto = 1\n# Why.\n[profile.dev]\ndebug = 1\n[lints]\nx = 1\n");
        assert_eq!(text.trim(), "[profile.dev]\ndebug = 1");
    }
}
