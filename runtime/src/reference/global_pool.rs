use super::state::{Meaning, State};
use compiler::ops::{GlobalPool, GlobalPoolBackward, PoolKind};

impl Meaning for GlobalPool {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let channels = state.sizes[self.output.0].0;
        let positions = state.elements(self.input) / channels;
        let mut made = state.zeros(self.output);
        for c in 0..channels {
            for s in 0..n {
                let values = (0..positions).map(|p| state.tensor(self.input)[(c * positions + p) * n + s]);
                made[c * n + s] = match self.pool {
                    PoolKind::Max => values.fold(f64::NEG_INFINITY, f64::max),
                    PoolKind::Average => values.sum::<f64>() / positions as f64,
                };
            }
        }
        state.set(self.output, made);
    }
}

impl Meaning for GlobalPoolBackward {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let channels = state.elements(self.doutput);
        let positions = state.elements(self.dinput) / channels;
        let mut made = state.zeros(self.dinput);
        for c in 0..channels {
            for s in 0..n {
                let d = state.tensor(self.doutput)[c * n + s];
                let places = (0..positions).map(|p| (c * positions + p) * n + s);
                match self.pool {
                    PoolKind::Max => {
                        // An average has none, and a maximum pool always has.
                        let Some(taken) = self.taken else { continue };
                        let largest = state.tensor(taken.output)[c * n + s];
                        let ties: Vec<usize> = places.filter(|&at| state.tensor(taken.input)[at] == largest).collect();
                        for &at in &ties {
                            made[at] = d / ties.len() as f64;
                        }
                    }
                    PoolKind::Average => places.for_each(|at| made[at] = d / positions as f64),
                }
            }
        }
        state.set(self.dinput, made);
    }
}
