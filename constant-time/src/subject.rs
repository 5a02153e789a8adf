//! What is watched, and how it is run.

use crate::valgrind;
use serde_json::{Value, json};
use std::error::Error;

/// Whatever goes wrong here, in words.
pub(crate) type Fault = Box<dyn Error>;

/// Something that must take the same time, whatever its secrets are.
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) variants: Vec<Variant>,
    /// Where a branch on a secret is right after all.
    pub(crate) verdicts: Vec<Verdict>,
    /// It is no good, and must be found out.
    pub(crate) leaks: Option<Leaks>,
}

/// One case of it. Those of a class must cost the same.
pub(crate) struct Variant {
    pub(crate) name: String,
    pub(crate) class: &'static str,
    /// Whether it is for memcheck as well; else only its instructions are counted.
    pub(crate) watched: bool,
    /// Makes all ready. This is not counted.
    pub(crate) arm: Box<dyn Fn() -> Result<Box<dyn Trial>, Fault>>,
}

/// A variant, ready to run.
pub(crate) trait Trial {
    /// What is counted and watched.
    fn run(&mut self);

    /// Whether what came of it is what had to. Secrets have to be revealed before they are looked at.
    fn check(&mut self) -> Result<(), Fault>;
}

/// A place where a branch depends on a secret, or on what is one for valgrind, and may.
#[derive(Clone, Copy)]
pub(crate) struct Verdict {
    pub(crate) place: Place,
    pub(crate) why: &'static str,
}

#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// A line, by the end of its file's path and by its text: whatever else is in that file stays forbidden.
    Line { file: &'static str, text: &'static str },
    /// A function that is not ours, by a part of its name.
    Function(&'static str),
}

/// By which of the two tools a control must be found out.
#[derive(Clone, Copy)]
pub(crate) enum Leaks {
    InBoth,
    InMemoryOnly,
}

/// A line where a branch may be.
pub(crate) const fn line(file: &'static str, text: &'static str, why: &'static str) -> Verdict {
    Verdict { place: Place::Line { file, text }, why }
}

/// A function from elsewhere that may have one.
pub(crate) const fn function(name: &'static str, why: &'static str) -> Verdict {
    Verdict { place: Place::Function(name), why }
}

impl Subject {
    /// Each variant twice. The first time is not counted: what is set up at the first use is set up then.
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

    /// Each variant that is watched, once.
    pub(crate) fn run_once(&self) -> Result<(), Fault> {
        if !valgrind::is_there() {
            return Err("valgrind is not there, or cannot be asked on this machine".into());
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

/// Counts what the trial does, and nothing else.
#[inline(never)]
fn counted(trial: &mut dyn Trial, name: &str) {
    valgrind::toggle_counting();
    trial.run();
    valgrind::toggle_counting();
    valgrind::write_counts(name);
}
