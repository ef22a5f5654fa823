//! Losses that compare outputs with targets, and their gradients.

use super::super::kernels::compare::Compare as Kernel;
use super::super::maker::Maker;
use super::super::run::Share;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::compare::Coded;
use compiler::ops::{Compare, Hit};
use std::ops::Range;

struct Comparing {
    coded: Coded,
    hit: Hit,
    weight: f32,
    positions: usize,
    input: Range<usize>,
    target: Range<usize>,
    verdict: Range<usize>,
    dinput: Option<Range<usize>>,
}

struct Total {
    positions: usize,
    weight: f32,
    /// Whether another output's sums are there.
    adds: bool,
    verdict: Range<usize>,
}

impl Tasked for Compare {
    fn tasks(&self, maker: &mut Maker<'_>) {
        // The input may be a view: a map of one channel, flattened, is a row of outputs.
        let positions = maker.positions(self.verdict).max(1);
        let input = maker.at(self.input);
        let verdict = maker.at(self.verdict);
        let work = Comparing {
            coded: self.criterion.coded(input.len() / positions),
            hit: self.hit,
            weight: self.weight,
            positions,
            input,
            target: maker.at(self.target),
            verdict: verdict.clone(),
            dinput: maker.maybe(self.dinput),
        };
        maker.push(work, positions);
        let total = Total {
            positions,
            weight: self.weight,
            adds: std::mem::replace(&mut maker.judged, true),
            verdict,
        };
        maker.push(total, 1);
    }
}

impl Work for Comparing {
    fn run(&self, share: Share<'_>) {
        let block = share.block;
        share.instructions.run(Kernel {
            coded: self.coded,
            hit: self.hit,
            positions: self.positions,
            input: share.read(&self.input),
            target: share.read(&self.target),
            count: block.order.len(),
            scale: self.weight / (block.batch as f32 * self.positions as f32),
            verdict: share.write(&self.verdict),
            dinput: self.dinput.as_ref().map(|dinput| share.write(dinput)),
            items: share.items,
        });
    }
}

impl Work for Total {
    fn run(&self, share: Share<'_>) {
        let block = share.block;
        let (losses, rights) = share.read(&self.verdict).split_at(self.positions);
        let mean = |rows: &[super::super::simd::Row], lane: usize| {
            rows.iter().map(|row| f64::from(row.0[lane])).sum::<f64>() / self.positions as f64
        };
        let lanes = 0..block.order.len();
        let loss: f64 = lanes.clone().map(|lane| mean(losses, lane)).sum();
        let right: f64 = lanes.map(|lane| mean(rights, lane)).sum();
        let before = if self.adds { block.sums.get() } else { (0.0, 0.0) };
        block
            .sums
            .set(before.0 + loss * f64::from(self.weight), before.1 + right);
    }
}
