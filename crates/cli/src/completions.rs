//! `cairn completions` and `cairn man`: made from the definition of the command line.

use crate::failure::{Code, Failure};
use clap_complete::Shell;
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Print the completions of a shell for this command.
///
/// For bash: cairn completions bash > ~/.local/share/bash-completion/completions/cairn
#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Print the manual page of this command, or write those of all subcommands to a folder.
#[derive(Debug, clap::Args)]
pub(crate) struct ManArgs {
    /// The folder for the pages cairn.1, cairn-connect.1 and so on, which is made if it does not exist.
    /// Without it, cairn.1 goes to standard output.
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// Runs `cairn completions`.
pub(crate) fn completions(args: &CompletionsArgs, mut command: clap::Command) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut command, "cairn", &mut text);
    put(&text)
}

/// Runs `cairn man`.
pub(crate) fn man(args: &ManArgs, mut command: clap::Command) -> Result<(), Failure> {
    command.build();
    match &args.folder {
        None => put(&page(command)?),
        Some(folder) => {
            fs::create_dir_all(folder).map_err(|error| crate::files::about(folder, error))?;
            pages(&command, folder)
        }
    }
}

/// Writes the page of a command and those of its subcommands.
fn pages(command: &clap::Command, folder: &Path) -> Result<(), Failure> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let path = folder.join(format!("{name}.1"));
    fs::write(&path, page(command.clone())?).map_err(|error| crate::files::about(&path, error))?;
    command.get_subcommands().try_for_each(|command| pages(command, folder))
}

fn page(command: clap::Command) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    let made = clap_mangen::Man::new(command).render(&mut text);
    made.map_err(|error| Failure::new(Code::Local, format!("no manual page: {error}")))?;
    Ok(text)
}

fn put(text: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text).and_then(|()| out.flush()).map_err(|error| crate::output::broken(&error))
}
