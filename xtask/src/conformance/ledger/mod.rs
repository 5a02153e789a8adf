//! The ledger: what the RFCs demand, each with the tests that show it, and the tests run.
//!
//! A page of it is a file in `docs/ledger`, one for each RFC. A requirement is covered if it names tests, each of them is
//! there, and each of them passes.

mod page;
mod tests_run;

use alloc::collections::BTreeSet;
use std::fs;

use super::suite::{Context, Outcome, Row, Suite};
use page::{Page, Requirement, Shown};
use tests_run::Tests;

pub(super) const SUITE: Suite = Suite {
    name: "ledger",
    about: "what the RFCs demand, requirement by requirement, and the tests that show it",
    case: "a requirement whose tests are all there and have passed; what is open or excluded counts as neither",
    needs: &[],
    run,
};

fn run(context: &Context) -> Result<Vec<Row>, String> {
    let pages = pages(context)?;
    let named: BTreeSet<&str> = pages
        .iter()
        .flat_map(|page| &page.requirements)
        .flat_map(|requirement| requirement.tests())
        .map(String::as_str)
        .collect();
    let tests = Tests::run(context, &named)?;
    fs::create_dir_all(&context.folder).map_err(|e| format!("{}: {e}", context.folder.display()))?;
    let list = context.folder.join("ledger.txt");
    let open: String = pages.iter().map(left).collect();
    fs::write(&list, &open).map_err(|e| format!("{}: {e}", list.display()))?;
    print!("{open}");
    Ok(pages.iter().map(|page| row(page, &tests)).collect())
}

/// The pages, in the order of their RFCs.
fn pages(context: &Context) -> Result<Vec<Page>, String> {
    let folder = context.root.join("docs/ledger");
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

/// How much of an RFC is covered, and what of that does not hold.
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
    let count = |is: fn(&Requirement) -> bool| page.requirements.iter().filter(|r| is(r)).count();
    let excluded = count(|requirement| matches!(requirement.shown, Shown::Excluded(_)));
    let open = count(|requirement| matches!(requirement.shown, Shown::Open(_)));
    let due = page.requirements.len() - excluded;
    let percent = if due == 0 { 100.0 } else { percent(covered, due) };
    let mut detail = vec![format!(
        "{percent:.1} % of {due} covered, {open} open, {excluded} excluded on purpose: {}",
        page.title
    )];
    let failed = faults.len();
    detail.append(&mut faults);
    let outcome = if failed == 0 { Outcome::Passed } else { Outcome::Failed };
    Row::new(format!("RFC {}", page.rfc), outcome)
        .counts(u64::try_from(covered).unwrap_or(u64::MAX), u64::try_from(failed).unwrap_or(u64::MAX))
        .detail(detail.join("\n"))
}

fn percent(part: usize, of: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    100.0 * number(part) / number(of)
}

/// What is not covered, and what is left out on purpose, with the reasons.
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
