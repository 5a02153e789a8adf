//! The requirement ledger: the requirements of the RFCs, each with the tests that prove it, and the results
//! of these tests.
//!
//! Each RFC has a page, which is a file in `docs/ledger`. A requirement is covered if it names tests, and all
//! of them exist and pass. The tests in `docs/threat-model.md` are handled likewise.
//!
//! A requirement also names the places in the code that act on it, or one of a few reasons why there are
//! none. `cargo xtask rule` prints the lines.
//!
//! `docs/conformance.md` has a table of the pages' figures. A test compares it with the pages.
//! `CAIRN_WRITE_DOCS=1 cargo test -p xtask ledger` updates it.

mod code;
mod figures;
mod page;
pub(crate) mod rule;
mod tests_run;
mod threats;

use alloc::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::suite::{Context, Outcome, Row, Suite};
use code::Sources;
use figures::{Figures, percent};
use page::{Page, Shown};
use tests_run::Tests;

pub(super) const SUITE: Suite = Suite {
    name: "ledger",
    about: "the requirements of the RFCs, and the tests that prove them",
    case: "a requirement whose tests all exist and pass; open and excluded requirements do not count",
    needs: &[],
    run,
};

fn run(context: &Context) -> Result<Vec<Row>, String> {
    let pages = pages(&context.root)?;
    let threats = threats::read(&context.root)?;
    let named: BTreeSet<&str> = pages
        .iter()
        .flat_map(|page| &page.requirements)
        .flat_map(|requirement| requirement.tests())
        .map(String::as_str)
        .chain(threats.iter().flat_map(|threat| &threat.tests).map(String::as_str))
        .collect();
    let faults = place_faults(&context.root, &pages);
    if !faults.is_empty() {
        return Err(faults.join("\n"));
    }
    let tests = Tests::run(context, &named)?;
    fs::create_dir_all(&context.folder).map_err(|e| format!("{}: {e}", context.folder.display()))?;
    let list = context.folder.join("ledger.txt");
    let open: String = pages.iter().map(left).collect();
    fs::write(&list, &open).map_err(|e| format!("{}: {e}", list.display()))?;
    let mut rows: Vec<Row> = pages.iter().map(|page| row(page, &tests)).collect();
    rows.push(threats::row(&threats, &tests));
    Ok(rows)
}

/// The pages, in the order of their RFCs.
fn pages(root: &Path) -> Result<Vec<Page>, String> {
    let folder = root.join("docs/ledger");
    let mut pages = Vec::new();
    for entry in fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))? {
        let path = entry.map_err(|e| format!("{}: {e}", folder.display()))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            pages.push(Page::parse(&text).map_err(|e| format!("{}: {e}", path.display()))?);
        }
    }
    pages.sort_by_key(|page| page.rfc);
    Ok(pages)
}

/// The code places that do not exist.
fn place_faults(root: &Path, pages: &[Page]) -> Vec<String> {
    let mut sources = Sources::default();
    let mut faults = Vec::new();
    for page in pages {
        for requirement in &page.requirements {
            for place in requirement.places() {
                if let Err(fault) = sources.line(root, place) {
                    let (rfc, section, says) = (page.rfc, &requirement.section, &requirement.says);
                    let found = sources.namesakes(root, place);
                    let advice = if found.is_empty() {
                        String::new()
                    } else {
                        format!("; did it move to {}?", found.join(" or "))
                    };
                    faults.push(format!("RFC {rfc} section {section}: {says}: {fault}{advice}"));
                }
            }
        }
    }
    faults
}

/// The coverage of an RFC, and the requirements that are not met.
fn row(page: &Page, tests: &Tests) -> Row {
    let mut covered = 0;
    let mut faults = Vec::new();
    for requirement in &page.requirements {
        if let Shown::By(names) = &requirement.shown {
            let bad: Vec<String> = names.iter().filter_map(|name| tests.fault(name)).collect();
            if bad.is_empty() {
                covered += 1;
            } else {
                faults.push(format!(
                    "section {}: {}: {}",
                    requirement.section,
                    requirement.says,
                    bad.join("; ")
                ));
            }
        }
    }
    let Figures { requirements, excluded, open, .. } = Figures::of(page);
    let due = requirements - excluded;
    let percent = percent(covered, due);
    let mut detail = vec![format!(
        "{percent} of {due} covered, {open} open, {excluded} excluded on purpose: {}",
        page.title
    )];
    let failed = faults.len();
    detail.append(&mut faults);
    detail.extend(left(page).lines().map(str::to_owned));
    let outcome = if failed == 0 { Outcome::Passed } else { Outcome::Failed };
    Row::new(format!("RFC {}", page.rfc), outcome)
        .counts(u64::try_from(covered).unwrap_or(u64::MAX), u64::try_from(failed).unwrap_or(u64::MAX))
        .detail(detail.join("\n"))
}

/// The open and the excluded requirements, with the reasons.
fn left(page: &Page) -> String {
    let list = |title: &str, pick: fn(&Shown) -> Option<&String>| {
        let lines: String = page
            .requirements
            .iter()
            .filter_map(|r| {
                Some(format!("  {} {} ({}): {}: {}\n", r.section, r.level, r.binds, r.says, pick(&r.shown)?))
            })
            .collect();
        if lines.is_empty() { lines } else { format!("RFC {}, {title}:\n{lines}", page.rfc) }
    };
    let open = list("not covered", |shown| match shown {
        Shown::Open(why) => Some(why),
        _ => None,
    });
    let excluded = list("excluded on purpose", |shown| match shown {
        Shown::Excluded(why) => Some(why),
        _ => None,
    });
    open + &excluded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Workspace;
    use alloc::collections::BTreeMap;

    /// All functions in the sources below a folder, by name.
    fn functions(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
                functions(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let name = |rest: &str| {
                    rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().map(str::to_owned)
                };
                found.extend(text.split("fn ").skip(1).filter_map(name));
            }
        }
    }

    /// Whether they are tests that pass is known only when they run; this test quickly detects a renamed
    /// test.
    #[test]
    fn every_named_test_exists_in_its_package() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let workspace = Workspace::load().unwrap();
        let packages: BTreeMap<&str, BTreeSet<String>> = workspace
            .members
            .iter()
            .map(|member| {
                let mut found = BTreeSet::new();
                functions(member.manifest.parent().unwrap(), &mut found);
                (member.name.as_str(), found)
            })
            .collect();
        let pages = pages(root).unwrap();
        let threats = threats::read(root).unwrap();
        let requirements = pages.iter().flat_map(|page| &page.requirements);
        let named = requirements.flat_map(|requirement| requirement.tests().iter());
        let is_there = |name: &&String| {
            let package = name.split('/').next().and_then(|package| packages.get(package));
            let function = name.rsplit("::").next().unwrap_or_default();
            package.is_some_and(|functions| functions.contains(function))
        };
        let all: Vec<&String> = named.chain(threats.iter().flat_map(|threat| &threat.tests)).collect();
        let missing: Vec<&&String> = all.iter().filter(|name| !is_there(name)).collect();
        assert!(missing.is_empty() && all.len() > 500, "{missing:#?}");
    }

    #[test]
    fn every_code_place_exists() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let pages = pages(root).unwrap();
        let faults = place_faults(root, &pages);
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}
