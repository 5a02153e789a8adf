//! Writes the application data of flows.

use super::{decoded::Decoded, sides::From};
use crate::{
    failure::{Code, Failure},
    files,
    output::{broken, note},
    show::count,
};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::Path,
};

/// A flow whose data is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Followed {
    /// Its number.
    pub(super) flow: usize,
    /// The side; both if there is none.
    pub(super) from: Option<From>,
}

/// The value of `--follow`.
pub(super) fn followed(value: &str) -> Result<Followed, String> {
    let (flow, from) = match value.split_once(':') {
        None => (value, None),
        Some((flow, "client")) => (flow, Some(From::Client)),
        Some((flow, "server")) => (flow, Some(From::Server)),
        Some(_) => return Err("the sides are client and server, as in 1:server".into()),
    };
    let flow = flow.parse().map_err(|_| "expected the number of a flow, as in 1 or 1:server")?;
    Ok(Followed { flow, from })
}

/// Writes the data of a flow to standard output.
pub(super) fn follow(decoded: &Decoded<'_>, wanted: Option<From>) -> Result<(), Failure> {
    write_all(io::stdout().lock(), decoded.conversation.data_of(wanted)).map_err(|error| broken(&error))
}

fn write_all<'d>(mut to: impl Write, data: impl Iterator<Item = &'d [u8]>) -> io::Result<()> {
    for part in data {
        to.write_all(part)?;
    }
    to.flush()
}

fn is_wanted(wanted: Option<From>, from: From) -> bool {
    wanted.is_none_or(|wanted| wanted == from)
}

/// Fails unless the data of a side, or of both, is complete: all its records are in the capture and were
/// opened.
pub(super) fn check(decoded: &Decoded<'_>, wanted: Option<From>) -> Result<(), Failure> {
    let number = decoded.flow.number;
    let conversation = &decoded.conversation;
    let sides = || From::BOTH.into_iter().filter(|from| is_wanted(wanted, *from));
    let closed: usize = sides().map(|from| *conversation.closed.of(from)).sum();
    let incomplete: usize = sides().map(|from| *conversation.incomplete.of(from)).sum();
    let stops: Vec<&String> = sides().filter_map(|from| conversation.stops.of(from).as_ref()).collect();
    if closed > 0 || incomplete > 0 {
        let mut what = Vec::new();
        if closed > 0 {
            what.push(format!("{} not opened", count(closed, "record")));
        }
        if incomplete > 0 {
            what.push(format!("bytes are missing in {}", count(incomplete, "place")));
        }
        let failure = Failure::new(Code::Local, format!("flow {number}: {}", what.join(", ")));
        let notes = stops.into_iter().chain(&conversation.notes);
        let failure = notes.fold(failure, |failure, note| failure.hint(note));
        return Err(decoded.missing().into_iter().fold(failure, Failure::hint));
    }
    let stop = stops.first();
    stop.map_or(Ok(()), |why| Err(Failure::new(Code::Malformed, format!("flow {number}: {why}"))))
}

/// The failures of flows whose data is not complete.
#[derive(Debug, Default)]
pub(super) struct Incomplete {
    /// The first of them.
    first: Vec<Failure>,
    number: usize,
}

impl Incomplete {
    /// More of them would not help.
    const MOST: usize = 10;

    pub(super) fn add(&mut self, checked: Result<(), Failure>) {
        let Err(failure) = checked else { return };
        self.number = self.number.saturating_add(1);
        if self.first.len() < Self::MOST {
            self.first.push(failure);
        }
    }

    /// One failure for all.
    pub(super) fn into_result(self) -> Result<(), Failure> {
        let Some(first) = self.first.first() else { return Ok(()) };
        if self.number == 1 {
            return Err(first.clone());
        }
        let all = Failure::new(first.code(), format!("the data of {} flows is not complete", self.number));
        let all = self.first.iter().fold(all, |all, each| all.hint(each.to_string()));
        let more = self.number.saturating_sub(self.first.len());
        Err(if more > 0 { all.hint(format!("{more} more")) } else { all })
    }
}

/// The folder for the data of flows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Folder<'a> {
    path: &'a Path,
    /// Whether files are overwritten.
    force: bool,
}

impl<'a> Folder<'a> {
    pub(super) fn new(path: &'a Path, force: bool) -> Result<Self, Failure> {
        fs::create_dir_all(path).map_err(|error| files::about(path, error))?;
        Ok(Self { path, force })
    }

    /// Writes the data of a flow to two files. A side whose records all stayed closed has none.
    pub(super) fn write(self, decoded: &Decoded<'_>) -> Result<(), Failure> {
        for from in From::BOTH {
            let path = self.path.join(format!("flow-{}-{}.bin", decoded.flow.number, from.name()));
            let length = decoded.conversation.data_len(from);
            if length == 0 && *decoded.conversation.closed.of(from) > 0 {
                continue;
            }
            self.file(&path, decoded.conversation.data_of(Some(from)))?;
            note(format_args!("{}: {}", path.display(), count(length, "byte")));
        }
        Ok(())
    }

    /// Makes a file for its owner. It is never another's, and a link is not followed.
    fn file<'d>(self, path: &Path, data: impl Iterator<Item = &'d [u8]>) -> Result<(), Failure> {
        let write = || {
            if self.force {
                remove(path)?;
            }
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            write_all(io::BufWriter::new(options.open(path)?), data)
        };
        write().map_err(|error: io::Error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                files::about(path, "the file exists").hint("--force overwrites existing files.")
            }
            _ => files::about(path, error),
        })
    }
}

/// Removes a file if there is one.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
