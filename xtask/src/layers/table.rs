//! The printed table of layers.

use core::fmt::Write as _;

use super::list::{Entry, LIST, Place};
use crate::workspace::{Kind, Member, Workspace};

/// The table, top down: the stack, then the crates beside it, then crates that are not in the list.
pub(super) fn table(workspace: &Workspace) -> String {
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
        // Writing to a String cannot fail.
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
