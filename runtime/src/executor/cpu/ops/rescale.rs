//! A factor and an offset for all elements, or for those of each channel.

use super::super::kernels::merging;
use super::super::maker::Maker;
use super::super::run::Share;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::Rescale;
use std::ops::Range;

struct Forward {
    factors: [Vec<f32>; 2],
    blocks: Option<usize>,
    positions: usize,
    input: Range<usize>,
    output: Range<usize>,
}

impl Tasked for Rescale {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let (output, positions) = (maker.at(self.output), maker.positions(self.output));
        let channels = output.len() / positions;
        // One pair for each channel, also where all have the same.
        let of_channels = self.factors.iter().copied().cycle().take(maker.channels(self.output));
        let factors: (Vec<f32>, Vec<f32>) = of_channels.unzip();
        let work = Forward {
            factors: factors.into(),
            blocks: maker.blocks(self.output),
            positions,
            input: maker.at(self.input),
            output,
        };
        maker.push(work, channels);
    }
}

impl Work for Forward {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(merging::Rescale {
            factors: [&self.factors[0], &self.factors[1]],
            blocks: self.blocks,
            positions: self.positions,
            input: share.read(&self.input),
            output: share.write(&self.output),
            items: share.items,
        });
    }
}
