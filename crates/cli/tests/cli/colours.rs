//! Colours are for terminals, and the environment turns them on and off.

use crate::support::{Folder, cairn, installed, run};
use std::process::Command;

/// A command with an error and a hint, one with a help text, and one with headings.
const COMMANDS: [&[&str]; 3] =
    [&["connect", "127.0.0.1:1", "--ca", "missing"], &["cert", "--help"], &["suites"]];

/// Whether a command writes escape codes with these variables.
fn has_colours(arguments: &[&str], variables: &[(&str, &str)]) -> bool {
    let mut command = cairn(arguments);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    run(command.envs(variables.iter().copied())).all().contains('\u{1b}')
}

#[test]
fn pipes_get_colours_only_if_forced() {
    for command in COMMANDS {
        assert!(!has_colours(command, &[]), "{command:?}");
        assert!(has_colours(command, &[("CLICOLOR_FORCE", "1")]), "{command:?}");
        assert!(!has_colours(command, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]), "{command:?}");
        // An empty NO_COLOR means nothing (no-color.org).
        assert!(has_colours(command, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "")]), "{command:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn terminals_get_colours_unless_no_color_is_set() {
    if !installed("script") {
        return;
    }
    let folder = Folder::new();
    let on_terminal = |arguments: &[&str], no_color: Option<&str>| {
        let words = [&[env!("CARGO_BIN_EXE_cairn")], arguments].concat().join(" ");
        let mut script = Command::new("script");
        script.args(["--quiet", "--command", &words, "/dev/null"]).current_dir(folder.path());
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            script.env_remove(name);
        }
        script.env("TERM", "xterm").envs(no_color.map(|value| ("NO_COLOR", value)));
        run(&mut script).all()
    };
    for command in COMMANDS {
        assert!(on_terminal(command, None).contains('\u{1b}'), "{command:?}");
        assert!(!on_terminal(command, Some("1")).contains('\u{1b}'), "{command:?}");
    }
    let error = on_terminal(COMMANDS[0], None);
    assert!(error.contains("\u{1b}[1m\u{1b}[31mcairn:\u{1b}[0m missing"), "{error:?}");
}
