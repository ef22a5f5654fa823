use super::state::{Meaning, State};
use compiler::ops::Gather;

impl Meaning for Gather {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let (channels, positions) = (state.shape.channels(), state.shape.positions());
        let mut made = state.zeros(self.output);
        for c in 0..channels {
            for p in 0..positions {
                for s in 0..n {
                    made[(c * positions + p) * n + s] = state.batch.pictures[s][p * channels + c];
                }
            }
        }
        state.set(self.output, made);
    }
}
