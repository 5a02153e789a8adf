//! The code places of the ledger: `path/of/file.rs::item`, for example
//! `crates/record/src/reader.rs::RecordReader::open`.
//!
//! The file is relative to the root of the repository. The item is a function, a type, a trait, a constant, a
//! static or a macro; methods, associated constants, variants and fields follow the name of their type, and
//! items of an inline module that of the module. Inside the invocation of a macro, every identifier counts as
//! an item, because the macro is not expanded. Test code has no places.

use alloc::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::{Fields, ImplItem, Item, TraitItem, Type};

use crate::layers::{is_test, item_attributes};

/// A code place that the ledger names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The path of the file, from the root of the repository.
    pub(super) file: String,
    /// The path of the item inside the file.
    pub(super) item: String,
}

impl Place {
    /// Parses `file.rs::item`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(".rs::") {
            Some((file, item)) if !file.is_empty() && !item.is_empty() => {
                Ok(Self { file: format!("{file}.rs"), item: item.to_owned() })
            }
            _ => Err(format!("expected a code place as path/of/file.rs::item, not {text:?}")),
        }
    }
}

/// The items of source files, each file parsed once.
#[derive(Debug, Default)]
pub(super) struct Sources {
    files: BTreeMap<String, Items>,
}

/// The items of a file: the line of each, starting at 1.
type Items = BTreeMap<String, usize>;

impl Sources {
    /// The line of a place.
    ///
    /// # Errors
    ///
    /// If the file does not exist or has no such item.
    pub(super) fn line(&mut self, root: &Path, place: &Place) -> Result<usize, String> {
        if !self.files.contains_key(&place.file) {
            let text = fs::read_to_string(root.join(&place.file))
                .map_err(|e| format!("{}::{}: the file cannot be read: {e}", place.file, place.item))?;
            let items = items(&text).map_err(|e| format!("{}: {e}", place.file))?;
            self.files.insert(place.file.clone(), items);
        }
        let line = self.files.get(&place.file).and_then(|items| items.get(&place.item)).copied();
        line.ok_or_else(|| format!("{} has no item {}", place.file, place.item))
    }

    /// The places in the crate of `place` whose item has the same name, in case it moved.
    pub(super) fn namesakes(&mut self, root: &Path, place: &Place) -> Vec<String> {
        let Some((folder, _)) = place.file.split_once("/src/") else { return Vec::new() };
        let name = |item: &str| item.rsplit("::").next().map(str::to_owned);
        let mut found = Vec::new();
        let mut folders = vec![format!("{folder}/src")];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = fs::read_dir(root.join(&folder)) else { continue };
            for entry in entries.filter_map(Result::ok) {
                let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
                if entry.path().is_dir() {
                    folders.push(path);
                } else if let Ok(text) = fs::read_to_string(entry.path())
                    && path.ends_with(".rs")
                    && let Ok(items) = items(&text)
                {
                    let namesakes = items.keys().filter(|item| name(item) == name(&place.item));
                    found.extend(namesakes.map(|item| format!("{path}::{item}")));
                }
            }
        }
        found.sort();
        found
    }
}

/// The items of the source text of a file.
fn items(text: &str) -> Result<Items, String> {
    let file = syn::parse_file(text).map_err(|e| e.to_string())?;
    let mut found = Items::new();
    collect("", &file.items, &mut found);
    Ok(found)
}

