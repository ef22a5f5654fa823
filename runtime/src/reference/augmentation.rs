use super::philox::philox;
use super::state::{Meaning, State};
use compiler::ops::{Adjust, Affine, Erase, FillMode, Motion, Noise, Transforms};
use std::f64::consts::TAU;

/// Number `index` of a sample of the batch: the upper 24 bits of its word, as a share.
pub(super) fn uniform(state: &State<'_>, stream: [u32; 2], index: usize, sample: usize) -> f64 {
    let [low, high] = stream;
    let words = philox([index as u32, (sample / 4) as u32, low, high], state.batch.key);
    f64::from(words[sample % 4] >> 8) / 16_777_216.0
}

fn normal(state: &State<'_>, stream: [u32; 2], index: usize, sample: usize) -> f64 {
    let first = uniform(state, stream, index, sample) + 0.5 / 16_777_216.0;
    (-2.0 * first.ln()).sqrt() * (TAU * uniform(state, stream, index + 1, sample)).cos()
}

pub(super) fn between([low, high]: [f32; 2], share: f64) -> f64 {
    f64::from(low) + (f64::from(high) - f64::from(low)) * share
}

impl Meaning for Transforms {
    fn run(&self, state: &mut State<'_>) {
        let (height, width) = (self.from.0 as f64, self.from.1 as f64);
        let (middle_row, middle_column) = ((height - 1.0) / 2.0, (width - 1.0) / 2.0);
        let mut made = vec![0.0; 6 * state.samples];
        for sample in 0..state.samples {
            let u = |index| uniform(state, self.stream, index, sample);
            // What the middle of the picture is moved to, so that it stays where it is.
            let about_middle = |[a0, a1, b0, b1]: [f64; 4]| {
                let a2 = middle_column - a0 * middle_column - a1 * middle_row;
                let b2 = middle_row - b0 * middle_column - b1 * middle_row;
                [a0, a1, a2, b0, b1, b2]
            };
            let matrix = match self.motion {
                Motion::Flip { horizontal, vertical } => {
                    let sign = |turns: bool| if turns && u(0) <= 0.5 { -1.0 } else { 1.0 };
                    about_middle([sign(horizontal), 0.0, 0.0, sign(vertical)])
                }
                Motion::Translate {
                    height: down,
                    width: across,
                } => {
                    let (down, across) = (between(down, u(0)) * height, between(across, u(1)) * width);
                    [1.0, 0.0, -across, 0.0, 1.0, -down]
                }
                Motion::Rotate { turns } => {
                    let (sin, cos) = (TAU * between(turns, u(0))).sin_cos();
                    about_middle([cos, -sin, sin, cos])
                }
                Motion::Zoom {
                    height: down,
                    width: across,
                } => {
                    let down = between(down, u(0));
                    about_middle([across.map_or(down, |across| between(across, u(1))), 0.0, 0.0, down])
                }
                Motion::Shear { x, y } => {
                    let way = if u(0) > 0.5 { -1.0 } else { 1.0 };
                    [1.0, way * between(x, u(2)), 0.0, way * between(y, u(1)), 1.0, 0.0]
                }
                Motion::Crop => {
                    let place = |index, from: usize, to: usize| {
                        (uniform(state, self.stream, index, 0) * (from - to + 1) as f64).floor()
                    };
                    let (down, across) = (place(0, self.from.0, self.to.0), place(1, self.from.1, self.to.1));
                    [1.0, 0.0, across, 0.0, 1.0, down]
                }
                Motion::Window { size } => {
                    let along = |from: usize, window: usize, to: usize| {
                        let scale = window as f64 / to as f64;
                        (scale, ((from - window) / 2) as f64 + scale / 2.0 - 0.5)
                    };
                    let (across, a2) = along(self.from.1, size.1, self.to.1);
                    let (down, b2) = along(self.from.0, size.0, self.to.0);
                    [across, 0.0, a2, 0.0, down, b2]
                }
            };
            for (at, value) in matrix.into_iter().enumerate() {
                made[at * state.samples + sample] = value;
            }
        }
        state.set(self.output, made);
    }
}

