//! Limits of what `fit` takes. Larger numbers than these are slips of the hand; they also keep sizes in bounds.

/// The largest batch.
pub const MOST_SAMPLES_A_STEP: usize = 1 << 20;
/// The most epochs.
pub const MOST_EPOCHS: usize = 1_000_000;
/// The most phases of a run: each has a `fit(...)` of its own.
pub const MOST_PHASES: usize = 100;
