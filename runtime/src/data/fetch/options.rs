//! How to fetch.

use std::time::Duration;

/// How to fetch.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whether to fetch what is here and right as well.
    pub force: bool,
    /// How many files come at once.
    pub at_once: usize,
    /// How long to wait for a mirror.
    pub patience: Patience,
}

/// How long to wait for a mirror before another is tried.
#[derive(Debug, Clone)]
pub struct Patience {
    /// For its address, and then for a connection.
    pub connect: Duration,
    /// For an answer, and then for each of its pieces.
    pub stall: Duration,
    /// The time over which speed is measured.
    pub window: Duration,
    /// Bytes a second below which other mirrors are tried first.
    pub slow: u64,
    /// Bytes a second below which a mirror is given up.
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
