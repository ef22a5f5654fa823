//! The optimizer's step, which is no task of a block.

use super::super::maker::Maker;
use super::tasked::Tasked;
use compiler::ops::Update;

impl Tasked for Update {
    /// None: the workers do it together, each a range of the parameters, when all blocks are done.
    fn tasks(&self, _: &mut Maker<'_>) {}
}
