//! What every operation of a plan means, in `f64` and plain loops: the yardstick of both executors, and nothing else.
//! Its own gradients are checked against central differences.

use compiler::activation::Activation;
use compiler::plan::{Convolution, Dense, Doutput, Kind, Parameter, PoolKind, Pooling, Program, Range, TensorId};
use compiler::shape::Shape;
use compiler::training::optimizer::Optimizer;
use compiler::window::{Grid, Sliding};

/// A batch without padding: pictures in Keras's order, and their labels.
pub struct Batch {
    pub pictures: Vec<Vec<f64>>,
    pub labels: Vec<u32>,
}

/// All that one step leaves behind.
pub struct Outcome {
    /// `[tensor][element * samples + sample]`; empty where no operation wrote it.
    pub tensors: Vec<Vec<f64>>,
    /// In the parameters' layout.
    pub gradients: Vec<f64>,
    /// Over the samples of the batch.
    pub loss: f64,
    pub correct: f64,
}

/// Runs the program's operations in order. `Update` is left to [`update`].
pub fn run(program: &Program, shape: &Shape, parameters: &[f64], batch: &Batch) -> Outcome {
    let samples = batch.pictures.len();
    let mut state = State {
        samples,
        sizes: program
            .tensors
            .iter()
            .map(|tensor| (tensor.channels, tensor.positions))
            .collect(),
        outcome: Outcome {
            tensors: vec![Vec::new(); program.tensors.len()],
            gradients: vec![0.0; parameters.len()],
            loss: 0.0,
            correct: 0.0,
        },
        parameters,
    };
    for operation in &program.operations {
        state.execute(&operation.kind, shape, batch);
    }
    state.outcome
}

/// One optimizer step; the slots are in the order of `Optimizer::slots`. Source: keras/src/optimizers/*.py.
pub fn update(optimizer: &Optimizer, step: u64, parameters: &mut [f64], slots: &mut [Vec<f64>], gradients: &[f64]) {
    for (index, (w, &g)) in parameters.iter_mut().zip(gradients).enumerate() {
        let mut slots: Vec<&mut f64> = slots.iter_mut().map(|slot| &mut slot[index]).collect();
        match *optimizer {
            Optimizer::SGD {
                learning_rate,
                momentum,
                nesterov,
            } => match slots.as_mut_slice() {
                [] => *w -= learning_rate * g,
                [m, ..] => {
                    **m = momentum * **m - learning_rate * g;
                    *w += if nesterov {
                        momentum * **m - learning_rate * g
                    } else {
                        **m
                    };
                }
            },
            Optimizer::RMSprop {
                learning_rate,
                rho,
                momentum,
                epsilon,
                centered,
            } => {
                *slots[0] = rho * *slots[0] + (1.0 - rho) * g * g;
                let mut denominator = *slots[0] + epsilon;
                if centered {
                    let mean = slots.last_mut().unwrap();
                    **mean = rho * **mean + (1.0 - rho) * g;
                    denominator -= **mean * **mean;
                }
                let increment = learning_rate * g / denominator.sqrt();
                if momentum > 0.0 {
                    *slots[1] = momentum * *slots[1] + increment;
                    *w -= *slots[1];
                } else {
                    *w -= increment;
                }
            }
            Optimizer::Adam {
                learning_rate,
                beta_1,
                beta_2,
                epsilon,
                amsgrad,
            } => {
                adam(
                    w,
                    &mut slots,
                    g,
                    [learning_rate, beta_1, beta_2, epsilon],
                    amsgrad,
                    step,
                );
            }
            Optimizer::AdamW {
                learning_rate,
                weight_decay,
                beta_1,
                beta_2,
                epsilon,
                amsgrad,
            } => {
                *w -= *w * weight_decay * learning_rate;
                adam(
                    w,
                    &mut slots,
                    g,
                    [learning_rate, beta_1, beta_2, epsilon],
                    amsgrad,
                    step,
                );
            }
        }
    }
}

