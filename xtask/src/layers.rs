//! `cargo xtask layers`: the table of layers, and the one rule about it.
//!
//! A crate rests on lower layers only, never sideways, never up. [`LIST`] is the rule spelled out: every crate of
//! ours, and every crate of ours that it may name as a normal or build dependency. Whoever wants another edge changes
//! the list, where a reader of the change sees it. Dev-dependencies are exempt: tests may use what they like.

use core::cmp::Ordering;
use core::fmt::{self, Write as _};
use std::fs;

use crate::house_rules::{declares_no_std, inherits_workspace_lints};
use crate::workspace::{Edge, Kind, Member, Workspace};

/// Where the list stands, for messages.
const WHERE: &str = "the list of allowed edges is LIST in xtask/src/layers.rs";

/// Every crate of ours, bottom up, with what it may rest on. Some do not exist yet.
const LIST: &[Entry] = &[
    layer(1, "cairn-wire", &[]),
    layer(2, "cairn-crypto", &["cairn-wire"]),
    layer(3, "cairn-schedule", &["cairn-wire", "cairn-crypto"]),
    layer(4, "cairn-handshake", &["cairn-wire", "cairn-crypto", "cairn-schedule"]),
    layer(5, "cairn-session", &["cairn-wire", "cairn-crypto", "cairn-schedule", "cairn-handshake"]),
    layer(6, "cairn-record", &["cairn-wire", "cairn-crypto", "cairn-schedule"]),
    Entry {
        // Behind features: whoever brings another provider compiles none of ours.
        only_optional: &["cairn-provider-aws-lc", "cairn-provider-rustcrypto"],
        ..layer(
            7,
            "cairn-tls",
            &[
                "cairn-wire",
                "cairn-crypto",
                "cairn-schedule",
                "cairn-handshake",
                "cairn-session",
                "cairn-record",
                "cairn-x509",
            ],
        )
    },
    Entry { no_std: true, ..beside(2, "cairn-x509", &["cairn-wire", "cairn-crypto"]) },
    // What both providers need, so that neither rests on the other.
    Entry { place: Place::Beneath(2), no_std: true, ..beside(2, "cairn-provider-parts", &["cairn-crypto"]) },
    beside(2, "cairn-provider-aws-lc", &["cairn-wire", "cairn-crypto", "cairn-provider-parts"]),
    Entry {
        no_std: true,
        ..beside(2, "cairn-provider-rustcrypto", &["cairn-wire", "cairn-crypto", "cairn-provider-parts"])
    },
    beside(
        3,
        "cairn-provider-check",
        // The providers to hold another one against.
        &[
            "cairn-wire",
            "cairn-crypto",
            "cairn-schedule",
            "cairn-provider-aws-lc",
            "cairn-provider-rustcrypto",
        ],
    ),
    beside(
        7,
        "cairn-cli",
        // `decode` reads the wire with no connection. What else it shows of the stack, cairn-tls re-exports.
        &["cairn-wire", "cairn-crypto", "cairn-tls", "cairn-x509", "cairn-provider-aws-lc"],
    ),
    beside(7, "cairn-bogo-shim", &["cairn-tls", "cairn-provider-aws-lc"]),
    Entry { place: Place::Outside, may: May::Anything, ..beside(7, "cairn-benches", &[]) },
    Entry {
        place: Place::Outside,
        may: May::Anything,
        // It asks valgrind, which takes a piece of assembly: its Cargo.toml says which lint is another, and why.
        own_lints: true,
        ..beside(7, "cairn-constant-time", &[])
    },
    // A small machine: the connection and the one provider that needs no operating system.
    Entry {
        place: Place::Outside,
        no_std: true,
        ..beside(7, "cairn-no-std-example", &["cairn-crypto", "cairn-tls", "cairn-provider-rustcrypto"])
    },
    Entry { place: Place::Outside, ..beside(7, "xtask", &[]) },
];

/// What the list says about one crate.
#[derive(Debug)]
struct Entry {
    name: &'static str,
    place: Place,
    may: May,
    /// Allowed too, but only as optional dependencies.
    only_optional: &'static [&'static str],
    /// Its `lib.rs` must carry `#![no_std]`.
    no_std: bool,
    /// It has lints of its own in place of the workspace's. For what is not shipped only.
    own_lints: bool,
}

