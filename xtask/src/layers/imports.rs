//! The rules about imports inside a crate: no files import each other in a circle, and files import an item
//! from the module where it lives, not through a re-export of the crate root.
//!
//! An import counts for the file that defines the item: re-exports are followed, and are not imports
//! themselves. So a module that only re-exports its children is in no circle with them.

use alloc::collections::{BTreeMap, BTreeSet};

use super::source::{Import, Modules, Segments};

/// Checks the modules of the crate `name`. Returns the faults in words.
pub(super) fn faults(name: &str, modules: &Modules) -> Vec<String> {
    let circles = circles(modules);
    let circles = circles.iter().map(|files| format!("{name}: {}", words(files)));
    circles.chain(through_root(modules).iter().map(|fault| format!("{name}: {fault}"))).collect()
}

/// Checks the modules of a test, benchmark or example of the crate `name`. Returns the faults in words.
pub(super) fn faults_of_test(name: &str, modules: &Modules) -> Vec<String> {
    faults_of_program(&format!("{name}, tests"), modules)
}

/// Checks the modules of a program that no other crate uses. Returns the faults in words.
pub(super) fn faults_of_program(name: &str, modules: &Modules) -> Vec<String> {
    circles(modules).iter().map(|files| format!("{name}: {}", words(files))).collect()
}

fn words(files: &[String]) -> String {
    format!("{} import each other", files.join(", "))
}

/// The files that import each other in a circle of any length, each circle in the order of their names.
fn circles(modules: &Modules) -> BTreeSet<Vec<String>> {
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for module in modules.values() {
        for Import { path, .. } in &module.imports {
            if let Some(target) = resolve(modules, path, 0)
                && target != module.file
            {
                edges.entry(&module.file).or_default().insert(target);
            }
        }
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        edges.keys().map(|file| (*file, reached_from(file, &edges))).collect();
    let reaches = |from: &str, to: &str| reached.get(from).is_some_and(|files| files.contains(to));
    let mut circles = BTreeSet::new();
    for (file, files) in reached.iter().filter(|(file, files)| files.contains(**file)) {
        circles.insert(files.iter().filter(|to| reaches(to, file)).map(|to| (*to).to_owned()).collect());
    }
    circles
}

/// The files that this one imports, directly or through others.
fn reached_from<'m>(file: &str, edges: &BTreeMap<&str, BTreeSet<&'m str>>) -> BTreeSet<&'m str> {
    let mut reached = BTreeSet::new();
    let mut queue: Vec<&str> = edges.get(file).into_iter().flatten().copied().collect();
    let mut place = 0;
    while let Some(next) = queue.get(place).copied() {
        place += 1;
        if let Some(targets) = edges.get(next) {
            queue.extend(targets.iter().filter(|target| !reached.contains(*target)));
        }
        reached.insert(next);
    }
    reached
}

/// Imports of items that the crate root re-exports.
fn through_root(modules: &Modules) -> BTreeSet<String> {
    let mut faults = BTreeSet::new();
    let Some(root) = modules.get(&Segments::new()) else { return faults };
    for module in modules.values().filter(|module| module.file != root.file) {
        for Import { path, from_root } in &module.imports {
            let Some(first) = path.first().filter(|_| *from_root) else { continue };
            let is_module = modules.contains_key(core::slice::from_ref(first));
            if !is_module && resolve(modules, path, 0).is_some_and(|file| file != root.file) {
                faults.insert(format!(
                    "{} imports crate::{first} through the crate root: import it from its module",
                    module.file
                ));
            }
        }
    }
    faults
}

