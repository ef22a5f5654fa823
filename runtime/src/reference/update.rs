use super::state::{Meaning, State};
use compiler::ops::Update;

impl Meaning for Update {
    /// Left to [`update`](super::optimizers::update), which tests call with an executor's own gradients.
    fn run(&self, _: &mut State<'_>) {}
}
