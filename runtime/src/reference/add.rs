use super::state::{Meaning, State};
use compiler::ops::Add;

impl Meaning for Add {
    fn run(&self, state: &mut State<'_>) {
        let (left, right) = (state.tensor(self.left), state.tensor(self.right));
        let made = left.iter().zip(right).map(|(l, r)| l + r).collect();
        state.set(self.output, made);
    }
}
