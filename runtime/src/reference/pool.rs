use super::state::{Meaning, State};
use super::windows::{window_cells, windows};
use compiler::ops::{Pool, PoolBackward, PoolKind, PoolingGeometry};

impl Meaning for Pool {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let PoolingGeometry { channels, grid } = &self.geometry;
        let positions = grid.vertical.input * grid.horizontal.input;
        let mut made = state.zeros(self.output);
        for c in 0..*channels {
            for window in 0..windows(grid) {
                let cells = window_cells(grid, window);
                for s in 0..n {
                    let values = cells
                        .iter()
                        .map(|(_, at)| state.tensor(self.input)[(c * positions + at) * n + s]);
                    made[(c * windows(grid) + window) * n + s] = match self.pool {
                        PoolKind::Max => values.fold(f64::NEG_INFINITY, f64::max),
                        PoolKind::Average => values.sum::<f64>() / cells.len() as f64,
                    };
                }
            }
        }
        state.set(self.output, made);
    }
}

impl Meaning for PoolBackward {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let PoolingGeometry { channels, grid } = &self.geometry;
        let positions = grid.vertical.input * grid.horizontal.input;
        let mut made = state.zeros(self.dinput);
        for c in 0..*channels {
            for window in 0..windows(grid) {
                let cells = window_cells(grid, window);
                for s in 0..n {
                    let at_output = (c * windows(grid) + window) * n + s;
                    let d = state.tensor(self.doutput)[at_output];
                    match self.pool {
                        PoolKind::Max => {
                            // An average has none, and a maximum pool always has.
                            let Some(taken) = self.taken else { continue };
                            let largest = state.tensor(taken.output)[at_output];
                            let first = cells
                                .iter()
                                .map(|(_, at)| (c * positions + at) * n + s)
                                .find(|&at| state.tensor(taken.input)[at] == largest);
                            if let Some(first) = first {
                                made[first] += d;
                            }
                        }
                        PoolKind::Average => {
                            for (_, at) in &cells {
                                made[(c * positions + at) * n + s] += d / cells.len() as f64;
                            }
                        }
                    }
                }
            }
        }
        state.set(self.dinput, made);
    }
}
