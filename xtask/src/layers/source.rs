//! The modules of a crate and their imports, read from its source files.
//!
//! The files are parsed, not compiled: macros are not expanded and `cfg` is not evaluated. Tests are skipped.
//! Paths inside macro invocations count, because their tokens are searched too. Those inside macro
//! definitions do not: they are paths of the files that use the macro.

use alloc::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Expr, Item, Lit, Meta, MetaNameValue, UseTree, Visibility};

/// A path of a module or item, as its segments below the crate root.
pub(super) type Segments = Vec<String>;

/// A module that has a file of its own, or an inline module.
#[derive(Debug)]
pub(super) struct Module {
    /// The source file, relative to the folder of the crate root.
    pub(super) file: String,
    /// Paths that the module's code uses, below the crate root.
    pub(super) imports: Vec<Import>,
    /// Re-exports: the name, and the path below the crate root. A glob has the name `*`.
    pub(super) exports: Vec<(String, Segments)>,
}

/// A path that a module uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) path: Segments,
    /// Whether it is written `crate::…`, and not relative to the module.
    pub(super) from_root: bool,
}

/// All modules of a crate by their paths; that of the root is empty.
pub(super) type Modules = BTreeMap<Segments, Module>;

/// Reads the modules of the crate whose root file is `root`.
///
/// # Errors
///
/// A file that cannot be read or parsed, in words.
pub(super) fn read(root: &Path) -> Result<Modules, String> {
    let folder = root.parent().unwrap_or(root);
    let mut modules = Modules::new();
    let mut queue = vec![(Segments::new(), root.to_owned(), folder.to_owned())];
    while let Some((path, file, children)) = queue.pop() {
        let text = fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        let parsed = syn::parse_file(&text).map_err(|e| format!("{}: {e}", file.display()))?;
        let name = file.strip_prefix(folder).unwrap_or(&file).display().to_string().replace('\\', "/");
        let beside = file.parent().unwrap_or(folder).to_owned();
        let mut reader = Reader { modules: &mut modules, files: Vec::new(), name, beside };
        reader.module(path, &parsed.items, &children);
        queue.extend(reader.files);
    }
    Ok(modules)
}

/// Parses one module from text, for tests.
#[cfg(test)]
pub(super) fn read_text(modules: &mut Modules, path: &[&str], name: &str, text: &str) {
    let parsed = syn::parse_file(text).unwrap();
    let mut reader = Reader { modules, files: Vec::new(), name: name.to_owned(), beside: PathBuf::new() };
    reader.module(path.iter().map(|part| (*part).to_owned()).collect(), &parsed.items, Path::new(""));
}

/// Reads the items of one file.
struct Reader<'m> {
    modules: &'m mut Modules,
    /// Modules in files of their own that were declared: path, file, folder of their children.
    files: Vec<(Segments, PathBuf, PathBuf)>,
    /// The name of the file.
    name: String,
    /// The folder of the file.
    beside: PathBuf,
}

impl Reader<'_> {
    fn module(&mut self, path: Segments, items: &[Item], folder: &Path) {
        let mut module = Module { file: self.name.clone(), imports: Vec::new(), exports: Vec::new() };
        let children: Vec<String> = items
            .iter()
            .filter_map(|item| match item {
                Item::Mod(child) => Some(child.ident.to_string()),
                _ => None,
            })
            .collect();
        for item in items {
            match item {
                Item::Mod(child) if !is_test(&child.attrs) => {
                    let mut below = path.clone();
                    below.push(child.ident.to_string());
                    let inner = folder.join(child.ident.to_string());
                    match &child.content {
                        Some((_, items)) => self.module(below, items, &inner),
                        None => {
                            let (file, inner) = match path_attribute(&child.attrs) {
                                Some(named) => {
                                    let file = self.beside.join(named);
                                    let inner = file.parent().unwrap_or(&self.beside).to_owned();
                                    (file, inner)
                                }
                                None => {
                                    let flat = folder.join(format!("{}.rs", child.ident));
                                    (if flat.exists() { flat } else { inner.join("mod.rs") }, inner)
                                }
                            };
                            self.files.push((below, file, inner));
                        }
                    }
                }
                Item::Use(import) if !is_test(&import.attrs) => {
                    let mut leaves = Vec::new();
                    flatten(&import.tree, &mut Vec::new(), &mut leaves);
                    for (name, written) in leaves {
                        let Some(import_path) = absolute(&path, &children, &written) else { continue };
                        if matches!(import.vis, Visibility::Inherited) {
                            module.imports.push(import_path);
                        } else {
                            module.exports.push((name, import_path.path));
                        }
                    }
                }
                Item::Mod(_) | Item::Use(_) => {}
                Item::Macro(definition) if definition.ident.is_some() => {}
                other if is_test(attributes(other)) => {}
                other => {
                    let mut paths = Vec::new();
                    scan(other.to_token_stream(), &mut paths);
                    // A single segment is a visibility, `pub(crate)`, or the receiver `self`.
                    let paths = paths.iter().filter(|written| written.len() > 1);
                    let paths = paths.filter_map(|written| absolute(&path, &children, written));
                    module.imports.extend(paths);
                }
            }
        }
        self.modules.insert(path, module);
    }
}

