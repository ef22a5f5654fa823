//! The sum of two tensors.

use super::super::kernels::elementwise::{Add as Kernel, Rectifier};
use super::super::maker::Maker;
use super::super::run::Share;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::Add;
use std::ops::Range;

struct Adding {
    left: Range<usize>,
    right: Range<usize>,
    output: Range<usize>,
    rectifier: Option<Rectifier>,
}

impl Tasked for Add {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Adding {
            left: maker.at(self.left),
            right: maker.at(self.right),
            output: maker.at(self.output),
            rectifier: maker.rectifier,
        };
        let (items, maps) = (work.output.len(), maker.planes(maker.channels(self.output)));
        maker.push_by_map(work, items, maps);
    }
}

impl Work for Adding {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(Kernel {
            left: share.read(&self.left),
            right: share.read(&self.right),
            output: share.write(&self.output),
            rectifier: self.rectifier,
            items: share.items,
        });
    }
}
