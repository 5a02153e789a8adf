//! Rules for the files of a crate: it inherits the workspace's lints, declares whether it needs `std`, and
//! tests the examples of its README.
//!
//! `cargo metadata` provides none of this, so the files are read. Each rule accepts only one spelling, and
//! comments do not count.

/// Returns `true` if a `Cargo.toml` inherits the lints of the workspace.
pub(crate) fn inherits_workspace_lints(manifest: &str) -> bool {
    let mut table = String::new();
    for line in manifest.lines() {
        let line: String = line.split('#').next().unwrap_or_default().split_whitespace().collect();
        if line.starts_with('[') {
            table = line;
        } else if matches!(
            (table.as_str(), line.as_str()),
            ("[lints]", "workspace=true") | ("", "lints.workspace=true" | "lints={workspace=true}")
        ) {
            return true;
        }
    }
    false
}

/// Returns `true` if the root file of a library contains `#![no_std]`, unconditionally and on its own line.
pub(crate) fn declares_no_std(source: &str) -> bool {
    source.lines().any(|line| line.trim_end() == "#![no_std]")
}

/// Returns `true` if the examples of a README are tested as documentation of the library, or if it has none.
pub(crate) fn tests_its_readme(readme: &str, lib: &str) -> bool {
    const INCLUDED: &str = "#[doc = include_str!(\"../README.md\")]";
    let has_examples = readme.lines().any(|line| line.starts_with("```rust"));
    !has_examples || lib.lines().any(|line| line.trim_end() == INCLUDED)
}

#[cfg(test)]
mod tests {
    use super::{declares_no_std, inherits_workspace_lints, tests_its_readme};

    #[test]
    fn examples_of_a_readme_need_a_test() {
        let (example, included) =
            ("# A\n\n```rust,no_run\nf();\n```\n", "#[doc = include_str!(\"../README.md\")]\n");
        assert!(!tests_its_readme(example, "mod a;\n"));
        assert!(!tests_its_readme(example, &format!("// {included}")));
        assert!(tests_its_readme(example, included));
        assert!(tests_its_readme("# A\n\n```sh\nls\n```\n", "mod a;\n"));
    }

    #[test]
    fn inherited_lints_are_recognized() {
        assert!(inherits_workspace_lints("[package]\nname = \"a\"\n\n[lints]\nworkspace = true # all\n"));
        assert!(inherits_workspace_lints("[ lints ]\nworkspace=true\n"));
        assert!(inherits_workspace_lints("lints.workspace = true\n[package]\n"));
    }

    #[test]
    fn own_lints_are_not_inherited() {
        assert!(!inherits_workspace_lints("[package]\nname = \"a\"\n"));
        assert!(!inherits_workspace_lints("[lints]\n# workspace = true\n"));
        assert!(!inherits_workspace_lints("[lints]\nworkspace = false\n"));
        assert!(!inherits_workspace_lints("[lints]\n[dependencies.serde]\nworkspace = true\n"));
        assert!(!inherits_workspace_lints("[lints.rust]\nunsafe_code = \"allow\"\n"));
    }

    #[test]
    fn no_std_in_a_comment_does_not_count() {
        assert!(declares_no_std("//! A crate.\n#![no_std]\nextern crate alloc;\n"));
        assert!(declares_no_std("#![no_std]\r\n"));
        assert!(!declares_no_std("//! `#![no_std]`\n"));
        assert!(!declares_no_std("// #![no_std]\n"));
        assert!(!declares_no_std("//! ```\n//! #![no_std]\n//! ```\n"));
        assert!(!declares_no_std("#![cfg_attr(not(feature = \"std\"), no_std)]\n"));
    }
}
