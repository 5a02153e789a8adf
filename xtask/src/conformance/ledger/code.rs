//! The code places of the ledger: `path/of/file.rs::item`, for example
//! `crates/record/src/reader.rs::RecordReader::open`.
//!
//! The file is relative to the root of the repository. The item is a function, a type, a trait, a constant, a
//! static or a macro; methods, associated constants, variants and fields follow the name of their type, and
//! items of an inline module that of the module. Inside the invocation of a macro, every identifier counts as
//! an item, because the macro is not expanded. Test code has no places.
//!
//! An identifier in the body of a function may follow the function, for example the error that a check
//! returns:
//! `crates/handshake/src/verify.rs::check_signature::SchemeNotOffered`. It stands for its first occurrence.

use alloc::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens as _;
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

/// The items of a file by their paths.
type Items = BTreeMap<String, Found>;

/// Where an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found {
    /// The line, starting at 1.
    line: usize,
    /// Whether it is an identifier in the body of a function.
    is_inner: bool,
}

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
        let found = self.files.get(&place.file).and_then(|items| items.get(&place.item));
        found.map(|found| found.line).ok_or_else(|| format!("{} has no item {}", place.file, place.item))
    }

    /// The places in the crate of `place` whose item has the same name, in case it moved. For an identifier
    /// in a function, the name of the function must be the same too.
    pub(super) fn namesakes(&mut self, root: &Path, place: &Place) -> Vec<String> {
        let Some((folder, _)) = place.file.split_once("/src/") else { return Vec::new() };
        let last =
            |item: &str, count: usize| item.rsplit("::").take(count).map(str::to_owned).collect::<Vec<_>>();
        let is_like = |item: &str, found: &Found| {
            last(item, 2) == last(&place.item, 2) || !found.is_inner && last(item, 1) == last(&place.item, 1)
        };
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
                    let namesakes = items.iter().filter(|(item, found)| is_like(item, found));
                    found.extend(namesakes.map(|(item, _)| format!("{path}::{item}")));
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
            Item::Fn(item) => {
                let path = add(&item.sig.ident);
                identifiers(&path, item.block.to_token_stream(), true, found);
            }
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
                        TraitItem::Fn(item) => {
                            let path = self::add(&path, &item.sig.ident, found);
                            identifiers(&path, item.default.to_token_stream(), true, found);
                        }
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
                            ImplItem::Fn(item) => {
                                let path = self::add(&path, &item.sig.ident, found);
                                identifiers(&path, item.block.to_token_stream(), true, found);
                            }
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
                None => identifiers(prefix, item.mac.tokens.clone(), false, found),
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

/// Adds every identifier in the tokens of a macro's invocation or of a function's body.
fn identifiers(prefix: &str, tokens: TokenStream, is_inner: bool, found: &mut Items) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => drop(insert(prefix, &ident, is_inner, found)),
            TokenTree::Group(group) => identifiers(prefix, group.stream(), is_inner, found),
            _ => {}
        }
    }
}

/// Adds an item and returns its path.
fn add(prefix: &str, ident: &Ident, found: &mut Items) -> String {
    insert(prefix, ident, false, found)
}

/// Adds an item and returns its path. The first occurrence stays.
fn insert(prefix: &str, ident: &Ident, is_inner: bool, found: &mut Items) -> String {
    let path = join(prefix, &ident.to_string());
    found.entry(path.clone()).or_insert(Found { line: ident.span().start().line, is_inner });
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
            const A: u8 = 0;\nstruct S { field: u8 }\nimpl<T> x::S<T> {\n    const B: u8 = 0;\n    fn m() { \
            x(\n      Error::Bad) }\n}\n\
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
            ("S::m::Bad", 6),
            ("E::V", 9),
            ("E::V::inner", 9),
            ("T::n", 11),
            ("inner::f", 13),
            ("Row", 16),
            ("next", 16),
            ("m", 18),
        ] {
            assert_eq!(found.get(item).map(|found| found.line), Some(line), "{item}");
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
