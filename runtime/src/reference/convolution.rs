use super::state::{Meaning, State, padded, relu};
use super::windows::{window_cells, windows};
use compiler::ops::{Convolution, ConvolutionDinput, ConvolutionDkernel, ConvolutionGeometry, Doutput};
use compiler::plan::Range;
use compiler::window::Grid;

/// Where the weight from input channel `i` at `tap` to filter `o` lies.
fn weight(geometry: &ConvolutionGeometry, kernel: Range, i: usize, tap: usize, o: usize) -> usize {
    let taps = geometry.grid.vertical.size * geometry.grid.horizontal.size;
    kernel.offset + (i * taps + tap) * padded(geometry.out_channels) + o
}

impl Meaning for Convolution {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let ConvolutionGeometry {
            in_channels,
            out_channels,
            grid,
        } = self.geometry;
        let positions = grid.vertical.input * grid.horizontal.input;
        let mut map = vec![0.0; out_channels * windows(&grid) * n];
        for o in 0..out_channels {
            for window in 0..windows(&grid) {
                let cells = window_cells(&grid, window);
                for s in 0..n {
                    let mut sum = self.bias.map_or(0.0, |bias| state.parameters[bias.offset + o]);
                    for i in 0..in_channels {
                        for &(tap, at) in &cells {
                            sum += state.parameters[weight(&self.geometry, self.kernel, i, tap, o)]
                                * state.tensor(self.input)[(i * positions + at) * n + s];
                        }
                    }
                    map[(o * windows(&grid) + window) * n + s] = if self.relu { relu(sum) } else { sum };
                }
            }
        }
        if !self.pool {
            return state.set(self.output, map);
        }
        let (made, places) = halved(&map, &grid, out_channels, n);
        state.set(self.output, made);
        if let Some(codes) = self.codes {
            state.set(codes, places);
        }
    }
}

/// The largest of each 2x2 window, and which of the four it was.
fn halved(map: &[f64], grid: &Grid, channels: usize, n: usize) -> (Vec<f64>, Vec<f64>) {
    let width = grid.horizontal.output;
    let (rows, columns) = (grid.vertical.output / 2, width / 2);
    let mut made = vec![0.0; channels * rows * columns * n];
    let mut places = made.clone();
    for o in 0..channels {
        for at in 0..rows * columns {
            let corner = o * windows(grid) + 2 * (at / columns) * width + 2 * (at % columns);
            for s in 0..n {
                let values = [0, 1, width, width + 1].map(|step| map[(corner + step) * n + s]);
                let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let to = (o * rows * columns + at) * n + s;
                made[to] = largest;
                places[to] = values.iter().position(|&value| value == largest).unwrap_or(0) as f64;
            }
        }
    }
    (made, places)
}

/// The gradient of a convolution's map, from the gradient behind its fused pool where there is one.
fn unpooled(state: &State<'_>, doutput: &Doutput, geometry: &ConvolutionGeometry) -> Vec<f64> {
    let Some(codes) = doutput.codes else {
        return state.tensor(doutput.tensor).to_vec();
    };
    let (n, grid) = (state.samples, &geometry.grid);
    let width = grid.horizontal.output;
    let (rows, columns) = (grid.vertical.output / 2, width / 2);
    let mut map = vec![0.0; geometry.out_channels * windows(grid) * n];
    for o in 0..geometry.out_channels {
        for at in 0..rows * columns {
            for s in 0..n {
                let from = (o * rows * columns + at) * n + s;
                let code = state.tensor(codes)[from] as usize;
                let (row, column) = (2 * (at / columns) + code / 2, 2 * (at % columns) + code % 2);
                map[(o * windows(grid) + row * width + column) * n + s] = state.tensor(doutput.tensor)[from];
            }
        }
    }
    map
}

impl Meaning for ConvolutionDkernel {
    fn run(&self, state: &mut State<'_>) {
        let doutput = unpooled(state, &self.doutput, &self.geometry);
        let (n, grid) = (state.samples, self.geometry.grid);
        let positions = grid.vertical.input * grid.horizontal.input;
        for o in 0..self.geometry.out_channels {
            for window in 0..windows(&grid) {
                let cells = window_cells(&grid, window);
                for s in 0..n {
                    let d = doutput[(o * windows(&grid) + window) * n + s];
                    if let Some(bias) = self.bias {
                        state.outcome.gradients[bias.offset + o] += d;
                    }
                    for i in 0..self.geometry.in_channels {
                        for &(tap, at) in &cells {
                            let x = state.tensor(self.input)[(i * positions + at) * n + s];
                            state.outcome.gradients[weight(&self.geometry, self.kernel, i, tap, o)] += x * d;
                        }
                    }
                }
            }
        }
    }
}

impl Meaning for ConvolutionDinput {
    fn run(&self, state: &mut State<'_>) {
        let doutput = unpooled(state, &self.doutput, &self.geometry);
        let (n, grid) = (state.samples, self.geometry.grid);
        let positions = grid.vertical.input * grid.horizontal.input;
        let mut made = vec![0.0; self.geometry.in_channels * positions * n];
        for i in 0..self.geometry.in_channels {
            for o in 0..self.geometry.out_channels {
                for window in 0..windows(&grid) {
                    for (tap, at) in window_cells(&grid, window) {
                        let w = state.parameters[weight(&self.geometry, self.kernel, i, tap, o)];
                        for s in 0..n {
                            made[(i * positions + at) * n + s] += w * doutput[(o * windows(&grid) + window) * n + s];
                        }
                    }
                }
            }
        }
        let made = state.masked(made, self.mask);
        state.set(self.dinput, made);
    }
}
