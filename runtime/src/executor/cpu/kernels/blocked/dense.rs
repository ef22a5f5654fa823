//! `output = relu(kernel^T input + bias)` of single samples: units are the lanes, and the weights are read as they lie. One
//! item: up to four blocks of sixteen units, of all samples.

use super::super::super::memory::{Output, fetch};
use super::super::super::simd::{LANES, Row, Simd, SimdKernel, WithSimd};
use super::super::with_size;
use super::block_of;
use std::ops::Range;

/// Blocks of units of an item.
const ABREAST: usize = 4;

/// Samples that are worked on at a time.
const TOGETHER: usize = 4;

/// Weights that are read at a time, 128 KiB: they stay in the second-level cache while the items go by.
const WEIGHTS: usize = 1 << 15;

/// What is the same in every call.
pub struct Dense {
    /// Channels of the input.
    pub channels: usize,
    /// Positions of the input.
    pub positions: usize,
    /// How many outputs there are.
    pub units: usize,
    /// Whether negative sums become zero.
    pub relu: bool,
}

impl Dense {
    fn blocks(&self) -> usize {
        self.units.div_ceil(LANES)
    }

    /// How many items there are.
    pub fn items(&self) -> usize {
        self.blocks().div_ceil(ABREAST)
    }
}

/// What one call of the kernel is given.
pub struct Call<'a> {
    /// Channels, positions and units, the same in every call.
    pub plan: &'a Dense,
    /// How many samples are worked on, at most sixteen.
    pub samples: usize,
    /// Read: `[sample][channel / 16][position]`, a row has sixteen channels.
    pub input: &'a [Row],
    /// `[input][unit]`, units padded to four.
    pub weights: &'a [f32],
    /// The bias of each unit.
    pub bias: Option<&'a [f32]>,
    /// Written: `[sample][unit / 16]`, a row has sixteen units.
    pub output: Output<'a, Row>,
    /// Whose turn it is.
    pub items: Range<usize>,
}

impl WithSimd for Call<'_> {
    type Output = ();

    fn with<S: Simd>(self, simd: S) {
        let plan = self.plan;
        let all = plan.channels * plan.positions;
        let stride = plan.units.next_multiple_of(4);
        let at_once = (WEIGHTS / stride).max(LANES);
        for first in (0..self.samples).step_by(TOGETHER) {
            let samples = first..(first + TOGETHER).min(self.samples);
            for start in (0..all).step_by(at_once) {
                let inputs = start..(start + at_once).min(all);
                for item in self.items.clone() {
                    self.fetch(inputs.end..(inputs.end + at_once).min(all), item);
                    let block = item * ABREAST;
                    let blocks = ABREAST.min(plan.blocks() - block);
                    let call = &self;
                    with_size!(samples.len(), [1 2 3 4], T => with_size!(blocks, [1 2 3 4], N => {
                        let (inputs, first) = (inputs.clone(), samples.start);
                        simd.call(Tile::<T, N> { call, first, block, inputs });
                    }));
                }
            }
        }
    }
}

impl Call<'_> {
    /// Asks for the item's share of the next weights: it reads a little of every row, which no processor foresees.
    fn fetch(&self, inputs: Range<usize>, item: usize) {
        let stride = self.plan.units.next_multiple_of(4);
        let first = item * ABREAST * LANES;
        let width = (ABREAST * LANES).min(stride - first);
        for input in inputs {
            for line in self.weights[input * stride + first..][..width].chunks(LANES) {
                fetch(&line[0]);
            }
        }
    }
}

/// T samples and N blocks of units, over some inputs.
struct Tile<'a, const T: usize, const N: usize> {
    call: &'a Call<'a>,
    first: usize,
    block: usize,
    inputs: Range<usize>,
}

impl<const T: usize, const N: usize> SimdKernel for Tile<'_, T, N> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self {
            call,
            first,
            block,
            inputs,
        } = self;
        let plan = call.plan;
        let (all, stride) = (plan.channels * plan.positions, plan.units.next_multiple_of(4));
        let place = |t: usize, n: usize| (first + t) * plan.blocks() + block + n;
        let size = plan.channels.div_ceil(LANES) * plan.positions * LANES;
        let input: &[f32] = &bytemuck::cast_slice::<Row, f32>(call.input)[first * size..][..T * size];
        let mut sums = [[simd.zero(); N]; T];
        if inputs.start > 0 {
            for t in 0..T {
                for n in 0..N {
                    sums[t][n] = simd.load(call.output.row(place(t, n)));
                }
            }
        }
        // Of the last block there may be less.
        let units = block * LANES..((block + N) * LANES).min(stride);
        let last = inputs.end == all;
        // Divided once: a division for every input would take longer than its products.
        let (mut channel, mut position) = (inputs.start / plan.positions, inputs.start % plan.positions);
        for at in inputs {
            let weights = &call.weights[at * stride..][units.clone()];
            let mut w = [simd.zero(); N];
            for n in 0..N {
                w[n] = if n + 1 < N {
                    simd.load_part(&weights[n * LANES..][..LANES])
                } else {
                    simd.load_part(&weights[n * LANES..])
                };
            }
            let from = (channel / LANES * plan.positions + position) * LANES + channel % LANES;
            position += 1;
            if position == plan.positions {
                (channel, position) = (channel + 1, 0);
            }
            for t in 0..T {
                let x = simd.splat(input[t * size + from]);
                for n in 0..N {
                    sums[t][n] = simd.fma(x, w[n], sums[t][n]);
                }
            }
        }
        for t in 0..T {
            for n in 0..N {
                let mut made = sums[t][n];
                if last {
                    if let Some(bias) = call.bias {
                        made = simd.add(made, block_of(simd, &bias[..plan.units], block + n));
                    }
                    if plan.relu {
                        made = simd.max(made, simd.zero());
                    }
                }
                simd.store(call.output.row(place(t, n)), made);
            }
        }
    }
}
