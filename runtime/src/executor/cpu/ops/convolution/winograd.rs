//! 3x3 and 5x5 convolutions by Winograd's filtering, where the plan's cost model says that it pays.

use super::super::super::kernels::doutput::Strided;
use super::super::super::kernels::winograd::few::{dkernel as few, product as of_few};
use super::super::super::kernels::winograd::gradient::{self, Gradient};
use super::super::super::kernels::winograd::tiles::{Cut, Map};
use super::super::super::kernels::winograd::transforms::Filter;
use super::super::super::kernels::winograd::{dkernel as summing, pack, product as multiplying};
use super::super::super::maker::{Maker, floats};
use super::super::super::run::Share;
use super::super::super::task::{Items, Work};
use super::map::{self, Gradient as Mapped};
use super::{dinput, dkernel, forward};
use compiler::plan::method;
use compiler::window::Grid;
use std::ops::Range;
use std::sync::Arc;

struct Packing {
    plan: Arc<multiplying::Product>,
    stride: usize,
    turned: bool,
    weights: Range<usize>,
    packed: Range<usize>,
}

struct Multiplying {
    plan: Arc<multiplying::Product>,
    input: Range<usize>,
    /// Where the input lies behind a pool.
    behind: Option<Mapped>,
    packed: Range<usize>,
    bias: Option<Range<usize>>,
    mask: Option<Range<usize>>,
    output: Range<usize>,
    codes: Option<Range<usize>>,
}

struct Summing {
    plan: Arc<Gradient>,
    doutput: Mapped,
    input: Range<usize>,
    kept: Range<usize>,
    /// Whether channels are so few that samples stay the lanes.
    few: bool,
}

struct Gathering {
    plan: Arc<Gradient>,
    kept: Range<usize>,
}

/// Adds the tasks of a product.
pub fn forward(product: &forward::Product<'_>, maker: &mut Maker<'_>) {
    let geometry = product.geometry;
    let size = (geometry.grid.vertical.output, geometry.grid.horizontal.output);
    let filter = Filter::of(geometry.grid.vertical.size);
    maker.made.work += filter.taps() * geometry.in_channels * geometry.out_channels * size.0 * size.1;
    maker.made.products += 1;
    let plan = Arc::new(multiplying::Product {
        channels: geometry.in_channels,
        map: input(&geometry.grid),
        cut: Cut { size, filter },
        filters: geometry.out_channels,
        relu: product.relu,
        pool: product.pool,
    });
    let packed = maker.pack(plan.packed());
    let packing = Packing {
        plan: Arc::clone(&plan),
        stride: geometry.out_channels.next_multiple_of(4),
        turned: false,
        weights: floats(product.kernel),
        packed: packed.clone(),
    };
    let work = Multiplying {
        plan,
        input: maker.at(product.input),
        behind: None,
        packed,
        bias: product.bias.map(floats),
        mask: None,
        output: product.output.clone(),
        codes: maker.maybe(product.codes),
    };
    push(packing, work, maker);
}

/// Adds the tasks of a gradient of the input: the product of the gradient with turned weights.
pub fn dinput(product: &dinput::Product<'_>, maker: &mut Maker<'_>) {
    let geometry = product.geometry;
    let (vertical, horizontal) = (&geometry.grid.vertical, &geometry.grid.horizontal);
    let doutput = map::gradient(geometry, product.doutput, 0, maker);
    let filter = Filter::of(vertical.size);
    let last = filter.size() - 1;
    let plan = Arc::new(multiplying::Product {
        channels: geometry.out_channels,
        map: Map {
            size: (vertical.output, horizontal.output),
            before: (last - vertical.pad_before, last - horizontal.pad_before),
            strided: doutput.strided,
        },
        cut: Cut {
            size: (vertical.input, horizontal.input),
            filter,
        },
        filters: geometry.in_channels,
        relu: false,
        pool: false,
    });
    let packed = maker.pack(plan.packed());
    let packing = Packing {
        plan: Arc::clone(&plan),
        stride: geometry.out_channels.next_multiple_of(4),
        turned: true,
        weights: floats(product.kernel),
        packed: packed.clone(),
    };
    let work = Multiplying {
        plan,
        input: doutput.at.clone(),
        behind: Some(doutput),
        packed,
        bias: None,
        mask: maker.maybe(product.mask),
        output: maker.at(product.dinput),
        codes: None,
    };
    push(packing, work, maker);
}

/// The gradient of a kernel, in items of at most so many blocks of channels and filters as a filtering has.
pub fn gradient(product: &dkernel::Product<'_>, most: impl Fn(Filter) -> (usize, usize)) -> Gradient {
    let geometry = product.geometry;
    let (vertical, horizontal) = (&geometry.grid.vertical, &geometry.grid.horizontal);
    let filter = Filter::of(vertical.size);
    Gradient {
        filter,
        channels: geometry.in_channels,
        filters: geometry.out_channels,
        input: (vertical.input, horizontal.input),
        before: (vertical.pad_before, horizontal.pad_before),
        size: (vertical.output, horizontal.output),
        kernel: product.kernel.offset,
        bias: product.bias.map(|bias| bias.offset),
        most: most(filter),
    }
}

