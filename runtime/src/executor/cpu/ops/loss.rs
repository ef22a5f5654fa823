//! The loss and its gradient.

use super::super::kernels::loss::Loss as Kernel;
use super::super::maker::Maker;
use super::super::run::Share;
use super::super::simd::LANES;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::Loss;
use std::ops::Range;

/// The loss on rows that need not be a tensor's.
pub struct Judging {
    pub from_logits: bool,
    pub input: Range<usize>,
    pub dinput: Option<Range<usize>>,
    pub losses: Option<Range<usize>>,
}

impl Tasked for Loss {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Judging {
            from_logits: self.from_logits,
            input: maker.at(self.input),
            dinput: maker.maybe(self.dinput),
            losses: maker.maybe(self.losses),
        };
        maker.push(work, 1);
    }
}

impl Work for Judging {
    fn run(&self, share: Share<'_>) {
        let block = share.block;
        let mut labels = [0.0; LANES];
        for (label, &sample) in labels.iter_mut().zip(block.order) {
            *label = block.split.labels[sample as usize] as f32;
        }
        let (loss, correct) = share.instructions.run(Kernel {
            input: share.read(&self.input),
            from_logits: self.from_logits,
            labels: &labels,
            count: block.order.len(),
            scale: 1.0 / block.batch as f32,
            dinput: self.dinput.as_ref().map(|dinput| share.write(dinput)),
            losses: self.losses.as_ref().map(|losses| share.write(losses)),
        });
        block.sums.set(loss, f64::from(correct));
    }
}
