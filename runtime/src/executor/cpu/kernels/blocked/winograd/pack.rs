//! The weights of a product on their way to points.

use super::super::super::super::memory::Floats;
use super::super::super::super::simd::{LANES, Row, Simd, SimdKernel};
use super::super::super::winograd::transforms::{MOST_TAPS, Made, POINTS, SIDE, Spaced, weigh};
use super::Filtering;
use std::ops::Range;

/// Takes weights to their points: `[group][point][input][filter of the group]`. One item: a group.
pub struct Pack<'a> {
    /// Sizes and how they are cut, the same in every call.
    pub plan: &'a Filtering,
    /// Whether the product is that of a gradient: its filters are the parameters' inputs, and the taps are turned round.
    pub turned: bool,
    /// Read: the weights as the optimizer keeps them.
    pub weights: &'a [f32],
    /// Written: the weights' points, in the order in which the kernel reads them.
    pub packed: Floats<'a>,
    /// Whose turn it is.
    pub items: Range<usize>,
}

impl SimdKernel for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let plan = self.plan;
        let rows = if self.turned { plan.channels } else { plan.filters };
        let stride = rows.next_multiple_of(4);
        let all = plan.filter.taps();
        #[allow(clippy::large_stack_arrays, reason = "26 KB: no memory is allocated while steps run")]
        let mut taps = [[Row([0.0; LANES]); LANES]; MOST_TAPS];
        let mut of = [Row([0.0; LANES]); MOST_TAPS];
        for item in self.items {
            let (first, blocks) = plan.group(item);
            let point = plan.channels * blocks * LANES;
            for block in 0..blocks {
                let filter = (first + block) * LANES;
                let width = LANES.min(plan.filters - filter);
                for start in (0..plan.channels).step_by(LANES) {
                    let channels = start..(start + LANES).min(plan.channels);
                    for (tap, to) in taps.iter_mut().enumerate().take(all) {
                        if !self.turned {
                            for (channel, to) in channels.clone().zip(to) {
                                let from = (channel * all + tap) * stride + filter;
                                simd.store(to, simd.load_part(&self.weights[from..][..width]));
                            }
                            continue;
                        }
                        let mut square = [simd.zero(); LANES];
                        for at in 0..LANES {
                            if at < width {
                                let from = ((filter + at) * all + all - 1 - tap) * stride;
                                square[at] = simd.load_part(&self.weights[from..][channels.clone()]);
                            }
                        }
                        let square = simd.transpose(square);
                        for at in 0..LANES {
                            simd.store(&mut to[at], square[at]);
                        }
                    }
                    for channel in channels.clone() {
                        for tap in 0..all {
                            simd.store(&mut of[tap], simd.load(&taps[tap][channel - start]));
                        }
                        let weights = Spaced {
                            rows: &of,
                            width: plan.filter.size(),
                            step: 1,
                        };
                        let mut made = Weighed {
                            packed: &self.packed,
                            first: first * LANES * POINTS * plan.channels + (channel * blocks + block) * LANES,
                            point,
                        };
                        weigh(simd, plan.filter, &weights, &mut made);
                    }
                }
            }
        }
    }
}

/// The points of the weights from one channel to a block of filters.
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
