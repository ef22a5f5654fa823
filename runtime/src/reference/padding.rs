use super::state::{Meaning, State};
use compiler::ops::Shift;

impl Meaning for Shift {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let geometry = self.geometry;
        let mut made = state.zeros(self.output);
        for c in 0..geometry.channels {
            for row in 0..geometry.from.0 {
                for column in 0..geometry.from.1 {
                    let to = (row as isize + geometry.before.0, column as isize + geometry.before.1);
                    let inside = |at: isize, size: usize| (0..size as isize).contains(&at);
                    if inside(to.0, geometry.to.0) && inside(to.1, geometry.to.1) {
                        let to = (c * geometry.to.0 + to.0 as usize) * geometry.to.1 + to.1 as usize;
                        let from = (c * geometry.from.0 + row) * geometry.from.1 + column;
                        for s in 0..n {
                            made[to * n + s] = state.tensor(self.input)[from * n + s];
                        }
                    }
                }
            }
        }
        state.set(self.output, made);
    }
}
