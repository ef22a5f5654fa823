//! A large dense layer in a training step, whose weights come from memory once forward and once backward for all samples of a
//! batch. Backward, the gradients of some weights are summed over the whole batch and move these at once, while they are in the
//! second-level cache; the gradient of the kernel never reaches memory.

use super::super::memory::{Output, fetch_far};
use super::super::run::Joined;
use super::super::simd::{LANES, Row, Simd, SimdKernel, WithSimd};
use std::ops::Range;

/// Inputs whose weights are worked on at a time forward: a worker's share of them stays in the second-level cache.
const INPUTS: usize = 64;

/// Inputs of an item backward.
pub const TILE: usize = 8;

/// `output = relu(kernel^T input + bias)`. One item: sixteen units.
///
/// input: `[input]`, output: `[unit]`, rows of sixteen samples of each block; kernel `[input][unit]`. Units are the lanes; sums
/// wait in the output's rows, turned, while the kernel goes by.
pub struct Forward<'a> {
    pub joined: &'a Joined<'a>,
    /// Rows of a block.
    pub input: &'a Range<usize>,
    /// Rows of a block, a multiple of sixteen.
    pub output: &'a Range<usize>,
    pub weights: &'a [f32],
    pub bias: Option<&'a [f32]>,
    pub relu: bool,
}

impl WithSimd for Forward<'_> {
    type Output = ();

    fn with<S: Simd>(self, simd: S) {
        let inputs = self.input.len();
        for start in (0..inputs).step_by(INPUTS) {
            let of = start..(start + INPUTS).min(inputs);
            for item in self.joined.items.clone() {
                for block in 0..self.joined.blocks() {
                    let sum = Sum {
                        call: &self,
                        inputs: of.clone(),
                        block,
                        item,
                    };
                    simd.call(sum);
                }
            }
        }
        for item in self.joined.items.clone() {
            for block in 0..self.joined.blocks() {
                simd.call(Finish {
                    call: &self,
                    block,
                    item,
                });
            }
        }
    }
}

impl Forward<'_> {
    /// The item's rows of a block's output.
    fn rows(&self, block: usize, item: usize) -> Output<'_, Row> {
        let start = self.output.start + item * LANES;
        self.joined.write(block, &(start..start + LANES))
    }
}

/// Adds the products of some inputs to the sums of sixteen units, `[sample][unit]`.
struct Sum<'a> {
    call: &'a Forward<'a>,
    inputs: Range<usize>,
    block: usize,
    item: usize,
}

impl SimdKernel for Sum<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        if S::WIDE {
            self.samples::<S, 16>(simd);
        } else {
            self.samples::<S, 4>(simd);
        }
    }
}

impl Sum<'_> {
    /// N samples at a time, as many as there are registers for.
    #[inline(always)]
    fn samples<S: Simd, const N: usize>(&self, simd: S) {
        let (call, units) = (self.call, self.call.output.len());
        let from = call.input.start + self.inputs.start..call.input.start + self.inputs.end;
        let rows = call.joined.rows(self.block, &from);
        let weights = &call.weights[self.inputs.start * units..self.inputs.end * units];
        let sums = call.rows(self.block, self.item);
        for first in (0..LANES).step_by(N) {
            let mut of = [simd.zero(); N];
            if self.inputs.start > 0 {
                for n in 0..N {
                    of[n] = simd.load(sums.row(first + n));
                }
            }
            // The item's share of the next inputs' weights, a line of every row, which no processor foresees.
            let next = &call.weights[self.inputs.end * units..];
            for (at, (x, weights)) in rows.iter().zip(weights.chunks_exact(units)).enumerate() {
                if let (0, 0, Some(line)) = (self.block, first, next.get(at * units + self.item * LANES)) {
                    fetch_far(line);
                }
                let w = simd.load_part(&weights[self.item * LANES..][..LANES]);
                let x = &x.0[first..][..N];
                for n in 0..N {
                    of[n] = simd.fma(simd.splat(x[n]), w, of[n]);
                }
            }
            for n in 0..N {
                simd.store(sums.row(first + n), of[n]);
            }
        }
    }
}

/// Turns the sums of sixteen units, `[unit][sample]`, and adds the bias.
struct Finish<'a> {
    call: &'a Forward<'a>,
    block: usize,
    item: usize,
}

impl SimdKernel for Finish<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let call = self.call;
        let rows = call.rows(self.block, self.item);
        let mut square = [simd.zero(); LANES];
        for sample in 0..LANES {
            square[sample] = simd.load(rows.row(sample));
        }
        for (place, sum) in simd.transpose(square).into_iter().enumerate() {
            let mut made = sum;
            if let Some(bias) = call.bias {
                made = simd.add(made, simd.splat(bias[self.item * LANES + place]));
            }
            if call.relu {
                made = simd.max(made, simd.zero());
            }
            simd.store(rows.row(place), made);
        }
    }
}

