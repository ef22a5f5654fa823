use super::state::{Meaning, State};
use compiler::ops::Permute;

impl Meaning for Permute {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let ([a, b, c], [of_a, of_b, of_c]) = (self.geometry.sizes, self.geometry.steps);
        let mut made = Vec::new();
        for i in 0..a {
            for j in 0..b {
                for k in 0..c {
                    let from = i * of_a + j * of_b + k * of_c;
                    made.extend_from_slice(&state.tensor(self.input)[from * n..(from + 1) * n]);
                }
            }
        }
        state.set(self.output, made);
    }
}
