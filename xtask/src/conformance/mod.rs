//! `cargo xtask conformance`: runs the conformance suites and writes a report.
//!
//! To add a suite, write `conformance/<name>.rs` with a `pub(super) const SUITE: Suite`, and add its `mod`
//! line here and its line in [`SUITES`]. A suite that needs crates of the stack runs them as a child process
//! ([`Context::cargo`]). This crate depends on none of them, so that `cargo xtask layers` compiles no
//! cryptography.
//!
//! If a program that a suite needs is missing, its Debian package is named. The suite then counts as not run,
//! never as passed; with `--strict` that is a failure. A suite without any case fails.
//!
//! The report retains the results of earlier runs for the suites that do not run this time, with date, commit
//! and machine.

mod bogo;
mod constant_time;
mod figures;
mod fuzz;
mod hostile;
mod interop;
mod keylog;
pub(crate) mod ledger;
mod limbo;
mod parallel;
mod paths;
mod pkits;

mod providers;
mod report;
mod stamp;
mod states;
mod suite;
mod tables;
mod vectors;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::Value;

use crate::workspace;
use report::{Report, Section};
use stamp::Stamp;
use suite::{Context, Outcome, Row, Suite};

/// Every suite, in the order in which they run.
const SUITES: &[Suite] = &[
    vectors::SUITE,
    providers::SUITE,
    ledger::SUITE,
    states::SUITE,
    hostile::SUITE,
    keylog::SUITE,
    limbo::SUITE,
    pkits::SUITE,
    constant_time::SUITE,
    fuzz::SUITE,
    bogo::SUITE,
    interop::SUITE,
    interop::HTTP3,
    interop::BROWSER,
    interop::SCAN,
];

/// Arguments of `cargo xtask conformance`.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Options {
    /// The suites to run; all of them if none is named
    #[arg(value_name = "SUITE")]
    suites: Vec<String>,
    /// List the suites and what each needs, and run none
    #[arg(long)]
    list: bool,
    /// Fail if a suite could not run
    #[arg(long)]
    strict: bool,
    /// BoringSSL's test runner, already built; for the suite bogo
    #[arg(long, value_name = "PATH")]
    runner: Option<PathBuf>,
    /// The cases: x509-limbo's JSON file, or the folder of NIST's PKITS; for the suites limbo and pkits
    #[arg(long, value_name = "PATH")]
    cases: Option<PathBuf>,
    /// The run time of each target in seconds; for the suite fuzz
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    seconds: Option<u32>,
    /// The only target to run; for the suite fuzz
    #[arg(long, value_name = "NAME")]
    target: Option<String>,
    /// Keep the smallest inputs that reach more than the seeds, in fuzz/corpora; for the suite fuzz
    #[arg(long)]
    keep: bool,
}

/// Runs the suites, prints the results, and writes the report.
///
/// # Errors
///
/// If a suite fails (with `--strict`: or cannot run), or the report cannot be written.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    if options.list {
        print!("{}", list(SUITES));
        return Ok(());
    }
    let suites = choose(SUITES, &options.suites)?;
    let (root, target) = workspace::folders()?;
    let folder = target.join("conformance");
    let stamp = Stamp::now(&root);
    let own = suites.into_iter().map(|suite| section(suite, &root, &folder, options, &stamp)).collect();
    let report = Report { sections: with_earlier(own, &folder) };
    write(&folder, &report)?;
    println!("\n{}", report.summary());
    println!("The report: {}", folder.join("report.html").display());
    report.verdict(options.strict)
}

/// The suites with these names, without duplicates and in the usual order; all if no name is given.
fn choose<'a>(suites: &'a [Suite], names: &[String]) -> Result<Vec<&'a Suite>, String> {
    for name in names {
        if !suites.iter().any(|suite| suite.name == name) {
            let known: Vec<&str> = suites.iter().map(|suite| suite.name).collect();
            return Err(format!("there is no suite {name:?}; there are: {}", known.join(", ")));
        }
    }
    Ok(suites
        .iter()
        .filter(|suite| names.is_empty() || names.iter().any(|name| suite.name == name))
        .collect())
}

