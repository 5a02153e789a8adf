//! Current peers: packages of Debian 13, unpacked into a folder and run there by `chroot`.
//!
//! apt-get downloads them with a sources list, state and cache of its own, so that the machine's packages
//! stay as they are. The keyring of the machine's Debian verifies them. Each package is downloaded once;
//! without the folder `debian13` in that of the suite, the next run downloads them anew.

use core::time::Duration;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::process::Launch;
use super::world::World;
use crate::conformance::suite::Tool;

/// The tools for packages of Debian 13.
pub(super) const TOOLS: [Tool; 3] = [
    Tool { program: "apt-get", package: "apt" },
    Tool { program: "dpkg-deb", package: "dpkg" },
    Tool { program: "chroot", package: "coreutils" },
];

const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
/// Used if the machine's sources name no archive.
const ARCHIVE: &str = "http://deb.debian.org/debian";
/// The time limit for a download.
const PATIENCE: Duration = Duration::from_secs(600);

/// The origin of a peer's programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edition {
    /// Installed on this machine.
    Installed,
    /// From packages of Debian 13.
    Debian13,
}

impl Edition {
    /// A program of this edition.
    pub(super) fn launch(self, world: &World, program: &str) -> Launch {
        match self {
            Self::Installed => Launch::new(program),
            Self::Debian13 => Launch::new(program).rooted(&world.root),
        }
    }

    /// Makes these packages available, if they are not installed.
    ///
    /// # Errors
    ///
    /// If `chroot` is not permitted, or the packages cannot be downloaded or unpacked.
    pub(super) fn bring(self, world: &World, packages: &[&str]) -> Result<(), String> {
        match self {
            Self::Installed => Ok(()),
            Self::Debian13 => bring(world, packages),
        }
    }
}

fn bring(world: &World, packages: &[&str]) -> Result<(), String> {
    if Launch::new("id").args(["-u"]).run("")?.text.trim() != "0" {
        return Err("the packages of Debian 13 are run by chroot, which needs root".to_owned());
    }
    let told = |e: std::io::Error| format!("{} cannot be prepared: {e}", world.root.display());
    let brought = world.root.join("brought").join(packages.join("+"));
    if brought.is_file() {
        return Ok(());
    }
    let apt = world.root.join("apt");
    for folder in ["lists/partial", "cache/archives/partial", "sources"] {
        fs::create_dir_all(apt.join(folder)).map_err(told)?;
    }
    let list = format!(
        "Types: deb\nURIs: {}\nSuites: trixie\nComponents: main\nSigned-By: {KEYRING}\n",
        archive(Path::new("/etc/apt"))
    );
    fs::write(apt.join("sources/trixie.sources"), list).map_err(told)?;
    // No package counts as installed, so that all dependencies are downloaded.
    fs::write(apt.join("status"), "").map_err(told)?;
    let at = |what: &str, place: &str| format!("{what}={}", apt.join(place).display());
    let options = [
        "Dir::Etc::sourcelist=/dev/null".to_owned(),
        at("Dir::Etc::sourceparts", "sources"),
        at("Dir::State::lists", "lists"),
        at("Dir::State::status", "status"),
        at("Dir::Cache", "cache"),
        "APT::Sandbox::User=root".to_owned(),
        "APT::Install-Recommends=0".to_owned(),
    ];
    let apt_get =
        || options.iter().fold(Launch::new("apt-get").args(["-q"]), |all, one| all.args(["-o", one]));
    if !apt.join("updated").is_file() {
        must(&apt_get().args(["update"]))?;
        fs::write(apt.join("updated"), "").map_err(told)?;
    }
    // For programs that are started in a folder, and for scripts.
    let download = apt_get().args(["-y", "--download-only", "install", "coreutils", "dash", "sed"]);
    must(&download.args(packages))?;
    let root = world.root.display().to_string();
    let archives = fs::read_dir(apt.join("cache/archives")).map_err(told)?;
    for path in archives.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.extension().is_some_and(|end| end == "deb") {
            must(&Launch::new("dpkg-deb").args(["-x", &path.display().to_string(), &root]))?;
            fs::remove_file(&path).map_err(told)?;
        }
    }
    // nginx looks up its user.
    fs::create_dir_all(world.root.join("etc")).map_err(told)?;
    fs::write(world.root.join("etc/passwd"), "root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n")
        .and_then(|()| fs::write(world.root.join("etc/group"), "root:x:0:\nnogroup:x:65534:\n"))
        .and_then(|()| fs::write(world.root.join("etc/hosts"), "127.0.0.1 localhost\n"))
        .map_err(told)?;
    // NSS takes its randomness from there.
    fs::create_dir_all(world.root.join("dev")).map_err(told)?;
    let random = world.root.join("dev/urandom");
    if !random.exists() {
        must(&Launch::new("mknod").args(["-m", "666", &random.display().to_string(), "c", "1", "9"]))?;
    }
    for link in ["bin", "sbin", "lib", "lib64"] {
        let place = world.root.join(link);
        if !place.exists() {
            symlink(format!("usr/{link}"), place).map_err(told)?;
        }
    }
    fs::create_dir_all(world.root.join("brought")).and_then(|()| fs::write(brought, "")).map_err(told)
}

/// The first archive in apt's sources that is not one of security updates.
fn archive(apt: &Path) -> String {
    let parts = fs::read_dir(apt.join("sources.list.d")).into_iter().flatten();
    let mut files: Vec<PathBuf> = parts.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    files.push(apt.join("sources.list"));
    let texts = files.iter().filter_map(|file| fs::read_to_string(file).ok());
    let found = texts.filter_map(|text| text.lines().find_map(of_line));
    found.into_iter().next().unwrap_or_else(|| ARCHIVE.to_owned())
}

/// The archive that a line of a sources list names, in either format.
fn of_line(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    if !matches!(words.next()?, "URIs:" | "deb") {
        return None;
    }
    let uri = words.find(|word| word.contains("://"))?;
    let is_debian = uri.trim_end_matches('/').ends_with("/debian");
    is_debian.then(|| uri.to_owned())
}

fn must(launch: &Launch) -> Result<(), String> {
    let done = launch.run_within(PATIENCE)?;
    if done.status.success() { Ok(()) } else { Err(format!("{}:\n{}", launch.line(), done.text)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archive_is_that_of_the_machine_without_security_updates() {
        let folder = std::env::temp_dir().join(format!("cairn-sources-{}", std::process::id()));
        fs::create_dir_all(folder.join("sources.list.d")).unwrap();
        assert_eq!(archive(&folder), ARCHIVE);
        fs::write(
            folder.join("sources.list"),
            "# deb http://no.example/debian\ndeb [a=b] http://one.example/debian x main\n",
        )
        .unwrap();
        assert_eq!(archive(&folder), "http://one.example/debian");
        let parts =
            "Types: deb\nURIs: http://two.example/debian-security\n\nURIs: http://two.example/debian\n";
        fs::write(folder.join("sources.list.d/debian.sources"), parts).unwrap();
        assert_eq!(archive(&folder), "http://two.example/debian");
        fs::remove_dir_all(&folder).unwrap();
    }
}