fn adam(w: &mut f64, slots: &mut [&mut f64], g: f64, constants: [f64; 4], amsgrad: bool, step: u64) {
    let [learning_rate, beta_1, beta_2, epsilon] = constants;
    let step = step as f64;
    let alpha = learning_rate * (1.0 - beta_2.powf(step)).sqrt() / (1.0 - beta_1.powf(step));
    *slots[0] += (g - *slots[0]) * (1.0 - beta_1);
    *slots[1] += (g * g - *slots[1]) * (1.0 - beta_2);
    let mut v = *slots[1];
    if amsgrad {
        *slots[2] = slots[2].max(v);
        v = *slots[2];
    }
    *w -= *slots[0] * alpha / (v.sqrt() + epsilon);
}

/// Where a variable's number at Keras's indices lies in the flat buffer: the last axis is padded to a multiple of 4.
pub fn padded(width: usize) -> usize {
    width.next_multiple_of(4)
}

/// Parameters drawn by `draw`, zeros in the padding.
pub fn draw_parameters(parameters: &[Parameter], floats: usize, mut draw: impl FnMut() -> f64) -> Vec<f64> {
    let mut buffer = vec![0.0; floats];
    for parameter in parameters {
        let width = *parameter.shape.last().unwrap();
        let count: usize = parameter.shape.iter().product();
        for index in 0..count {
            buffer[parameter.range.offset + index / width * padded(width) + index % width] = draw();
        }
    }
    buffer
}

pub fn activate(function: Activation, x: f64) -> f64 {
    const SELU: (f64, f64) = (1.050_700_987_355_480_5, 1.673_263_242_354_377_2);
    match function {
        Activation::Linear => x,
        Activation::Relu {
            negative_slope,
            ceiling,
            threshold,
        } => {
            let (slope, threshold) = (f64::from(negative_slope), f64::from(threshold));
            match ceiling.map(f64::from) {
                Some(ceiling) if x >= ceiling => ceiling,
                _ if x >= threshold => x,
                _ => slope * (x - threshold),
            }
        }
        Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Activation::Tanh => x.tanh(),
        Activation::Softmax => unreachable!("softmax has its own operation"),
        Activation::Elu { alpha } => {
            if x > 0.0 {
                x
            } else {
                f64::from(alpha) * x.exp_m1()
            }
        }
        Activation::Selu => SELU.0 * if x > 0.0 { x } else { SELU.1 * x.exp_m1() },
        Activation::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
        Activation::Softsign => x / (1.0 + x.abs()),
        Activation::Silu => x / (1.0 + (-x).exp()),
        Activation::Gelu => 0.5 * x * (1.0 + erf(x / 2_f64.sqrt())),
        Activation::HardSigmoid => (x / 6.0 + 0.5).clamp(0.0, 1.0),
        Activation::Exponential => x.exp(),
    }
}

/// The derivative, from the input.
pub fn derivative(function: Activation, x: f64) -> f64 {
    const SELU: (f64, f64) = (1.050_700_987_355_480_5, 1.673_263_242_354_377_2);
    let sigmoid = 1.0 / (1.0 + (-x).exp());
    match function {
        Activation::Linear => 1.0,
        Activation::Relu {
            negative_slope,
            ceiling,
            threshold,
        } => {
            let (slope, threshold) = (f64::from(negative_slope), f64::from(threshold));
            match ceiling.map(f64::from) {
                Some(ceiling) if x >= ceiling => 0.0,
                _ if x > threshold => 1.0,
                _ => slope,
            }
        }
        Activation::Sigmoid => sigmoid * (1.0 - sigmoid),
        Activation::Tanh => 1.0 - x.tanh() * x.tanh(),
        Activation::Softmax => unreachable!("softmax has its own operation"),
        Activation::Elu { alpha } => {
            if x > 0.0 {
                1.0
            } else {
                f64::from(alpha) * x.exp()
            }
        }
        Activation::Selu => SELU.0 * if x > 0.0 { 1.0 } else { SELU.1 * x.exp() },
        Activation::Softplus => sigmoid,
        Activation::Softsign => 1.0 / ((1.0 + x.abs()) * (1.0 + x.abs())),
        Activation::Silu => sigmoid * (1.0 + x * (1.0 - sigmoid)),
        Activation::Gelu => {
            let density = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
            0.5 * (1.0 + erf(x / 2_f64.sqrt())) + x * density
        }
        Activation::HardSigmoid => {
            if x > -3.0 && x < 3.0 {
                1.0 / 6.0
            } else {
                0.0
            }
        }
        Activation::Exponential => x.exp(),
    }
}