/// The index of a coordinate beyond the edges, or the coordinate that stands for it; see TensorFlow's `MapCoordinate`.
fn inside(mode: FillMode, c: f64, size: usize) -> f64 {
    let length = size as f64;
    let folded = match mode {
        FillMode::Constant => return c,
        FillMode::Reflect | FillMode::Wrap if size == 1 => 0.0,
        // Periodic, and even about -1/2.
        FillMode::Reflect => {
            let along = (c + 0.5).rem_euclid(2.0 * length);
            if along > length {
                2.0 * length - along - 0.5
            } else {
                along - 0.5
            }
        }
        FillMode::Wrap if c < 0.0 => c + length * ((-c / (length - 1.0)).trunc() + 1.0),
        FillMode::Wrap if c > length - 1.0 => c - length * (c / (length - 1.0)).trunc(),
        FillMode::Wrap | FillMode::Nearest => c,
    };
    folded.clamp(0.0, length - 1.0)
}

impl Meaning for Affine {
    fn run(&self, state: &mut State<'_>) {
        let samples = state.samples;
        let (height, width) = self.from;
        let (x, m) = (state.tensor(self.input), state.tensor(self.transforms));
        let mut made = Vec::new();
        for channel in 0..self.channels {
            for (row, column) in (0..self.to.0).flat_map(|row| (0..self.to.1).map(move |column| (row, column))) {
                for sample in 0..samples {
                    let along = |at: usize| {
                        m[at * samples + sample] * column as f64
                            + m[(at + 1) * samples + sample] * row as f64
                            + m[(at + 2) * samples + sample]
                    };
                    let column = inside(self.sampling.fill_mode, along(0), width);
                    let row = inside(self.sampling.fill_mode, along(3), height);
                    let pixel = |row: f64, column: f64| {
                        if row < 0.0 || column < 0.0 || row >= height as f64 || column >= width as f64 {
                            return f64::from(self.sampling.fill_value);
                        }
                        x[((channel * height + row as usize) * width + column as usize) * samples + sample]
                    };
                    made.push(if self.sampling.bilinear {
                        let (top, left) = (row.floor(), column.floor());
                        let mut sum = 0.0;
                        for (r, c) in [
                            (top, left),
                            (top, left + 1.0),
                            (top + 1.0, left),
                            (top + 1.0, left + 1.0),
                        ] {
                            sum += (1.0 - (row - r).abs()) * (1.0 - (column - c).abs()) * pixel(r, c);
                        }
                        sum
                    } else {
                        pixel(row.round(), column.round())
                    });
                }
            }
        }
        state.set(self.output, made);
    }
}

impl Meaning for Adjust {
    fn run(&self, state: &mut State<'_>) {
        let samples = state.samples;
        let positions = state.sizes[self.output.0].1;
        let made = state.tensor(self.input).iter().enumerate().map(|(at, &x)| {
            let drawn = between(self.drawn, uniform(state, self.stream, 0, at % samples));
            let made = match self.statistics {
                Some(statistics) => {
                    let channel = at / samples / positions;
                    let mean = state.tensor(statistics)[channel * 2 * samples + at % samples];
                    (x - mean) * drawn + mean
                }
                None => x + drawn,
            };
            made.clamp(f64::from(self.range[0]), f64::from(self.range[1]))
        });
        let made = made.collect();
        state.set(self.output, made);
    }
}

impl Meaning for Erase {
    fn run(&self, state: &mut State<'_>) {
        let samples = state.samples;
        let (height, width) = self.size;
        let made = state.tensor(self.input).iter().enumerate().map(|(at, &x)| {
            let (element, sample) = (at / samples, at % samples);
            let u = |index| uniform(state, self.stream, index, sample);
            let side = |index, size: usize| between(self.scale, u(index)).sqrt() * size as f64;
            let (wide, high) = (side(0, width), side(1, height));
            let (left, top) = (u(2) * (width as f64 - wide), u(3) * (height as f64 - high));
            let place = element % (height * width);
            let (row, column) = ((place / width) as f64, (place % width) as f64);
            let within = (left..left + wide).contains(&column) && (top..top + high).contains(&row);
            if !within || u(5) >= between(self.factor, u(4)) {
                return x;
            }
            let fill = match self.fill {
                Some(fill) => f64::from(fill[(element / (height * width)).min(2)]),
                None => normal(state, self.stream, 8 + 2 * element, sample) * f64::from(self.normal),
            };
            fill.clamp(f64::from(self.range[0]), f64::from(self.range[1]))
        });
        let made = made.collect();
        state.set(self.output, made);
    }
}

impl Meaning for Noise {
    fn run(&self, state: &mut State<'_>) {
        let samples = state.samples;
        let made =
            state.tensor(self.input).iter().enumerate().map(|(at, &x)| {
                x + f64::from(self.stddev) * normal(state, self.stream, 2 * (at / samples), at % samples)
            });
        let made = made.collect();
        state.set(self.output, made);
    }
}
