//! A convolution and its two gradients, channel-blocked.

use super::super::super::kernels::blocked::finish::Finish;
use super::super::super::kernels::blocked::{direct, dkernel as summing, filtered_dkernel, winograd};
use super::super::super::kernels::elementwise::Rectifier;
use super::super::super::kernels::winograd::gradient::Gradient;
use super::super::super::kernels::winograd::pack::Weights;
use super::super::super::kernels::winograd::transforms::Filter;
use super::super::super::maker::{Maker, floats};
use super::super::super::run::Share;
use super::super::super::simd::LANES;
use super::super::super::task::{Items, Work};
use super::map::{blocked_map, padded, padded_again, padded_copy};
use super::places::padded_size;
use super::winograd::{filter, gradient as winograd_gradient};
use super::{dinput, dkernel, forward};
use compiler::ops::ConvolutionGeometry;
use compiler::plan::method;
use compiler::window::{Grid, Sliding};
use std::ops::Range;
use std::sync::Arc;

/// A product: what it takes and makes, of which the gradient of the input is one.
struct Product {
    geometry: ConvolutionGeometry,
    kernel: Range<usize>,
    /// Whether the weights' inputs are its outputs, and the taps are turned round.
    turned: bool,
    pool: bool,
    at: Places,
}

/// Where a product reads and writes, and what becomes of its sums.
struct Places {
    input: Range<usize>,
    bias: Option<Range<usize>>,
    relu: bool,
    rectifier: Option<Rectifier>,
    mask: Option<Range<usize>>,
    output: Range<usize>,
    codes: Option<Range<usize>>,
}

struct Packing<Plan> {
    plan: Arc<Plan>,
    turned: Option<usize>,
    weights: Range<usize>,
    packed: Range<usize>,
}

struct Convolving {
    plan: Arc<direct::Direct>,
    packed: Range<usize>,
    at: Places,
}

struct Filtering {
    plan: Arc<winograd::Filtering>,
    taps: Vec<u32>,
    packed: Range<usize>,
    at: Places,
}

struct Summing {
    plan: summing::Dkernel,
    input: Range<usize>,
    doutput: Range<usize>,
}

struct FilteredSumming {
    plan: Arc<Gradient>,
    input: Range<usize>,
    doutput: Range<usize>,
    kept: Range<usize>,
}

/// Adds the tasks of a product.
pub fn forward(product: &forward::Product<'_>, maker: &mut Maker<'_>) {
    let geometry = *product.geometry;
    let (vertical, horizontal) = (&geometry.grid.vertical, &geometry.grid.horizontal);
    let taps = geometry.in_channels * vertical.size * horizontal.size;
    maker.made.work += taps * geometry.out_channels * vertical.output * horizontal.output;
    maker.made.products += 1;
    let is_winograd = method::forward(&geometry).is_winograd();
    let input = if is_winograd {
        maker.at(product.input)
    } else {
        padded(&geometry, product.input, maker)
    };
    let product = Product {
        geometry,
        kernel: floats(product.kernel),
        turned: false,
        pool: product.pool,
        at: Places {
            input,
            bias: product.bias.map(floats),
            relu: product.relu,
            rectifier: maker.rectifier,
            mask: None,
            output: product.output.clone(),
            codes: maker.maybe(product.codes),
        },
    };
    push(product, is_winograd, maker);
}

/// Adds the tasks of a gradient of the input: the product of the gradient with turned weights.
pub fn dinput(product: &dinput::Product<'_>, maker: &mut Maker<'_>) {
    let is_winograd = method::dinput(product.geometry).is_winograd();
    let geometry = turned(product.geometry);
    let map = blocked_map(product.geometry, product.doutput, maker);
    let input = if is_winograd {
        map
    } else {
        padded_copy(&geometry, map, maker)
    };
    let product = Product {
        geometry,
        kernel: floats(product.kernel),
        turned: true,
        pool: false,
        at: Places {
            input,
            bias: None,
            relu: false,
            rectifier: None,
            mask: maker.maybe(product.mask),
            output: maker.at(product.dinput),
            codes: None,
        },
    };
    push(product, is_winograd, maker);
}

