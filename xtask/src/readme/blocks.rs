//! The Rust code blocks of the documentation, as programs.

use std::path::Path;
use std::{fs, io};

/// One Rust code block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// The file, relative to the workspace's root.
    pub(super) file: String,
    /// The line on which its code starts.
    pub(super) line: usize,
    /// Its text, verbatim, including the lines that rustdoc hides.
    pub(super) code: String,
}

/// The role of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The client of a pair.
    Client,
    /// The server of a pair.
    Server,
    /// Both sides, so that it runs alone.
    Both,
}

impl Block {
    /// Its role, if it is a program with a client or a server.
    pub(super) fn part(&self) -> Option<Part> {
        let has = |calls: [&str; 3]| calls.into_iter().any(|call| self.code.contains(call));
        if !self.code.contains("fn main()") {
            return None;
        }
        let is_client = has(["Stream::client(", "TlsConnector::new(", "QuicClientConfig::new("]);
        let is_server = has(["Stream::server(", "TlsAcceptor::new(", "QuicServerConfig::new("]);
        match (is_client, is_server) {
            (true, true) => Some(Part::Both),
            (true, false) => Some(Part::Client),
            (false, true) => Some(Part::Server),
            (false, false) => None,
        }
    }

    /// Whether the program runs on an async runtime.
    pub(super) fn is_async(&self) -> bool {
        self.code.contains("async fn main()")
    }

    /// The program: the block as it is, or wrapped in `main` if it has none, like rustdoc does.
    pub(super) fn program(&self) -> String {
        if self.code.contains("fn main()") {
            self.code.clone()
        } else {
            format!("fn main() {{\n{}\n}}\n", self.code)
        }
    }
}

/// All Rust code blocks in the README, in the pages of `docs`, and in the documentation of the crates
/// `cairn-tls` and `cairn-tokio`.
pub(super) fn all(root: &Path) -> Result<Vec<Block>, String> {
    let mut files =
        ["README.md", "crates/tls/src/lib.rs", "crates/tokio/src/lib.rs"].map(str::to_owned).to_vec();
    let failed = |e: io::Error| format!("docs cannot be listed: {e}");
    for entry in fs::read_dir(root.join("docs")).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension().is_some_and(|ending| ending == "md") {
            files.push(format!("docs/{name}"));
        }
    }
    files.sort();
    let mut blocks = Vec::new();
    for file in files {
        let text = fs::read_to_string(root.join(&file)).map_err(|e| format!("{file} cannot be read: {e}"))?;
        blocks.extend(of_text(&file, &text));
    }
    Ok(blocks)
}

/// The blocks of one file: a page, or the documentation at the head of a source file.
fn of_text(file: &str, text: &str) -> Vec<Block> {
    let is_source = file.ends_with(".rs");
    let mut blocks = Vec::new();
    let mut open: Option<Option<Block>> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let line = match (is_source, line.strip_prefix("//!")) {
            (true, Some(text)) => text.strip_prefix(' ').unwrap_or(text),
            // The crate documentation ends here.
            (true, None) => break,
            (false, _) => line,
        };
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => {
                let block = Block { file: file.to_owned(), line: number + 1, code: String::new() };
                open = Some(is_runnable(language, is_source).then_some(block));
            }
            (Some(block), Some("")) => {
                blocks.extend(block.take());
                open = None;
            }
            (Some(Some(block)), _) => {
                block.code += visible(line);
                block.code.push('\n');
            }
            _ => {}
        }
    }
    blocks
}

/// Returns `true` if a block with these attributes contains Rust code that compiles. In a source file this
/// includes blocks without attributes.
fn is_runnable(language: &str, is_source: bool) -> bool {
    let words: Vec<&str> = language.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    let is_rust = words.contains(&"rust")
        || (is_source && words.iter().all(|word| matches!(*word, "no_run" | "should_panic")));
    is_rust && !words.iter().any(|word| matches!(*word, "ignore" | "compile_fail"))
}

/// A line as the compiler sees it: rustdoc hides those that start with `# `.
fn visible(line: &str) -> &str {
    let text = line.trim_start();
    if text == "#" { "" } else { text.strip_prefix("# ").unwrap_or(line) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# A page\n```rust,no_run\nlet a = 1;\n# let hidden = 2;\n```\ntext\n```sh\nls\n```\n\
                        ```rust,ignore\nnot this\n```\n";

    #[test]
    fn page_has_blocks_with_their_hidden_lines() {
        let blocks = of_text("page.md", PAGE);
        assert_eq!(blocks.len(), 1);
        assert_eq!((blocks[0].line, blocks[0].code.as_str()), (3, "let a = 1;\nlet hidden = 2;\n"));
        assert!(blocks[0].program().starts_with("fn main() {\nlet a"));
    }

    #[test]
    fn a_program_with_both_sides_is_neither_client_nor_server() {
        let part = |code: &str| {
            let code = format!("async fn main() {{ {code} }}");
            Block { file: String::new(), line: 1, code }.part()
        };
        assert_eq!(part("TlsConnector::new(a)"), Some(Part::Client));
        assert_eq!(part("TlsAcceptor::new(a)"), Some(Part::Server));
        assert_eq!(part("TlsAcceptor::new(a); TlsConnector::new(b)"), Some(Part::Both));
        assert_eq!(part("other()"), None);
    }

    #[test]
    fn source_file_has_the_blocks_of_its_head() {
        let source = "//! Text.\n//!\n//! ```no_run\n//! fn main() {}\n//! ```\n\
                      //! ```text\n//! no\n//! ```\n#![no_std]\n\
                      //! ```\n//! later\n//! ```\n";
        let blocks = of_text("lib.rs", source);
        assert_eq!(blocks.len(), 1);
        assert_eq!(blocks[0].program(), "fn main() {}\n");
    }
}
