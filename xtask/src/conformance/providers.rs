//! Runs the handshake tests with each provider on each side. `cargo test` uses one provider on both sides;
//! here the other three pairs follow. The providers are selected by environment variables at run time, so
//! nothing is rebuilt.

use std::process::Stdio;

use super::suite::{Context, Outcome, Row, Suite};

pub(super) const SUITE: Suite = Suite {
    name: "providers",
    about: "every handshake test with each cryptographic provider on each side",
    case: "a test that ran with this pair of providers",
    needs: &[],
    run,
};

/// Client and server. `cargo test` runs `aws-lc` on both sides.
const PAIRS: [&str; 3] = ["aws-lc,rustcrypto", "rustcrypto,aws-lc", "rustcrypto,rustcrypto"];

/// The tests with handshakes.
const TESTS: [(&str, &[&str]); 2] = [
    ("cairn-handshake", &["test", "--package", "cairn-handshake", "--tests"]),
    ("cairn-tls", &["test", "--package", "cairn-tls", "--test", "connections"]),
];

fn run(context: &Context) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for pair in PAIRS {
        for (name, arguments) in TESTS {
            let output = context
                .cargo()
                .args(arguments)
                .arg("--no-fail-fast")
                .env("CAIRN_TEST_PROVIDERS", pair)
                .stderr(Stdio::inherit())
                .output()
                .map_err(|e| format!("the tests could not be started: {e}"))?;
            let (client, server) = pair.split_once(',').unwrap_or((pair, pair));
            let subject = format!("{name}: client {client}, server {server}");
            rows.push(row(subject, &String::from_utf8_lossy(&output.stdout), output.status.success()));
        }
    }
    Ok(rows)
}

/// Converts the output of the test harness to a row.
fn row(subject: String, printed: &str, success: bool) -> Row {
    let (mut passed, mut failed) = (0, 0);
    for line in printed.lines().filter(|line| line.starts_with("test result: ")) {
        passed += before(line, " passed");
        failed += before(line, " failed");
    }
    let names = printed.lines().filter(|line| line.starts_with("test ") && line.ends_with("FAILED"));
    let names: Vec<&str> = names.collect();
    let good = success && failed == 0 && passed > 0;
    let outcome = if good { Outcome::Passed } else { Outcome::Failed };
    Row::new(subject, outcome).counts(passed, failed).detail(names.join("\n"))
}

/// The number before a word.
fn before(line: &str, word: &str) -> u64 {
    let number = line.split(word).next().and_then(|start| start.rsplit(' ').next());
    number.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_the_harness_are_added_up() {
        let printed = "running 3 tests\ntest a ... ok\ntest b ... FAILED\n\
            test result: FAILED. 12 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n\
            test result: ok. 30 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        let got = row("x".to_owned(), printed, false);
        assert_eq!(got, Row::new("x", Outcome::Failed).counts(42, 1).detail("test b ... FAILED"));
    }

    #[test]
    fn no_tests_are_not_a_success() {
        assert_eq!(row("x".to_owned(), "", true).outcome, Outcome::Failed);
        let good = "test result: ok. 1 passed; 0 failed;\n";
        assert_eq!(row("x".to_owned(), good, true).outcome, Outcome::Passed);
        assert_eq!(row("x".to_owned(), good, false).outcome, Outcome::Failed);
    }
}