/// The convolution of the gradient that makes the input's, where windows follow each other cell by cell.
fn turned(geometry: &ConvolutionGeometry) -> ConvolutionGeometry {
    let along = |along: &Sliding| Sliding {
        input: along.output,
        output: along.input,
        pad_before: along.size - 1 - along.pad_before,
        ..*along
    };
    ConvolutionGeometry {
        in_channels: geometry.out_channels,
        out_channels: geometry.in_channels,
        grid: Grid {
            vertical: along(&geometry.grid.vertical),
            horizontal: along(&geometry.grid.horizontal),
        },
    }
}

fn push(product: Product, is_winograd: bool, maker: &mut Maker<'_>) {
    if is_winograd {
        filtering(product, maker);
    } else {
        convolving(product, maker);
    }
}

/// Where a tap reads, from a pixel's base on, in floats.
fn place(geometry: &ConvolutionGeometry, channel: usize, (ky, kx): (usize, usize)) -> u32 {
    let (height, width) = padded_size(&geometry.grid);
    let row = channel / LANES * height + ky * geometry.grid.vertical.dilation;
    let cell = row * width + kx * geometry.grid.horizontal.dilation;
    (cell * LANES + channel % LANES) as u32
}

fn convolving(product: Product, maker: &mut Maker<'_>) {
    let geometry = &product.geometry;
    let (vertical, horizontal) = (&geometry.grid.vertical, &geometry.grid.horizontal);
    let (height, width) = padded_size(&geometry.grid);
    let mut taps = Vec::new();
    for channel in 0..geometry.in_channels {
        for ky in 0..vertical.size {
            taps.extend((0..horizontal.size).map(|kx| place(geometry, channel, (ky, kx))));
        }
    }
    let plan = Arc::new(direct::Direct {
        taps,
        size: (vertical.output, horizontal.output),
        row: vertical.stride * width * LANES,
        step: horizontal.stride * LANES,
        sample: geometry.in_channels.div_ceil(LANES) * height * width * LANES,
        filters: geometry.out_channels,
        pool: product.pool,
        wide: maker.instructions.wide(),
    });
    let packed = maker.pack(plan.packed());
    let packing = Packing {
        plan: Arc::clone(&plan),
        turned: product.turned.then_some(vertical.size * horizontal.size),
        weights: product.kernel,
        packed: packed.clone(),
    };
    maker.push_once(packing, plan.groups());
    maker.made.scratch = maker.made.scratch.max(plan.scratch());
    let items = Items::Sample(plan.items());
    let at = product.at;
    maker.push_items(Convolving { plan, packed, at }, items);
}

fn filtering(product: Product, maker: &mut Maker<'_>) {
    let geometry = &product.geometry;
    let (vertical, horizontal) = (&geometry.grid.vertical, &geometry.grid.horizontal);
    let filter = Filter::of(vertical.size);
    let plan = Arc::new(winograd::Filtering {
        filter,
        channels: geometry.in_channels,
        filters: geometry.out_channels,
        input: (vertical.input, horizontal.input),
        before: (vertical.pad_before, horizontal.pad_before),
        size: (vertical.output, horizontal.output),
        pool: product.pool,
        wide: maker.instructions.wide(),
    });
    let packed = maker.pack(plan.packed());
    let packing = Packing {
        plan: Arc::clone(&plan),
        turned: product.turned.then_some(filter.taps()),
        weights: product.kernel,
        packed: packed.clone(),
    };
    maker.push_once(packing, plan.groups());
    maker.made.scratch = maker.made.scratch.max(plan.scratch());
    let items = Items::Chunks {
        each: plan.tiles(),
        chunk: plan.chunk(),
        parts: plan.parts(),
    };
    let (taps, at) = (plan.taps(), product.at);
    maker.push_items(Filtering { plan, taps, packed, at }, items);
}

