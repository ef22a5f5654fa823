//! Picking what a block's outputs are compared with out of the data set.

use super::super::maker::Maker;
use super::super::run::Share;
use super::super::simd::{LANES, Row};
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::Target;
use std::ops::Range;

struct Targeting {
    channels: usize,
    positions: usize,
    output: Range<usize>,
}

impl Tasked for Target {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let output = maker.at(self.output);
        let positions = maker.positions(self.output).max(1);
        let work = Targeting {
            channels: (output.len() / positions).max(1),
            positions,
            output,
        };
        maker.push(work, positions);
    }
}

impl Work for Targeting {
    fn run(&self, share: Share<'_>) {
        let block = share.block;
        let output = share.write(&self.output);
        for position in share.items.clone() {
            for channel in 0..self.channels {
                let mut row = Row([0.0; LANES]);
                for (lane, &sample) in row.0.iter_mut().zip(block.order) {
                    *lane = block.split.target(sample as usize, position, channel, self.channels);
                }
                *output.row(channel * self.positions + position) = row;
            }
        }
    }
}
