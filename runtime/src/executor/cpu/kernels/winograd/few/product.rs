//! `output = pool(relu(conv(input, kernel) + bias))` of a 3x3 kernel of few channels; samples are the lanes. One item: four tiles.

use super::super::super::super::simd::{Row, Simd, SimdKernel, WithSimd};
use super::super::super::with_size;
use super::super::finish::Finish;
use super::super::product::Product;
use super::super::tiles::fetch_ahead;
use super::super::transforms::{Filter, Plane, SpacedMade, enter};
use super::POINTS;
use super::{NOTHING, TOGETHER, multiply};
use std::ops::Range;

/// What one call of the kernel is given.
pub struct Call<'a> {
    /// Sizes, strides and padding, as they were prepared from the plan.
    pub plan: &'a Product,
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// The weights' points: `[filter][point][channel]`.
    pub weights: &'a [f32],
    /// What becomes of the sums.
    pub finish: Finish<'a>,
    /// The worker's own memory.
    pub scratch: &'a mut [Row],
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl WithSimd for Call<'_> {
    type Output = ();

    fn with<S: Simd>(mut self, simd: S) {
        let plan = self.plan;
        let points = std::mem::take(&mut self.scratch);
        let is_far = plan.is_far();
        for item in self.items.clone() {
            let (corners, real) = plan.cut.corners(item);
            let next = plan.cut.corners(item + 1).0[0];
            for at in 0..real {
                let following = if at + 1 < real { corners[at + 1] } else { next };
                with_size!(plan.channels, [1 2 3 4], C => simd.call(Tile::<C> {
                    call: &self,
                    corner: corners[at],
                    next: is_far.then_some(following),
                    points,
                }));
            }
        }
    }
}

/// All filters of a tile of C channels.
struct Tile<'a, const C: usize> {
    call: &'a Call<'a>,
    corner: (usize, usize),
    /// The tile that follows, where its memory is asked for meanwhile.
    next: Option<(usize, usize)>,
    points: &'a mut [Row],
}

impl<const C: usize> SimdKernel for Tile<'_, C> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (call, plan) = (self.call, self.call.plan);
        for channel in 0..C {
            let plane = Plane {
                cells: &call.input[plan.map.strided.offset + channel * plan.map.strided.channel..],
                size: plan.map.size,
                before: plan.map.before,
                row: plan.map.strided.row,
            };
            let mut made = SpacedMade {
                rows: &mut self.points[channel..],
                step: C,
            };
            enter(simd, Filter::Three, plane, self.corner, &mut made);
        }
        if let Some(next) = self.next {
            fetch_ahead(&plan.map, plan.cut.filter, (call.input, None), 0..C, &[next]);
        }
        let (Some(rows), weights) = (
            self.points.as_chunks::<C>().0.first_chunk(),
            call.weights.as_chunks::<C>().0.as_chunks::<POINTS>().0,
        ) else {
            return;
        };
        let mut halves = [NOTHING; TOGETHER];
        for (group, floats) in weights.chunks(TOGETHER).enumerate() {
            multiply::<S, C, C>(simd, rows, floats, &mut halves);
            for (half, filter) in halves.iter().zip(group * TOGETHER..plan.filters) {
                if let Some(next) = self.next {
                    for line in call.finish.lines(filter, next) {
                        call.finish.output.fetch(line);
                    }
                }
                call.finish.of(simd, filter).leave(simd, self.corner, half);
            }
        }
    }
}