/// The file that defines the item at `path`, or `None` if it comes from another crate.
fn resolve<'m>(modules: &'m Modules, path: &[String], depth: usize) -> Option<&'m str> {
    // Re-exports of a compiling crate end, but this need not compile.
    if depth > 16 {
        return None;
    }
    // The innermost module that the path goes through.
    let length = (0..=path.len())
        .rev()
        .find(|length| modules.contains_key(path.get(..*length).unwrap_or_default()))?;
    let (inner, rest) = path.split_at_checked(length)?;
    let module = modules.get(inner)?;
    let Some((name, rest)) = rest.split_first() else { return Some(&module.file) };
    let follow = |target: &[String], rest: &[String]| {
        let path: Segments = target.iter().chain(rest).cloned().collect();
        resolve(modules, &path, depth.saturating_add(1))
    };
    if let Some((_, target)) = module.exports.iter().find(|(export, _)| export == name) {
        return follow(target, rest);
    }
    let globs = module.exports.iter().filter(|(export, _)| export == "*");
    for (_, target) in globs {
        // Only a name that the target re-exports by name can be told from one that this module defines.
        let exports_name =
            modules.get(target).is_some_and(|m| m.exports.iter().any(|(export, _)| export == name));
        if exports_name {
            let mut path = target.clone();
            path.push(name.clone());
            return follow(&path, rest);
        }
    }
    Some(&module.file)
}

#[cfg(test)]
mod tests {
    use super::{circles, faults, through_root};
    use crate::layers::source::{Modules, read_text};

    fn modules(files: &[(&[&str], &str, &str)]) -> Modules {
        let mut modules = Modules::new();
        for (path, name, text) in files {
            read_text(&mut modules, path, name, text);
        }
        modules
    }

    #[test]
    fn mutual_imports_are_a_circle() {
        let modules = modules(&[
            (&[], "lib.rs", "mod a; mod b; pub use a::A; pub use b::B;"),
            (&["a"], "a.rs", "use crate::b::B; pub struct A;"),
            (&["b"], "b.rs", "pub struct B; impl B { fn f(a: crate::a::A) {} }"),
        ]);
        assert_eq!(circles(&modules), [vec!["a.rs".to_owned(), "b.rs".to_owned()]].into());
        assert_eq!(faults("x", &modules), ["x: a.rs, b.rs import each other"]);
    }

    #[test]
    fn imports_through_a_third_file_are_a_circle() {
        let modules = modules(&[
            (&[], "lib.rs", "mod a; mod b; mod c; mod d;"),
            (&["a"], "a.rs", "use crate::b::B; pub struct A;"),
            (&["b"], "b.rs", "use crate::c::C; use crate::d::D; pub struct B;"),
            (&["c"], "c.rs", "use crate::a::A; pub struct C;"),
            (&["d"], "d.rs", "pub struct D;"),
        ]);
        assert_eq!(faults("x", &modules), ["x: a.rs, b.rs, c.rs import each other"]);
    }

    #[test]
    fn re_exports_are_followed_and_are_not_imports() {
        let modules = modules(&[
            (&[], "lib.rs", "mod a;"),
            (&["a"], "a/mod.rs", "mod one; mod two; pub use one::One; pub(crate) use two::*;"),
            (&["a", "one"], "a/one.rs", "use super::Two; pub struct One;"),
            (&["a", "two"], "a/two.rs", "pub struct Two;"),
        ]);
        assert_eq!(circles(&modules), [].into());
    }

    #[test]
    fn a_module_that_uses_the_child_that_uses_it_is_a_circle() {
        let modules = modules(&[
            (&[], "lib.rs", "mod a;"),
            (&["a"], "a.rs", "mod b; fn f() { b::g() } pub struct A;"),
            (&["a", "b"], "a/b.rs", "use super::A; pub fn g() {}"),
        ]);
        assert_eq!(circles(&modules), [vec!["a.rs".to_owned(), "a/b.rs".to_owned()]].into());
    }

    #[test]
    fn imports_through_the_crate_root_are_faults() {
        let modules = modules(&[
            (&[], "lib.rs", "mod a; mod b; pub use a::A; pub const C: u8 = 0;"),
            (&["a"], "a.rs", "pub struct A;"),
            (&["b"], "b.rs", "use crate::{A, C}; use crate::a;"),
        ]);
        let found: Vec<_> = through_root(&modules).into_iter().collect();
        assert_eq!(found, ["b.rs imports crate::A through the crate root: import it from its module"]);
    }
}
