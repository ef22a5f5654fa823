//! `output = relu(kernel^T input + bias)` of single samples: units are the lanes. One item: some blocks of sixteen units, of all
//! samples.

use super::super::super::memory::{Floats, Output};
use super::super::super::simd::{LANES, Row, Simd, SimdKernel, WithSimd};
use super::super::elementwise::Rectifier;
use super::super::with_size;
use super::block_of;
use std::ops::Range;

/// Blocks of units of an item, of layers of many units and of few.
const ABREAST: (usize, usize) = (8, 4);

/// Blocks from which on a layer has many units.
const MANY: usize = 32;

/// Samples that are worked on at a time.
const TOGETHER: usize = 4;

/// Weights that are read at a time where several groups of samples take them, 128 KiB: they stay in the second-level cache.
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
    /// A rectifier that is no part of the layer.
    pub rectifier: Option<Rectifier>,
}

impl Dense {
    fn blocks(&self) -> usize {
        self.units.div_ceil(LANES)
    }

    fn inputs(&self) -> usize {
        self.channels * self.positions
    }

    fn abreast(&self) -> usize {
        if self.blocks() < MANY { ABREAST.1 } else { ABREAST.0 }
    }

    /// How many items there are.
    pub fn items(&self) -> usize {
        self.blocks().div_ceil(self.abreast())
    }

    /// The first block of an item, and how many it has.
    fn item(&self, item: usize) -> (usize, usize) {
        let first = item * self.abreast();
        (first, self.abreast().min(self.blocks() - first))
    }

    /// Floats of the packed weights.
    pub fn packed(&self) -> usize {
        self.inputs() * self.blocks() * LANES
    }

    /// Where an item's packed weights lie.
    fn place(&self, item: usize) -> Range<usize> {
        let (first, blocks) = self.item(item);
        let floats = self.inputs() * LANES;
        first * floats..(first + blocks) * floats
    }
}

/// Weights `[input][unit]` into `[item][input][unit of the item]`, zeros behind the last unit: then an item reads memory in its
/// order, as fast as it comes.
pub struct Pack<'a> {
    /// Channels, positions and units, the same in every call.
    pub plan: &'a Dense,
    /// `[input][unit]`, units padded to four.
    pub weights: &'a [f32],
    /// Written.
    pub packed: Floats<'a>,
    /// Whose turn it is.
    pub items: Range<usize>,
}

impl Pack<'_> {
    /// Copies the weights of the items.
    pub fn run(self) {
        let stride = self.plan.units.next_multiple_of(4);
        for item in self.items {
            let (first, blocks) = self.plan.item(item);
            let (start, width) = (first * LANES, blocks * LANES);
            let real = width.min(self.plan.units - start);
            let packed = self.packed.part(self.plan.place(item));
            for (to, from) in packed.chunks_exact_mut(width).zip(self.weights.chunks(stride)) {
                to[..real].copy_from_slice(&from[start..start + real]);
                to[real..].fill(0.0);
            }
        }
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
    /// As [`Pack`] makes them.
    pub weights: &'a [Row],
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
        let (plan, call) = (self.plan, &self);
        let all = plan.inputs();
        for item in self.items.clone() {
            let (first, blocks) = plan.item(item);
            let at_once = if self.samples > TOGETHER {
                WEIGHTS / (blocks * LANES)
            } else {
                all
            };
            for start in (0..all).step_by(at_once.max(1)) {
                let inputs = start..(start + at_once).min(all);
                for sample in (0..self.samples).step_by(TOGETHER) {
                    let samples = TOGETHER.min(self.samples - sample);
                    // As many sums as there are registers.
                    let most = if samples == 1 && S::WIDE { ABREAST.0 } else { ABREAST.1 };
                    for block in (0..blocks).step_by(most) {
                        let from = From {
                            item,
                            sample,
                            block: first + block,
                            within: (block, blocks),
                            inputs: inputs.clone(),
                        };
                        let count = most.min(blocks - block);
                        if samples == 1 {
                            with_size!(count, [1 2 3 4 5 6 7 8], N => simd.call(Tile::<1, N> { call, from }));
                        } else {
                            with_size!(samples, [2 3 4], T => with_size!(count, [1 2 3 4], N => {
                                simd.call(Tile::<T, N> { call, from });
                            }));
                        }
                    }
                }
            }
        }
    }
}

/// Where a tile begins.
struct From {
    item: usize,
    sample: usize,
    /// The first block, of all and of the item, and how many the item has.
    block: usize,
    within: (usize, usize),
    inputs: Range<usize>,
}

/// T samples and N blocks of units, over some inputs.
struct Tile<'a, const T: usize, const N: usize> {
    call: &'a Call<'a>,
    from: From,
}

impl<const T: usize, const N: usize> SimdKernel for Tile<'_, T, N> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { call, from } = self;
        let (plan, inputs, block) = (call.plan, from.inputs, from.block);
        let place = |t: usize, n: usize| (from.sample + t) * plan.blocks() + block + n;
        let size = plan.channels.div_ceil(LANES) * plan.positions * LANES;
        let input: &[f32] = &bytemuck::cast_slice::<Row, f32>(call.input)[from.sample * size..][..T * size];
        let mut sums = [[simd.zero(); N]; T];
        if inputs.start > 0 {
            for t in 0..T {
                for n in 0..N {
                    sums[t][n] = simd.load(call.output.row(place(t, n)));
                }
            }
        }
        let last = inputs.end == plan.inputs();
        let (before, width) = from.within;
        let rows = plan.place(from.item);
        let weights = &call.weights[rows.start / LANES..rows.end / LANES][inputs.start * width..inputs.end * width];
        // Divided once: a division for every input would take longer than its products.
        let (mut channel, mut position) = (inputs.start / plan.positions, inputs.start % plan.positions);
        for weights in weights.chunks_exact(width) {
            let weights = &weights[before..][..N];
            let mut w = [simd.zero(); N];
            for n in 0..N {
                w[n] = simd.load(&weights[n]);
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
                    made = plan.rectifier.map_or(made, |rectifier| rectifier.of(simd, made));
                }
                simd.store(call.output.row(place(t, n)), made);
            }
        }
    }
}
