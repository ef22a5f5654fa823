//! The weights of a product on their way to points.

use super::super::super::memory::Floats;
use super::super::super::simd::{LANES, Row, Simd, SimdKernel};
use super::product::Product;
use super::transforms::{MOST_TAPS, Made, SIDE, Spaced, weigh};
use std::ops::Range;

/// Takes weights to their points: `[point][block of sixteen outputs][input][output of the block]`. One item: sixteen inputs of a block.
pub struct Pack<'a> {
    /// What they are packed for.
    pub plan: &'a Product,
    /// Floats from tap to tap.
    pub stride: usize,
    /// Whether the product is that of the gradient: the parameters' inputs are its outputs, and the taps are turned round.
    pub turned: bool,
    /// Read: the weights as the optimizer keeps them.
    pub weights: &'a [f32],
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
        let filter = plan.cut.filter;
        #[allow(clippy::large_stack_arrays, reason = "26 KB: no memory is allocated while steps run")]
        let mut taps = [[Row([0.0; LANES]); MOST_TAPS]; LANES];
        for item in self.items.clone() {
            let (block, part) = (
                item / plan.channels.div_ceil(LANES),
                item % plan.channels.div_ceil(LANES),
            );
            let channels = part * LANES..((part + 1) * LANES).min(plan.channels);
            self.gather(simd, block, channels.clone(), &mut taps);
            for (channel, taps) in channels.zip(&taps) {
                let weights = Spaced {
                    rows: taps,
                    width: filter.size(),
                    step: 1,
                };
                let mut made = Weighed {
                    packed: &self.packed,
                    first: (block * plan.channels + channel) * LANES,
                    point: plan.point() * LANES,
                };
                weigh(simd, filter, &weights, &mut made);
            }
        }
    }
}

impl Pack<'_> {
    /// The weights from some inputs to a block of outputs: `[input][tap]`, outputs are the lanes.
    #[inline(always)]
    fn gather<S: Simd>(&self, simd: S, block: usize, channels: Range<usize>, taps: &mut [[Row; MOST_TAPS]; LANES]) {
        let (all, first, width) = (self.plan.cut.filter.taps(), block * LANES, self.plan.width(block));
        for tap in 0..all {
            if !self.turned {
                for (channel, to) in channels.clone().zip(taps.iter_mut()) {
                    let from = &self.weights[(channel * all + tap) * self.stride + first..][..width];
                    simd.store(&mut to[tap], simd.load_part(from));
                }
                continue;
            }
            let mut square = [simd.zero(); LANES];
            for at in 0..LANES {
                if at < width {
                    let from = ((first + at) * all + all - 1 - tap) * self.stride;
                    square[at] = simd.load_part(&self.weights[from..][channels.clone()]);
                }
            }
            let square = simd.transpose(square);
            for at in 0..LANES {
                simd.store(&mut taps[at][tap], square[at]);
            }
        }
    }
}

/// The points of the weights from one channel to a block.
struct Weighed<'a> {
    packed: &'a Floats<'a>,
    /// Where the first point's lie, and from point to point.
    first: usize,
    point: usize,
}

impl<S: Simd> Made<S> for Weighed<'_> {
    #[inline(always)]
    fn put(&mut self, simd: S, row: usize, column: usize, value: S::V) {
        let start = (row * SIDE + column) * self.point + self.first;
        simd.store_part(self.packed.part(start..start + LANES), value);
    }
}