/// Turns the gradient of a block's outputs, `[unit / 16][sample]`, a row has sixteen units. One item: sixteen units.
pub struct Turn<'a> {
    /// `[unit]`, a row has sixteen samples.
    pub doutput: &'a [Row],
    pub turned: Output<'a, Row>,
    pub items: Range<usize>,
}

impl SimdKernel for Turn<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for item in self.items {
            let mut square = [simd.zero(); LANES];
            for unit in 0..LANES {
                square[unit] = simd.load(&self.doutput[item * LANES + unit]);
            }
            for (sample, row) in simd.transpose(square).into_iter().enumerate() {
                simd.store(self.turned.row(item * LANES + sample), row);
            }
        }
    }
}

/// `dinput = kernel doutput`, zero where `mask` is not positive, by the kernel as it was; and the optimizer's step for the
/// kernel by `dkernel = input doutput^T`. One item: the weights of [`TILE`] inputs.
pub struct Backward<'a> {
    pub joined: &'a Joined<'a>,
    /// Rows of a block: what the layer took.
    pub input: &'a Range<usize>,
    /// Rows of a block: the gradient of what it made.
    pub doutput: &'a Range<usize>,
    /// The same as [`Turn`] makes it.
    pub turned: &'a Range<usize>,
    /// The output of the relu before; it may lie where `dinput` goes.
    pub mask: Option<&'a Range<usize>>,
    /// Where the gradient of the input goes, if anyone wants it; it may be where the input lies.
    pub dinput: Option<&'a Range<usize>>,
    /// Floats of the parameters.
    pub kernel: &'a Range<usize>,
    pub scratch: &'a mut [Row],
}

/// How many rows of scratch memory each worker needs.
pub fn scratch(units: usize, blocks: usize) -> usize {
    TILE * (units / LANES + blocks)
}

impl WithSimd for Backward<'_> {
    type Output = ();

    fn with<S: Simd>(mut self, simd: S) {
        let scratch = std::mem::take(&mut self.scratch);
        let units = self.doutput.len();
        let (gradients, sums) = scratch.split_at_mut(TILE * units / LANES);
        let blocks = self.joined.blocks();
        for item in self.joined.items.clone() {
            let inputs = item * TILE..((item + 1) * TILE).min(self.input.len());
            if self.dinput.is_some() {
                let mut block = 0;
                while block < blocks {
                    let inputs = inputs.clone();
                    let call = &self;
                    let sums = &mut sums[..TILE * blocks];
                    if S::WIDE && block + 1 < blocks {
                        simd.call(Dinput::<2> {
                            call,
                            inputs,
                            block,
                            sums,
                        });
                        block += 2;
                    } else {
                        simd.call(Dinput::<1> {
                            call,
                            inputs,
                            block,
                            sums,
                        });
                        block += 1;
                    }
                }
            }
            simd.call(Dkernel {
                call: &self,
                inputs: inputs.clone(),
                gradients,
            });
            let weights = self.kernel.start + inputs.start * units..self.kernel.start + inputs.end * units;
            self.joined.update(simd, weights, bytemuck::cast_slice(gradients));
            if let Some(dinput) = self.dinput {
                for block in 0..blocks {
                    let sums = &sums[block * TILE..][..inputs.len()];
                    let rows = dinput.start + inputs.start..dinput.start + inputs.end;
                    let mask = self.mask.map(|mask| mask.start + inputs.start..mask.start + inputs.end);
                    simd.call(Leave {
                        joined: self.joined,
                        block,
                        sums,
                        rows,
                        mask,
                    });
                }
            }
        }
    }
}

/// The gradients of some inputs, of B blocks from one on.
struct Dinput<'a, const B: usize> {
    call: &'a Backward<'a>,
    inputs: Range<usize>,
    block: usize,
    /// `[block][input of the tile]`
    sums: &'a mut [Row],
}

impl<const B: usize> SimdKernel for Dinput<'_, B> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) {
        let mut inputs = self.inputs.clone();
        while S::WIDE && inputs.len() >= 8 {
            self.tile::<S, 8>(simd, inputs.start);
            inputs.start += 8;
        }
        while inputs.len() >= 4 {
            self.tile::<S, 4>(simd, inputs.start);
            inputs.start += 4;
        }
        for input in inputs {
            self.tile::<S, 1>(simd, input);
        }
    }
}

