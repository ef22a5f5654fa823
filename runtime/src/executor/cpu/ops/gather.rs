//! Picking a block's samples out of the data set.

use super::super::kernels::data::{GATHERED, Gather as Kernel};
use super::super::maker::Maker;
use super::super::run::Share;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::Gather;
use std::ops::Range;

struct Gathering {
    channels: usize,
    positions: usize,
    output: Range<usize>,
}

impl Tasked for Gather {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let output = maker.at(self.output);
        let positions = maker.positions(self.output);
        let work = Gathering {
            channels: output.len() / positions.max(1),
            positions,
            output: output.clone(),
        };
        maker.push(work, output.len().div_ceil(GATHERED));
    }
}

impl Work for Gathering {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(Kernel {
            pixels: &share.block.split.pixels,
            order: share.block.order,
            channels: self.channels,
            positions: self.positions,
            output: share.write(&self.output),
            items: share.items,
        });
    }
}
