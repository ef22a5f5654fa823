//! Values dropped at random, forward and backward alike.

use super::super::kernels::dropout::Drop as Kernel;
use super::super::maker::Maker;
use super::super::run::Share;
use super::super::simd::LANES;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::Dropout;
use std::ops::Range;

struct Dropping {
    stream: [u32; 2],
    together: usize,
    threshold: u32,
    scale: f32,
    input: Range<usize>,
    output: Range<usize>,
}

impl Tasked for Dropout {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Dropping {
            stream: self.stream,
            together: self.together,
            threshold: self.threshold(),
            scale: self.scale(),
            input: maker.at(self.input),
            output: maker.at(self.output),
        };
        let (items, maps) = (work.output.len(), maker.planes(maker.channels(self.output)));
        maker.push_by_map(work, items, maps);
    }
}

impl Work for Dropping {
    fn run(&self, share: Share<'_>) {
        let block = share.block;
        share.instructions.run(Kernel {
            key: block.key,
            stream: self.stream,
            together: self.together,
            quad: (block.index * LANES / 4) as u32,
            threshold: self.threshold,
            scale: self.scale,
            input: share.read(&self.input),
            output: share.write(&self.output),
            items: share.items,
        });
    }
}
