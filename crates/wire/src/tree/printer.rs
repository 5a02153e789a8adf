//! Indented output.

use core::fmt::{self, Write};

use crate::codec::{Decode, Encode};
use crate::codes::CodePoint;
use crate::hex::Hex;
use crate::list::List;

/// A value that can be printed as lines of a tree.
pub(super) trait Describe {
    /// Prints the lines at the current depth.
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result;
}

/// Implements `Display` through `Describe`.
macro_rules! display {
    ($($type:ty),* $(,)?) => {
        $(
            /// Prints the tree of the value, without a trailing newline.
            impl ::core::fmt::Display for $type {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    use $crate::tree::printer::{Describe, Printer};
                    Describe::describe(self, &mut Printer::new(f))
                }
            }
        )*
    };
}

pub(super) use display;

/// Prints a code point by name and number.
pub(super) struct Code<C>(pub(super) C);

impl<C: CodePoint> fmt::Display for Code<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.0.number();
        let width = 2 + 2 * C::BYTES;
        match self.0.registered() {
            Some(name) => write!(f, "{name} ({number:#0width$x})"),
            // RFC 8701 section 2 reserves the same values in every registry of two-byte code points.
            None if C::BYTES == 2 && number & 0x0f0f == 0x0a0a && number >> 8 == number & 0xff => {
                write!(f, "GREASE ({number:#0width$x})")
            }
            None => write!(f, "unknown ({number:#0width$x})"),
        }
    }
}

/// Prints lines separated by newlines and indented by depth.
pub(super) struct Printer<'w> {
    out: &'w mut dyn Write,
    depth: usize,
    begun: bool,
    certificates: Option<DescribeCertificate>,
}

/// Prints a description of a certificate, given its encoding: lines, without a trailing newline. Nothing if
/// there is nothing to say.
pub type DescribeCertificate = fn(&[u8], &mut dyn Write) -> fmt::Result;

impl<'w> Printer<'w> {
    pub(super) fn new(out: &'w mut dyn Write) -> Self {
        Self { out, depth: 0, begun: false, certificates: None }
    }

    /// As [`Printer::new`], with a description of each certificate.
    pub(super) fn with(out: &'w mut dyn Write, certificates: Option<DescribeCertificate>) -> Self {
        Self { certificates, ..Self::new(out) }
    }

    /// Prints the description of a certificate one level deeper.
    pub(super) fn certificate(&mut self, encoding: &[u8]) -> fmt::Result {
        match self.certificates {
            Some(describe) => self.nest(|p| describe(encoding, &mut Lines { printer: p, begins: true })),
            None => Ok(()),
        }
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

    /// Runs `f` one level deeper.
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

    /// Prints a list of code points, one per line.
    pub(super) fn codes<'a, C: CodePoint + Decode<'a> + Encode>(
        &mut self,
        label: &str,
        list: &List<'a, C>,
    ) -> fmt::Result {
        self.list(label, list, |p, code| p.line(format_args!("{}", Code(code))))
    }

    /// Prints the length of a list, then each element with `f`.
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

/// Writes text as lines of the tree.
struct Lines<'p, 'w> {
    printer: &'p mut Printer<'w>,
    /// Whether the next text begins a line.
    begins: bool,
}

impl Write for Lines<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for (number, part) in text.split('\n').enumerate() {
            self.begins |= number > 0;
            if part.is_empty() {
                continue;
            }
            if core::mem::take(&mut self.begins) {
                self.printer.line(format_args!("{part}"))?;
            } else {
                self.printer.out.write_str(part)?;
            }
        }
        Ok(())
    }
}

/// Prints bytes that usually are text: quoted if they are UTF-8, otherwise in hexadecimal.
pub(super) struct Text<'a>(pub(super) &'a [u8]);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match str::from_utf8(self.0) {
            // `Debug` escapes control characters, which could manipulate a terminal.
            Ok(text) => write!(f, "{text:?}"),
            Err(_) => write!(f, "{}", Hex(self.0)),
        }
    }
}
