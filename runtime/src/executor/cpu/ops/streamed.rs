//! The tasks of a large dense layer, where the samples of a batch meet: see `compiler::plan::streaming`.

use super::super::kernels::dense::{Dbias, Gradients};
use super::super::kernels::streamed::{self, TILE};
use super::super::maker::{Maker, floats};
use super::super::run::{Joined, Share};
use super::super::simd::LANES;
use super::super::task::{Join, Work};
use compiler::ops::{Dense, DenseDkernel, Op};
use std::ops::Range;

struct Forward {
    input: Range<usize>,
    output: Range<usize>,
    weights: Range<usize>,
    bias: Option<Range<usize>>,
    relu: bool,
}

/// Adds the task of the layer's output.
pub fn forward(dense: &Dense, maker: &mut Maker<'_>) {
    maker.made.work += dense.geometry.inputs * dense.geometry.units;
    maker.made.products += 1;
    let work = Forward {
        input: maker.at(dense.input),
        output: maker.at(dense.output),
        weights: floats(dense.kernel),
        bias: dense.bias.map(floats),
        relu: dense.relu,
    };
    maker.push_joined(work, dense.geometry.units / LANES);
}

impl Join for Forward {
    fn run(&self, joined: Joined<'_>) {
        joined.instructions.call(streamed::Forward {
            joined: &joined,
            input: &self.input,
            output: &self.output,
            weights: joined.parameters(&self.weights),
            bias: self.bias.as_ref().map(|bias| joined.parameters(bias)),
            relu: self.relu,
        });
    }
}

struct Turn {
    doutput: Range<usize>,
    turned: Range<usize>,
    bias: Option<usize>,
}

struct Backward {
    input: Range<usize>,
    doutput: Range<usize>,
    turned: Range<usize>,
    mask: Option<Range<usize>>,
    dinput: Option<Range<usize>>,
    kernel: Range<usize>,
}

/// Adds the tasks of the gradients. Where the input's is wanted, the next operation makes it.
pub fn dkernel(dkernel: &DenseDkernel, maker: &mut Maker<'_>) {
    let doutput = maker.at(dkernel.doutput);
    let turned = maker.rows(dkernel.geometry.units);
    let work = Turn {
        doutput: doutput.clone(),
        turned: turned.clone(),
        bias: dkernel.bias.map(|bias| bias.offset),
    };
    maker.push(work, dkernel.geometry.units / LANES);
    let next = maker.program.operations.get(maker.operation + 1).map(|next| &next.op);
    let dinput = if let Some(Op::DenseDinput(dinput)) = next
        && dinput.kernel.offset == dkernel.kernel.offset
    {
        Some(dinput)
    } else {
        None
    };
    let work = Backward {
        input: maker.at(dkernel.input),
        doutput,
        turned,
        mask: dinput.and_then(|dinput| maker.maybe(dinput.mask)),
        dinput: dinput.map(|dinput| maker.at(dinput.dinput)),
        kernel: floats(dkernel.kernel),
    };
    let scratch = streamed::scratch(dkernel.geometry.units, maker.streaming.blocks);
    maker.made.scratch = maker.made.scratch.max(scratch);
    maker.push_joined(work, dkernel.geometry.inputs.div_ceil(TILE));
}

impl Work for Turn {
    fn run(&self, share: Share<'_>) {
        let doutput = share.read(&self.doutput);
        if let (Some(all), true) = (share.gradients(), share.items.start == 0) {
            let gradients = Gradients {
                all,
                kernel: 0,
                bias: self.bias,
                first: share.sets_gradients(),
            };
            share.instructions.run(Dbias { doutput, gradients });
        }
        share.instructions.run(streamed::Turn {
            doutput,
            turned: share.write(&self.turned),
            items: share.items,
        });
    }
}

impl Join for Backward {
    fn run(&self, mut joined: Joined<'_>) {
        let scratch = std::mem::take(&mut joined.scratch);
        joined.instructions.call(streamed::Backward {
            joined: &joined,
            input: &self.input,
            doutput: &self.doutput,
            turned: &self.turned,
            mask: self.mask.as_ref(),
            dinput: self.dinput.as_ref(),
            kernel: &self.kernel,
            scratch,
        });
    }
}
