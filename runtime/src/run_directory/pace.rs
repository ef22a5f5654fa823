//! When to keep what there is.

use std::time::{Duration, Instant};

/// Not more often than this, which loses nobody much.
const LEAST: Duration = Duration::from_millis(250);

/// The share of the time that keeping may take: one in so many.
const SHARE: u32 = 40;

/// Spaces the commits of a run so that they take a small share of its time, whatever disk they go to.
#[derive(Debug)]
pub struct Pace {
    since: Instant,
    least: Duration,
    wait: Duration,
}

impl Pace {
    /// From now on.
    pub fn start() -> Self {
        let least = least();
        Self {
            since: Instant::now(),
            least,
            wait: least,
        }
    }

    /// Whether enough time has passed.
    pub fn is_due(&self) -> bool {
        self.since.elapsed() >= self.wait
    }

    /// What there was is kept; that took `cost`.
    pub fn kept(&mut self, cost: Duration) {
        self.since = Instant::now();
        self.wait = if self.least.is_zero() {
            self.least
        } else {
            self.least.max(cost.saturating_mul(SHARE))
        };
    }
}

/// A test may ask for a commit after every step.
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
