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

/// The kind of text at which an item is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// An item or a part of one.
    Item,
    /// An identifier in the invocation of a macro, which may define an item.
    InMacro,
    /// An identifier in the body of a function.
    InFunction,
}

/// The place of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found {
    /// The line, starting at 1.
    line: usize,
    kind: Kind,
}

impl Sources {
    /// The line of a place.
    ///
    /// # Errors
    ///
    /// If the file does not exist or has no such item.
    pub(super) fn line(&mut self, root: &Path, place: &Place) -> Result<usize, String> {
        let items = self
            .items(root, &place.file)
            .map_err(|why| format!("{} has no item {}: {why}", place.file, place.item))?;
        let found = items.get(&place.item);
        found.map(|found| found.line).ok_or_else(|| format!("{} has no item {}", place.file, place.item))
    }

    /// The places whose item has the same name, in case it moved: in the same crate, or if there are none, in
    /// any crate. For an identifier in a function, the name of the function must be the same too.
    pub(super) fn namesakes(&mut self, root: &Path, place: &Place) -> Vec<String> {
        let own = match place.file.split_once("/src/") {
            Some((folder, _)) => self.similar(root, format!("{folder}/src"), place),
            None => Vec::new(),
        };
        if own.is_empty() { self.similar(root, "crates".to_owned(), place) } else { own }
    }

    /// The places in the sources below a folder whose item is like that of `place`.
    fn similar(&mut self, root: &Path, folder: String, place: &Place) -> Vec<String> {
        let last =
            |item: &str, count: usize| item.rsplit("::").take(count).map(str::to_owned).collect::<Vec<_>>();
        let is_like = |item: &str, found: &Found| {
            last(item, 2) == last(&place.item, 2)
                || found.kind != Kind::InFunction && last(item, 1) == last(&place.item, 1)
        };
        let mut similar = Vec::new();
        let mut folders = vec![folder];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = fs::read_dir(root.join(&folder)) else { continue };
            for entry in entries.filter_map(Result::ok) {
                let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
                if entry.path().is_dir() {
                    folders.push(path);
                } else if path.ends_with(".rs")
                    && path.contains("/src/")
                    && let Ok(items) = self.items(root, &path)
                {
                    let like = items.iter().filter(|(item, found)| is_like(item, found));
                    similar.extend(like.map(|(item, _)| format!("{path}::{item}")));
                }
            }
        }
        similar.sort();
        similar
    }

    /// The items of a file.
    fn items(&mut self, root: &Path, file: &str) -> Result<&Items, String> {
        if !self.files.contains_key(file) {
            let text = fs::read_to_string(root.join(file)).map_err(|e| format!("it cannot be read: {e}"))?;
            self.files.insert(file.to_owned(), items(&text)?);
        }
        self.files.get(file).ok_or_else(|| "it was not read".to_owned())
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
                identifiers(&path, item.block.to_token_stream(), Kind::InFunction, found);
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
                            identifiers(&path, item.default.to_token_stream(), Kind::InFunction, found);
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
                                identifiers(&path, item.block.to_token_stream(), Kind::InFunction, found);
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
                None => identifiers(prefix, item.mac.tokens.clone(), Kind::InMacro, found),
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
fn identifiers(prefix: &str, tokens: TokenStream, kind: Kind, found: &mut Items) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => drop(insert(prefix, &ident, kind, found)),
            TokenTree::Group(group) => identifiers(prefix, group.stream(), kind, found),
            _ => {}
        }
    }
}

/// Adds an item and returns its path.
fn add(prefix: &str, ident: &Ident, found: &mut Items) -> String {
    insert(prefix, ident, Kind::Item, found)
}

/// Adds an item and returns its path. The first occurrence stays, unless a definition follows.
fn insert(prefix: &str, ident: &Ident, kind: Kind, found: &mut Items) -> String {
    let path = join(prefix, &ident.to_string());
    let new = Found { line: ident.span().start().line, kind };
    let there = found.entry(path.clone()).or_insert(new);
    if kind < there.kind {
        *there = new;
    }
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
            table! {\n    Row => next, S,\n}\nstruct Row;\nmacro_rules! m { () => {} }\n\
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
            ("next", 16),
            ("Row", 18),
            ("m", 19),
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
