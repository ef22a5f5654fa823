//! What batch normalization does beside normalization: it joins the samples of the batch in training, keeps the moving
//! statistics, and normalises by these in all else.

use super::super::kernels::moving_normalization::{MovingNormalize, MovingNormalizeBackward};
use super::super::maker::{Maker, floats};
use super::super::run::{Joined, Share};
use super::super::simd::{LANES, Row};
use super::super::task::{Join, Work};
use super::tasked::Tasked;
use compiler::ops::{BatchMeans, BatchStatistics, NormalizeMoving, NormalizeMovingBackward, Sets};
use std::ops::Range;

struct Statistics {
    sets: Sets,
    momentum: f32,
    epsilon: f32,
    moments: Range<usize>,
    statistics: Range<usize>,
    /// Moving mean and variance.
    moving: [Range<usize>; 2],
}

impl Tasked for BatchStatistics {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Statistics {
            sets: self.sets,
            momentum: self.momentum,
            epsilon: self.epsilon,
            moments: maker.at(self.moments),
            statistics: maker.at(self.statistics),
            moving: [floats(self.moving_mean), floats(self.moving_variance)],
        };
        maker.push_joined(work, self.sets.sets());
    }
}

/// Mean and variance of a channel over the batch: the mean of its chunks' means, then what their squares around it make together.
/// Each place of a block has sums of its own, which are added up at the end.
fn moments(joined: &Joined<'_>, sets: &Sets, first: usize) -> (f64, f64) {
    let (mut count, mut sums) = (0.0, [0.0; LANES]);
    for (block, chunk) in rows(joined, sets) {
        let more = sets.chunk_count(chunk) as f64;
        count += more * joined.samples(block) as f64;
        let means = &joined.row(block, first + 2 * chunk).0[..joined.samples(block)];
        for (sum, mean) in sums.iter_mut().zip(means) {
            *sum += f64::from(*mean) * more;
        }
    }
    if count == 0.0 {
        return (0.0, 0.0);
    }
    let mean = sums.iter().sum::<f64>() / count;
    let mut spreads = [0.0; LANES];
    for (block, chunk) in rows(joined, sets) {
        let more = sets.chunk_count(chunk) as f64;
        let means = &joined.row(block, first + 2 * chunk).0[..joined.samples(block)];
        let of_chunk = &joined.row(block, first + 2 * chunk + 1).0;
        for ((sum, of_chunk), of) in spreads.iter_mut().zip(of_chunk).zip(means) {
            let d = f64::from(*of) - mean;
            *sum += f64::from(*of_chunk) + d * d * more;
        }
    }
    (mean, spreads.iter().sum::<f64>() / count)
}

/// The chunks of a set in each block.
fn rows(joined: &Joined<'_>, sets: &Sets) -> impl Iterator<Item = (usize, usize)> + use<> {
    let chunks = sets.chunks();
    (0..joined.blocks()).flat_map(move |block| (0..chunks).map(move |chunk| (block, chunk)))
}

impl Join for Statistics {
    fn run(&self, joined: Joined<'_>) {
        let moving = self.moving.each_ref().map(|range| joined.states(range));
        for channel in joined.items.clone() {
            let first = self.moments.start + channel * self.sets.chunks() * 2;
            let (mean, variance) = moments(&joined, &self.sets, first);
            for (moving, now) in moving.iter().zip([mean, variance]) {
                if let [moving] = moving.part(channel..channel + 1) {
                    *moving = *moving * self.momentum + now as f32 * (1.0 - self.momentum);
                }
            }
            let inverse = 1.0 / (variance as f32 + self.epsilon).sqrt();
            for block in 0..joined.blocks() {
                let statistics = joined.write(block, &self.statistics);
                *statistics.row(2 * channel) = Row([mean as f32; LANES]);
                *statistics.row(2 * channel + 1) = Row([inverse; LANES]);
            }
        }
    }
}

struct Means {
    sets: Sets,
    sums: Range<usize>,
    means: Range<usize>,
}

impl Tasked for BatchMeans {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Means {
            sets: self.sets,
            sums: maker.at(self.sums),
            means: maker.at(self.means),
        };
        maker.push_joined(work, self.sets.sets());
    }
}

impl Join for Means {
    fn run(&self, joined: Joined<'_>) {
        let chunks = self.sets.chunks();
        let count = (joined.batch * self.sets.count()).max(1) as f64;
        for channel in joined.items.clone() {
            for which in 0..2 {
                let mut sums = [0.0; LANES];
                for (block, chunk) in rows(&joined, &self.sets) {
                    let row = self.sums.start + (channel * chunks + chunk) * 2 + which;
                    let samples = &joined.row(block, row).0[..joined.samples(block)];
                    for (sum, sample) in sums.iter_mut().zip(samples) {
                        *sum += f64::from(*sample);
                    }
                }
                let sum: f64 = sums.iter().sum();
                let mean = (sum / count) as f32;
                for block in 0..joined.blocks() {
                    // What fills the last block carries no gradient.
                    let mut row = Row([0.0; LANES]);
                    row.0[..joined.samples(block)].fill(mean);
                    *joined.write(block, &self.means).row(2 * channel + which) = row;
                }
            }
        }
    }
}

struct Forward {
    positions: usize,
    blocks: Option<usize>,
    epsilon: f32,
    input: Range<usize>,
    gamma: Option<Range<usize>>,
    beta: Option<Range<usize>>,
    moving_mean: Range<usize>,
    moving_variance: Range<usize>,
    output: Range<usize>,
}

impl Tasked for NormalizeMoving {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Forward {
            positions: self.sets.positions,
            blocks: maker.blocks(self.output),
            epsilon: self.epsilon,
            input: maker.at(self.input),
            gamma: self.gamma.map(floats),
            beta: self.beta.map(floats),
            moving_mean: floats(self.moving_mean),
            moving_variance: floats(self.moving_variance),
            output: maker.at(self.output),
        };
        let planes = maker.planes(self.sets.channels);
        maker.push_by_map(work, planes, planes);
    }
}

impl Work for Forward {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(MovingNormalize {
            positions: self.positions,
            blocks: self.blocks,
            epsilon: self.epsilon,
            input: share.read(&self.input),
            gamma: self.gamma.as_ref().map(|gamma| share.parameters(gamma)),
            beta: self.beta.as_ref().map(|beta| share.parameters(beta)),
            moving_mean: share.parameters(&self.moving_mean),
            moving_variance: share.parameters(&self.moving_variance),
            output: share.write(&self.output),
            items: share.items,
        });
    }
}

struct Backward {
    positions: usize,
    epsilon: f32,
    gamma: Option<Range<usize>>,
    moving_variance: Range<usize>,
    doutput: Range<usize>,
    dinput: Range<usize>,
}

impl Tasked for NormalizeMovingBackward {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Backward {
            positions: self.sets.positions,
            epsilon: self.epsilon,
            gamma: self.gamma.map(floats),
            moving_variance: floats(self.moving_variance),
            doutput: maker.at(self.doutput),
            dinput: maker.at(self.dinput),
        };
        maker.push_by_map(work, self.sets.channels, self.sets.channels);
    }
}

impl Work for Backward {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(MovingNormalizeBackward {
            positions: self.positions,
            epsilon: self.epsilon,
            gamma: self.gamma.as_ref().map(|gamma| share.parameters(gamma)),
            moving_variance: share.parameters(&self.moving_variance),
            doutput: share.read(&self.doutput),
            dinput: share.write(&self.dinput),
            items: share.items,
        });
    }
}
