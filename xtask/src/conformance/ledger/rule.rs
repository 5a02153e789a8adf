//! `cargo xtask rule`: prints the requirements of a section, with the line of the code that acts on each and
//! the tests that prove it.

use core::fmt::Write as _;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use super::code::Sources;
use super::page::{Acts, Page, Requirement, Shown};
use super::pages;
use crate::workspace::folders;

/// Arguments of `cargo xtask rule`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The number of the RFC, for example 5246
    rfc: u16,
    /// The section, for example 7.4.8; all sections that start with it are included
    section: Option<String>,
    /// Only requirements whose text contains this, regardless of case
    #[arg(long, value_name = "TEXT")]
    contains: Option<String>,
}

/// Prints the requirements.
///
/// # Errors
///
/// If the ledger cannot be read, no requirement matches, or a code place does not exist.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let (root, _) = folders()?;
    let pages = pages(&root)?;
    let page = pages
        .iter()
        .find(|page| page.rfc == options.rfc)
        .ok_or_else(|| format!("the ledger has no page for RFC {}", options.rfc))?;
    match io::stdout().write_all(text(&root, page, options)?.as_bytes()) {
        // The reader of a pipe may close it early.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(format!("standard output: {error}")),
        _ => Ok(()),
    }
}

/// The requirements of a page that match.
fn text(root: &Path, page: &Page, options: &Options) -> Result<String, String> {
    let mut sources = Sources::default();
    let mut out = String::new();
    for requirement in page.requirements.iter().filter(|requirement| options.matches(requirement)) {
        let Requirement { section, level, binds, says, acts, shown } = requirement;
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(out, "RFC {} section {section}, {level} ({binds}): {says}", page.rfc);
        match acts {
            Acts::In(places) => {
                for place in places {
                    let line = sources.line(root, place)?;
                    let _ = writeln!(out, "  code: {}:{line}  {}", place.file, place.item);
                }
            }
            Acts::Nowhere(reason) => _ = writeln!(out, "  no code: {}", reason.meaning()),
        }
        match shown {
            Shown::By(tests) => tests.iter().for_each(|test| _ = writeln!(out, "  test: {test}")),
            Shown::Excluded(why) => _ = writeln!(out, "  excluded: {why}"),
            Shown::Open(why) => _ = writeln!(out, "  open: {why}"),
        }
    }
    if out.is_empty() { Err("no requirement matches".to_owned()) } else { Ok(out) }
}

impl Options {
    fn matches(&self, requirement: &Requirement) -> bool {
        let in_section = self.section.as_ref().is_none_or(|section| is_within(&requirement.section, section));
        let has_text = self
            .contains
            .as_ref()
            .is_none_or(|text| requirement.says.to_lowercase().contains(&text.to_lowercase()));
        in_section && has_text
    }
}

/// Whether `section` is `outer` or one of its subsections.
fn is_within(section: &str, outer: &str) -> bool {
    section.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirement_is_printed_with_its_line() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let page = Page::parse(
            "rfc = 7\ntitle = \"t\"\n\
             [[requirement]]\nsection = \"1.2\"\nlevel = \"MUST\"\nbinds = \"both\"\nsays = \"One\"\n\
             code = \"xtask/src/main.rs::main\"\ntests = [\"p/t::x\"]\n\
             [[requirement]]\nsection = \"2\"\nlevel = \"MUST\"\nbinds = \"both\"\nsays = \"two\"\n\
             no_code = \"absent\"\nopen = \"why\"\n",
        );
        let page = page.unwrap();
        let text = |section: Option<&str>, contains: Option<&str>| {
            let options =
                Options { rfc: 7, section: section.map(Into::into), contains: contains.map(Into::into) };
            text(root, &page, &options)
        };
        let one = text(Some("1"), Some("one")).unwrap();
        assert!(one.starts_with("RFC 7 section 1.2, MUST (both): One\n  code: xtask/src/main.rs:"), "{one}");
        assert!(one.ends_with("  main\n  test: p/t::x\n"), "{one}");
        let two = text(Some("2"), None).unwrap();
        assert!(two.contains("  no code: the code never does") && two.ends_with("  open: why\n"), "{two}");
        assert!(text(Some("3"), None).is_err() && text(Some("2"), Some("one")).is_err());
        assert_eq!(text(None, None).unwrap(), one + &two);
    }

    #[test]
    fn section_includes_its_subsections_only() {
        assert!(is_within("7.4.1", "7.4") && is_within("7.4", "7.4"));
        assert!(!is_within("7.41", "7.4") && !is_within("7", "7.4"));
    }
}
