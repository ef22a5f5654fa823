//! Losses of how much outputs and targets overlap.

use super::super::maker::Maker;
use super::super::run::{Joined, Share};
use super::super::simd::{LANES, Row};
use super::super::task::{Join, Work};
use super::tasked::Tasked;
use compiler::ops::{Overlap, OverlapBatch, OverlapLoss, OverlapSums};
use std::ops::Range;
use std::sync::atomic::Ordering;

struct Chunks {
    sets: usize,
    input: Range<usize>,
    target: Range<usize>,
    parts: Range<usize>,
}

struct Total {
    parts: Range<usize>,
    sums: Range<usize>,
}

impl Tasked for OverlapSums {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let parts = maker.at(self.parts);
        let chunks = Chunks {
            sets: self.sets,
            input: maker.at(self.input),
            target: maker.at(self.target),
            parts: parts.clone(),
        };
        let items = parts.len() / 3;
        maker.push(chunks, items);
        let sums = maker.at(self.sums);
        maker.push(Total { parts, sums }, 1);
    }
}

impl Work for Chunks {
    fn run(&self, share: Share<'_>) {
        let (input, target, parts) = (
            share.read(&self.input),
            share.read(&self.target),
            share.write(&self.parts),
        );
        let size = target.len() / self.sets.max(1);
        let chunks = OverlapSums::chunks(size);
        let all = self.parts.len() / 3;
        for part in share.items.clone() {
            let (set, chunk) = (part / chunks, part % chunks);
            let first = set * size + chunk * OverlapSums::CHUNK;
            let own = first..(first + OverlapSums::CHUNK).min((set + 1) * size);
            let mut sums = [Row([0.0; LANES]); 3];
            for (x, y) in input[own.clone()].iter().zip(&target[own]) {
                for lane in 0..LANES {
                    sums[0].0[lane] += x.0[lane] * y.0[lane];
                    sums[1].0[lane] += y.0[lane];
                    sums[2].0[lane] += x.0[lane];
                }
            }
            for (place, sum) in sums.into_iter().enumerate() {
                *parts.row(place * all + part) = sum;
            }
        }
    }
}

impl Work for Total {
    fn run(&self, share: Share<'_>) {
        let (parts, sums) = (share.read(&self.parts), share.write(&self.sums));
        let chunks = self.parts.len() / self.sums.len().max(1);
        for (place, parts) in parts.chunks(chunks.max(1)).enumerate() {
            let mut sum = Row([0.0; LANES]);
            for part in parts {
                for (sum, part) in sum.0.iter_mut().zip(part.0) {
                    *sum += part;
                }
            }
            *sums.row(place) = sum;
        }
    }
}

struct Batch {
    sums: Range<usize>,
    totals: Range<usize>,
}

struct Counted {
    first: usize,
    sums: Range<usize>,
}

impl Tasked for OverlapBatch {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let sums = maker.at(self.sums);
        if let Some(first) = self.counters {
            // Blocks are judged one by one: `CpuExecutor::evaluate` makes the loss of a batch of their sums.
            maker.push(Counted { first, sums }, 1);
        } else {
            let totals = maker.at(self.totals);
            maker.push_joined(Batch { sums, totals }, 3 * self.sets);
        }
    }
}

impl Join for Batch {
    fn run(&self, joined: Joined<'_>) {
        for item in joined.items.clone() {
            let mut sum = 0.0;
            for block in 0..joined.blocks() {
                let samples = &joined.row(block, self.sums.start + item).0[..joined.samples(block)];
                sum += samples.iter().map(|&sample| f64::from(sample)).sum::<f64>();
            }
            for block in 0..joined.blocks() {
                *joined.write(block, &self.totals).row(item) = Row([sum as f32; LANES]);
            }
        }
    }
}

impl Work for Counted {
    fn run(&self, share: Share<'_>) {
        let sums = share.read(&self.sums);
        let real = share.block.order.len();
        let counters = share.block.sums.counted(self.first..self.first + sums.len());
        for (counter, row) in counters.iter().zip(sums) {
            let sum: f64 = row.0[..real].iter().map(|&sum| f64::from(sum)).sum();
            counter.store(sum.to_bits(), Ordering::Relaxed);
        }
        share.block.sums.set(0.0, 0.0);
    }
}

struct Judging {
    overlap: Overlap,
    sums: Range<usize>,
    losses: Range<usize>,
}

struct Sloping {
    overlap: Overlap,
    joint: bool,
    sums: Range<usize>,
    target: Range<usize>,
    dinput: Range<usize>,
}

impl Tasked for OverlapLoss {
    fn tasks(&self, maker: &mut Maker<'_>) {
        if self.joint && self.dinput.is_none() {
            return;
        }
        let work = Judging {
            overlap: self.overlap,
            sums: maker.at(self.sums),
            losses: maker.at(self.losses),
        };
        maker.push(work, 1);
        if let Some(dinput) = maker.maybe(self.dinput) {
            let work = Sloping {
                overlap: self.overlap,
                joint: self.joint,
                sums: maker.at(self.sums),
                target: maker.at(self.target),
                dinput,
            };
            maker.push(work, self.sets);
        }
    }
}

/// What stands above and below the line of a set, for a sample.
fn fraction(overlap: Overlap, sums: &[Row], set: usize, lane: usize) -> (f32, f32) {
    let sets = sums.len() / 3;
    let sum = |place: usize| sums[place * sets + set].0[lane];
    let below = overlap.both * sum(0) + overlap.targets * sum(1) + overlap.outputs * sum(2) + 1e-7;
    (overlap.factor * sum(0), below)
}

impl Work for Judging {
    fn run(&self, share: Share<'_>) {
        let sums = share.read(&self.sums);
        let sets = sums.len() / 3;
        let mut losses = Row([0.0; LANES]);
        for (lane, loss) in losses.0.iter_mut().enumerate() {
            for set in 0..sets {
                let (above, below) = fraction(self.overlap, sums, set, lane);
                *loss += 1.0 - above / below;
            }
            *loss /= sets as f32;
        }
        *share.write(&self.losses).row(0) = losses;
        let real = losses.0.iter().take(share.block.order.len());
        share.block.sums.set(real.map(|&loss| f64::from(loss)).sum(), 0.0);
    }
}

impl Work for Sloping {
    fn run(&self, share: Share<'_>) {
        let (sums, target, dinput) = (
            share.read(&self.sums),
            share.read(&self.target),
            share.write(&self.dinput),
        );
        let sets = sums.len() / 3;
        let size = target.len() / sets.max(1);
        let samples = if self.joint { 1 } else { share.block.batch };
        let scale = 1.0 / (samples as f32 * sets as f32);
        let real = share.block.order.len();
        for set in share.items.clone() {
            let mut ratio = [0.0; LANES];
            let mut factor = [0.0; LANES];
            for lane in 0..real {
                let (above, below) = fraction(self.overlap, sums, set, lane);
                ratio[lane] = above / below;
                factor[lane] = scale / below;
            }
            for element in set * size..(set + 1) * size {
                let row = dinput.row(element);
                for lane in 0..LANES {
                    let goal = target[element].0[lane];
                    let slope =
                        ratio[lane] * (self.overlap.both * goal + self.overlap.outputs) - self.overlap.factor * goal;
                    row.0[lane] = slope * factor[lane];
                }
            }
        }
    }
}
