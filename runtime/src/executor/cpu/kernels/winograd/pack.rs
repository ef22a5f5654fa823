//! The weights of a product on their way to points.

use super::super::super::memory::Floats;
use super::super::super::simd::{LANES, Row, Simd, SimdKernel};
use super::few::POINTS;
use super::product::Product;
use super::transforms::{Filter, MOST_TAPS, Made, Spaced, SpacedMade, weigh};
use std::ops::Range;

/// The weights of sixteen channels at most to sixteen outputs: `[input][tap]`, outputs are the lanes.
pub type Taps = [[Row; MOST_TAPS]; LANES];

/// Weights as the optimizer keeps them, `[input][tap][output]`.
#[derive(Clone, Copy)]
pub struct Weights<'a> {
    /// All of them.
    pub weights: &'a [f32],
    /// Floats from tap to tap.
    pub stride: usize,
    /// Which filtering they are for.
    pub filter: Filter,
    /// Whether the product is that of a gradient: the parameters' inputs are its outputs, and the taps are turned round.
    pub turned: bool,
}

impl Weights<'_> {
    /// Those from some inputs to some outputs, sixteen of either at most.
    #[inline(always)]
    pub fn gather<S: Simd>(&self, simd: S, inputs: Range<usize>, outputs: Range<usize>, taps: &mut Taps) {
        let all = self.filter.taps();
        for tap in 0..all {
            if !self.turned {
                for (input, to) in inputs.clone().zip(taps.iter_mut()) {
                    let from = (input * all + tap) * self.stride;
                    simd.store(&mut to[tap], simd.load_part(&self.weights[from..][outputs.clone()]));
                }
                continue;
            }
            let mut square = [simd.zero(); LANES];
            for at in 0..LANES {
                if at < outputs.len() {
                    let from = ((outputs.start + at) * all + all - 1 - tap) * self.stride;
                    square[at] = simd.load_part(&self.weights[from..][inputs.clone()]);
                }
            }
            let square = simd.transpose(square);
            for at in 0..LANES {
                simd.store(&mut taps[at][tap], square[at]);
            }
        }
    }

    /// The weights of an input to their points.
    #[inline(always)]
    pub fn weigh<S: Simd>(&self, simd: S, taps: &[Row; MOST_TAPS], made: &mut impl Made<S>) {
        let weights = Spaced { rows: taps, step: 1 };
        weigh(simd, self.filter, &weights, made);
    }
}

/// Where the points of the weights from one input to sixteen outputs go.
pub struct Weighed<'a> {
    /// All that is packed.
    pub packed: &'a Floats<'a>,
    /// Where the first point's lie, and from point to point, in floats.
    pub first: usize,
    pub point: usize,
}

impl<S: Simd> Made<S> for Weighed<'_> {
    #[inline(always)]
    fn put(&mut self, simd: S, (row, column): (usize, usize), across: usize, value: S::V) {
        let start = (row * across + column) * self.point + self.first;
        simd.store_part(self.packed.part(start..start + LANES), value);
    }
}

/// Takes weights to their points: `[point][block of sixteen outputs][input][output of the block]`, or, where channels are few,
/// `[output][point][input]`. One item: sixteen inputs of a block.
pub struct Pack<'a> {
    /// What they are packed for.
    pub plan: &'a Product,
    /// Read.
    pub weights: Weights<'a>,
    /// Written: the weights' points, in the order in which the product reads them.
    pub packed: Floats<'a>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let plan = self.plan;
        let across = plan.channels.div_ceil(LANES);
        #[allow(clippy::large_stack_arrays, reason = "26 KB: no memory is allocated while steps run")]
        let mut taps: Taps = [[Row([0.0; LANES]); MOST_TAPS]; LANES];
        for item in self.items.clone() {
            let (block, part) = (item / across, item % across);
            let inputs = part * LANES..((part + 1) * LANES).min(plan.channels);
            let outputs = block * LANES..block * LANES + plan.width(block);
            self.weights.gather(simd, inputs.clone(), outputs.clone(), &mut taps);
            for (input, taps) in inputs.zip(&taps) {
                if plan.is_of_few() {
                    self.put_few(simd, input, outputs.clone(), taps);
                    continue;
                }
                let mut made = Weighed {
                    packed: &self.packed,
                    first: (block * plan.channels + input) * LANES,
                    point: plan.point() * LANES,
                };
                self.weights.weigh(simd, taps, &mut made);
            }
        }
    }
}

impl Pack<'_> {
    #[inline(always)]
    fn put_few<S: Simd>(&self, simd: S, input: usize, outputs: Range<usize>, taps: &[Row; MOST_TAPS]) {
        let channels = self.plan.channels;
        let mut points = [Row([0.0; LANES]); POINTS];
        let mut made = SpacedMade {
            rows: &mut points,
            step: 1,
        };
        self.weights.weigh(simd, taps, &mut made);
        for (lane, output) in outputs.enumerate() {
            let start = output * POINTS * channels;
            let packed = self.packed.part(start..start + POINTS * channels);
            for (to, from) in packed.chunks_exact_mut(channels).zip(&points) {
                to[input] = from.0[lane];
            }
        }
    }
}
