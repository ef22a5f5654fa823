//! What samples weigh in training by their classes.

use super::super::maker::Maker;
use super::super::run::Share;
use super::super::simd::{LANES, Row};
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::Weigh;
use std::collections::BTreeMap;
use std::ops::Range;

struct Weighing {
    classes: BTreeMap<u32, f32>,
    losses: Range<usize>,
    dinput: Range<usize>,
    output: Range<usize>,
}

impl Tasked for Weigh {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Weighing {
            classes: self.classes.clone(),
            losses: maker.at(self.losses),
            dinput: maker.at(self.dinput),
            output: maker.at(self.output),
        };
        maker.push(work, 1);
    }
}

impl Work for Weighing {
    fn run(&self, share: Share<'_>) {
        let block = share.block;
        let mut weights = Row([1.0; LANES]);
        for (weight, &sample) in weights.0.iter_mut().zip(block.order) {
            *weight = block.split.weight(sample as usize, &self.classes);
        }
        let output = share.write(&self.output);
        for (element, row) in share.read(&self.dinput).iter().enumerate() {
            let made = output.row(element);
            for ((made, value), weight) in made.0.iter_mut().zip(row.0).zip(weights.0) {
                *made = value * weight;
            }
        }
        let more = share.read(&self.losses).first().map_or(0.0, |losses| {
            let real = losses.0.iter().zip(weights.0).take(block.order.len());
            real.map(|(loss, weight)| f64::from(*loss) * (f64::from(weight) - 1.0))
                .sum()
        });
        block.sums.add_loss(more);
    }
}
