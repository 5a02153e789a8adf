//! The targets of `fuzz/` with libFuzzer, and what threads share under every interleaving: the session
//! cache, and the halves of a stream.
//!
//! The targets are built with the stable compiler and the flags of `cargo fuzz` without a sanitizer.
//! AddressSanitizer would need a nightly compiler and is of little use without unsafe code. Each target
//! starts with its own seeds, those in the repository (`fuzz/corpora/<target>`), and those that earlier runs
//! found (`target/conformance/fuzz/<target>/corpus`). An input that fails is saved, and its row says how to
//! reproduce the failure.
//!
//! `--keep` renews the inputs in the repository: a minimal set that reaches code beyond the seeds, sorted by
//! how much each input reaches, up to [`MOST_KEPT`] inputs and [`KEPT`] bytes per target.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::parallel;
use super::suite::{Context, Outcome, Row, Suite, Tool};

pub(super) const SUITE: Suite = Suite {
    name: "fuzz",
    about: "parsers, records, machines and connections with arbitrary and modified bytes; the \
            interleavings of the session cache and of a stream's halves",
    case: "an execution of a target with one input, or an interleaving of the threads of a model",
    needs: &[Tool { program: "g++", package: "g++" }],
    run,
};

/// The default run time of each target.
const SECONDS: u32 = 10;
/// Counts the edges taken, and instruments comparisons.
const INSTRUMENT: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];
/// Limits for each input: length in bytes, time in seconds, and memory in MB.
const BOUNDS: [&str; 3] = ["-max_len=8192", "-timeout=60", "-rss_limit_mb=512"];

/// Runs up to this many seconds check a change and always use the same random seed, so that a failure is due
/// to the change. Longer runs search for unknown bugs.
const GATE: u32 = 30;

/// The maximum size of the inputs in the repository per target, in bytes.
const KEPT: u64 = 32 << 10;
/// The maximum number of these inputs.
const MOST_KEPT: usize = 100;

fn run(context: &Context) -> Result<Vec<Row>, String> {
    let work = context.root.join("fuzz");
    let built = context.folder.join("build");
    let mut rows = Vec::new();
    for model in MODELS {
        rows.extend(model.run(context, &work, &built)?);
    }
    let fuzz = Fuzz {
        programs: build(context, &work, &built)?,
        folder: context.folder.clone(),
        corpora: work.join("corpora"),
        seconds: context.seconds.unwrap_or(SECONDS),
        keep: context.keep,
    };
    rows.extend(fuzz.all(&choose(targets(&work)?, context.target.as_deref())?));
    Ok(rows)
}

