//! Two tensors value by value, and the gradients of what takes one of the two.

use super::super::kernels::merging;
use super::super::maker::Maker;
use super::super::run::Share;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::{Merge, MergeBackward, Merging};
use std::ops::Range;

struct Forward {
    function: Merging,
    left: Range<usize>,
    right: Range<usize>,
    output: Range<usize>,
}

impl Tasked for Merge {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Forward {
            function: self.function,
            left: maker.at(self.left),
            right: maker.at(self.right),
            output: maker.at(self.output),
        };
        let items = work.output.len();
        maker.push(work, items);
    }
}

impl Work for Forward {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(merging::Merge {
            function: self.function,
            left: share.read(&self.left),
            right: share.read(&self.right),
            output: share.write(&self.output),
            items: share.items,
        });
    }
}

struct Backward {
    largest: bool,
    of_left: bool,
    left: Range<usize>,
    right: Range<usize>,
    doutput: Range<usize>,
    dinput: Range<usize>,
}

impl Tasked for MergeBackward {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Backward {
            largest: self.function == Merging::Maximum,
            of_left: self.of_left,
            left: maker.at(self.left),
            right: maker.at(self.right),
            doutput: maker.at(self.doutput),
            dinput: maker.at(self.dinput),
        };
        let items = work.dinput.len();
        maker.push(work, items);
    }
}

impl Work for Backward {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(merging::MergeBackward {
            largest: self.largest,
            of_left: self.of_left,
            left: share.read(&self.left),
            right: share.read(&self.right),
            doutput: share.read(&self.doutput),
            dinput: share.write(&self.dinput),
            items: share.items,
        });
    }
}