fn list(suites: &[Suite]) -> String {
    let mut out = String::new();
    for suite in suites {
        out += &format!("{}: {}\n", suite.name, suite.about);
        for tool in suite.needs {
            let state = if tool.is_there() { "there" } else { "MISSING" };
            out += &format!("    needs {} (Debian: {}), {state}\n", tool.program, tool.package);
        }
    }
    out
}

/// Merges these sections with those of other suites in the last report, in the order of the suites. If the
/// last report cannot be read, it is ignored.
fn with_earlier(own: Vec<Section>, folder: &Path) -> Vec<Section> {
    let text = fs::read_to_string(folder.join("report.json")).unwrap_or_default();
    let last: Value = serde_json::from_str(&text).unwrap_or_default();
    let last = last.get("suites").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let known: Vec<&'static Suite> = SUITES.iter().collect();
    let mut sections = own;
    for mut earlier in last.iter().filter_map(|value| Section::from_json(value, &known)) {
        if sections.iter().all(|section| section.suite.name != earlier.suite.name) {
            earlier.tables = tables::gather(&folder.join(earlier.suite.name)).unwrap_or_default();
            sections.push(earlier);
        }
    }
    let place = |section: &Section| SUITES.iter().position(|suite| suite.name == section.suite.name);
    sections.sort_by_key(place);
    sections
}

/// Runs one suite, if everything that it needs is installed.
fn section(suite: &'static Suite, root: &Path, folder: &Path, options: &Options, stamp: &Stamp) -> Section {
    println!("\n==> {}: {}", suite.name, suite.about);
    let begun = Instant::now();
    let folder = folder.join(suite.name);
    let cleared = tables::clear(&folder);
    let missing: Vec<Row> = suite.needs.iter().filter(|tool| !tool.is_there()).map(Row::missing).collect();
    let mut rows = if missing.is_empty() {
        let context = Context {
            root: root.to_owned(),
            folder: folder.clone(),
            runner: options.runner.clone(),
            cases: options.cases.clone(),
            seconds: options.seconds,
            target: options.target.clone(),
            keep: options.keep,
        };
        match (suite.run)(&context) {
            Ok(rows) if rows.is_empty() => {
                vec![Row::new(suite.name, Outcome::Failed).detail("it has no result")]
            }
            Ok(rows) => tried(rows),
            Err(why) => vec![Row::new(suite.name, Outcome::Failed).detail(why)],
        }
    } else {
        missing
    };
    let tables = cleared.and_then(|()| tables::gather(&folder)).unwrap_or_else(|why| {
        rows.push(Row::new("tables", Outcome::Failed).detail(why));
        Vec::new()
    });
    let (seconds, stamp) = (begun.elapsed().as_secs_f64(), stamp.clone());
    let section = Section { suite, rows, tables, seconds, stamp, earlier: false };
    print!("{}", section.table());
    section
}

/// Success without a single case proves nothing.
fn tried(mut rows: Vec<Row>) -> Vec<Row> {
    let success = rows.iter().any(|row| row.outcome == Outcome::Passed);
    if success && rows.iter().all(|row| row.passed + row.failed == 0) {
        rows.push(Row::new("cases", Outcome::Failed).detail("no case was tried"));
    }
    rows
}

fn write(folder: &Path, report: &Report) -> Result<(), String> {
    let put = |name: &str, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|e| format!("{} cannot be written: {e}", path.display()))
    };
    fs::create_dir_all(folder).map_err(|e| format!("{} cannot be made: {e}", folder.display()))?;
    put("report.md", report.markdown())?;
    put("report.json", report.json())?;
    put("report.html", report.html())
}

#[cfg(test)]
mod tests {
    use super::suite::Tool;
    use super::*;

    fn nothing(_: &Context) -> Result<Vec<Row>, String> {
        Ok(Vec::new())
    }

    const fn suite(name: &'static str, needs: &'static [Tool], run: suite::Run) -> Suite {
        Suite { name, about: "a test", case: "a case", needs, run }
    }

    static EMPTY: Suite = suite("empty", &[], nothing);
    static MISSING: Suite =
        suite("missing", &[Tool { program: "no-such-program-anywhere", package: "no-such-package" }], |_| {
            panic!("must not run")
        });
    static BROKEN: Suite = suite("broken", &[], |_| Err("the child died".to_owned()));