/// Adds the task of a gradient of the kernel.
pub fn dkernel(product: &dkernel::Product<'_>, maker: &mut Maker<'_>) {
    let geometry = product.geometry;
    let (vertical, horizontal) = (&geometry.grid.vertical, &geometry.grid.horizontal);
    let doutput = blocked_map(geometry, product.doutput, maker);
    if method::dkernel(geometry).is_winograd() && !method::is_of_few(geometry) {
        let plan = winograd_gradient(product, filtered_dkernel::most);
        let scratch = filtered_dkernel::scratch(&plan);
        let input = maker.at(product.input);
        filter(plan, scratch, maker, |plan, kept| FilteredSumming {
            plan,
            input,
            doutput,
            kept,
        });
        return;
    }
    let input = padded_again(geometry, product.input, maker);
    let (height, width) = padded_size(&geometry.grid);
    let blocks = geometry.in_channels.div_ceil(LANES);
    let mut rows = Vec::new();
    for block in 0..blocks {
        let channels = block * LANES..((block + 1) * LANES).min(geometry.in_channels);
        for ky in 0..vertical.size {
            let mut row = Vec::new();
            for kx in 0..horizontal.size {
                for channel in channels.clone() {
                    let tap = (channel * vertical.size + ky) * horizontal.size + kx;
                    row.push((place(geometry, channel, (ky, kx)), tap as u32));
                }
            }
            rows.push(row);
        }
    }
    let reading = summing::Reading {
        rows,
        size: (vertical.output, horizontal.output),
        row: vertical.stride * width * LANES,
        step: horizontal.stride * LANES,
        sample: blocks * height * width * LANES,
    };
    let bias = product.bias.map(|bias| bias.offset);
    let wide = maker.instructions.wide();
    let plan = summing::Dkernel::new(reading, geometry.out_channels, product.kernel.offset, bias, wide);
    maker.made.scratch = maker.made.scratch.max(plan.scratch());
    let items = Items::Block(plan.items());
    maker.push_items(Summing { plan, input, doutput }, items);
}

impl Places {
    fn finish<'a>(&self, share: &Share<'a>) -> Finish<'a> {
        Finish {
            bias: self.bias.as_ref().map(|bias| share.parameters(bias)),
            relu: self.relu,
            rectifier: self.rectifier,
            mask: share.read_maybe(self.mask.as_ref()),
            output: share.write(&self.output),
            codes: self.codes.as_ref().map(|codes| share.write_codes(codes)),
        }
    }
}

impl Work for Packing<direct::Direct> {
    fn run(&self, share: Share<'_>) {
        direct::Pack {
            plan: &self.plan,
            turned: self.turned,
            weights: share.parameters(&self.weights),
            packed: share.write_packed(&self.packed),
            items: share.items,
        }
        .run();
    }
}

impl Work for Packing<winograd::Filtering> {
    fn run(&self, share: Share<'_>) {
        let turned = self.turned.is_some();
        // Of the parameters, whose outputs are a gradient's channels.
        let outputs = if turned { self.plan.channels } else { self.plan.filters };
        share.instructions.run(winograd::pack::Pack {
            plan: &self.plan,
            weights: Weights {
                weights: share.parameters(&self.weights),
                stride: outputs.next_multiple_of(4),
                filter: self.plan.filter,
                turned,
            },
            packed: share.write_packed(&self.packed),
            items: share.items,
        });
    }
}

impl Work for Convolving {
    fn run(&self, share: Share<'_>) {
        share.instructions.call(direct::Call {
            plan: &self.plan,
            input: share.read(&self.at.input),
            weights: bytemuck::cast_slice(share.packed(&self.packed)),
            finish: self.at.finish(&share),
            scratch: share.scratch,
            items: share.items,
        });
    }
}

impl Work for Filtering {
    fn run(&self, share: Share<'_>) {
        share.instructions.call(winograd::Call {
            plan: &self.plan,
            taps: &self.taps,
            samples: share.block.order.len(),
            input: share.read(&self.at.input),
            weights: bytemuck::cast_slice(share.packed(&self.packed)),
            finish: self.at.finish(&share),
            scratch: share.scratch,
            items: share.items,
        });
    }
}

impl Work for Summing {
    fn run(&self, share: Share<'_>) {
        let Some(gradients) = share.gradients() else { return };
        share.instructions.call(summing::Call {
            plan: &self.plan,
            samples: share.block.order.len(),
            input: share.read(&self.input),
            doutput: share.read(&self.doutput),
            gradients,
            first: share.sets_gradients(),
            scratch: share.scratch,
            items: share.items,
        });
    }
}

impl Work for FilteredSumming {
    fn run(&self, share: Share<'_>) {
        let Some(gradients) = share.gradients() else { return };
        share.instructions.call(filtered_dkernel::Call {
            plan: &self.plan,
            samples: share.block.order.len(),
            input: share.read(&self.input),
            doutput: share.read(&self.doutput),
            kept: share.write(&self.kept),
            gradients,
            first: share.sets_gradients(),
            scratch: share.scratch,
            items: share.items,
        });
    }
}
