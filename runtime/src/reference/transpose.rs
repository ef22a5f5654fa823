use super::state::{Meaning, State};
use compiler::ops::Transpose;

impl Meaning for Transpose {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let mut made = state.zeros(self.output);
        for r in 0..self.rows {
            for c in 0..self.columns {
                for s in 0..n {
                    made[(c * self.rows + r) * n + s] = state.tensor(self.input)[(r * self.columns + c) * n + s];
                }
            }
        }
        state.set(self.output, made);
    }
}
