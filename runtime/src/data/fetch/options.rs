//! Options of a fetch: what to fetch again, how many files at once, how long to wait.

use std::time::Duration;

/// What a fetch downloads again, how many files at once, and how long it waits.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whether to fetch files again that are here already and right.
    pub force: bool,
    /// How many files are fetched at the same time.
    pub at_once: usize,
    /// How long to wait for a mirror.
    pub patience: Patience,
}

/// How long to wait for a mirror before another is tried.
#[derive(Debug, Clone)]
pub struct Patience {
    /// The time for its address to be found, and then for a connection.
    pub connect: Duration,
    /// The time for a response to begin, and then for each of its pieces.
    pub stall: Duration,
    /// The time over which the speed is measured.
    pub window: Duration,
    /// The speed, in bytes a second, below which other mirrors are tried first.
    pub slow: u64,
    /// The speed, in bytes a second, below which a mirror is given up.
    pub floor: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            force: false,
            at_once: 4,
            patience: Patience::default(),
        }
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            stall: Duration::from_secs(20),
            window: Duration::from_secs(10),
            slow: 200_000,
            floor: 1000,
        }
    }
}
