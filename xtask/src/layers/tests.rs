//! Tests of the rules about dependencies, and of the list.

use alloc::collections::BTreeSet;

use serde_json::{Value, json};

use super::list::{Entry, LIST, May, Place};
use super::{faults, no_std_crates, table};
use crate::workspace::Workspace;

/// A dependency on a workspace crate in the format of `cargo metadata`.
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
fn valid_workspace_has_no_faults() {
    let workspace = workspace(&[
        package("cairn-wire", &[]),
        package("cairn-crypto", &[on("cairn-wire", None, false), from_elsewhere("subtle", None)]),
        package("cairn-schedule", &[on("cairn-wire", None, false), on("cairn-crypto", None, false)]),
        package("cairn-config", &[on("cairn-x509", None, false), on("cairn-provider-aws-lc", None, true)]),
    ]);
    assert_eq!(faults(&workspace), [""; 0]);
}

#[test]
fn dependency_on_a_higher_layer_is_a_fault() {
    assert_eq!(
        faults_of("cairn-schedule", &[on("cairn-handshake", None, false)]),
        ["cairn-schedule -> cairn-handshake (dependency in crates/schedule/Cargo.toml) is not allowed: \
          it goes up (layer 3 to layer 4)"]
    );
    // A crate beside a layer is above that layer.
    assert!(
        faults_of("cairn-crypto", &[on("cairn-x509", None, false)])[0].contains("it goes up (layer 2 to")
    );
}

#[test]
fn dependency_on_the_same_layer_is_a_fault() {
    assert_eq!(
        faults_of("cairn-x509", &[on("cairn-provider-aws-lc", Some("build"), false)]),
        ["cairn-x509 -> cairn-provider-aws-lc (build-dependency in crates/x509/Cargo.toml) is not allowed: \
          it goes sideways (beside the stack, on layer 2)"]
    );
}

#[test]
fn unlisted_dependency_on_a_lower_layer_is_a_fault() {
    assert!(
        faults_of("cairn-record", &[on("cairn-handshake", None, false)])[0].contains("it goes down, but")
    );
}

#[test]
fn optional_dependency_must_be_optional() {
    assert_eq!(faults_of("cairn-config", &[on("cairn-provider-aws-lc", None, true)]), [""; 0]);
    assert!(faults_of("cairn-config", &[on("cairn-provider-aws-lc", None, false)])[0].contains("optional"));
}

#[test]
fn crate_that_is_not_in_the_list_is_a_fault() {
    assert_eq!(
        faults_of("cairn-dtls", &[on("cairn-wire", None, false)]),
        ["cairn-dtls (crates/dtls) is a crate of the workspace that is not in the list"]
    );
    assert!(
        faults_of("cairn-tls", &[on("cairn-dtls", None, false)])[0]
            .ends_with("cairn-dtls is not in the list")
    );
}

#[test]
fn dev_dependencies_are_exempt() {
    assert_eq!(faults_of("cairn-wire", &[on("cairn-tls", Some("dev"), false)]), [""; 0]);
    // A dev-dependency does not permit the same normal dependency.
    let both = [on("cairn-tls", Some("dev"), false), on("cairn-tls", None, false)];
    assert_eq!(faults_of("cairn-wire", &both).len(), 1);
}

#[test]
fn members_are_recognized_without_a_path() {
    let workspace = workspace(&[
        package("cairn-wire", &[from_elsewhere("cairn-crypto", None)]),
        package("cairn-crypto", &[]),
    ]);
    assert_eq!(faults(&workspace).len(), 1);
}

#[test]
fn benches_may_depend_on_anything_but_not_the_reverse() {
    assert_eq!(faults_of("cairn-benches", &[on("cairn-cli", None, false)]), [""; 0]);
    assert_eq!(faults_of("cairn-cli", &[on("cairn-benches", None, false)]).len(), 1);
}

#[test]
fn table_shows_edges_and_counts() {
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
    assert_eq!(cells, ["1", "cairn-wire", "crates/wire", "2 (+1)", "record exempt (dev), tls NOT ALLOWED"]);
    assert!(table.contains("not there yet: "));
}

#[test]
fn unexpected_metadata_is_an_error() {
    let odd = json!({ "workspace_root": "/house", "packages": [{ "name": "cairn-wire" }] });
    assert_eq!(Workspace::from_metadata(&odd).unwrap_err(), "cargo metadata: no text \"manifest_path\"");
}

#[test]
fn list_contains_downward_dependencies_only() {
    let mut seen = BTreeSet::new();
    for entry in LIST {
        assert!(!entry.own_lints || entry.place == Place::Outside, "{} is shipped", entry.name);
        assert!(seen.insert(entry.name), "{} occurs twice", entry.name);
        let May::Only(names) = entry.may else { continue };
        for to in names.iter().chain(entry.only_optional) {
            let target =
                Entry::of(to).unwrap_or_else(|| panic!("{} names {to}, which is not there", entry.name));
            assert!(target.place.height() < entry.place.height(), "{} -> {to} does not go down", entry.name);
        }
    }
}

#[test]
fn no_std_crates_are_in_order() {
    let crates: Vec<_> = no_std_crates().collect();
    let at = |name| crates.iter().position(|other| *other == name).unwrap();
    assert_eq!((at("cairn-wire"), at("cairn-no-std-example")), (0, crates.len() - 1));
    assert!(at("cairn-record") < at("cairn-tls"));
    assert!(at("cairn-provider-parts") < at("cairn-provider-rustcrypto"));
    assert!(at("cairn-provider-rustcrypto") < at("cairn-schedule"));
    assert!(!crates.contains(&"cairn-provider-aws-lc"));
}

#[test]
fn provider_parts_is_below_the_providers() {
    let parts = on("cairn-provider-parts", None, false);
    assert_eq!(faults_of("cairn-provider-aws-lc", core::slice::from_ref(&parts)), [""; 0]);
    assert!(faults_of("cairn-x509", core::slice::from_ref(&parts))[0].contains("it goes down, but"));
    assert!(faults_of("cairn-provider-parts", &[on("cairn-x509", None, false)])[0].contains("it goes up ("));
    assert!(faults_of("cairn-crypto", &[parts])[0].contains("it goes up (layer 2 to"));
}