/// The file that `#[path = ".."]` names.
fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(MetaNameValue { path, value: Expr::Lit(value), .. }) if path.is_ident("path") => {
            match &value.lit {
                Lit::Str(file) => Some(file.value()),
                _ => None,
            }
        }
        _ => None,
    })
}

/// The path below the crate root that `written` means in the module `here`, or `None` if it leads to another
/// crate.
fn absolute(here: &[String], children: &[String], written: &[String]) -> Option<Import> {
    let (first, rest) = written.split_first()?;
    let (mut path, from_root) = match first.as_str() {
        "crate" => (Segments::new(), true),
        "self" | "super" => (here.to_vec(), false),
        child if children.iter().any(|name| name == child) => {
            let mut path = here.to_vec();
            path.push(first.clone());
            (path, false)
        }
        _ => return None,
    };
    if first == "super" {
        path.pop();
    }
    for segment in rest {
        if segment == "super" {
            path.pop();
        } else {
            path.push(segment.clone());
        }
    }
    Some(Import { path, from_root })
}

/// Lists the leaves of a `use`: the name that it binds, and the path as written. A glob has the name `*`.
fn flatten(tree: &UseTree, prefix: &mut Vec<String>, out: &mut Vec<(String, Vec<String>)>) {
    let mut leaf = |name: String, last: Option<String>| {
        let path = prefix.iter().cloned().chain(last.filter(|last| last != "self")).collect();
        out.push((name, path));
    };
    match tree {
        UseTree::Path(step) => {
            prefix.push(step.ident.to_string());
            flatten(&step.tree, prefix, out);
            prefix.pop();
        }
        UseTree::Name(name) => leaf(name.ident.to_string(), Some(name.ident.to_string())),
        UseTree::Rename(name) => leaf(name.rename.to_string(), Some(name.ident.to_string())),
        UseTree::Glob(_) => leaf("*".to_owned(), None),
        UseTree::Group(group) => group.items.iter().for_each(|tree| flatten(tree, prefix, out)),
    }
}

/// Lists the paths in tokens: identifiers joined by `::`.
fn scan(tokens: TokenStream, out: &mut Vec<Vec<String>>) {
    let mut path: Vec<String> = Vec::new();
    let mut colons = 0;
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => {
                if colons != 2 && !path.is_empty() {
                    out.push(core::mem::take(&mut path));
                }
                path.push(ident.to_string());
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            other => {
                if !path.is_empty() {
                    out.push(core::mem::take(&mut path));
                }
                colons = 0;
                if let TokenTree::Group(group) = other
                    && !is_visibility(&group.stream())
                {
                    scan(group.stream(), out);
                }
            }
        }
    }
    if !path.is_empty() {
        out.push(path);
    }
}

/// Whether this is the content of the parentheses of `pub(in crate::a)`.
fn is_visibility(tokens: &TokenStream) -> bool {
    matches!(tokens.clone().into_iter().next(), Some(TokenTree::Ident(first)) if first == "in")
}

/// Returns `true` for `#[cfg(test)]`, `#[cfg(doctest)]`, `#[cfg(all(test, …))]` and `#[test]`.
pub(crate) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let text: String = attribute.meta.to_token_stream().to_string().split_whitespace().collect();
        text == "test"
            || ["cfg(test", "cfg(doctest", "cfg(doc)", "cfg(all(test"].iter().any(|cfg| text.starts_with(cfg))
    })
}

/// The attributes of an item.
pub(crate) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::{Import, Modules, read_text};

    fn imports(text: &str) -> Vec<String> {
        let mut modules = Modules::new();
        read_text(&mut modules, &["outer", "here"], "here.rs", text);
        let module = &modules[&["outer".to_owned(), "here".to_owned()][..]];
        module.imports.iter().map(|Import { path, .. }| path.join("::")).collect()
    }

    #[test]
    fn use_trees_are_flattened_and_resolved() {
        assert_eq!(
            imports(
                "use crate::a::{b, c::{self, D as E}}; use super::x::Y; use super::super::z; use std::fmt;"
            ),
            ["a::b", "a::c", "a::c::D", "outer::x::Y", "z"]
        );
    }

    #[test]
    fn paths_in_code_and_macro_invocations_count() {
        let text = "mod child; pub(crate) fn f(self) { child::g(crate::a::b()); assert!(super::c::D); } \
                    macro_rules! m { () => { $crate::e::F } } pub(in crate::g) struct S;";
        assert_eq!(imports(text), ["outer::here::child::g", "a::b", "outer::c::D"]);
    }

    #[test]
    fn tests_and_other_crates_do_not_count() {
        let text = "use core::fmt; #[cfg(test)] use crate::a; #[cfg(test)] mod tests { use crate::b; } \
                    #[test] fn t() { crate::c::d(); }";
        assert_eq!(imports(text), [""; 0]);
    }

    #[test]
    fn public_uses_are_exports() {
        let mut modules = Modules::new();
        read_text(&mut modules, &[], "lib.rs", "mod a; pub use a::{B, c as D}; pub(crate) use a::*;");
        let root = &modules[&[][..]];
        assert_eq!(root.imports, []);
        let names: Vec<_> =
            root.exports.iter().map(|(name, path)| format!("{name}={}", path.join("::"))).collect();
        assert_eq!(names, ["B=a::B", "D=a::c", "*=a"]);
    }
}
