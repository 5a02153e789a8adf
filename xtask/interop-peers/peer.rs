//! The arguments and the output of the peers in Rust, each of which has this file as a module. See
//! `README.md`.

use std::collections::HashMap;
use std::error::Error;
use std::io::{self, BufRead};
use std::time::Duration;

pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// The time limit for a connection.
pub const PATIENCE: Duration = Duration::from_secs(15);

pub struct Words(HashMap<String, String>);

impl Words {
    fn parse<T: AsRef<str>>(words: impl IntoIterator<Item = T>) -> Self {
        let pair = |word: T| {
            let (name, value) = word.as_ref().split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        };
        Self(words.into_iter().filter_map(pair).collect())
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub fn list(&self, name: &str) -> Vec<&str> {
        self.get(name).map(|list| list.split(',').collect()).unwrap_or_default()
    }

    /// A client's request.
    pub fn request(&self) -> String {
        format!("GET {} HTTP/1.0\r\n\r\n", self.get("path").unwrap_or_default())
    }
}

/// Prints what was negotiated.
pub fn report(is_tls13: bool, suite: &str, is_resumed: bool) {
    let (version, resumed) = (if is_tls13 { "1.3" } else { "1.2" }, if is_resumed { "yes" } else { "no" });
    println!("negotiated: version={version} suite={suite} resumed={resumed}");
}

/// Does what the program's arguments ask for: prints the names of the cipher suites, serves with `listen`, or
/// connects for each line of input. `failure` is the word for an error, `failed` or `absent`.
pub fn run<S: AsRef<str>>(
    suites: impl IntoIterator<Item = S>,
    listen: impl Fn(&Words) -> Outcome<()>,
    connect: impl Fn(&Words) -> Outcome<String>,
    failure: fn(&(dyn Error + 'static)) -> &'static str,
) {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("suites") => suites.into_iter().for_each(|name| println!("{}", name.as_ref())),
        Some("server") => {
            if let Err(error) = listen(&Words::parse(&arguments)) {
                println!("{}: {error}", failure(&*error));
                std::process::exit(1);
            }
        }
        _ => {
            for line in io::stdin().lock().lines().map_while(Result::ok) {
                match connect(&Words::parse(line.split(' '))) {
                    Ok(page) => {
                        page.lines().for_each(|line| println!("| {line}"));
                        println!("ok");
                    }
                    Err(error) => println!("{}: {error}", failure(&*error)),
                }
            }
        }
    }
}
