//! What every metric says of itself, whichever it is. Each implements [`Measure`] in a room of its own; the list of rooms is
//! in `training/metrics/mod.rs`.

use crate::call::signature::Signature;
use crate::ops::Hit;

/// Something that is reported beside the loss, and that training does not look at.
///
/// A metric keeps sums over samples, which devices add up batch by batch without the host, and makes its value of them when
/// it is asked for: after some steps for the progress bar, and at the end of an epoch.
pub trait Measure: Sized {
    /// Name, arguments and defaults, as Keras has them.
    const SIGNATURE: &'static Signature;

    /// The names that mean it with every default; the one that is used is its key in the log.
    const NAMES: &'static [&'static str];

    /// With every default.
    fn by_name() -> Self;

    /// What it is for learners, after "Beside it NAME is reported: ", for so many outputs.
    fn words(&self, outputs: usize) -> String;

    /// When an output of so many channels counts as right.
    fn hit(&self, channels: usize) -> Hit;

    /// How many sums it keeps.
    fn counters(&self) -> usize;

    /// Its value from its sums over so many samples, of which there is at least one.
    fn value(&self, sums: &[f64], samples: usize) -> f64;
}
