//! Captures of networks: the connections in them, and their TLS.

mod before;
mod conversation;
mod decoded;
mod facts;
mod flows;
mod json;
mod keylog;
mod open;
mod packets;
pub(crate) mod records;
mod show;
mod sides;
#[cfg(test)]
mod testing;
mod tls;
mod write;

use crate::{
    decode::input,
    failure::{Code, Failure},
    output::{self, note, warn},
    provider::provider,
};
use decoded::Decoded;
use flows::Flow;
use keylog::KeyLog;
use packets::Capture;
pub(crate) use packets::format;
use show::Detail;
use std::path::{Path, PathBuf};
use write::Incomplete;

/// Options for capture files.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Capture files")]
#[group(skip)]
pub(crate) struct Args {
    /// Open records with the secrets of this key log (SSLKEYLOGFILE). Those in a pcapng file are used too.
    #[arg(long, value_name = "FILE")]
    keylog: Option<PathBuf>,
    /// Show only the flow with this number.
    #[arg(long, value_name = "N", conflicts_with = "follow")]
    flow: Option<usize>,
    /// Print one line for each flow.
    #[arg(long, conflicts_with_all = ["follow", "tree"])]
    summary: bool,
    /// Print the handshake messages of each flow as trees.
    #[arg(long, conflicts_with = "follow")]
    tree: bool,
    /// Write the application data of this flow to standard output, and nothing else: of one side, or of both
    /// in their order.
    #[arg(long, value_name = "N[:client|:server]", value_parser = write::followed)]
    follow: Option<write::Followed>,
    /// Write the application data of each flow to two files in this folder, `flow-N-client.bin` and
    /// `flow-N-server.bin`.
    /// Only their owner may read them.
    #[arg(long, value_name = "DIR", conflicts_with = "follow")]
    data: Option<PathBuf>,
    /// Overwrite the files of --data.
    #[arg(long, requires = "data")]
    force: bool,
}

impl Args {
    /// The first option that is given, if any. They need a capture file.
    pub(crate) fn given(&self) -> Option<&'static str> {
        [
            (self.keylog.is_some(), "--keylog"),
            (self.flow.is_some(), "--flow"),
            (self.summary, "--summary"),
            (self.tree, "--tree"),
            (self.follow.is_some(), "--follow"),
            (self.data.is_some(), "--data"),
        ]
        .into_iter()
        .find_map(|(is_given, name)| is_given.then_some(name))
    }

    const fn detail(&self) -> Detail {
        match (self.summary, self.tree) {
            (true, _) => Detail::Lines,
            (false, true) => Detail::Trees,
            (false, false) => Detail::Ladders,
        }
    }
}

/// Shows a capture file.
pub(crate) fn run(args: &Args, file: &[u8], as_json: bool) -> Result<(), Failure> {
    let capture = packets::read(file);
    let log = key_log(&capture, args.keylog.as_deref())?;
    // Without cryptography a capture can be shown, but not opened.
    let provider = if args.keylog.is_some() { Some(provider()?) } else { provider().ok() };
    let flows = flows::of(&capture.segments);
    let number = args.flow.or(args.follow.map(|followed| followed.flow));
    let is_wanted = |flow: &Flow<'_>| number.is_none_or(|number| number == flow.number);
    if let Some(number) = number
        && !flows.iter().any(is_wanted)
    {
        return Err(no_flow(number, flows.len(), &capture));
    }
    if args.follow.is_none() && !as_json {
        for remark in capture.skipped.notes() {
            note(format_args!("cairn: passed over: {remark}"));
        }
        if flows.is_empty() {
            output::print("the capture has no TCP connection\n")?;
        }
    }
    let folder = args.data.as_deref().map(|path| write::Folder::new(path, args.force)).transpose()?;
    let mut incomplete = Incomplete::default();
    // One flow after the other, because an opened flow takes more memory than its packets.
    let decoded = flows.into_iter().filter(is_wanted).map(|flow| {
        let conversation = tls::read(&flow, provider.as_ref(), &log);
        Decoded { flow, conversation, has_log: log.is_given() }
    });
    if let Some(followed) = args.follow {
        for decoded in decoded {
            write::follow(&decoded, followed.from)?;
            incomplete.add(write::check(&decoded, followed.from));
            for why in decoded.unfinished(followed.from) {
                warn(format_args!("flow {}: {why}", decoded.flow.number));
            }
        }
    } else if as_json {
        let mut kept = Ok(());
        let documents = decoded.map_while(|decoded| {
            kept = keep(folder, &decoded, &mut incomplete);
            kept.is_ok().then(|| json::flow(&decoded))
        });
        crate::json::print(&json::Document::new(&capture, documents))?;
        kept?;
    } else {
        for decoded in decoded {
            output::print(show::text(args.detail(), &decoded))?;
            keep(folder, &decoded, &mut incomplete)?;
        }
    }
    let complete = incomplete.into_result();
    let Some(why) = capture.broken else { return complete };
    let failure = Failure::new(Code::Malformed, why);
    Err(match complete {
        Ok(()) => failure,
        Err(incomplete) => failure.hint(incomplete.to_string()),
    })
}

/// The secrets in the capture and in a file. Lines that are no secrets are reported.
fn key_log(capture: &Capture<'_>, file: Option<&Path>) -> Result<KeyLog, Failure> {
    let mut log = KeyLog::default();
    for block in &capture.key_logs {
        log.add(block).into_iter().for_each(warn);
    }
    if let Some(path) = file {
        let bytes = cairn_tls::crypto::SecretBytes::new(input::file(path)?);
        log.add(bytes.expose())
            .into_iter()
            .for_each(|fault| warn(format_args!("{}: {fault}", path.display())));
    }
    Ok(log)
}

/// The failure for a flow that is not in the capture.
fn no_flow(number: usize, total: usize, capture: &Capture<'_>) -> Failure {
    let failure = Failure::new(Code::Local, format!("there is no flow {number}; the capture has {total}"));
    match &capture.broken {
        Some(why) => failure.hint(why),
        None => failure.hint("--summary lists the flows."),
    }
}

/// Writes the data of a flow with TLS to the folder, if there is one.
fn keep(
    folder: Option<write::Folder<'_>>,
    decoded: &Decoded<'_>,
    incomplete: &mut Incomplete,
) -> Result<(), Failure> {
    let Some(folder) = folder.filter(|_| decoded.conversation.is_tls()) else { return Ok(()) };
    folder.write(decoded)?;
    incomplete.add(write::check(decoded, None));
    Ok(())
}

// They open records of CBC too.
#[cfg(all(test, any(feature = "aws-lc", feature = "rustcrypto"), feature = "legacy"))]
mod tests;