/// The error function by its Maclaurin series, to `f64` precision where |x| < 6; beyond that it is ±1.
fn erf(x: f64) -> f64 {
    if x.abs() > 6.0 {
        return x.signum();
    }
    // erf(x) = 2/sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (1 3 5 ... (2n+1)): all terms of one sign, no cancellation.
    let (mut term, mut sum, mut n) = (x, x, 1.0);
    while term.abs() > sum.abs() * 1e-17 {
        term *= 2.0 * x * x / (2.0 * n + 1.0);
        sum += term;
        n += 1.0;
    }
    2.0 / std::f64::consts::PI.sqrt() * (-x * x).exp() * sum
}

struct State<'a> {
    samples: usize,
    /// Channels and positions of each tensor.
    sizes: Vec<(usize, usize)>,
    outcome: Outcome,
    parameters: &'a [f64],
}

/// The input cell under tap `tap` of window `window`, if it is not padding.
fn cell(along: &Sliding, window: usize, tap: usize) -> Option<usize> {
    (window * along.stride + tap * along.dilation)
        .checked_sub(along.pad_before)
        .filter(|&cell| cell < along.input)
}

/// The cells of one window in row-major order, as (tap, input position).
fn window_cells(grid: &Grid, window: usize) -> Vec<(usize, usize)> {
    let (row, column) = (window / grid.horizontal.output, window % grid.horizontal.output);
    let mut cells = Vec::new();
    for ky in 0..grid.vertical.size {
        for kx in 0..grid.horizontal.size {
            if let (Some(y), Some(x)) = (cell(&grid.vertical, row, ky), cell(&grid.horizontal, column, kx)) {
                cells.push((ky * grid.horizontal.size + kx, y * grid.horizontal.input + x));
            }
        }
    }
    cells
}

fn windows(grid: &Grid) -> usize {
    grid.vertical.output * grid.horizontal.output
}

fn relu(x: f64) -> f64 {
    if x > 0.0 { x } else { 0.0 }
}

