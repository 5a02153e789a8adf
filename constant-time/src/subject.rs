//! The subjects and how to run them.

use crate::valgrind;
use serde_json::{Value, json};
use std::error::Error;

/// An error, as a message.
pub(crate) type Fault = Box<dyn Error>;

/// An operation whose time must not depend on its secrets.
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) variants: Vec<Variant>,
    /// Places where a branch on a secret is permitted.
    pub(crate) verdicts: Vec<Verdict>,
    /// For a control: which tools must detect that it leaks.
    pub(crate) leaks: Option<Leaks>,
}

/// A variant. Variants of one class must have the same cost.
pub(crate) struct Variant {
    pub(crate) name: String,
    pub(crate) class: &'static str,
    /// Whether memcheck also runs it; otherwise only its instructions are counted.
    pub(crate) watched: bool,
    /// Prepares the operation. This is not counted.
    pub(crate) arm: Box<dyn Fn() -> Result<Box<dyn Trial>, Fault>>,
}

/// A prepared variant.
pub(crate) trait Trial {
    /// The operation that is counted and checked.
    fn run(&mut self);

    /// Checks the result. Secrets must be revealed before they are inspected.
    fn check(&mut self) -> Result<(), Fault>;
}

/// A place where a branch may depend on a secret, or on a value that valgrind considers secret.
#[derive(Clone, Copy)]
pub(crate) struct Verdict {
    pub(crate) place: Place,
    pub(crate) why: &'static str,
}

#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// A line, by the end of its file's path and by its text. All other lines of the file remain forbidden.
    Line { file: &'static str, text: &'static str },
    /// An external function, by a part of its name.
    Function(&'static str),
}

/// The tools that must detect a control.
#[derive(Clone, Copy)]
pub(crate) enum Leaks {
    InBoth,
    InMemoryOnly,
}

/// A line that may contain a branch.
pub(crate) const fn line(file: &'static str, text: &'static str, why: &'static str) -> Verdict {
    Verdict { place: Place::Line { file, text }, why }
}

/// An external function that may contain one.
pub(crate) const fn function(name: &'static str, why: &'static str) -> Verdict {
    Verdict { place: Place::Function(name), why }
}

impl Subject {
    /// Runs each variant twice. The first run is not counted, because it includes one-time initialization.
    pub(crate) fn run(&self) -> Result<(), Fault> {
        for variant in &self.variants {
            variant.run()?;
        }
        for variant in &self.variants {
            let mut trial = (variant.arm)()?;
            counted(&mut *trial, &variant.name);
            trial.check().map_err(|fault| format!("{}: {fault}", variant.name))?;
        }
        Ok(())
    }

    /// Runs each variant for memcheck once.
    pub(crate) fn run_once(&self) -> Result<(), Fault> {
        if !valgrind::is_there() {
            return Err("no valgrind, or no support for its requests on this machine".into());
        }
        self.variants.iter().filter(|variant| variant.watched).try_for_each(Variant::run)
    }

    pub(crate) fn to_json(&self) -> Value {
        let variant = |variant: &Variant| json!({ "name": variant.name, "class": variant.class });
        let verdict = |verdict: &Verdict| match verdict.place {
            Place::Line { file, text } => json!({ "file": file, "text": text, "why": verdict.why }),
            Place::Function(name) => json!({ "function": name, "why": verdict.why }),
        };
        let leaks = |leaks| match leaks {
            Leaks::InBoth => "both",
            Leaks::InMemoryOnly => "memory",
        };
        json!({
            "name": self.name,
            "about": self.about,
            "variants": self.variants.iter().map(variant).collect::<Vec<_>>(),
            "verdicts": self.verdicts.iter().map(verdict).collect::<Vec<_>>(),
            "leaks": self.leaks.map_or("no", leaks),
        })
    }
}

impl Variant {
    pub(crate) fn new<T: Trial + 'static>(
        name: impl Into<String>,
        class: &'static str,
        arm: impl Fn() -> Result<T, Fault> + 'static,
    ) -> Self {
        let arm = Box::new(move || Ok(Box::new(arm()?) as Box<dyn Trial>));
        Self { name: name.into(), class, watched: true, arm }
    }

    fn run(&self) -> Result<(), Fault> {
        let mut trial = (self.arm)()?;
        trial.run();
        trial.check().map_err(|fault| format!("{}: {fault}", self.name).into())
    }
}

/// Counts only the operation itself.
#[inline(never)]
fn counted(trial: &mut dyn Trial, name: &str) {
    valgrind::toggle_counting();
    trial.run();
    valgrind::toggle_counting();
    valgrind::write_counts(name);
}
