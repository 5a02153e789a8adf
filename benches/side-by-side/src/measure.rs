//! Contenders take turns, so that other load on the machine affects them alike. The median of each counts.

use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The time of each side. For application data, the client is the sender.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sides {
    pub(crate) client: Duration,
    pub(crate) server: Duration,
    /// The number of repetitions.
    pub(crate) times: u32,
}

impl Sides {
    /// Never inlined, and neither is the other one: when the heap is counted, the name of the function
    /// identifies the caller.
    #[inline(never)]
    pub(crate) fn client<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let outcome = work();
        self.client += begun.elapsed();
        outcome
    }

    #[inline(never)]
    pub(crate) fn server<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let outcome = work();
        self.server += begun.elapsed();
        outcome
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    Quick,
    Full,
}

/// A contender: it does the work of a row.
pub(crate) struct Contender<'a> {
    column: &'static str,
    run: Box<dyn FnMut() -> Sides + 'a>,
    client: Vec<f64>,
    server: Vec<f64>,
}

impl<'a> Contender<'a> {
    pub(crate) fn new(column: &'static str, run: impl FnMut() -> Sides + 'a) -> Self {
        Self { column, run: Box::new(run), client: Vec::new(), server: Vec::new() }
    }
}

/// The time of one contender.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    column: &'static str,
    client: Spread,
    server: Spread,
}

/// Quartiles, in nanoseconds.
#[derive(Clone, Copy, Debug)]
struct Spread {
    low: f64,
    median: f64,
    high: f64,
}

impl Spread {
    fn of(samples: &mut [f64]) -> Self {
        samples.sort_by(f64::total_cmp);
        let at = |quarter: usize| samples[(samples.len() - 1) * quarter / 4];
        Self { low: at(1), median: at(2), high: at(3) }
    }
}

/// Runs the contenders in turn, a few samples each, repeatedly.
pub(crate) fn in_turn(effort: Effort, contenders: &mut [Contender<'_>]) -> Vec<Outcome> {
    const A_TURN: usize = 5;
    let budget = Duration::from_millis(if effort == Effort::Quick { 250 } else { 2500 });
    let begun = Instant::now();
    while begun.elapsed() < budget {
        for contender in &mut *contenders {
            // A warm-up run, because the previous contender has filled the caches.
            (contender.run)();
            for _ in 0..A_TURN {
                let sides = (contender.run)();
                let times = f64::from(sides.times);
                contender.client.push(nanoseconds(sides.client) / times);
                contender.server.push(nanoseconds(sides.server) / times);
            }
        }
    }
    contenders
        .iter_mut()
        .map(|contender| Outcome {
            column: contender.column,
            client: Spread::of(&mut contender.client),
            server: Spread::of(&mut contender.server),
        })
        .collect()
}

fn nanoseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e9
}

/// A row of the result.
pub(crate) struct Row {
    pub(crate) name: String,
    cells: Vec<(&'static str, Spread)>,
}

impl Row {
    pub(crate) const CAIRN: &'static str = "cairn";
    pub(crate) const RUSTLS: &'static str = "rustls";
    pub(crate) const OPENSSL: &'static str = "openssl";
    pub(crate) const S2N: &'static str = "s2n";
    /// Cairn with the provider in pure Rust, which has its own rows.
    pub(crate) const RUSTCRYPTO: &'static str = "rustcrypto";
    pub(crate) const FLOOR: &'static str = "floor";

    /// The rows of both sides, and two more for [`Row::RUSTCRYPTO`] if it was measured:
    /// `<name>-rustcrypto-<side>` if the name ends with the side, else `<name>-rustcrypto`.
    pub(crate) fn both(client: &str, server: &str, outcomes: &[Outcome]) -> Vec<Self> {
        let mut rows = Vec::new();
        for ours in [Self::CAIRN, Self::RUSTCRYPTO] {
            let cells = |side: fn(&Outcome) -> Spread| -> Vec<_> {
                let is_in = |column: &str| match ours {
                    Self::CAIRN => column != Self::RUSTCRYPTO,
                    _ => column == ours,
                };
                let of_row = outcomes.iter().filter(|outcome| is_in(outcome.column));
                of_row
                    .map(|outcome| {
                        let column = if outcome.column == ours { Self::CAIRN } else { outcome.column };
                        (column, side(outcome))
                    })
                    .collect()
            };
            let named = |name: &str| {
                if ours == Self::CAIRN {
                    return name.to_owned();
                }
                for side in ["-client", "-server"] {
                    if let Some(name) = name.strip_suffix(side) {
                        return format!("{name}-{ours}{side}");
                    }
                }
                format!("{name}-{ours}")
            };
            let (of_client, of_server) = (cells(|outcome| outcome.client), cells(|outcome| outcome.server));
            if !of_client.is_empty() {
                rows.push(Self { name: named(client), cells: of_client });
                rows.push(Self { name: named(server), cells: of_server });
            }
        }
        rows
    }

    /// `{"name", "cairn_ns", ...}`: medians, or null if there is none; `spread_ns` has the quartiles.
    pub(crate) fn to_json(&self) -> Value {
        let mut row = json!({ "name": self.name, "spread_ns": {} });
        for column in [Self::CAIRN, Self::RUSTLS, Self::OPENSSL, Self::S2N, Self::FLOOR] {
            let spread = self.cells.iter().find(|(name, _)| *name == column).map(|(_, spread)| spread);
            row[format!("{column}_ns")] = json!(spread.map(|spread| spread.median.round()));
            if let Some(spread) = spread {
                row["spread_ns"][column] = json!([spread.low.round(), spread.high.round()]);
            }
        }
        row
    }
}