/// Adds the tasks of a gradient of the kernel, of which `work` makes the first. It is given the plan and where the weights of
/// segments go.
pub fn filter<W: Work + 'static>(
    plan: Gradient,
    scratch: usize,
    maker: &mut Maker<'_>,
    work: impl FnOnce(Arc<Gradient>, Range<usize>) -> W,
) {
    let plan = Arc::new(plan);
    maker.made.scratch = maker.made.scratch.max(scratch);
    let kept = maker.rows(plan.segments() * plan.kept());
    let items = Items::Block(plan.items());
    maker.push_items(work(Arc::clone(&plan), kept.clone()), items);
    if !kept.is_empty() {
        let items = Items::Block(plan.channels);
        maker.push_items(Gathering { plan, kept }, items);
    }
}

/// Adds the tasks of a gradient of the kernel.
pub fn dkernel(product: &dkernel::Product<'_>, maker: &mut Maker<'_>) {
    let doutput = map::gradient(product.geometry, product.doutput, 0, maker);
    let input = maker.at(product.input);
    let few = method::is_of_few(product.geometry);
    let plan = gradient(product, |filter| if few { few::MOST } else { summing::most(filter) });
    let scratch = if few { few::scratch() } else { summing::scratch(&plan) };
    filter(plan, scratch, maker, |plan, kept| Summing {
        plan,
        doutput,
        input,
        kept,
        few,
    });
}

fn push(packing: Packing, work: Multiplying, maker: &mut Maker<'_>) {
    maker.made.scratch = maker.made.scratch.max(work.plan.scratch());
    let items = packing.plan.packing();
    maker.push_once(packing, items);
    let items = work.plan.items();
    maker.push(work, items);
}

/// Where a convolution reads: its input as it lies; zeros around it need not be there.
fn input(grid: &Grid) -> Map {
    let (vertical, horizontal) = (&grid.vertical, &grid.horizontal);
    Map {
        size: (vertical.input, horizontal.input),
        before: (vertical.pad_before, horizontal.pad_before),
        strided: Strided {
            offset: 0,
            row: horizontal.input,
            channel: vertical.input * horizontal.input,
        },
    }
}

impl Work for Packing {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(pack::Pack {
            plan: &self.plan,
            weights: pack::Weights {
                weights: share.parameters(&self.weights),
                stride: self.stride,
                filter: self.plan.cut.filter,
                turned: self.turned,
            },
            packed: share.write_packed(&self.packed),
            items: share.items,
        });
    }
}

impl Work for Multiplying {
    fn run(&self, share: Share<'_>) {
        let finish = self.plan.finish(
            self.bias.as_ref().map(|bias| share.parameters(bias)),
            share.read_maybe(self.mask.as_ref()),
            share.write(&self.output),
            self.codes.as_ref().map(|codes| share.write_codes(codes)),
        );
        if self.plan.is_of_few() {
            share.instructions.call(of_few::Call {
                plan: &self.plan,
                input: share.read(&self.input),
                weights: share.packed(&self.packed),
                finish,
                scratch: share.scratch,
                items: share.items,
            });
            return;
        }
        share.instructions.call(multiplying::ProductCall {
            plan: &self.plan,
            input: share.read(&self.input),
            pixels: self.behind.as_ref().and_then(|map| map.codes(&share)),
            weights: bytemuck::cast_slice(share.packed(&self.packed)),
            finish,
            scratch: share.scratch,
            items: share.items,
        });
    }
}

impl Work for Summing {
    fn run(&self, share: Share<'_>) {
        let Some(gradients) = share.gradients() else { return };
        if self.few {
            share.instructions.call(few::Call {
                plan: &self.plan,
                input: share.read(&self.input),
                doutput: self.doutput.read(&share),
                kept: share.write(&self.kept),
                gradients,
                first: share.sets_gradients(),
                scratch: share.scratch,
                items: share.items,
            });
            return;
        }
        share.instructions.call(summing::Call {
            plan: &self.plan,
            samples: share.block.order.len(),
            input: share.read(&self.input),
            doutput: self.doutput.read(&share),
            kept: share.write(&self.kept),
            gradients,
            first: share.sets_gradients(),
            scratch: share.scratch,
            items: share.items,
        });
    }
}

impl Work for Gathering {
    fn run(&self, share: Share<'_>) {
        let Some(gradients) = share.gradients() else { return };
        share.instructions.run(gradient::Gather {
            plan: &self.plan,
            kept: share.read(&self.kept),
            gradients,
            first: share.sets_gradients(),
            items: share.items,
        });
    }
}
