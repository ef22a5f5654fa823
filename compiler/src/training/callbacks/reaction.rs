//! What every callback says of itself. What it does is in `runtime/src/callbacks`.

use super::monitor::Monitor;
use crate::call::arguments::Arguments;
use crate::call::signature::Signature;

/// A callback of `fit`.
pub trait Reaction: Sized {
    /// Name, arguments and defaults, as Keras has them.
    const SIGNATURE: &'static Signature;

    /// Reads the callback that a call asks for; None after its arguments were reported.
    fn read(arguments: &mut Arguments<'_>) -> Option<Self>;

    /// The metric that it watches; None where it watches none.
    fn monitor(&self) -> Option<&Monitor> {
        None
    }

    /// Whether it sets the learning rate, so that it cannot be combined with a schedule.
    fn sets_learning_rate(&self) -> bool {
        false
    }
}
