//! Completions of shells, and manual pages.

use crate::support::{Folder, cairn, installed, run};
use std::{fs, process::Command};

#[test]
fn every_shell_has_completions_for_the_subcommands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let text = run(&mut cairn(&["completions", shell])).expect_code(0).out();
        for word in ["connect", "serve", "cert", "issue", "--passphrase-file"] {
            // Fish writes long options without their hyphens.
            let word = if shell == "fish" { word.trim_start_matches('-') } else { word };
            assert!(text.contains(word), "{shell}: {word}");
        }
    }
    run(&mut cairn(&["completions", "tcsh"])).expect_code(2).expect_words(&["bash", "zsh"]);
}

#[test]
fn bash_completes_subcommands_and_options() {
    if !installed("bash") {
        return;
    }
    let folder = Folder::new();
    let script = folder.write("cairn.bash", run(&mut cairn(&["completions", "bash"])).expect_code(0).stdout);
    run(Command::new("bash").args(["-n", &script])).expect_code(0);
    let complete = |words: &str, last: usize| {
        let program = format!(
            "source {script}; COMP_WORDS=({words}); COMP_CWORD={last}; \
            _cairn cairn \"${{COMP_WORDS[{last}]}}\" \"${{COMP_WORDS[{}]}}\"; echo \"${{COMPREPLY[@]}}\"",
            last - 1
        );
        run(Command::new("bash").args(["--norc", "-c", &program])).expect_code(0).out().trim().to_owned()
    };
    assert_eq!(complete("cairn dec", 1), "decode");
    assert_eq!(complete("cairn cert mat", 2), "match");
    assert_eq!(complete("cairn cert issue --key-ty", 3), "--key-type");
    assert_eq!(complete("cairn cert issue --key-type rsa-pss-3", 4), "rsa-pss-3072");
}

#[test]
fn manual_pages_are_well_formed() {
    let folder = Folder::new();
    let first = run(&mut cairn(&["man"])).expect_code(0).out();
    assert!(first.contains(".TH cairn 1"), "{first}");
    // The folder is made.
    let target = folder.path().join("man/man1");
    run(&mut cairn(&["man", target.to_str().unwrap()])).expect_code(0);
    let mut pages: Vec<_> = fs::read_dir(&target).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    for name in ["cairn.1", "cairn-connect.1", "cairn-cert.1", "cairn-cert-issue.1"] {
        assert!(pages.iter().any(|page| page.ends_with(name)), "{name}");
    }
    run(&mut cairn(&["man", &folder.write("missing", "a file")])).expect_code(1).expect_words(&["missing"]);
    if !installed("man") {
        return;
    }
    let mut man = Command::new("man");
    man.args(["--warnings", "--local-file"]).args(&pages);
    // The width of words is that of a terminal, so that no word is too long for its line.
    let done = run(man.env("MANWIDTH", "100").env("LC_ALL", "C.UTF-8").env("MANPAGER", "cat")).expect_code(0);
    assert!(done.err().is_empty(), "{}", done.err());
    assert!(done.out().contains("cairn-cert-issue"), "{}", done.out());
}