    fn outcome(suite: &'static Suite) -> (Outcome, String) {
        let section = section(suite, Path::new("/"), Path::new("/"), &Options::default(), &Stamp::default());
        (section.rows[0].outcome, section.rows[0].detail.clone())
    }

    #[test]
    fn missing_tool_is_named_with_its_package_and_counts_as_not_run() {
        let (outcome, detail) = outcome(&MISSING);
        assert_eq!(outcome, Outcome::NotRun);
        assert!(
            detail.contains("no-such-program-anywhere") && detail.contains("no-such-package"),
            "{detail}"
        );
    }

    #[test]
    fn suite_without_a_result_or_with_an_error_has_failed() {
        assert_eq!(outcome(&EMPTY), (Outcome::Failed, "it has no result".to_owned()));
        assert_eq!(outcome(&BROKEN), (Outcome::Failed, "the child died".to_owned()));
    }

    static TABLED: Suite = suite("tabled", &[], |context| {
        tables::keep(&context.folder, "new", "<table>new</table>")?;
        Ok(vec![Row::new("a", Outcome::Passed).counts(1, 0)])
    });

    #[test]
    fn success_without_a_case_is_a_failure() {
        let rows = tried(vec![Row::new("a", Outcome::Passed), Row::new("b", Outcome::NotOffered)]);
        assert_eq!(rows.last().map(|row| row.outcome), Some(Outcome::Failed));
        assert_eq!(tried(vec![Row::new("a", Outcome::Passed).counts(1, 0)]).len(), 1);
        assert_eq!(tried(vec![Row::new("a", Outcome::NotRun)]).len(), 1);
    }

    #[test]
    fn report_retains_earlier_results_of_other_suites() {
        let folder = std::env::temp_dir().join(format!("cairn-report-{}", std::process::id()));
        let made = |place: usize, commit: &str| Section {
            suite: &SUITES[place],
            rows: vec![Row::new("a", Outcome::Passed).counts(1, 0)],
            tables: Vec::new(),
            seconds: 1.0,
            stamp: Stamp { commit: commit.to_owned(), ..Stamp::default() },
            earlier: false,
        };
        // Without a last report there is nothing to retain.
        let first = with_earlier(vec![made(2, "one"), made(0, "one")], &folder);
        write(&folder, &Report { sections: first }).unwrap();
        let second = with_earlier(vec![made(1, "two"), made(2, "two")], &folder);
        let told: Vec<_> =
            second.iter().map(|s| (s.suite.name, s.stamp.commit.as_str(), s.earlier)).collect();
        let name = |place: usize| SUITES[place].name;
        assert_eq!(told, [(name(0), "one", true), (name(1), "two", false), (name(2), "two", false)]);
        fs::write(folder.join("report.json"), "not JSON").unwrap();
        assert_eq!(with_earlier(vec![made(1, "three")], &folder).len(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn section_has_only_the_tables_of_its_run() {
        let folder = std::env::temp_dir().join(format!("cairn-conformance-{}", std::process::id()));
        for suite in [&TABLED, &MISSING] {
            tables::keep(&folder.join(suite.name), "old", "<table>old</table>").unwrap();
        }
        let options = Options::default();
        let tables = |suite| section(suite, Path::new("/"), &folder, &options, &Stamp::default()).tables;
        assert_eq!(tables(&TABLED), ["<table>new</table>"]);
        assert!(tables(&MISSING).is_empty());
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn suite_names_are_unique_and_unknown_names_are_rejected() {
        for (place, suite) in SUITES.iter().enumerate() {
            assert!(SUITES[place + 1..].iter().all(|other| other.name != suite.name), "{}", suite.name);
        }
        assert_eq!(choose(SUITES, &[]).unwrap().len(), SUITES.len());
        assert_eq!(choose(SUITES, &["vectors".to_owned(), "vectors".to_owned()]).unwrap().len(), 1);
        assert!(choose(SUITES, &["vektors".to_owned()]).unwrap_err().contains("vectors"));
    }

    #[test]
    fn list_shows_each_suite_and_what_it_needs() {
        let list = list(&[suite("a", &[Tool { program: "nope-nope", package: "nope" }], nothing)]);
        assert_eq!(list, "a: a test\n    needs nope-nope (Debian: nope), MISSING\n");
    }
}
