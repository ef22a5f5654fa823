use super::state::{Meaning, State, padded, relu};
use compiler::ops::{Dense, DenseDinput, DenseDkernel, DenseGeometry};
use compiler::plan::{Range, TensorId};

/// `kernel^T input + bias`.
pub fn product(
    state: &State<'_>,
    geometry: &DenseGeometry,
    input: TensorId,
    kernel: Range,
    bias: Option<Range>,
) -> Vec<f64> {
    let n = state.samples;
    let DenseGeometry {
        inputs,
        units,
        positions,
    } = *geometry;
    let mut made = vec![0.0; units * positions * n];
    for u in 0..units {
        for p in 0..positions {
            for s in 0..n {
                let mut sum = bias.map_or(0.0, |bias| state.parameters[bias.offset + u]);
                for i in 0..inputs {
                    sum += state.parameters[kernel.offset + i * padded(units) + u]
                        * state.tensor(input)[(i * positions + p) * n + s];
                }
                made[(u * positions + p) * n + s] = sum;
            }
        }
    }
    made
}

impl Meaning for Dense {
    fn run(&self, state: &mut State<'_>) {
        let mut made = product(state, &self.geometry, self.input, self.kernel, self.bias);
        if self.relu {
            for sum in &mut made {
                *sum = relu(*sum);
            }
        }
        state.set(self.output, made);
    }
}

impl Meaning for DenseDkernel {
    fn run(&self, state: &mut State<'_>) {
        let DenseGeometry {
            inputs,
            units,
            positions,
        } = self.geometry;
        let columns = positions * state.samples;
        for u in 0..units {
            for at in 0..columns {
                let d = state.tensor(self.doutput)[u * columns + at];
                for i in 0..inputs {
                    let x = state.tensor(self.input)[i * columns + at];
                    state.outcome.gradients[self.kernel.offset + i * padded(units) + u] += x * d;
                }
                if let Some(bias) = self.bias {
                    state.outcome.gradients[bias.offset + u] += d;
                }
            }
        }
    }
}

impl Meaning for DenseDinput {
    fn run(&self, state: &mut State<'_>) {
        let DenseGeometry {
            inputs,
            units,
            positions,
        } = self.geometry;
        let columns = positions * state.samples;
        let mut made = state.zeros(self.dinput);
        for i in 0..inputs {
            for u in 0..units {
                let w = state.parameters[self.kernel.offset + i * padded(units) + u];
                for at in 0..columns {
                    made[i * columns + at] += w * state.tensor(self.doutput)[u * columns + at];
                }
            }
        }
        let made = state.masked(made, self.mask);
        state.set(self.dinput, made);
    }
}
