//! Lines with indentation.

use core::fmt::{self, Write};

use crate::hex::Hex;
use crate::{Decode, Encode, List};

/// What prints itself as lines of a tree.
pub(super) trait Describe {
    /// Prints the lines, at the depth where the printer stands.
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result;
}

/// Gives a type that describes itself its `Display`.
macro_rules! display {
    ($($type:ty),* $(,)?) => {
        $(
            /// The tree of the value, without a line break at the end.
            impl ::core::fmt::Display for $type {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    $crate::tree::printer::Describe::describe(self, &mut $crate::tree::printer::Printer::new(f))
                }
            }
        )*
    };
}

pub(super) use display;

/// A code point, whatever its registry.
pub(crate) trait CodePoint: Copy {
    /// Its registered name.
    fn registered(self) -> Option<&'static str>;
    /// Its number.
    fn number(self) -> u32;
    /// How many bytes it takes.
    const BYTES: usize;
}

/// A code point by name and number.
pub(super) struct Code<C>(pub(super) C);

impl<C: CodePoint> fmt::Display for Code<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.0.number();
        let width = 2 + 2 * C::BYTES;
        match self.0.registered() {
            Some(name) => write!(f, "{name} ({number:#0width$x})"),
            // RFC 8701 section 2: every registry of two bytes reserves the same values.
            None if C::BYTES == 2 && number & 0x0f0f == 0x0a0a && number >> 8 == number & 0xff => {
                write!(f, "GREASE ({number:#0width$x})")
            }
            None => write!(f, "unknown ({number:#0width$x})"),
        }
    }
}

/// Prints lines, each with the indentation of its depth, and line breaks between them.
pub(super) struct Printer<'w> {
    out: &'w mut dyn Write,
    depth: usize,
    begun: bool,
}

impl<'w> Printer<'w> {
    pub(super) fn new(out: &'w mut dyn Write) -> Self {
        Self { out, depth: 0, begun: false }
    }

    pub(super) fn line(&mut self, text: fmt::Arguments<'_>) -> fmt::Result {
        if self.begun {
            self.out.write_char('\n')?;
        }
        self.begun = true;
        for _ in 0..self.depth {
            self.out.write_str("  ")?;
        }
        self.out.write_fmt(text)
    }

    /// Prints what `f` prints one step deeper.
    pub(super) fn nest<R>(&mut self, f: impl FnOnce(&mut Self) -> R) -> R {
        self.depth = self.depth.saturating_add(1);
        let result = f(self);
        self.depth = self.depth.saturating_sub(1);
        result
    }

    pub(super) fn code<C: CodePoint>(&mut self, label: &str, code: C) -> fmt::Result {
        self.line(format_args!("{label}: {}", Code(code)))
    }

    pub(super) fn bytes(&mut self, label: &str, bytes: &[u8]) -> fmt::Result {
        if bytes.is_empty() {
            self.line(format_args!("{label}: (empty)"))
        } else {
            self.line(format_args!("{label}: {}", Hex(bytes)))
        }
    }

    /// Prints a list of code points, each on its line.
    pub(super) fn codes<'a, C: CodePoint + Decode<'a> + Encode>(
        &mut self,
        label: &str,
        list: &List<'a, C>,
    ) -> fmt::Result {
        self.list(label, list, |p, code| p.line(format_args!("{}", Code(code))))
    }

    /// Prints a list: its size, then each element with `f`.
    pub(super) fn list<'a, T: Clone + Decode<'a> + Encode>(
        &mut self,
        label: &str,
        list: &List<'a, T>,
        mut f: impl FnMut(&mut Self, T) -> fmt::Result,
    ) -> fmt::Result {
        self.line(format_args!("{label}: {}", list.len()))?;
        self.nest(|p| list.iter().try_for_each(|item| f(p, item)))
    }
}

/// Bytes that are text more often than not: as text in quotes where they are UTF-8, else in hexadecimal.
pub(super) struct Text<'a>(pub(super) &'a [u8]);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match str::from_utf8(self.0) {
            // Debug escapes what could play tricks on a terminal.
            Ok(text) => write!(f, "{text:?}"),
            Err(_) => write!(f, "{}", Hex(self.0)),
        }
    }
}