/// The names of the targets: each is a file.
fn targets(work: &Path) -> Result<Vec<String>, String> {
    let folder = work.join("fuzz_targets");
    let said = |e| format!("{}: {e}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).map_err(said)? {
        let path = entry.map_err(said)?.path();
        names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.sort();
    if names.is_empty() { Err(format!("{}: no targets", folder.display())) } else { Ok(names) }
}

/// The requested target, or all.
fn choose(targets: Vec<String>, wanted: Option<&str>) -> Result<Vec<String>, String> {
    let Some(wanted) = wanted else { return Ok(targets) };
    if targets.iter().any(|target| target == wanted) {
        return Ok(vec![wanted.to_owned()]);
    }
    Err(format!("there is no target {wanted:?}; there are: {}", targets.join(", ")))
}

/// Builds the targets and returns their folder. Because a target triple is given, build scripts are not
/// instrumented.
fn build(context: &Context, work: &Path, built: &Path) -> Result<PathBuf, String> {
    let host = host()?;
    let own = env::var("RUSTFLAGS").unwrap_or_default();
    let status = context
        .cargo()
        .current_dir(work)
        .args(["build", "--quiet", "--release", "--bins", "--package", "cairn-fuzz"])
        .args(["--target", &host, "--target-dir"])
        .arg(built)
        .env("RUSTFLAGS", format!("{own} {}", INSTRUMENT.join(" ")))
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .status()
        .map_err(|e| format!("cargo could not be started in {}: {e}", work.display()))?;
    if !status.success() {
        return Err(format!("the targets could not be built ({status})"));
    }
    Ok(built.join(host).join("release"))
}

/// The target triple of this machine.
fn host() -> Result<String, String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--version", "--verbose"])
        .output()
        .map_err(|e| format!("rustc could not be started: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "rustc does not name its host".to_owned())
}

/// The paths and the duration of a run.
struct Fuzz {
    programs: PathBuf,
    folder: PathBuf,
    /// The inputs in the repository.
    corpora: PathBuf,
    seconds: u32,
    keep: bool,
}

impl Fuzz {
    /// Runs all targets on as many threads as there are processors. Rows are in the order of the targets.
    fn all(&self, targets: &[String]) -> Vec<Row> {
        parallel::each(targets, |target| {
            self.one(target).unwrap_or_else(|why| Row::new(target, Outcome::Failed).counts(0, 1).detail(why))
        })
    }

    fn one(&self, target: &str) -> Result<Row, String> {
        let program = self.programs.join(format!("{target}{}", env::consts::EXE_SUFFIX));
        let folder = self.folder.join(target);
        let (corpus, seeds) = (folder.join("corpus"), folder.join("seeds"));
        // Seeds of an earlier version are removed.
        let _not_there = fs::remove_dir_all(&seeds);
        for folder in [&corpus, &seeds] {
            fs::create_dir_all(folder).map_err(|e| format!("{} cannot be made: {e}", folder.display()))?;
        }
        let output = Command::new(&program)
            .args(BOUNDS)
            .args([format!("-max_total_time={}", self.seconds), "-print_final_stats=1".to_owned()])
            .arg(format!("-artifact_prefix={}/", folder.display()))
            // With 0, libFuzzer draws a seed itself.
            .arg(format!("-seed={}", u8::from(self.seconds <= GATE)))
            .args([&corpus, &seeds])
            .args(Some(self.corpora.join(target)).filter(|kept| kept.is_dir()))
            .env("CAIRN_FUZZ_SEEDS", &seeds)
            .stdin(Stdio::null())
            .output()
            .map_err(|e| format!("{} could not be started: {e}", program.display()))?;
        let said = String::from_utf8_lossy(&output.stderr);
        let log = folder.join("log.txt");
        fs::write(&log, said.as_bytes()).map_err(|e| format!("{}: {e}", log.display()))?;
        match Figures::read(&said) {
            Some(figures) if output.status.success() && figures.executions > 0 => {
                if self.keep {
                    self.keep(target, &program, &folder)?;
                }
                Ok(Row::new(target, Outcome::Passed).counts(figures.executions, 0).detail(figures.tell()))
            }
            _ => Err(failure(&output, &said, &program, &log)),
        }
    }
}

impl Fuzz {
    /// Renews the inputs of a target in the repository. libFuzzer copies inputs that reach more into a folder
    /// that already has the seeds, starting with the one that reaches the most.
    fn keep(&self, target: &str, program: &Path, folder: &Path) -> Result<(), String> {
        let said = |path: &Path, e: std::io::Error| format!("{}: {e}", path.display());
        let (merged, kept) = (folder.join("merged"), self.corpora.join(target));
        let _not_there = fs::remove_dir_all(&merged);
        fs::create_dir_all(&merged).map_err(|e| said(&merged, e))?;
        let seeds = files(&folder.join("seeds"))?;
        for (_, path) in &seeds {
            let to = merged.join(path.file_name().unwrap_or_default());
            fs::copy(path, &to).map_err(|e| said(&to, e))?;
        }
        let output = Command::new(program)
            .args(BOUNDS)
            .args(["-set_cover_merge=1"])
            .args([&merged, &folder.join("corpus")])
            .args(Some(&kept).filter(|kept| kept.is_dir()))
            .stdin(Stdio::null())
            .output()
            .map_err(|e| said(program, e))?;
        if !output.status.success() {
            return Err(format!("inputs could not be merged ({})", output.status));
        }
        let added = files(&merged)?.into_iter();
        let added =
            added.filter(|(_, path)| seeds.iter().all(|(_, seed)| seed.file_name() != path.file_name()));
        let chosen = first(added.collect());
        let _not_there = fs::remove_dir_all(&kept);
        fs::create_dir_all(&kept).map_err(|e| said(&kept, e))?;
        for path in chosen {
            let to = kept.join(path.file_name().unwrap_or_default());
            fs::copy(&path, &to).map_err(|e| said(&to, e))?;
        }
        Ok(())
    }
}

/// The files of a folder and their lengths, in the order of their creation.
fn files(folder: &Path) -> Result<Vec<(u64, PathBuf)>, String> {
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let file = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry.ok()?;
        let metadata = entry.metadata().ok()?;
        Some((metadata.modified().ok()?, metadata.len(), entry.path()))
    };
    let mut files: Vec<_> = entries.filter_map(file).collect();
    files.sort();
    Ok(files.into_iter().map(|(_, length, path)| (length, path)).collect())
}

/// The first of these files, within the limits [`MOST_KEPT`] and [`KEPT`].
fn first(files: Vec<(u64, PathBuf)>) -> Vec<PathBuf> {
    let mut room = KEPT;
    let fits = |(length, path): (u64, PathBuf)| {
        room = room.checked_sub(length)?;
        Some(path)
    };
    files.into_iter().filter_map(fits).take(MOST_KEPT).collect()
}

/// The output of libFuzzer for a run without failure.
#[derive(Debug, Default, PartialEq, Eq)]
struct Figures {
    executions: u64,
    per_second: u64,
    peak_mb: u64,
    /// Edges taken; features also distinguish how often.
    edges: u64,
    features: u64,
    /// Inputs in the corpus.
    corpus: u64,
}

impl Figures {
    /// Parses the final statistics and the last line of progress before them.
    fn read(said: &str) -> Option<Self> {
        let number = |text: &str| -> Option<u64> {
            text.trim_start().split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
        };
        let statistic = |name: &str| said.lines().find_map(|line| number(line.strip_prefix(name)?));
        let progress = said.lines().rfind(|line| line.starts_with('#') && line.contains(" cov: "))?;
        let figure = |name: &str| number(progress.split_once(name)?.1);
        Some(Self {
            executions: statistic("stat::number_of_executed_units:")?,
            per_second: statistic("stat::average_exec_per_sec:")?,
            peak_mb: statistic("stat::peak_rss_mb:")?,
            edges: figure(" cov: ")?,
            features: figure(" ft: ")?,
            corpus: figure(" corp: ")?,
        })
    }

    fn tell(&self) -> String {
        let Self { per_second, peak_mb, edges, features, corpus, .. } = self;
        format!(
            "{per_second} executions/s, {edges} edges, {features} features, \
             {corpus} inputs kept, {peak_mb} MB"
        )
    }
}

/// The message of the panic or of libFuzzer, and how to reproduce the failure.
fn failure(output: &Output, said: &str, program: &Path, log: &Path) -> String {
    let mut detail = format!("ended with {}\n", output.status);
    let mut lines = said.lines();
    while let Some(line) = lines.next() {
        if line.contains(" panicked at ") {
            detail += &format!("{line}\n{}\n", lines.next().unwrap_or_default());
        } else if line.starts_with("SUMMARY: ") {
            detail += &format!("{line}\n");
        } else if let Some((_, input)) = line.split_once("Test unit written to ") {
            detail += &format!("again: {} {input}\n", program.display());
        }
    }
    detail + &format!("log: {}", log.display())
}

/// A program that runs models with loom, and prints one line for each.
struct Models {
    /// The name of the program, which begins each line. Its package has the same with `cairn-`.
    program: &'static str,
    subject: &'static str,
}

const MODELS: [Models; 2] = [
    Models { program: "cache-model", subject: "session cache" },
    Models { program: "halves-model", subject: "halves of a stream" },
];

impl Models {
    fn run(&self, context: &Context, work: &Path, built: &Path) -> Result<Vec<Row>, String> {
        let output = context
            .cargo()
            .current_dir(work)
            .args(["run", "--quiet", "--release", "--package", &format!("cairn-{}", self.program)])
            .arg("--target-dir")
            .arg(built)
            .output()
            .map_err(|e| format!("cargo could not be started in {}: {e}", work.display()))?;
        let said = String::from_utf8_lossy(&output.stdout);
        let mut rows: Vec<Row> = said.lines().filter_map(|line| self.row(line)).collect();
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let last: Vec<&str> = said.lines().rev().take(20).collect();
            let detail: String = last.into_iter().rev().map(|line| format!("{line}\n")).collect();
            rows.push(Row::new(self.subject, Outcome::Failed).counts(0, 1).detail(detail));
        }
        if rows.is_empty() { Err(format!("{} printed nothing", self.program)) } else { Ok(rows) }
    }

    fn row(&self, line: &str) -> Option<Row> {
        let (figures, name) = line.strip_prefix(self.program)?.strip_prefix(' ')?.split_once(" name=")?;
        let figure = |name: &str| {
            figures
                .split(' ')
                .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')?.parse::<u64>().ok())
        };
        let detail = match figure("bound") {
            Some(bound) => format!("interleavings with at most {bound} preemptions"),
            None => "all interleavings".to_owned(),
        };
        let interleavings = figure("interleavings")?;
        let outcome = if interleavings > 0 { Outcome::Passed } else { Outcome::Failed };
        let row = Row::new(format!("{}: {name}", self.subject), outcome);
        Some(row.counts(interleavings, 0).detail(detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "INFO: Seed: 1\n#2\tINITED cov: 9 ft: 9 corp: 1/1b exec/s: 0 rss: 30Mb\n\
        #4096\tpulse  cov: 120 ft: 340 corp: 17/2300b lim: 43 exec/s: 2048 rss: 41Mb\n\
        Done 5000 runs in 2 second(s)\nstat::number_of_executed_units: 5000\n\
        stat::average_exec_per_sec:     2500\n\
        stat::peak_rss_mb:              44\n";

    #[test]
    fn figures_are_those_of_the_last_progress_line_and_the_statistics() {
        let figures = Figures::read(SAID).unwrap();
        let wanted = Figures {
            executions: 5000,
            per_second: 2500,
            peak_mb: 44,
            edges: 120,
            features: 340,
            corpus: 17,
        };
        assert_eq!(figures, wanted);
        assert_eq!(figures.tell(), "2500 executions/s, 120 edges, 340 features, 17 inputs kept, 44 MB");
        assert_eq!(Figures::read("==1== ERROR: libFuzzer: deadly signal"), None);
    }

    #[test]
    fn first_inputs_are_kept_within_both_limits() {
        let file = |length: u64| (length, PathBuf::from(length.to_string()));
        let names = first(vec![file(20), file(KEPT), file(KEPT - 30), file(10)]);
        let wanted = [20, KEPT - 30, 10].map(|length| PathBuf::from(length.to_string()));
        assert_eq!(names, wanted);
        assert_eq!(first(vec![file(1); 2 * MOST_KEPT]).len(), MOST_KEPT);
    }

    #[test]
    fn target_is_selected_by_name() {
        let all = || vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(choose(all(), None), Ok(all()));
        assert_eq!(choose(all(), Some("b")), Ok(vec!["b".to_owned()]));
        assert!(choose(all(), Some("c")).unwrap_err().contains("a, b"));
    }

    #[test]
    fn model_becomes_a_row() {
        let [cache, halves] = MODELS;
        let row = cache.row("cache-model interleavings=120 bound=2 name=a, b").unwrap();
        assert_eq!((row.subject.as_str(), row.passed), ("session cache: a, b", 120));
        assert!(row.detail.contains('2'));
        assert!(cache.row("cache-model name=a").is_none() && cache.row("thread panicked").is_none());
        let row = halves.row("halves-model interleavings=7 name=a").unwrap();
        assert_eq!(
            (row.subject.as_str(), row.detail.as_str()),
            ("halves of a stream: a", "all interleavings")
        );
        assert!(halves.row("cache-model interleavings=7 name=a").is_none());
    }
}
