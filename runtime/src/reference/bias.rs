use super::state::{Meaning, State};
use compiler::ops::{AddBias, Dbias};

impl Meaning for AddBias {
    fn run(&self, state: &mut State<'_>) {
        let column = state.sizes[self.output.0].1 * state.samples;
        let input = state.tensor(self.input).iter().enumerate();
        let made = input.map(|(at, x)| x + state.parameters[self.bias.offset + at / column]);
        let made = made.collect();
        state.set(self.output, made);
    }
}

impl Meaning for Dbias {
    fn run(&self, state: &mut State<'_>) {
        let column = self.positions * state.samples;
        for at in 0..state.tensor(self.doutput).len() {
            let d = state.tensor(self.doutput)[at];
            state.outcome.gradients[self.bias.offset + at / column] += d;
        }
    }
}
