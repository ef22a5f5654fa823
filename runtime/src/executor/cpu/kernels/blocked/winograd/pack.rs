//! The weights of a product on their way to points.

use super::super::super::super::memory::Floats;
use super::super::super::super::simd::{LANES, Row, Simd, SimdKernel};
use super::super::super::winograd::pack::{Taps, Weighed, Weights};
use super::super::super::winograd::transforms::MOST_TAPS;
use super::Filtering;
use std::ops::Range;

/// Takes weights to their points: `[group][point][input][filter of the group]`. One item: a group.
pub struct Pack<'a> {
    /// Sizes and how they are cut, the same in every call.
    pub plan: &'a Filtering,
    /// Read.
    pub weights: Weights<'a>,
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
        #[allow(clippy::large_stack_arrays, reason = "26 KB: no memory is allocated while steps run")]
        let mut taps: Taps = [[Row([0.0; LANES]); MOST_TAPS]; LANES];
        for item in self.items {
            let (first, blocks) = plan.group(item);
            for block in 0..blocks {
                let filter = (first + block) * LANES;
                let filters = filter..(filter + LANES).min(plan.filters);
                for start in (0..plan.channels).step_by(LANES) {
                    let channels = start..(start + LANES).min(plan.channels);
                    self.weights.gather(simd, channels.clone(), filters.clone(), &mut taps);
                    for (channel, taps) in channels.zip(&taps) {
                        let mut made = Weighed {
                            packed: &self.packed,
                            first: first * LANES * plan.filter.points() * plan.channels
                                + (channel * blocks + block) * LANES,
                            point: plan.channels * blocks * LANES,
                        };
                        self.weights.weigh(simd, taps, &mut made);
                    }
                }
            }
        }
    }
}
