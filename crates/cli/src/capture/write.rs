//! Writes the application data of flows.

use super::{decoded::Decoded, sides::From};
use crate::{
    failure::{Code, Failure},
    files,
    output::{broken, note},
    show::count,
};
use std::{
    fs,
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
///
/// # Errors
/// Some of it could not be opened, or the output fails.
pub(super) fn follow(decoded: &Decoded<'_>, wanted: Option<From>) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let is_wanted = |from: From| wanted.is_none_or(|wanted| wanted == from);
    for (_, data) in decoded.conversation.data.iter().filter(|(from, _)| is_wanted(*from)) {
        out.write_all(data).map_err(|error| broken(&error))?;
    }
    out.flush().map_err(|error| broken(&error))?;
    check(decoded, is_wanted)
}

/// Fails unless all records of these sides were opened.
fn check(decoded: &Decoded<'_>, is_wanted: impl Fn(From) -> bool) -> Result<(), Failure> {
    let number = decoded.flow.number;
    let conversation = &decoded.conversation;
    let closed: usize =
        From::BOTH.iter().filter(|from| is_wanted(**from)).map(|from| *conversation.closed.of(*from)).sum();
    let stop = From::BOTH
        .iter()
        .filter(|from| is_wanted(**from))
        .find_map(|from| conversation.stops.of(*from).clone());
    if closed > 0 {
        let failure =
            Failure::new(Code::Local, format!("flow {number}: {} not opened", count(closed, "record")));
        let failure = conversation.notes.iter().fold(failure, |failure, note| failure.hint(note));
        return Err(decoded.missing().into_iter().fold(failure, Failure::hint));
    }
    stop.map_or(Ok(()), |why| Err(Failure::new(Code::Malformed, format!("flow {number}: {why}"))))
}

/// Writes the data of each flow with TLS to two files.
pub(super) fn files(folder: &Path, decoded: &[Decoded<'_>]) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| files::about(folder, error))?;
    for each in decoded.iter().filter(|each| each.conversation.is_tls()) {
        for from in From::BOTH {
            let path = folder.join(format!("flow-{}-{}.bin", each.flow.number, from.name()));
            let parts = each.conversation.data.iter().filter(|(by, _)| *by == from);
            let data: Vec<u8> = parts.flat_map(|(_, data)| data).copied().collect();
            fs::write(&path, &data).map_err(|error| files::about(&path, error))?;
            note(format_args!("{}: {}", path.display(), count(data.len(), "byte")));
        }
    }
    Ok(())
}
