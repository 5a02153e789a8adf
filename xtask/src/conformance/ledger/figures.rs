//! The coverage of each page, and its table in `docs/conformance.md`.

use super::page::{Page, Shown};

/// The figures of a page. A requirement is covered if it names tests; whether they pass is known after they
/// run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) requirements: usize,
    pub(super) excluded: usize,
    pub(super) covered: usize,
    pub(super) open: usize,
    /// Requirements with a code place.
    pub(super) placed: usize,
}

impl Figures {
    pub(super) fn of(page: &Page) -> Self {
        let mut figures = Self { requirements: page.requirements.len(), ..Self::default() };
        for requirement in &page.requirements {
            figures.placed += usize::from(!requirement.places().is_empty());
            match requirement.shown {
                Shown::By(_) => figures.covered += 1,
                Shown::Excluded(_) => figures.excluded += 1,
                Shown::Open(_) => figures.open += 1,
            }
        }
        figures
    }

    /// A row of the table.
    #[cfg(test)]
    fn line(&self, name: &str) -> String {
        let Self { requirements, excluded, covered, open, placed } = self;
        let percent = percent(*covered, requirements - excluded);
        format!("| {name} | {requirements} | {excluded} | {covered} | {open} | {percent} | {placed} |\n")
    }
}

/// The fraction in words. If there is nothing to cover, all of it is covered.
pub(super) fn percent(part: usize, of: usize) -> String {
    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let percent = if of == 0 { 100.0 } else { 100.0 * number(part) / number(of) };
    format!("{percent:.1} %")
}

/// The rows of the table below its head.
#[cfg(test)]
fn table(pages: &[Page]) -> String {
    let (mut out, mut all) = (String::new(), Figures::default());
    for page in pages {
        let figures = Figures::of(page);
        out += &figures.line(&page.rfc.to_string());
        all.requirements += figures.requirements;
        all.excluded += figures.excluded;
        all.covered += figures.covered;
        all.open += figures.open;
        all.placed += figures.placed;
    }
    out + &all.line("all")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const HEAD: &str = "| RFC | requirements | excluded | covered | open | of what is not excluded | with a \
                        code place |\n\
        |---|---:|---:|---:|---:|---:|---:|\n";

    /// Replaces the table in the page.
    fn with_table(page: &str, table: &str) -> String {
        let (before, rest) = page.split_once(HEAD).expect("the head of the table");
        let lines = rest.lines().take_while(|line| line.starts_with('|'));
        let old: usize = lines.map(|line| line.len() + 1).sum();
        format!("{before}{HEAD}{table}{}", &rest[old..])
    }

    #[test]
    fn table_in_conformance_md_matches_the_ledger() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let path = root.join("docs/conformance.md");
        let page = std::fs::read_to_string(&path).unwrap();
        let wanted = with_table(&page, &table(&super::super::pages(root).unwrap()));
        if std::env::var_os("CAIRN_WRITE_DOCS").is_some() {
            std::fs::write(&path, wanted).unwrap();
            return;
        }
        assert!(
            page == wanted,
            "the table in docs/conformance.md is stale: CAIRN_WRITE_DOCS=1 cargo test -p xtask ledger writes \
             it anew"
        );
    }

    #[test]
    fn table_is_replaced_entirely() {
        let page = format!("before\n\n{HEAD}| 1 | 2 |\n| 3 | 4 |\n\nafter\n");
        assert_eq!(with_table(&page, "| 5 |\n"), format!("before\n\n{HEAD}| 5 |\n\nafter\n"));
    }

    #[test]
    fn figures_add_up() {
        let page = Page::parse(
            "rfc = 7\ntitle = \"t\"\n\
             [[requirement]]\nsection = \"1\"\nlevel = \"MUST\"\nbinds = \"both\"\nsays = \"a\"\ncode = \
             \"x/y.rs::z\"\n\
             tests = [\"p/t::x\"]\n\
             [[requirement]]\nsection = \"2\"\nlevel = \"MUST\"\nbinds = \"both\"\nsays = \"b\"\nno_code = \
             \"absent\"\n\
             open = \"why\"\n\
             [[requirement]]\nsection = \"3\"\nlevel = \"MUST\"\nbinds = \"both\"\nsays = \"c\"\nno_code = \
             \"absent\"\n\
             excluded = \"why\"\n",
        );
        let page = page.unwrap();
        assert_eq!(
            Figures::of(&page),
            Figures { requirements: 3, excluded: 1, covered: 1, open: 1, placed: 1 }
        );
        assert_eq!(
            table(&[page]),
            "| 7 | 3 | 1 | 1 | 1 | 50.0 % | 1 |\n| all | 3 | 1 | 1 | 1 | 50.0 % | 1 |\n"
        );
        assert_eq!(percent(0, 0), "100.0 %");
    }
}
