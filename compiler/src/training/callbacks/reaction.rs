//! What every callback says of itself, whichever it is. What it does is in `runtime/src/callbacks`.

use super::monitor::Monitor;
use crate::call::arguments::Arguments;
use crate::call::signature::Signature;

/// A callback of `fit`.
pub trait Reaction: Sized {
    /// Name, arguments and defaults, as Keras has them.
    const SIGNATURE: &'static Signature;

    /// The callback that a call asks for; what is wrong with its arguments is reported.
    fn read(arguments: &mut Arguments<'_>) -> Option<Self>;

    /// What it watches, if anything.
    fn monitor(&self) -> Option<&Monitor> {
        None
    }

    /// Whether it sets the learning rate, which a schedule would set too.
    fn sets_learning_rate(&self) -> bool {
        false
    }
}
