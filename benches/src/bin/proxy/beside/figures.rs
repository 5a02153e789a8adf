//! The figures of all rounds, and the table.

use super::contender::{Contender, Version};
use core::fmt::Write;

/// A quantity. Less of each is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantity {
    Full,
    Resumed,
    Upload,
    Download,
    Memory,
    Latency,
}

impl Quantity {
    const ALL: [Self; 6] =
        [Self::Full, Self::Resumed, Self::Upload, Self::Download, Self::Memory, Self::Latency];

    const fn name(self) -> &'static str {
        match self {
            Self::Full => "processor time of a full handshake, µs",
            Self::Resumed => "processor time of a resumed handshake, µs",
            Self::Upload => "processor time of a megabyte from the client, µs",
            Self::Download => "processor time of a megabyte to the client, µs",
            Self::Memory => "resident bytes of an idle connection",
            Self::Latency => "p99 latency of 1 KiB on a new connection, µs",
        }
    }
}

/// One figure of one round.
#[derive(Debug)]
struct Figure {
    contender: Contender,
    version: Version,
    quantity: Quantity,
    value: f64,
}

/// All figures.
#[derive(Debug, Default)]
pub(crate) struct Figures(Vec<Figure>);

impl Figures {
    pub(crate) fn add(&mut self, contender: Contender, version: Version, quantity: Quantity, value: f64) {
        self.0.push(Figure { contender, version, quantity, value });
    }

    /// The figures of all rounds, the least first.
    fn rounds(&self, contender: Contender, version: Version, quantity: Quantity) -> Vec<f64> {
        let is_one = |it: &&Figure| (it.contender, it.version, it.quantity) == (contender, version, quantity);
        let mut values: Vec<f64> = self.0.iter().filter(is_one).map(|it| it.value).collect();
        values.sort_by(f64::total_cmp);
        values
    }

    /// The median of the rounds, or `None` if nothing was measured.
    pub(crate) fn median(&self, contender: Contender, version: Version, quantity: Quantity) -> Option<f64> {
        let values = self.rounds(contender, version, quantity);
        values.get(values.len() / 2).copied()
    }

    /// The table in Markdown: the median, and in parentheses the least and the greatest figure and the
    /// number of rounds. After it come the rows in which ours is not the least.
    pub(crate) fn table(&self, contenders: &[Contender]) -> String {
        let mut text = String::from("| |");
        let (mut line, mut not_ahead) = (String::from("|---|"), Vec::new());
        for contender in contenders {
            // Writing to a string cannot fail.
            let _ = write!(text, " {} |", contender.name());
            line.push_str("--:|");
        }
        let _ = write!(text, "\n{line}\n");
        for version in Version::ALL {
            for quantity in Quantity::ALL {
                let row = format!("{}: {}", version.name(), quantity.name());
                let _ = write!(text, "| {row} |");
                for contender in contenders {
                    match *self.rounds(*contender, version, quantity) {
                        [] => text.push_str(" |"),
                        [first, ref rest @ ..] => {
                            let median = self.median(*contender, version, quantity).unwrap_or(first);
                            let count = rest.len() + 1;
                            let last = rest.last().copied().unwrap_or(first);
                            let _ = write!(text, " {median:.0} ({first:.0}–{last:.0}; {count}) |");
                        }
                    }
                }
                text.push('\n');
                let of = |contender| self.median(contender, version, quantity);
                let others = contenders.iter().filter(|it| **it != Contender::Cairn);
                let equal_or_better: Vec<&str> = others
                    .filter(|it| of(**it).zip(of(Contender::Cairn)).is_some_and(|(it, own)| it <= own))
                    .map(|it| it.name())
                    .collect();
                if !equal_or_better.is_empty() {
                    not_ahead.push(format!("- {row}: not ahead of {}", equal_or_better.join(", ")));
                }
            }
        }
        if not_ahead.is_empty() {
            text.push_str("\ncairn is ahead of each in every row.\n");
        } else {
            let _ = write!(text, "\nRows in which cairn is not ahead:\n{}\n", not_ahead.join("\n"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_medians_and_names_the_rows_in_which_cairn_is_not_ahead() {
        let mut figures = Figures::default();
        for (contender, values) in
            [(Contender::Cairn, [30.0, 10.0, 20.0]), (Contender::Nginx, [40.0, 15.0, 15.0])]
        {
            for value in values {
                figures.add(contender, Version::Tls12, Quantity::Full, value);
                figures.add(contender, Version::Tls13, Quantity::Memory, -value);
            }
        }
        let table = figures.table(&[Contender::Cairn, Contender::Nginx]);
        let row = "| TLS 1.2: processor time of a full handshake, µs | 20 (10–30; 3) | 15 (15–40; 3) |";
        assert!(table.contains(row), "{table}");
        let behind = "not ahead:\n- TLS 1.2: processor time of a full handshake, µs: not ahead of nginx\n";
        assert!(table.ends_with(behind), "{table}");
    }
}
