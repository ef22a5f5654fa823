//! A softmax over the channels, and its gradient.

use super::super::kernels::elementwise::{Softmax as Kernel, SoftmaxBackward as BackwardKernel};
use super::super::maker::Maker;
use super::super::run::Share;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::{Softmax, SoftmaxBackward};
use std::ops::Range;

struct Forward {
    positions: usize,
    input: Range<usize>,
    output: Range<usize>,
}

impl Tasked for Softmax {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let positions = maker.positions(self.output);
        let work = Forward {
            positions,
            input: maker.at(self.input),
            output: maker.at(self.output),
        };
        maker.push(work, positions);
    }
}

impl Work for Forward {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(Kernel {
            input: share.read(&self.input),
            positions: self.positions,
            output: share.write(&self.output),
            items: share.items,
        });
    }
}

struct Backward {
    positions: usize,
    output: Range<usize>,
    doutput: Range<usize>,
    dinput: Range<usize>,
}

impl Tasked for SoftmaxBackward {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let positions = maker.positions(self.output);
        let work = Backward {
            positions,
            output: maker.at(self.output),
            doutput: maker.at(self.doutput),
            dinput: maker.at(self.dinput),
        };
        maker.push(work, positions);
    }
}

impl Work for Backward {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(BackwardKernel {
            output: share.read(&self.output),
            doutput: share.read(&self.doutput),
            positions: self.positions,
            dinput: share.write(&self.dinput),
            items: share.items,
        });
    }
}
