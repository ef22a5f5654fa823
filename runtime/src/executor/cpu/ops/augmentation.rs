//! What training does to its samples at random: matrices, pictures moved by them, brightness, contrast, rectangles, noise.

use super::super::kernels::draws::Draws;
use super::super::kernels::{affine, augmentation as kernels};
use super::super::maker::Maker;
use super::super::run::{Block, Share};
use super::super::simd::Row;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::{Adjust, Affine, Erase, Noise, Transforms};
use std::ops::Range;

/// What a block's samples draw for a layer.
fn draws(block: &Block<'_>, stream: [u32; 2]) -> Draws {
    Draws::of_block(block.key, stream, block.index)
}

/// An operation with the places of what it takes and makes; `extra` is its second input.
struct Placed<O> {
    op: O,
    positions: usize,
    input: Range<usize>,
    extra: Option<Range<usize>>,
    output: Range<usize>,
}

impl Tasked for Transforms {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Placed {
            op: self.clone(),
            positions: 1,
            input: 0..0,
            extra: None,
            output: maker.at(self.output),
        };
        maker.push(work, 1);
    }
}

impl Work for Placed<Transforms> {
    fn run(&self, share: Share<'_>) {
        let (op, output) = (&self.op, share.write(&self.output));
        let made = kernels::transforms(&draws(share.block, op.stream), op.motion, op.from, op.to);
        for (at, row) in made.into_iter().enumerate() {
            *output.row(at) = Row(row);
        }
    }
}

impl Tasked for Affine {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let items = self.to.0 * self.to.1;
        let work = Placed {
            op: self.clone(),
            positions: items,
            input: maker.at(self.input),
            extra: Some(maker.at(self.transforms)),
            output: maker.at(self.output),
        };
        maker.push(work, items);
    }
}

impl Work for Placed<Affine> {
    fn run(&self, share: Share<'_>) {
        let Some(transforms) = share.read_maybe(self.extra.as_ref()) else {
            return;
        };
        share.instructions.run(affine::Affine {
            sampling: self.op.sampling,
            from: self.op.from,
            to: self.op.to,
            channels: self.op.channels,
            input: share.read(&self.input),
            transforms,
            output: share.write(&self.output),
            items: share.items,
        });
    }
}

impl Tasked for Adjust {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let (output, positions) = (maker.at(self.output), maker.positions(self.output));
        let channels = output.len() / positions.max(1);
        let work = Placed {
            op: self.clone(),
            positions,
            input: maker.at(self.input),
            extra: maker.maybe(self.statistics),
            output,
        };
        maker.push(work, channels);
    }
}

impl Work for Placed<Adjust> {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(kernels::Adjust {
            op: &self.op,
            draws: draws(share.block, self.op.stream),
            positions: self.positions,
            input: share.read(&self.input),
            statistics: share.read_maybe(self.extra.as_ref()),
            output: share.write(&self.output),
            items: share.items,
        });
    }
}

impl Tasked for Erase {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let positions = self.size.0 * self.size.1;
        let work = Placed {
            op: self.clone(),
            positions,
            input: maker.at(self.input),
            extra: None,
            output: maker.at(self.output),
        };
        maker.push(work, positions);
    }
}

impl Work for Placed<Erase> {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(kernels::Erase {
            op: &self.op,
            draws: draws(share.block, self.op.stream),
            input: share.read(&self.input),
            output: share.write(&self.output),
            items: share.items,
        });
    }
}

impl Tasked for Noise {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let output = maker.at(self.output);
        let items = output.len();
        let work = Placed {
            op: self.clone(),
            positions: 1,
            input: maker.at(self.input),
            extra: None,
            output,
        };
        maker.push(work, items);
    }
}

impl Work for Placed<Noise> {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(kernels::Noise {
            stddev: self.op.stddev,
            draws: draws(share.block, self.op.stream),
            input: share.read(&self.input),
            output: share.write(&self.output),
            items: share.items,
        });
    }
}
