//! The pace of connections, and the progress bar.

use core::time::Duration;
use std::{
    io::{self, IsTerminal, Write},
    thread,
    time::Instant,
};

/// The width of the bar in columns.
const WIDTH: usize = 24;

/// Limits the number of connections per second, counts them, and shows the progress.
#[derive(Debug)]
pub(super) struct Pace {
    /// The time between two connections.
    gap: Duration,
    last: Option<Instant>,
    /// The connections so far.
    pub(super) connections: u64,
    /// Whether the progress is shown.
    shows: bool,
    stage: usize,
    stages: usize,
    name: &'static str,
}

impl Pace {
    /// At most `rate` connections per second, or any number if it is 0, in this number of stages.
    pub(super) fn new(rate: u32, stages: usize) -> Self {
        let gap = Duration::from_secs(1).checked_div(rate).unwrap_or_default();
        let shows = io::stderr().is_terminal();
        Self { gap, last: None, connections: 0, shows, stage: 0, stages, name: "connecting" }
    }

    /// Begins the next stage.
    pub(super) fn stage(&mut self, name: &'static str) {
        self.stage = self.stage.saturating_add(1);
        self.name = name;
        self.show();
    }

    /// Waits until the next connection may be opened, and counts it.
    pub(super) fn next(&mut self) {
        if let Some(last) = self.last {
            thread::sleep(self.gap.saturating_sub(last.elapsed()));
        }
        self.last = Some(Instant::now());
        self.connections = self.connections.saturating_add(1);
        self.show();
    }

    /// Removes the progress bar.
    pub(super) fn end(&self) {
        if self.shows {
            let _nobody_reads = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }

    fn show(&self) {
        if self.shows {
            let bar = bar(self.stage, self.stages);
            let (name, connections) = (self.name, self.connections);
            let _nobody_reads =
                write!(io::stderr().lock(), "\r\x1b[K[{bar}] {name}, {connections} connections");
        }
    }
}

/// The bar during a stage.
fn bar(stage: usize, stages: usize) -> String {
    let full = stage.saturating_sub(1).saturating_mul(WIDTH).checked_div(stages).unwrap_or(0).min(WIDTH);
    format!("{}{}", "#".repeat(full), "-".repeat(WIDTH.saturating_sub(full)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bar_fills_with_the_stages() {
        assert_eq!(bar(1, 3), "-".repeat(24));
        assert_eq!(bar(2, 3), format!("{}{}", "#".repeat(8), "-".repeat(16)));
        assert_eq!(bar(99, 3), "#".repeat(24));
        assert_eq!(bar(1, 0), "-".repeat(24));
    }

    #[test]
    fn connections_are_spread_over_time() {
        let mut pace = Pace::new(100, 1);
        let start = Instant::now();
        (0..4).for_each(|_| pace.next());
        assert!(start.elapsed() >= Duration::from_millis(30));
        assert_eq!(pace.connections, 4);
        assert!(Pace::new(0, 1).gap.is_zero());
    }
}