fn collect(prefix: &str, items: &[Item], found: &mut Items) {
    for item in items.iter().filter(|item| !is_test(item_attributes(item))) {
        let mut add = |ident: &Ident| add(prefix, ident, found);
        match item {
            Item::Const(item) => drop(add(&item.ident)),
            Item::Fn(item) => drop(add(&item.sig.ident)),
            Item::Static(item) => drop(add(&item.ident)),
            Item::Type(item) => drop(add(&item.ident)),
            Item::Struct(item) => {
                let path = add(&item.ident);
                fields(&path, &item.fields, found);
            }
            Item::Enum(item) => {
                let path = add(&item.ident);
                for variant in &item.variants {
                    let path = self::add(&path, &variant.ident, found);
                    fields(&path, &variant.fields, found);
                }
            }
            Item::Trait(item) => {
                let path = add(&item.ident);
                for item in &item.items {
                    match item {
                        TraitItem::Fn(item) => drop(self::add(&path, &item.sig.ident, found)),
                        TraitItem::Const(item) => drop(self::add(&path, &item.ident, found)),
                        _ => {}
                    }
                }
            }
            Item::Impl(item) => {
                if let Type::Path(path) = item.self_ty.as_ref()
                    && let Some(last) = path.path.segments.last()
                {
                    let path = join(prefix, &last.ident.to_string());
                    for item in &item.items {
                        match item {
                            ImplItem::Fn(item) => drop(self::add(&path, &item.sig.ident, found)),
                            ImplItem::Const(item) => drop(self::add(&path, &item.ident, found)),
                            _ => {}
                        }
                    }
                }
            }
            Item::Mod(item) => {
                if let Some((_, items)) = &item.content {
                    collect(&join(prefix, &item.ident.to_string()), items, found);
                }
            }
            Item::Macro(item) => match &item.ident {
                Some(name) => drop(add(name)),
                None => identifiers(prefix, item.mac.tokens.clone(), found),
            },
            _ => {}
        }
    }
}

fn fields(path: &str, fields: &Fields, found: &mut Items) {
    for ident in fields.iter().filter_map(|field| field.ident.as_ref()) {
        add(path, ident, found);
    }
}

/// Every identifier in the tokens of a macro's invocation, at its first occurrence.
fn identifiers(prefix: &str, tokens: TokenStream, found: &mut Items) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => drop(add(prefix, &ident, found)),
            TokenTree::Group(group) => identifiers(prefix, group.stream(), found),
            _ => {}
        }
    }
}

/// Adds an item and returns its path. The first item of a name stays.
fn add(prefix: &str, ident: &Ident, found: &mut Items) -> String {
    let path = join(prefix, &ident.to_string());
    found.entry(path.clone()).or_insert(ident.span().start().line);
    path
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}::{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_have_paths_and_lines() {
        let text = "\
            const A: u8 = 0;\nstruct S { field: u8 }\nimpl<T> x::S<T> {\n    const B: u8 = 0;\n    fn m() {}\n}\n\
            enum E {\n    V { inner: u8 },\n}\ntrait T { fn n(); }\nmod inner {\n    fn f() {}\n}\n\
            table! {\n    Row => next,\n}\nmacro_rules! m { () => {} }\n\
            #[cfg(test)]\nmod tests { fn t() {} }\n";
        let found = items(text).unwrap();
        for (item, line) in [
            ("A", 1),
            ("S", 2),
            ("S::field", 2),
            ("S::B", 4),
            ("S::m", 5),
            ("E::V", 8),
            ("E::V::inner", 8),
            ("T::n", 10),
            ("inner::f", 12),
            ("Row", 15),
            ("next", 15),
            ("m", 17),
        ] {
            assert_eq!(found.get(item), Some(&line), "{item}");
        }
        assert!(!found.contains_key("tests::t") && !found.contains_key("t"));
    }

    #[test]
    fn place_is_a_file_and_an_item() {
        let place = Place::parse("crates/a/src/b.rs::C::d").unwrap();
        assert_eq!((place.file.as_str(), place.item.as_str()), ("crates/a/src/b.rs", "C::d"));
        for malformed in ["", "crates/a/src/b.rs", "crates/a/src/b.rs::", "cairn_a::b::C"] {
            assert!(Place::parse(malformed).is_err(), "{malformed}");
        }
    }

    #[test]
    fn missing_file_or_item_is_an_error() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut sources = Sources::default();
        let mut line = |place| sources.line(root, &Place::parse(place).unwrap());
        assert!(line("xtask/src/conformance/ledger/code.rs::Place::parse").is_ok());
        assert!(line("xtask/src/conformance/ledger/code.rs::Place::absent").unwrap_err().contains("no item"));
        assert!(line("xtask/src/absent.rs::f").unwrap_err().contains("cannot be read"));
        let moved = Place::parse("xtask/src/absent.rs::Sources::namesakes").unwrap();
        let here = "xtask/src/conformance/ledger/code.rs::Sources::namesakes".to_owned();
        assert_eq!(sources.namesakes(root, &moved), [here]);
    }
}
