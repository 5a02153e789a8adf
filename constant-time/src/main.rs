//! Operations whose time must not depend on secrets, in a form that valgrind can check. `cargo xtask
//! conformance constant-time` runs them and evaluates the output of valgrind.
//!
//! ```text
//! cairn-constant-time list                 what there is, as JSON, one line each
//! cairn-constant-time run SUBJECT          each variant twice, the second time counted by callgrind
//! cairn-constant-time once SUBJECT         each variant once, its secrets marked for memcheck
//! ```

mod binder;
mod cbc;
mod control;
mod equality;
mod exponent;
mod finished;
mod generator;
mod header_protection;
mod ml_kem;
mod premaster;
mod subject;
mod ticket;
mod valgrind;

use std::process::ExitCode;
use subject::{Fault, Subject};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = subjects().and_then(|subjects| match arguments[..] {
        ["list"] => {
            subjects.iter().for_each(|subject| println!("{}", subject.to_json()));
            Ok(())
        }
        ["run", name] => find(&subjects, name)?.run(),
        ["once", name] => find(&subjects, name)?.run_once(),
        _ => Err("list, run SUBJECT or once SUBJECT".into()),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("error: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn subjects() -> Result<Vec<Subject>, Fault> {
    let mut subjects = vec![control::branch(), control::index()];
    subjects.extend(cbc::subjects());
    subjects.push(premaster::subject()?);
    subjects.push(exponent::subject());
    subjects.extend(ml_kem::subjects());
    subjects.extend(equality::subjects());
    subjects.push(finished::subject());
    subjects.extend(binder::subjects());
    subjects.extend(ticket::subjects());
    subjects.extend(header_protection::subjects());
    Ok(subjects)
}

fn find<'s>(subjects: &'s [Subject], name: &str) -> Result<&'s Subject, Fault> {
    subjects.iter().find(|subject| subject.name == name).ok_or_else(|| format!("no subject {name}").into())
}
