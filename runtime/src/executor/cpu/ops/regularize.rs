//! What a variable's regularizer adds to the loss and to the variable's gradient. The blocks of a batch share the variable
//! out, each a stretch for the gradient of its part, so that sums follow from the batch alone.

use super::super::maker::{Maker, floats};
use super::super::run::Share;
use super::super::simd::LANES;
use super::super::task::Work;
use super::super::team;
use super::tasked::Tasked;
use compiler::ops::Regularize;
use compiler::training::regularizers::Strengths;
use std::ops::Range;

struct Regularizing {
    strengths: Strengths,
    variable: Range<usize>,
}

impl Tasked for Regularize {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Regularizing {
            strengths: self.strengths,
            variable: floats(self.variable),
        };
        maker.push(work, 1);
    }
}

impl Work for Regularizing {
    fn run(&self, share: Share<'_>) {
        let block = share.block;
        let Some(gradients) = share.gradients() else { return };
        let stretch = team::share(self.variable.len(), block.index, block.batch.div_ceil(LANES));
        let stretch = self.variable.start + stretch.start..self.variable.start + stretch.end;
        let weights = share.parameters(&stretch);
        let (l1, l2) = (self.strengths.l1 as f32, 2.0 * self.strengths.l2 as f32);
        for (gradient, &weight) in gradients.part(stretch).iter_mut().zip(weights) {
            let sign = if weight == 0.0 { 0.0 } else { weight.signum() };
            *gradient += l1 * sign + l2 * weight;
        }
        block.sums.add_loss(block.batch as f64 * self.strengths.of(weights));
    }
}
