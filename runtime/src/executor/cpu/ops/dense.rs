//! A matrix product and its two gradients. Most of it is a convolution of one row with a kernel of one pixel; the gradients
//! of a single column have kernels of their own.

use super::super::kernels::blocked::dense as blocked;
use super::super::kernels::dense::{Dinput, Dkernel, Gradients};
use super::super::maker::{Maker, floats};
use super::super::run::Share;
use super::super::simd::LANES;
use super::super::task::{Items, Work};
use super::convolution::{self, dinput, dkernel, forward};
use super::streamed;
use super::tasked::Tasked;
use compiler::ops::{ConvolutionGeometry, Dense, DenseDinput, DenseDkernel, DenseGeometry, Doutput};
use compiler::plan::TensorId;
use compiler::window::{Grid, Sliding};
use std::ops::Range;
use std::sync::Arc;

/// A dense layer as a convolution of one row with a kernel of one pixel.
pub fn as_convolution(geometry: &DenseGeometry) -> ConvolutionGeometry {
    let along = |cells| Sliding {
        input: cells,
        output: cells,
        size: 1,
        stride: 1,
        dilation: 1,
        pad_before: 0,
    };
    ConvolutionGeometry {
        in_channels: geometry.inputs,
        out_channels: geometry.units,
        grid: Grid {
            vertical: along(1),
            horizontal: along(geometry.positions),
        },
    }
}

fn unpooled(tensor: TensorId) -> Doutput {
    Doutput { tensor, codes: None }
}

impl Tasked for Dense {
    fn tasks(&self, maker: &mut Maker<'_>) {
        if maker.streaming.has(self.kernel.offset) {
            return streamed::forward(self, maker);
        }
        if maker.is_blocked() && self.geometry.positions == 1 {
            return push_blocked(self, maker);
        }
        let product = forward::Product {
            geometry: &as_convolution(&self.geometry),
            input: self.input,
            kernel: self.kernel,
            bias: self.bias,
            relu: self.relu,
            pool: false,
            codes: None,
            output: maker.at(self.output),
        };
        if maker.is_blocked() {
            convolution::blocked::forward(&product, maker);
        } else {
            forward::push(&product, maker);
        }
    }
}

/// Packs the weights of a layer of single samples, so that workers read them in their order.
struct Packing {
    plan: Arc<blocked::Dense>,
    weights: Range<usize>,
    packed: Range<usize>,
}

struct Blocked {
    plan: Arc<blocked::Dense>,
    input: Range<usize>,
    packed: Range<usize>,
    bias: Option<Range<usize>>,
    output: Range<usize>,
}

/// Adds the tasks of a layer of single samples.
fn push_blocked(dense: &Dense, maker: &mut Maker<'_>) {
    let geometry = &dense.geometry;
    maker.made.work += geometry.inputs * geometry.units;
    maker.made.products += 1;
    let plan = Arc::new(blocked::Dense {
        channels: maker.channels(dense.input),
        positions: maker.positions(dense.input),
        units: geometry.units,
        relu: dense.relu,
        rectifier: maker.rectifier,
    });
    let items = Items::Block(plan.items());
    let packed = maker.pack(plan.packed());
    let packing = Packing {
        plan: Arc::clone(&plan),
        weights: floats(dense.kernel),
        packed: packed.clone(),
    };
    maker.push_once(packing, plan.items());
    let work = Blocked {
        plan,
        input: maker.at(dense.input),
        packed,
        bias: dense.bias.map(floats),
        output: maker.at(dense.output),
    };
    maker.push_items(work, items);
}

impl Work for Packing {
    fn run(&self, share: Share<'_>) {
        blocked::Pack {
            plan: &self.plan,
            weights: share.parameters(&self.weights),
            packed: share.write_packed(&self.packed),
            items: share.items,
        }
        .run();
    }
}

impl Work for Blocked {
    fn run(&self, share: Share<'_>) {
        share.instructions.call(blocked::Call {
            plan: &self.plan,
            samples: share.block.order.len(),
            input: share.read(&self.input),
            weights: bytemuck::cast_slice(share.packed(&self.packed)),
            bias: self.bias.as_ref().map(|bias| share.parameters(bias)),
            output: share.write(&self.output),
            items: share.items,
        });
    }
}

struct ColumnDkernel {
    /// The first float of the gradient.
    kernel: usize,
    bias: Option<usize>,
    input: Range<usize>,
    doutput: Range<usize>,
}

impl Tasked for DenseDkernel {
    fn tasks(&self, maker: &mut Maker<'_>) {
        if maker.streaming.has(self.kernel.offset) {
            return streamed::dkernel(self, maker);
        }
        if self.geometry.positions > 1 {
            let product = dkernel::Product {
                geometry: &as_convolution(&self.geometry),
                input: self.input,
                doutput: unpooled(self.doutput),
                kernel: self.kernel,
                bias: self.bias,
            };
            return dkernel::push(&product, maker);
        }
        let work = ColumnDkernel {
            kernel: self.kernel.offset,
            bias: self.bias.map(|bias| bias.offset),
            input: maker.at(self.input),
            doutput: maker.at(self.doutput),
        };
        maker.push(work, self.geometry.inputs.div_ceil(LANES));
    }
}

impl Work for ColumnDkernel {
    fn run(&self, share: Share<'_>) {
        let Some(all) = share.gradients() else { return };
        share.instructions.run(Dkernel {
            input: share.read(&self.input),
            doutput: share.read(&self.doutput),
            gradients: Gradients {
                all,
                kernel: self.kernel,
                bias: self.bias,
                first: share.sets_gradients(),
            },
            items: share.items,
        });
    }
}

struct ColumnDinput {
    weights: Range<usize>,
    doutput: Range<usize>,
    mask: Option<Range<usize>>,
    dinput: Range<usize>,
}

impl Tasked for DenseDinput {
    fn tasks(&self, maker: &mut Maker<'_>) {
        // Made with the gradient of the kernel.
        if maker.streaming.has(self.kernel.offset) {
            return;
        }
        if self.geometry.positions > 1 {
            let product = dinput::Product {
                geometry: &as_convolution(&self.geometry),
                doutput: unpooled(self.doutput),
                kernel: self.kernel,
                mask: self.mask,
                dinput: self.dinput,
            };
            return dinput::push(&product, maker);
        }
        let work = ColumnDinput {
            weights: floats(self.kernel),
            doutput: maker.at(self.doutput),
            mask: maker.maybe(self.mask),
            dinput: maker.at(self.dinput),
        };
        maker.push(work, self.geometry.inputs.div_ceil(8));
    }
}

impl Work for ColumnDinput {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(Dinput {
            doutput: share.read(&self.doutput),
            weights: share.parameters(&self.weights),
            mask: share.read_maybe(self.mask.as_ref()),
            dinput: share.write(&self.dinput),
            inputs: self.dinput.len(),
            items: share.items,
        });
    }
}
