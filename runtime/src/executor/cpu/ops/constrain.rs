//! What a variable is held to after an update.

use super::super::maker::Maker;
use super::tasked::Tasked;
use compiler::ops::Constrain;

impl Tasked for Constrain {
    /// None: the workers do it together once all parameters are updated.
    fn tasks(&self, _: &mut Maker<'_>) {}
}