impl State<'_> {
    fn tensor(&self, id: TensorId) -> &[f64] {
        assert!(
            !self.outcome.tensors[id.0].is_empty(),
            "tensor {} is read before it is written",
            id.0
        );
        &self.outcome.tensors[id.0]
    }

    fn elements(&self, id: TensorId) -> usize {
        self.sizes[id.0].0 * self.sizes[id.0].1
    }

    fn zeros(&self, id: TensorId) -> Vec<f64> {
        vec![0.0; self.sizes[id.0].0 * self.sizes[id.0].1 * self.samples]
    }

    fn execute(&mut self, kind: &Kind, shape: &Shape, batch: &Batch) {
        let n = self.samples;
        match kind {
            Kind::Gather { output } => {
                let (channels, positions) = (shape.channels(), shape.positions());
                let mut made = self.zeros(*output);
                for c in 0..channels {
                    for p in 0..positions {
                        for s in 0..n {
                            made[(c * positions + p) * n + s] = batch.pictures[s][p * channels + c];
                        }
                    }
                }
                self.outcome.tensors[output.0] = made;
            }
            Kind::Convolution {
                geometry,
                input,
                kernel,
                bias,
                relu,
                pool,
                codes,
                output,
            } => {
                self.convolution(geometry, *input, *kernel, *bias, *relu, *pool, *codes, *output);
            }
            Kind::ConvolutionDkernel {
                geometry,
                input,
                doutput,
                kernel,
                bias,
            } => {
                let doutput = self.unpooled(doutput, &geometry.grid, geometry.out_channels);
                self.convolution_dkernel(geometry, *input, &doutput, *kernel, *bias);
            }
            Kind::ConvolutionDinput {
                geometry,
                doutput,
                kernel,
                mask,
                dinput,
            } => {
                let doutput = self.unpooled(doutput, &geometry.grid, geometry.out_channels);
                let made = self.convolution_dinput(geometry, &doutput, *kernel);
                self.outcome.tensors[dinput.0] = self.masked(made, *mask);
            }
            Kind::Dense {
                geometry,
                input,
                kernel,
                bias,
                relu: rectified,
                output,
            } => {
                let mut made = self.dense(geometry, *input, *kernel, *bias);
                if *rectified {
                    for sum in &mut made {
                        *sum = relu(*sum);
                    }
                }
                self.outcome.tensors[output.0] = made;
            }
            Kind::DenseDkernel {
                geometry,
                input,
                doutput,
                kernel,
                bias,
            } => {
                let Dense {
                    inputs,
                    units,
                    positions,
                } = *geometry;
                for u in 0..units {
                    for at in 0..positions * n {
                        let d = self.tensor(*doutput)[u * positions * n + at];
                        for i in 0..inputs {
                            let x = self.tensor(*input)[i * positions * n + at];
                            self.outcome.gradients[kernel.offset + i * padded(units) + u] += x * d;
                        }
                        if let Some(bias) = bias {
                            self.outcome.gradients[bias.offset + u] += d;
                        }
                    }
                }
            }
            Kind::DenseDinput {
                geometry,
                doutput,
                kernel,
                mask,
                dinput,
            } => {
                let Dense {
                    inputs,
                    units,
                    positions,
                } = *geometry;
                let mut made = self.zeros(*dinput);
                for i in 0..inputs {
                    for u in 0..units {
                        let w = self.parameters[kernel.offset + i * padded(units) + u];
                        for at in 0..positions * n {
                            made[i * positions * n + at] += w * self.tensor(*doutput)[u * positions * n + at];
                        }
                    }
                }
                self.outcome.tensors[dinput.0] = self.masked(made, *mask);
            }
            Kind::Activation {
                function,
                input,
                output,
            } => {
                self.outcome.tensors[output.0] = self.tensor(*input).iter().map(|&x| activate(*function, x)).collect();
            }
            Kind::ActivationBackward {
                function,
                input,
                output,
                doutput,
                dinput,
            } => {
                let slopes: Vec<f64> = match input {
                    Some(input) => self.tensor(*input).iter().map(|&x| derivative(*function, x)).collect(),
                    None => self
                        .tensor(*output)
                        .iter()
                        .map(|&y| derivative_at_output(*function, y))
                        .collect(),
                };
                self.outcome.tensors[dinput.0] = slopes
                    .iter()
                    .zip(self.tensor(*doutput))
                    .map(|(slope, d)| slope * d)
                    .collect();
            }
            Kind::Softmax { input, output } => {
                let (channels, positions) = self.sizes[output.0];
                let mut made = self.zeros(*output);
                for at in 0..positions * n {
                    let column: Vec<f64> = (0..channels)
                        .map(|c| self.tensor(*input)[c * positions * n + at])
                        .collect();
                    for (c, p) in softmax(&column).into_iter().enumerate() {
                        made[c * positions * n + at] = p;
                    }
                }
                self.outcome.tensors[output.0] = made;
            }
            Kind::SoftmaxBackward {
                output,
                doutput,
                dinput,
            } => {
                let (channels, positions) = self.sizes[output.0];
                let mut made = self.zeros(*dinput);
                for at in 0..positions * n {
                    let places = (0..channels).map(|c| c * positions * n + at);
                    let dot: f64 = places
                        .clone()
                        .map(|i| self.tensor(*output)[i] * self.tensor(*doutput)[i])
                        .sum();
                    for i in places {
                        made[i] = self.tensor(*output)[i] * (self.tensor(*doutput)[i] - dot);
                    }
                }
                self.outcome.tensors[dinput.0] = made;
            }
            Kind::Pool {
                pool,
                geometry,
                input,
                output,
            } => {
                let Pooling { channels, grid } = geometry;
                let positions = grid.vertical.input * grid.horizontal.input;
                let mut made = self.zeros(*output);
                for c in 0..*channels {
                    for window in 0..windows(grid) {
                        let cells = window_cells(grid, window);
                        for s in 0..n {
                            let values = cells
                                .iter()
                                .map(|(_, at)| self.tensor(*input)[(c * positions + at) * n + s]);
                            made[(c * windows(grid) + window) * n + s] = match pool {
                                PoolKind::Max => values.fold(f64::NEG_INFINITY, f64::max),
                                PoolKind::Average => values.sum::<f64>() / cells.len() as f64,
                            };
                        }
                    }
                }
                self.outcome.tensors[output.0] = made;
            }
            Kind::PoolBackward {
                pool,
                geometry,
                taken,
                doutput,
                dinput,
            } => {
                let Pooling { channels, grid } = geometry;
                let positions = grid.vertical.input * grid.horizontal.input;
                let mut made = self.zeros(*dinput);
                for c in 0..*channels {
                    for window in 0..windows(grid) {
                        let cells = window_cells(grid, window);
                        for s in 0..n {
                            let at_output = (c * windows(grid) + window) * n + s;
                            let d = self.tensor(*doutput)[at_output];
                            match pool {
                                PoolKind::Max => {
                                    let taken = taken.expect("a maximum pool's backward step has what it took");
                                    let largest = self.tensor(taken.output)[at_output];
                                    let first = cells
                                        .iter()
                                        .map(|(_, at)| (c * positions + at) * n + s)
                                        .find(|&at| self.tensor(taken.input)[at] == largest);
                                    made[first.unwrap()] += d;
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
                self.outcome.tensors[dinput.0] = made;
            }
            Kind::GlobalPool { pool, input, output } => {
                let (channels, positions) = (self.sizes[output.0].0, self.elements(*input) / self.sizes[output.0].0);
                let mut made = self.zeros(*output);
                for c in 0..channels {
                    for s in 0..n {
                        let values = (0..positions).map(|p| self.tensor(*input)[(c * positions + p) * n + s]);
                        made[c * n + s] = match pool {
                            PoolKind::Max => values.fold(f64::NEG_INFINITY, f64::max),
                            PoolKind::Average => values.sum::<f64>() / positions as f64,
                        };
                    }
                }
                self.outcome.tensors[output.0] = made;
            }
            Kind::GlobalPoolBackward {
                pool,
                taken,
                doutput,
                dinput,
            } => {
                let (channels, positions) = (
                    self.sizes[doutput.0].0,
                    self.elements(*dinput) / self.sizes[doutput.0].0,
                );
                let mut made = self.zeros(*dinput);
                for c in 0..channels {
                    for s in 0..n {
                        let d = self.tensor(*doutput)[c * n + s];
                        let places = (0..positions).map(|p| (c * positions + p) * n + s);
                        match pool {
                            PoolKind::Max => {
                                let taken = taken.expect("a maximum pool's backward step has what it took");
                                let largest = self.tensor(taken.output)[c * n + s];
                                let ties: Vec<usize> =
                                    places.filter(|&at| self.tensor(taken.input)[at] == largest).collect();
                                for &at in &ties {
                                    made[at] = d / ties.len() as f64;
                                }
                            }
                            PoolKind::Average => places.for_each(|at| made[at] = d / positions as f64),
                        }
                    }
                }
                self.outcome.tensors[dinput.0] = made;
            }
            Kind::Add { left, right, output } => {
                self.outcome.tensors[output.0] = self
                    .tensor(*left)
                    .iter()
                    .zip(self.tensor(*right))
                    .map(|(l, r)| l + r)
                    .collect();
            }
            Kind::Copy {
                blocks,
                block,
                input_stride,
                input_offset,
                output_stride,
                output_offset,
                input,
                output,
            } => {
                let mut made = std::mem::take(&mut self.outcome.tensors[output.0]);
                if made.is_empty() {
                    made = self.zeros(*output);
                }
                for o in 0..*blocks {
                    for i in 0..*block {
                        let (to, from) = (
                            o * output_stride + output_offset + i,
                            o * input_stride + input_offset + i,
                        );
                        for s in 0..n {
                            made[to * n + s] = self.tensor(*input)[from * n + s];
                        }
                    }
                }
                self.outcome.tensors[output.0] = made;
            }
            Kind::Transpose {
                rows,
                columns,
                input,
                output,
            } => {
                let mut made = self.zeros(*output);
                for r in 0..*rows {
                    for c in 0..*columns {
                        for s in 0..n {
                            made[(c * rows + r) * n + s] = self.tensor(*input)[(r * columns + c) * n + s];
                        }
                    }
                }
                self.outcome.tensors[output.0] = made;
            }
            Kind::Loss {
                from_logits,
                input,
                dinput,
                ..
            } => {
                let column = self.tensor(*input).to_vec();
                self.loss(&column, *from_logits, *dinput, batch);
            }
            Kind::Head {
                geometry,
                input,
                kernel,
                bias,
                from_logits,
                doutput,
            } => {
                let made = self.dense(geometry, *input, *kernel, *bias);
                self.loss(&made, *from_logits, *doutput, batch);
            }
            Kind::Update => {}
        }
    }

    fn dense(&self, geometry: &Dense, input: TensorId, kernel: Range, bias: Option<Range>) -> Vec<f64> {
        let n = self.samples;
        let Dense {
            inputs,
            units,
            positions,
        } = *geometry;
        let mut made = vec![0.0; units * positions * n];
        for u in 0..units {
            for p in 0..positions {
                for s in 0..n {
                    let mut sum = bias.map_or(0.0, |bias| self.parameters[bias.offset + u]);
                    for i in 0..inputs {
                        sum += self.parameters[kernel.offset + i * padded(units) + u]
                            * self.tensor(input)[(i * positions + p) * n + s];
                    }
                    made[(u * positions + p) * n + s] = sum;
                }
            }
        }
        made
    }

    /// Of what a network made: `[class * samples + sample]`.
    fn loss(&mut self, made: &[f64], from_logits: bool, gradient: Option<TensorId>, batch: &Batch) {
        let n = self.samples;
        let classes = made.len() / n;
        let mut slopes_of = vec![0.0; made.len()];
        for s in 0..n {
            let column: Vec<f64> = (0..classes).map(|c| made[c * n + s]).collect();
            let label = batch.labels[s] as usize;
            let (loss, slopes) = cross_entropy(&column, label, from_logits);
            self.outcome.loss += loss;
            let largest = column.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            if column.iter().position(|&value| value == largest) == Some(label) {
                self.outcome.correct += 1.0;
            }
            for (c, slope) in slopes.into_iter().enumerate() {
                slopes_of[c * n + s] = slope / n as f64;
            }
        }
        if let Some(gradient) = gradient {
            self.outcome.tensors[gradient.0] = slopes_of;
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn convolution(
        &mut self,
        geometry: &Convolution,
        input: TensorId,
        kernel: Range,
        bias: Option<Range>,
        rectified: bool,
        pool: bool,
        codes: Option<TensorId>,
        output: TensorId,
    ) {
        let n = self.samples;
        let Convolution {
            in_channels,
            out_channels,
            grid,
        } = *geometry;
        let positions = grid.vertical.input * grid.horizontal.input;
        let mut map = vec![0.0; out_channels * windows(&grid) * n];
        for o in 0..out_channels {
            for window in 0..windows(&grid) {
                let cells = window_cells(&grid, window);
                for s in 0..n {
                    let mut sum = bias.map_or(0.0, |bias| self.parameters[bias.offset + o]);
                    for i in 0..in_channels {
                        for &(tap, at) in &cells {
                            sum += self.parameters[weight(geometry, kernel, i, tap, o)]
                                * self.tensor(input)[(i * positions + at) * n + s];
                        }
                    }
                    map[(o * windows(&grid) + window) * n + s] = if rectified { relu(sum) } else { sum };
                }
            }
        }
        if !pool {
            self.outcome.tensors[output.0] = map;
            return;
        }
        let (width, rows, columns) = (
            grid.horizontal.output,
            grid.vertical.output / 2,
            grid.horizontal.output / 2,
        );
        let mut made = vec![0.0; out_channels * rows * columns * n];
        let mut places = made.clone();
        for o in 0..out_channels {
            for at in 0..rows * columns {
                let corner = o * windows(&grid) + 2 * (at / columns) * width + 2 * (at % columns);
                for s in 0..n {
                    let values = [0, 1, width, width + 1].map(|step| map[(corner + step) * n + s]);
                    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    let to = (o * rows * columns + at) * n + s;
                    made[to] = largest;
                    places[to] = values.iter().position(|&value| value == largest).unwrap() as f64;
                }
            }
        }
        self.outcome.tensors[output.0] = made;
        if let Some(codes) = codes {
            self.outcome.tensors[codes.0] = places;
        }
    }

    /// The gradient of a convolution's map, from the gradient behind its fused pool where there is one.
    fn unpooled(&self, doutput: &Doutput, grid: &Grid, channels: usize) -> Vec<f64> {
        let Some(codes) = doutput.codes else {
            return self.tensor(doutput.tensor).to_vec();
        };
        let n = self.samples;
        let (width, rows, columns) = (
            grid.horizontal.output,
            grid.vertical.output / 2,
            grid.horizontal.output / 2,
        );
        let mut map = vec![0.0; channels * windows(grid) * n];
        for o in 0..channels {
            for at in 0..rows * columns {
                for s in 0..n {
                    let from = (o * rows * columns + at) * n + s;
                    let code = self.tensor(codes)[from] as usize;
                    let (row, column) = (2 * (at / columns) + code / 2, 2 * (at % columns) + code % 2);
                    map[(o * windows(grid) + row * width + column) * n + s] = self.tensor(doutput.tensor)[from];
                }
            }
        }
        map
    }

    fn convolution_dkernel(
        &mut self,
        geometry: &Convolution,
        input: TensorId,
        doutput: &[f64],
        kernel: Range,
        bias: Option<Range>,
    ) {
        let n = self.samples;
        let grid = geometry.grid;
        let positions = grid.vertical.input * grid.horizontal.input;
        for o in 0..geometry.out_channels {
            for window in 0..windows(&grid) {
                let cells = window_cells(&grid, window);
                for s in 0..n {
                    let d = doutput[(o * windows(&grid) + window) * n + s];
                    if let Some(bias) = bias {
                        self.outcome.gradients[bias.offset + o] += d;
                    }
                    for i in 0..geometry.in_channels {
                        for &(tap, at) in &cells {
                            let x = self.tensor(input)[(i * positions + at) * n + s];
                            self.outcome.gradients[weight(geometry, kernel, i, tap, o)] += x * d;
                        }
                    }
                }
            }
        }
    }

    fn convolution_dinput(&self, geometry: &Convolution, doutput: &[f64], kernel: Range) -> Vec<f64> {
        let n = self.samples;
        let grid = geometry.grid;
        let positions = grid.vertical.input * grid.horizontal.input;
        let mut made = vec![0.0; geometry.in_channels * positions * n];
        for i in 0..geometry.in_channels {
            for o in 0..geometry.out_channels {
                for window in 0..windows(&grid) {
                    for (tap, at) in window_cells(&grid, window) {
                        let w = self.parameters[weight(geometry, kernel, i, tap, o)];
                        for s in 0..n {
                            made[(i * positions + at) * n + s] += w * doutput[(o * windows(&grid) + window) * n + s];
                        }
                    }
                }
            }
        }
        made
    }

    /// Zero where the relu's output is not positive.
    fn masked(&self, mut values: Vec<f64>, mask: Option<TensorId>) -> Vec<f64> {
        if let Some(mask) = mask {
            for (value, &kept) in values.iter_mut().zip(self.tensor(mask)) {
                if kept <= 0.0 {
                    *value = 0.0;
                }
            }
        }
        values
    }
}

/// Where the weight from input channel `i` at `tap` to filter `o` lies.
fn weight(geometry: &Convolution, kernel: Range, i: usize, tap: usize, o: usize) -> usize {
    let taps = geometry.grid.vertical.size * geometry.grid.horizontal.size;
    kernel.offset + (i * taps + tap) * padded(geometry.out_channels) + o
}

/// The derivative from the output, for the functions that allow it (`Activation::needs_input` is false).
fn derivative_at_output(function: Activation, y: f64) -> f64 {
    const SELU: (f64, f64) = (1.050_700_987_355_480_5, 1.673_263_242_354_377_2);
    match function {
        Activation::Linear => 1.0,
        Activation::Relu {
            negative_slope,
            ceiling,
            ..
        } => {
            if ceiling.is_some_and(|ceiling| y >= f64::from(ceiling)) {
                0.0
            } else if y > 0.0 {
                1.0
            } else {
                f64::from(negative_slope)
            }
        }
        Activation::Sigmoid => y * (1.0 - y),
        Activation::Tanh => 1.0 - y * y,
        Activation::Elu { alpha } => {
            if y > 0.0 {
                1.0
            } else {
                y + f64::from(alpha)
            }
        }
        Activation::Selu => {
            if y > 0.0 {
                SELU.0
            } else {
                y + SELU.0 * SELU.1
            }
        }
        Activation::Softplus => -(-y).exp_m1(),
        Activation::Softsign => (1.0 - y.abs()) * (1.0 - y.abs()),
        Activation::HardSigmoid => {
            if y > 0.0 && y < 1.0 {
                1.0 / 6.0
            } else {
                0.0
            }
        }
        Activation::Exponential => y,
        Activation::Softmax | Activation::Silu | Activation::Gelu => unreachable!("the derivative needs the input"),
    }
}

fn softmax(values: &[f64]) -> Vec<f64> {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = values.iter().map(|value| (value - largest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

/// A sample's loss and its gradient. From probabilities, as Keras on TensorFlow computes it: they are clipped, and the
/// logarithms of what is left are logits (keras/src/backend/tensorflow/nn.py, `sparse_categorical_crossentropy`).
fn cross_entropy(values: &[f64], label: usize, from_logits: bool) -> (f64, Vec<f64>) {
    const CLIP: (f64, f64) = (1e-7, 1.0 - 1e-7);
    let logits: Vec<f64> = if from_logits {
        values.to_vec()
    } else {
        values.iter().map(|value| value.clamp(CLIP.0, CLIP.1).ln()).collect()
    };
    let probabilities = softmax(&logits);
    let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let loss = logits.iter().map(|logit| (logit - largest).exp()).sum::<f64>().ln() + largest - logits[label];
    let mut slopes = probabilities;
    slopes[label] -= 1.0;
    if !from_logits {
        for (slope, value) in slopes.iter_mut().zip(values) {
            *slope = if *value < CLIP.0 || *value > CLIP.1 {
                0.0
            } else {
                *slope / value
            };
        }
    }
    (loss, slopes)
}
