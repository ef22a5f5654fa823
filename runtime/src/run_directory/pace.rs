//! Decides when a run is committed to the disk.

use std::time::{Duration, Instant};

/// The least time between two commits: if it is lost, nobody loses much.
const LEAST: Duration = Duration::from_millis(250);

/// The share of the time that commits may take: one part in this many.
const SHARE: u32 = 40;

/// Spaces the commits of a run so that they take a small share of its time, however slow the disk is.
#[derive(Debug)]
pub struct Pace {
    since: Instant,
    least: Duration,
    wait: Duration,
}

impl Pace {
    /// Starts the time to the first commit now.
    pub fn start() -> Self {
        let least = least();
        Self {
            since: Instant::now(),
            least,
            wait: least,
        }
    }

    /// Whether enough time has passed for the next commit.
    pub fn is_due(&self) -> bool {
        self.since.elapsed() >= self.wait
    }

    /// Notes that a commit has been made and took `cost`, which the time to the next one depends on.
    pub fn kept(&mut self, cost: Duration) {
        self.since = Instant::now();
        self.wait = if self.least.is_zero() {
            self.least
        } else {
            self.least.max(cost.saturating_mul(SHARE))
        };
    }
}

/// The least time between two commits; a test may set it to zero, for a commit after every step.
#[cfg(debug_assertions)]
fn least() -> Duration {
    let asked = std::env::var("CNNC_TEST_COMMIT_MS").ok();
    asked
        .and_then(|milliseconds| milliseconds.parse().ok())
        .map_or(LEAST, Duration::from_millis)
}

#[cfg(not(debug_assertions))]
const fn least() -> Duration {
    LEAST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_is_done_seldom() {
        let mut pace = Pace::start();
        assert!(!pace.is_due());
        pace.kept(Duration::from_secs(1));
        assert_eq!(pace.wait, Duration::from_secs(40));
        pace.kept(Duration::from_millis(1));
        assert_eq!(pace.wait, LEAST);
    }
}