impl<const B: usize> Dinput<'_, B> {
    #[inline(always)]
    fn tile<S: Simd, const I: usize>(&mut self, simd: S, input: usize) {
        let call = self.call;
        let units = call.doutput.len();
        let d: [&[Row]; B] = std::array::from_fn(|b| call.joined.rows(self.block + b, call.doutput));
        // All of the tile's weights, which nobody moves before these sums are known.
        let start = call.kernel.start + input * units;
        let all = call.joined.parameters(&(start..start + I * units));
        let weights: [&[f32]; I] = std::array::from_fn(|i| &all[i * units..][..units]);
        let mut sums = [[simd.zero(); B]; I];
        let slot = call.joined.kept().1.first().filter(|_| self.block == 0);
        for unit in 0..units {
            // What the optimizer keeps first of these weights, a line now and then.
            if let (Some(slot), true) = (slot, unit * I % LANES < I) {
                slot.fetch(start + unit * I);
            }
            let mut of = [simd.zero(); B];
            for b in 0..B {
                of[b] = simd.load(&d[b][unit]);
            }
            for i in 0..I {
                let w = simd.splat(weights[i][unit]);
                for b in 0..B {
                    sums[i][b] = simd.fma(of[b], w, sums[i][b]);
                }
            }
        }
        let place = input - self.inputs.start;
        for i in 0..I {
            for b in 0..B {
                simd.store(&mut self.sums[(self.block + b) * TILE + place + i], sums[i][b]);
            }
        }
    }
}

/// The gradients of some inputs' weights, summed over all samples in their order: `[input][unit / 16]`.
struct Dkernel<'a> {
    call: &'a Backward<'a>,
    inputs: Range<usize>,
    gradients: &'a mut [Row],
}

impl SimdKernel for Dkernel<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) {
        let across = self.call.doutput.len() / LANES;
        for start in (0..across).step_by(2) {
            let mut inputs = self.inputs.clone();
            if S::WIDE && start + 1 < across {
                while inputs.len() >= 8 {
                    self.tile::<S, 8, 2>(simd, inputs.start, start);
                    inputs.start += 8;
                }
                for input in inputs {
                    self.tile::<S, 1, 2>(simd, input, start);
                }
                continue;
            }
            for at in start..(start + 2).min(across) {
                let mut inputs = inputs.clone();
                while inputs.len() >= 4 {
                    self.tile::<S, 4, 1>(simd, inputs.start, at);
                    inputs.start += 4;
                }
                for input in inputs {
                    self.tile::<S, 1, 1>(simd, input, at);
                }
            }
        }
    }
}

impl Dkernel<'_> {
    /// Asks for a line of what comes next, one for each sample: what the optimizer keeps last of these weights, which move
    /// next, then the weights of the next item.
    #[inline(always)]
    fn fetch(&self, at: usize, place: usize) {
        const LINES: usize = 2 * TILE;
        let (parameters, slots) = self.call.joined.kept();
        let units = self.call.doutput.len();
        let start = self.call.kernel.start + self.inputs.start * units + at * LANES;
        let float = start + place % LINES / 2 * units + place % 2 * LANES;
        match (place / LINES, slots.last()) {
            (0, Some(slot)) => slot.fetch(float),
            (1, _) => parameters.fetch(float + TILE * units),
            _ => {}
        }
    }

    #[inline(always)]
    fn tile<S: Simd, const I: usize, const N: usize>(&mut self, simd: S, input: usize, at: usize) {
        let call = self.call;
        let across = call.doutput.len() / LANES;
        let mut sums = [[simd.zero(); N]; I];
        for block in 0..call.joined.blocks() {
            let start = call.input.start + input;
            let x = call.joined.rows(block, &(start..start + I));
            let d = call.joined.rows(block, call.turned);
            let d: [&[Row]; N] = std::array::from_fn(|n| &d[(at + n) * LANES..][..LANES]);
            for sample in 0..call.joined.samples(block) {
                self.fetch(at, block * LANES + sample);
                let mut of = [simd.zero(); N];
                for n in 0..N {
                    of[n] = simd.load(&d[n][sample]);
                }
                for i in 0..I {
                    let x = simd.splat(x[i].0[sample]);
                    for n in 0..N {
                        sums[i][n] = simd.fma(x, of[n], sums[i][n]);
                    }
                }
            }
        }
        let place = input - self.inputs.start;
        for i in 0..I {
            for n in 0..N {
                simd.store(&mut self.gradients[(place + i) * across + at + n], sums[i][n]);
            }
        }
    }
}

/// Writes the gradients of some inputs.
struct Leave<'a> {
    joined: &'a Joined<'a>,
    block: usize,
    sums: &'a [Row],
    rows: Range<usize>,
    mask: Option<Range<usize>>,
}

impl SimdKernel for Leave<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let mut open = [simd.zero(); TILE];
        if let Some(mask) = &self.mask {
            // All before any is written: they may be the same rows.
            for (open, row) in open.iter_mut().zip(self.joined.rows(self.block, mask)) {
                *open = simd.load(row);
            }
        }
        let output = self.joined.write(self.block, &self.rows);
        for (at, sum) in self.sums.iter().enumerate() {
            let mut made = simd.load(sum);
            if self.mask.is_some() {
                made = simd.select(simd.greater(open[at], simd.zero()), made, simd.zero());
            }
            simd.store(output.row(at), made);
        }
    }
}
