//! The gradient of the input.

use super::super::super::kernels::Tiles;
use super::super::super::kernels::data;
use super::super::super::kernels::dinput::{Dinput, DinputCall};
use super::super::super::maker::{Maker, floats};
use super::super::super::run::Share;
use super::super::super::task::Work;
use super::map::map;
use compiler::ops::{ConvolutionGeometry, Doutput};
use compiler::plan::{self, TensorId};
use std::ops::Range;

/// What the gradient is made from, and where it goes.
pub struct Product<'a> {
    pub geometry: &'a ConvolutionGeometry,
    pub doutput: Doutput,
    pub kernel: plan::Range,
    pub mask: Option<TensorId>,
    pub dinput: TensorId,
}

/// Packs weights tile by tile.
struct Packing {
    tiles: Tiles,
    taps: usize,
    filters: usize,
    weights: Range<usize>,
    packed: Range<usize>,
}

struct Transposed {
    plan: Dinput,
    doutput: Range<usize>,
    packed: Range<usize>,
    mask: Option<Range<usize>>,
    dinput: Range<usize>,
}

/// Adds the tasks of a gradient.
pub fn push(product: &Product<'_>, maker: &mut Maker<'_>) {
    let geometry = product.geometry;
    let map = map(geometry, product.doutput, maker);
    let wide = maker.instructions.wide();
    let plan = Dinput::new(geometry.in_channels, geometry.out_channels, &geometry.grid, wide);
    let packed = maker.pack(geometry.in_channels * plan.taps * plan.filters);
    let work = Packing {
        tiles: plan.tiles,
        taps: plan.taps,
        filters: plan.filters,
        weights: floats(product.kernel),
        packed: packed.clone(),
    };
    maker.push_once(work, plan.tiles.count());
    let items = plan.items();
    let work = Transposed {
        plan,
        doutput: map.at,
        packed,
        mask: maker.maybe(product.mask),
        dinput: maker.at(product.dinput),
    };
    maker.push(work, items);
}

impl Work for Packing {
    fn run(&self, share: Share<'_>) {
        data::PackDinput {
            tiles: self.tiles,
            taps: self.taps,
            filters: self.filters,
            weights: share.parameters(&self.weights),
            packed: share.write_packed(&self.packed),
            items: share.items,
        }
        .run();
    }
}

impl Work for Transposed {
    fn run(&self, share: Share<'_>) {
        share.instructions.call(DinputCall {
            plan: &self.plan,
            doutput: share.read(&self.doutput),
            weights: share.packed(&self.packed),
            mask: share.read_maybe(self.mask.as_ref()),
            dinput: share.write(&self.dinput),
            items: share.items,
        });
    }
}
