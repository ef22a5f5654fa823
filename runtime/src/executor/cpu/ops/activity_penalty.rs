//! What a layer's output adds to the loss, and the step back.

use super::super::kernels::activity_penalty as kernels;
use super::super::maker::Maker;
use super::super::run::Share;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::{ActivityPenalty, ActivityPenaltyBackward};
use compiler::training::regularizers::Strengths;
use std::ops::Range;

struct Chunks {
    strengths: Strengths,
    input: Range<usize>,
    sums: Range<usize>,
}

struct Total {
    sums: Range<usize>,
}

impl Tasked for ActivityPenalty {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let sums = maker.at(self.sums);
        let items = sums.len();
        let work = Chunks {
            strengths: self.strengths,
            input: maker.at(self.input),
            sums: sums.clone(),
        };
        maker.push(work, items);
        maker.push(Total { sums }, 1);
    }
}

impl Work for Chunks {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(kernels::Chunks {
            l1: self.strengths.l1 as f32,
            l2: self.strengths.l2 as f32,
            chunk: ActivityPenalty::CHUNK,
            input: share.read(&self.input),
            sums: share.write(&self.sums),
            items: share.items,
        });
    }
}

impl Work for Total {
    fn run(&self, share: Share<'_>) {
        let block = share.block;
        let sums = share.read(&self.sums);
        let of = |lane: usize| sums.iter().map(|row| f64::from(row.0[lane])).sum::<f64>();
        block.sums.add_loss((0..block.order.len()).map(of).sum());
    }
}

struct Backward {
    strengths: Strengths,
    input: Range<usize>,
    doutput: Range<usize>,
    dinput: Range<usize>,
}

impl Tasked for ActivityPenaltyBackward {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Backward {
            strengths: self.strengths,
            input: maker.at(self.input),
            doutput: maker.at(self.doutput),
            dinput: maker.at(self.dinput),
        };
        let items = work.dinput.len();
        maker.push(work, items);
    }
}

impl Work for Backward {
    fn run(&self, share: Share<'_>) {
        let scale = 1.0 / share.block.batch as f32;
        share.instructions.run(kernels::Backward {
            l1: self.strengths.l1 as f32 * scale,
            l2: self.strengths.l2 as f32 * scale,
            count: share.block.order.len(),
            input: share.read(&self.input),
            doutput: share.read(&self.doutput),
            dinput: share.write(&self.dinput),
            items: share.items,
        });
    }
}
