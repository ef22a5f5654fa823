use super::state::{Meaning, State};
use compiler::ops::{Merge, MergeBackward, Merging};

impl Meaning for Merge {
    fn run(&self, state: &mut State<'_>) {
        let pairs = state.tensor(self.left).iter().zip(state.tensor(self.right));
        let made = pairs.map(|(&left, &right)| match self.function {
            Merging::Multiply => left * right,
            Merging::Subtract => left - right,
            Merging::Maximum => left.max(right),
            Merging::Minimum => left.min(right),
        });
        let made = made.collect();
        state.set(self.output, made);
    }
}

impl Meaning for MergeBackward {
    fn run(&self, state: &mut State<'_>) {
        let pairs = state.tensor(self.left).iter().zip(state.tensor(self.right));
        let of_left = pairs.map(|(left, right)| match self.function {
            Merging::Minimum => left <= right,
            Merging::Maximum | Merging::Multiply | Merging::Subtract => left >= right,
        });
        let made = of_left
            .zip(state.tensor(self.doutput))
            .map(|(of_left, &d)| if of_left == self.of_left { d } else { 0.0 });
        let made = made.collect();
        state.set(self.dinput, made);
    }
}