/// On which crates of ours a crate may depend.
#[derive(Debug)]
enum May {
    Only(&'static [&'static str]),
    Anything,
}

/// Where in the house a crate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// A layer of the stack.
    Layer(u8),
    /// Around the stack, resting on this layer.
    Beside(u8),
    /// The same, and beneath what else stands beside this layer: its parts.
    Beneath(u8),
    /// Serves the project, is not shipped.
    Outside,
}

const fn layer(number: u8, name: &'static str, may: &'static [&'static str]) -> Entry {
    let place = Place::Layer(number);
    Entry { name, place, may: May::Only(may), only_optional: &[], no_std: true, own_lints: false }
}

const fn beside(number: u8, name: &'static str, may: &'static [&'static str]) -> Entry {
    let place = Place::Beside(number);
    Entry { name, place, may: May::Only(may), only_optional: &[], no_std: false, own_lints: false }
}

impl Place {
    /// Orders places: a crate beside a layer stands above that layer and below the next.
    fn height(self) -> u16 {
        match self {
            Self::Layer(number) => u16::from(number) * 3,
            Self::Beneath(number) => u16::from(number) * 3 + 1,
            Self::Beside(number) => u16::from(number) * 3 + 2,
            Self::Outside => u16::MAX,
        }
    }

    /// What the first column of the table says.
    fn label(self) -> String {
        match self {
            Self::Layer(number) => number.to_string(),
            Self::Beside(number) | Self::Beneath(number) => format!("on {number}"),
            Self::Outside => "-".to_owned(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layer(number) => write!(f, "layer {number}"),
            Self::Beside(number) => write!(f, "beside the stack, on layer {number}"),
            Self::Beneath(number) => write!(f, "beside the stack, on layer {number}, beneath the others"),
            Self::Outside => f.write_str("outside the stack"),
        }
    }
}

impl Entry {
    fn of(name: &str) -> Option<&'static Self> {
        LIST.iter().find(|entry| entry.name == name)
    }

    /// Judges one edge from this crate; the error says why it is not allowed.
    fn judge(&self, edge: &Edge) -> Result<(), String> {
        let to = edge.to.as_str();
        if edge.kind == Kind::Dev || self.allows(to) {
            return Ok(());
        }
        if self.only_optional.contains(&to) {
            return if edge.optional {
                Ok(())
            } else {
                Err("it is allowed as an optional dependency only".to_owned())
            };
        }
        let Some(target) = Self::of(to) else {
            return Err(format!("{to} is not in the list"));
        };
        let (here, there) = (self.place, target.place);
        Err(match there.height().cmp(&here.height()) {
            Ordering::Greater => format!("it goes up ({here} to {there})"),
            Ordering::Equal => format!("it goes sideways ({here})"),
            Ordering::Less => "it goes down, but the list does not name it".to_owned(),
        })
    }

    fn allows(&self, to: &str) -> bool {
        match self.may {
            May::Only(names) => names.contains(&to),
            May::Anything => true,
        }
    }
}

/// Prints the table and holds the workspace against the list and the rules about a crate's own files.
///
/// # Errors
///
/// Every fault in words, one a line, or why the workspace could not be read.
pub(crate) fn run() -> Result<(), String> {
    let workspace = Workspace::load()?;
    print!("{}", table(&workspace));

    let mut faults = faults(&workspace);
    for member in &workspace.members {
        faults.extend(faults_in_files(member)?);
    }
    if faults.is_empty() {
        println!("Every edge is allowed; lints are inherited and no_std is declared wherever they must be.");
        return Ok(());
    }
    Err(format!("{} against the rule of the layers:\n  - {}\n({WHERE})", faults.len(), faults.join("\n  - ")))
}

/// Every crate that needs no `std`, bottom up.
pub(crate) fn no_std_crates() -> impl Iterator<Item = &'static str> {
    let mut crates: Vec<&Entry> = LIST.iter().filter(|entry| entry.no_std).collect();
    crates.sort_by_key(|entry| entry.place.height());
    crates.into_iter().map(|entry| entry.name)
}

/// What the graph of our crates does against the list.
fn faults(workspace: &Workspace) -> Vec<String> {
    let mut faults = Vec::new();
    for member in &workspace.members {
        let Some(entry) = Entry::of(&member.name) else {
            faults.push(format!(
                "{} ({}) is a crate of ours that is not in the list",
                member.name, member.folder
            ));
            continue;
        };
        for edge in &member.edges {
            if let Err(why) = entry.judge(edge) {
                let (Member { name, folder, .. }, Edge { to, .. }) = (member, edge);
                let kind = if edge.kind == Kind::Build { "build-dependency" } else { "dependency" };
                faults.push(format!("{name} -> {to} ({kind} in {folder}/Cargo.toml) is not allowed: {why}"));
            }
        }
    }
    faults
}

/// What a crate's own files do against the rules.
fn faults_in_files(member: &Member) -> Result<Vec<String>, String> {
    let read = |path| fs::read_to_string(path).map_err(|e| format!("{}: {e}", member.name));
    let mut faults = Vec::new();
    let own_lints = Entry::of(&member.name).is_some_and(|entry| entry.own_lints);
    if !own_lints && !inherits_workspace_lints(&read(&member.manifest)?) {
        faults.push(format!("{}/Cargo.toml does not say `[lints] workspace = true`", member.folder));
    }
    if Entry::of(&member.name).is_some_and(|entry| entry.no_std) {
        match &member.lib {
            None => faults.push(format!("{} has no library", member.name)),
            Some(lib) if declares_no_std(&read(lib)?) => {}
            Some(_) => faults.push(format!("the lib.rs of {} does not carry `#![no_std]`", member.name)),
        }
    }
    Ok(faults)
}

/// The table, top down: the stack first, then what stands around it, then crates that the list does not know.
fn table(workspace: &Workspace) -> String {
    let find = |name: &str| workspace.members.iter().find(|member| member.name == name);
    let mut rows = vec![["layer", "crate", "folder", "external", "rests on"].map(str::to_owned)];
    let mut missing = Vec::new();
    let (stack, around): (Vec<&Entry>, _) = LIST.iter().partition(|e| matches!(e.place, Place::Layer(_)));
    for entry in stack.into_iter().rev().chain(around) {
        match find(entry.name) {
            Some(member) => rows.push(row(member, Some(entry))),
            None => missing.push(entry.name),
        }
    }
    rows.extend(workspace.members.iter().filter(|m| Entry::of(&m.name).is_none()).map(|m| row(m, None)));

    let mut out = String::new();
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(String::len).max().unwrap_or(0);
    let (layers, crates, folders, externals) = (width(0), width(1), width(2), width(3));
    for [layer, name, folder, external, edges] in &rows {
        let line =
            format!("{layer:<layers$}  {name:<crates$}  {folder:<folders$}  {external:<externals$}  {edges}");
        // Writing to a String does not fail.
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out.push_str(
        "\nexternal: direct dependencies on crates from elsewhere, normal and build (+ for tests only)\n",
    );
    if !missing.is_empty() {
        let _ = writeln!(out, "in the list, but not there yet: {}", missing.join(", "));
    }
    out
}

fn row(member: &Member, entry: Option<&Entry>) -> [String; 5] {
    let edges: Vec<String> = member
        .edges
        .iter()
        .map(|edge| {
            let name = edge.to.strip_prefix("cairn-").unwrap_or(&edge.to);
            let verdict = match entry.map(|entry| entry.judge(edge)) {
                _ if edge.kind == Kind::Dev => "exempt (dev)",
                Some(Ok(())) if edge.optional => "ok (optional)",
                Some(Ok(())) => "ok",
                Some(Err(_)) => "NOT ALLOWED",
                None => "not judged",
            };
            format!("{name} {verdict}")
        })
        .collect();
    [
        entry.map_or_else(|| "?".to_owned(), |entry| entry.place.label()),
        member.name.clone(),
        member.folder.clone(),
        format!("{} (+{})", member.external, member.external_dev),
        if edges.is_empty() { "-".to_owned() } else { edges.join(", ") },
    ]
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use serde_json::{Value, json};

    use super::{Entry, LIST, May, Place, faults, no_std_crates, table};
    use crate::workspace::Workspace;

    /// A dependency on a crate of ours, as `cargo metadata` would tell it.
    fn on(name: &str, kind: Option<&str>, optional: bool) -> Value {
        json!({ "name": name, "kind": kind, "optional": optional, "path": format!("/house/crates/{name}") })
    }

    fn from_elsewhere(name: &str, kind: Option<&str>) -> Value {
        json!({ "name": name, "kind": kind, "optional": false, "source": "registry+https://example.org" })
    }

    fn package(name: &str, dependencies: &[Value]) -> Value {
        let folder = format!("/house/crates/{}", name.trim_start_matches("cairn-"));
        json!({
            "name": name,
            "manifest_path": format!("{folder}/Cargo.toml"),
            "targets": [{ "kind": ["lib"], "src_path": format!("{folder}/src/lib.rs") }],
            "dependencies": dependencies,
        })
    }

    fn workspace(packages: &[Value]) -> Workspace {
        Workspace::from_metadata(&json!({ "workspace_root": "/house", "packages": packages })).unwrap()
    }

    fn faults_of(name: &str, dependencies: &[Value]) -> Vec<String> {
        faults(&workspace(&[package(name, dependencies)]))
    }

    #[test]
    fn a_workspace_that_keeps_the_rule_has_no_faults() {
        let workspace = workspace(&[
            package("cairn-wire", &[]),
            package("cairn-crypto", &[on("cairn-wire", None, false), from_elsewhere("subtle", None)]),
            package("cairn-schedule", &[on("cairn-wire", None, false), on("cairn-crypto", None, false)]),
            package("cairn-tls", &[on("cairn-x509", None, false), on("cairn-provider-aws-lc", None, true)]),
        ]);
        assert_eq!(faults(&workspace), [""; 0]);
    }

    #[test]
    fn an_edge_up_is_a_fault_that_says_so() {
        assert_eq!(
            faults_of("cairn-schedule", &[on("cairn-handshake", None, false)]),
            ["cairn-schedule -> cairn-handshake (dependency in crates/schedule/Cargo.toml) is not allowed: \
              it goes up (layer 3 to layer 4)"]
        );
        // What stands beside a layer is above it.
        assert!(
            faults_of("cairn-crypto", &[on("cairn-x509", None, false)])[0].contains("it goes up (layer 2 to")
        );
    }

    #[test]
    fn an_edge_sideways_is_a_fault_that_says_so() {
        assert_eq!(
            faults_of("cairn-x509", &[on("cairn-provider-aws-lc", Some("build"), false)]),
            [
                "cairn-x509 -> cairn-provider-aws-lc (build-dependency in crates/x509/Cargo.toml) is not allowed: \
              it goes sideways (beside the stack, on layer 2)"
            ]
        );
    }

    #[test]
    fn an_edge_down_that_the_list_does_not_name_is_a_fault() {
        assert!(
            faults_of("cairn-record", &[on("cairn-handshake", None, false)])[0].contains("it goes down, but")
        );
    }

    #[test]
    fn an_optional_edge_must_stay_optional() {
        assert_eq!(faults_of("cairn-tls", &[on("cairn-provider-aws-lc", None, true)]), [""; 0]);
        assert!(faults_of("cairn-tls", &[on("cairn-provider-aws-lc", None, false)])[0].contains("optional"));
    }

    #[test]
    fn a_crate_that_is_not_in_the_list_is_a_fault_at_either_end() {
        assert_eq!(
            faults_of("cairn-quic", &[on("cairn-wire", None, false)]),
            ["cairn-quic (crates/quic) is a crate of ours that is not in the list"]
        );
        assert!(
            faults_of("cairn-tls", &[on("cairn-quic", None, false)])[0]
                .ends_with("cairn-quic is not in the list")
        );
    }

    #[test]
    fn dev_dependencies_are_exempt() {
        assert_eq!(faults_of("cairn-wire", &[on("cairn-tls", Some("dev"), false)]), [""; 0]);
        // But do not cover for the same edge as a normal dependency.
        let both = [on("cairn-tls", Some("dev"), false), on("cairn-tls", None, false)];
        assert_eq!(faults_of("cairn-wire", &both).len(), 1);
    }

    #[test]
    fn a_member_is_ours_without_a_path_too() {
        let workspace = workspace(&[
            package("cairn-wire", &[from_elsewhere("cairn-crypto", None)]),
            package("cairn-crypto", &[]),
        ]);
        assert_eq!(faults(&workspace).len(), 1);
    }

    #[test]
    fn benches_may_use_anything_and_nobody_may_use_them() {
        assert_eq!(faults_of("cairn-benches", &[on("cairn-cli", None, false)]), [""; 0]);
        assert_eq!(faults_of("cairn-cli", &[on("cairn-benches", None, false)]).len(), 1);
    }

    #[test]
    fn the_table_shows_edges_and_counts() {
        let workspace = workspace(&[package(
            "cairn-wire",
            &[
                on("cairn-tls", None, false),
                on("cairn-record", Some("dev"), false),
                from_elsewhere("subtle", None),
                from_elsewhere("subtle", Some("dev")),
                from_elsewhere("cc", Some("build")),
                from_elsewhere("proptest", Some("dev")),
            ],
        )]);
        let table = table(&workspace);
        let row = table.lines().find(|line| line.contains("cairn-wire ")).unwrap();
        let cells: Vec<&str> = row.split("  ").filter(|cell| !cell.is_empty()).map(str::trim).collect();
        assert_eq!(
            cells,
            ["1", "cairn-wire", "crates/wire", "2 (+1)", "record exempt (dev), tls NOT ALLOWED"]
        );
        assert!(table.contains("not there yet: "));
    }

    #[test]
    fn metadata_of_another_shape_is_refused_in_words() {
        let odd = json!({ "workspace_root": "/house", "packages": [{ "name": "cairn-wire" }] });
        assert_eq!(Workspace::from_metadata(&odd).unwrap_err(), "cargo metadata: no text \"manifest_path\"");
    }

    #[test]
    fn the_list_itself_goes_down_only() {
        let mut seen = BTreeSet::new();
        for entry in LIST {
            assert!(!entry.own_lints || entry.place == Place::Outside, "{} is shipped", entry.name);
            assert!(seen.insert(entry.name), "{} stands twice", entry.name);
            let May::Only(names) = entry.may else { continue };
            for to in names.iter().chain(entry.only_optional) {
                let target =
                    Entry::of(to).unwrap_or_else(|| panic!("{} names {to}, which is not there", entry.name));
                assert!(
                    target.place.height() < entry.place.height(),
                    "{} -> {to} does not go down",
                    entry.name
                );
            }
        }
    }

    #[test]
    fn what_needs_no_std_is_built_bottom_up() {
        let crates: Vec<_> = no_std_crates().collect();
        let at = |name| crates.iter().position(|other| *other == name).unwrap();
        assert_eq!((at("cairn-wire"), at("cairn-no-std-example")), (0, crates.len() - 1));
        assert!(at("cairn-record") < at("cairn-tls"));
        assert!(at("cairn-provider-parts") < at("cairn-provider-rustcrypto"));
        assert!(at("cairn-provider-rustcrypto") < at("cairn-schedule"));
        assert!(!crates.contains(&"cairn-provider-aws-lc"));
    }

    #[test]
    fn parts_stand_beneath_the_providers() {
        let parts = on("cairn-provider-parts", None, false);
        assert_eq!(faults_of("cairn-provider-aws-lc", core::slice::from_ref(&parts)), [""; 0]);
        assert!(faults_of("cairn-x509", core::slice::from_ref(&parts))[0].contains("it goes down, but"));
        assert!(
            faults_of("cairn-provider-parts", &[on("cairn-x509", None, false)])[0].contains("it goes up (")
        );
        assert!(faults_of("cairn-crypto", &[parts])[0].contains("it goes up (layer 2 to"));
    }
}
