//! Picking a block's samples out of the data set.

use super::super::kernels::blocked::gather as blocked;
use super::super::kernels::data::{GATHERED, Gather as Kernel};
use super::super::maker::Maker;
use super::super::run::Share;
use super::super::task::{Items, Work};
use super::tasked::Tasked;
use compiler::ops::Gather;
use std::ops::Range;

struct Gathering {
    channels: usize,
    positions: usize,
    output: Range<usize>,
}

struct BlockedGathering(Gathering);

impl Tasked for Gather {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let output = maker.at(self.output);
        let positions = maker.positions(self.output);
        let work = Gathering {
            channels: maker.channels(self.output),
            positions,
            output: output.clone(),
        };
        if maker.is_blocked() {
            let items = Items::Sample(positions.div_ceil(blocked::GATHERED));
            return maker.push_items(BlockedGathering(work), items);
        }
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

impl Work for BlockedGathering {
    fn run(&self, share: Share<'_>) {
        let Self(gathering) = self;
        share.instructions.run(blocked::Gather {
            pixels: &share.block.split.pixels,
            order: share.block.order,
            channels: gathering.channels,
            positions: gathering.positions,
            output: share.write(&gathering.output),
            items: share.items,
        });
    }
}
