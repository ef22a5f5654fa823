//! Limits of what `fit` accepts. Larger numbers are slips of the hand; the limits also keep sizes in bounds.

/// The largest `batch_size`, in samples.
pub const MOST_SAMPLES_A_STEP: usize = 1 << 20;
/// The largest number of epochs of a phase.
pub const MOST_EPOCHS: usize = 1_000_000;
/// The largest number of phases of a run, each with a `fit(...)` of its own.
pub const MOST_PHASES: usize = 100;
