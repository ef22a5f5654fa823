//! Copying blocks of elements.

use super::super::maker::Maker;
use super::super::run::Share;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::Copy;
use std::ops::Range;

struct Copying {
    block: usize,
    /// From block to block, and before the first.
    from: (usize, usize),
    to: (usize, usize),
    input: Range<usize>,
    output: Range<usize>,
}

impl Tasked for Copy {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Copying {
            block: self.block,
            from: (self.input_stride, self.input_offset),
            to: (self.output_stride, self.output_offset),
            input: maker.at(self.input),
            output: maker.at(self.output),
        };
        maker.push(work, self.blocks);
    }
}

impl Work for Copying {
    fn run(&self, share: Share<'_>) {
        let (input, output) = (share.read(&self.input), share.write(&self.output));
        for item in share.items {
            let from = &input[item * self.from.0 + self.from.1..][..self.block];
            for (at, row) in from.iter().enumerate() {
                *output.row(item * self.to.0 + self.to.1 + at) = *row;
            }
        }
    }
}
