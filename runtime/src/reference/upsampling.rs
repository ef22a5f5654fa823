use super::state::{Meaning, State};
use compiler::ops::{Interpolation, UpSample, UpSampleBackward, UpSamplingGeometry};

/// The cells of the short axis that a cell of the long one is made of, and their shares.
fn shares(interpolation: Interpolation, out: usize, factor: usize, size: usize) -> Vec<(usize, f64)> {
    match interpolation {
        Interpolation::Nearest => vec![(out / factor, 1.0)],
        Interpolation::Bilinear => {
            let centre = (out as f64 + 0.5) / factor as f64 - 0.5;
            let inside = |at: f64| at.clamp(0.0, size as f64 - 1.0) as usize;
            let share = centre - centre.floor();
            vec![
                (inside(centre.floor()), 1.0 - share),
                (inside(centre.floor() + 1.0), share),
            ]
        }
    }
}

/// Each (element of the small map, element of the large one, share).
fn pairs(geometry: &UpSamplingGeometry) -> Vec<(usize, usize, f64)> {
    let ((height, width), (down, across)) = (geometry.size, geometry.factors);
    let mut pairs = Vec::new();
    for c in 0..geometry.channels {
        for row in 0..height * down {
            for column in 0..width * across {
                for (y, of_row) in shares(geometry.interpolation, row, down, height) {
                    for (x, of_column) in shares(geometry.interpolation, column, across, width) {
                        let small = (c * height + y) * width + x;
                        let large = (c * height * down + row) * width * across + column;
                        pairs.push((small, large, of_row * of_column));
                    }
                }
            }
        }
    }
    pairs
}

impl Meaning for UpSample {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let mut made = state.zeros(self.output);
        for (small, large, share) in pairs(&self.geometry) {
            for s in 0..n {
                made[large * n + s] += share * state.tensor(self.input)[small * n + s];
            }
        }
        state.set(self.output, made);
    }
}

impl Meaning for UpSampleBackward {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let mut made = state.zeros(self.dinput);
        for (small, large, share) in pairs(&self.geometry) {
            for s in 0..n {
                made[small * n + s] += share * state.tensor(self.doutput)[large * n + s];
            }
        }
        state.set(self.dinput, made);
    }
}
