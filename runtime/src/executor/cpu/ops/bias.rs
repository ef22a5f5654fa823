//! A bias for each channel, where the product before it has none of its own, and its gradient.

use super::super::kernels::bias;
use super::super::maker::{Maker, floats};
use super::super::run::Share;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::{AddBias, Dbias};
use std::ops::Range;

struct Forward {
    positions: usize,
    blocks: Option<usize>,
    input: Range<usize>,
    bias: Range<usize>,
    output: Range<usize>,
}

impl Tasked for AddBias {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let (output, positions) = (maker.at(self.output), maker.positions(self.output));
        let channels = output.len() / positions;
        let work = Forward {
            positions,
            blocks: maker.blocks(self.output),
            input: maker.at(self.input),
            bias: floats(self.bias),
            output,
        };
        maker.push(work, channels);
    }
}

impl Work for Forward {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(bias::AddBias {
            positions: self.positions,
            blocks: self.blocks,
            input: share.read(&self.input),
            bias: share.parameters(&self.bias),
            output: share.write(&self.output),
            items: share.items,
        });
    }
}

struct Gradient {
    positions: usize,
    doutput: Range<usize>,
    /// The first float of the gradient.
    bias: usize,
}

impl Tasked for Dbias {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let (doutput, positions) = (maker.at(self.doutput), self.positions.max(1));
        let channels = doutput.len() / positions;
        let work = Gradient {
            positions,
            doutput,
            bias: self.bias.offset,
        };
        maker.push(work, channels);
    }
}

impl Work for Gradient {
    fn run(&self, share: Share<'_>) {
        let Some(gradients) = share.gradients() else { return };
        share.instructions.run(bias::Dbias {
            positions: self.positions,
            doutput: share.read(&self.doutput),
            gradients,
            bias: self.bias,
            first: share.sets_gradients(),
            items: share.items,
        });
    }
}
