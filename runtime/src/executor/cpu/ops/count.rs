//! The tasks that count, for the metrics, how a block's outputs compare with its targets.

use super::super::maker::Maker;
use super::super::run::Share;
use super::super::simd::Row;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::{Count, Counting, Hit};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

struct Counted {
    counting: Counting,
    first: usize,
    counters: usize,
    positions: usize,
    input: Range<usize>,
    target: Range<usize>,
    classes: BTreeMap<u32, f32>,
}

impl Tasked for Count {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Counted {
            counting: self.counting,
            first: self.first,
            counters: self.counters,
            positions: self.positions.max(1),
            input: maker.at(self.input),
            target: maker.at(self.target),
            classes: self.classes.clone(),
        };
        maker.push(work, 1);
    }
}

impl Work for Counted {
    fn run(&self, share: Share<'_>) {
        let block = share.block;
        let rows = Rows {
            input: share.read(&self.input),
            target: share.read(&self.target),
            positions: self.positions,
            channels: self.target.len() / self.positions,
        };
        let counters = block.sums.counted(self.first..self.first + self.counters);
        let (sums, weights) = if self.classes.is_empty() {
            (counters, None)
        } else {
            counters
                .split_last()
                .map_or((counters, None), |(last, sums)| (sums, Some(last)))
        };
        let mut sums = Counters { sums, weight: 1.0 };
        sums.clear();
        let mut whole = 0.0;
        for (lane, &sample) in block.order.iter().enumerate() {
            if weights.is_some() {
                let weight = block.split.weight(sample as usize, &self.classes);
                sums.weight = f64::from(self.counting.counts(weight));
            }
            whole += sums.weight;
            for position in 0..self.positions {
                rows.count(self.counting, (position, lane), &sums);
            }
        }
        if let Some(sum) = weights {
            sum.store(f64::to_bits(whole), Ordering::Relaxed);
        }
        let scale = match self.counting {
            Counting::SquaredError | Counting::AbsoluteError | Counting::Right { hit: Hit::Above(_) } => {
                1.0 / self.target.len().max(1) as f64
            }
            Counting::TopK { .. } | Counting::Mean { .. } | Counting::Right { hit: Hit::Largest } => {
                1.0 / self.positions as f64
            }
            Counting::Decisions { .. }
            | Counting::Buckets { .. }
            | Counting::Classes { .. }
            | Counting::Confusion { .. } => 1.0,
        };
        sums.scale(scale);
    }
}

/// A block's sums of a metric, which one worker adds to.
struct Counters<'a> {
    sums: &'a [AtomicU64],
    /// What the sample under way counts.
    weight: f64,
}

impl Counters<'_> {
    fn clear(&self) {
        for sum in self.sums {
            sum.store(0.0_f64.to_bits(), Ordering::Relaxed);
        }
    }

    fn change(sum: &AtomicU64, change: impl Fn(f64) -> f64) {
        let before = f64::from_bits(sum.load(Ordering::Relaxed));
        sum.store(change(before).to_bits(), Ordering::Relaxed);
    }

    fn add(&self, place: usize, value: f32) {
        if let Some(sum) = self.sums.get(place) {
            Self::change(sum, |before| before + self.weight * f64::from(value));
        }
    }

    fn scale(&self, scale: f64) {
        for sum in self.sums {
            Self::change(sum, |before| before * scale);
        }
    }
}

/// The outputs and targets of a block, channel after channel.
struct Rows<'a> {
    input: &'a [Row],
    target: &'a [Row],
    positions: usize,
    channels: usize,
}

impl Rows<'_> {
    fn x(&self, channel: usize, (position, lane): (usize, usize)) -> f32 {
        self.input[channel * self.positions + position].0[lane]
    }

    fn y(&self, channel: usize, (position, lane): (usize, usize)) -> f32 {
        self.target[channel * self.positions + position].0[lane]
    }

    /// The first channel with the largest value, and that value.
    fn largest(&self, value: impl Fn(usize) -> f32) -> (usize, f32) {
        (0..self.channels).fold((0, f32::MIN), |best, channel| {
            let value = value(channel);
            if value > best.1 { (channel, value) } else { best }
        })
    }

    /// Adds what a row of a sample comes to.
    fn count(&self, counting: Counting, at: (usize, usize), sums: &Counters<'_>) {
        let add = |place: usize, value: f32| sums.add(place, value);
        match counting {
            Counting::SquaredError => {
                for channel in 0..self.channels {
                    let off = self.x(channel, at) - self.y(channel, at);
                    add(0, off * off);
                }
            }
            Counting::AbsoluteError => {
                for channel in 0..self.channels {
                    add(0, (self.x(channel, at) - self.y(channel, at)).abs());
                }
            }
            Counting::Decisions { threshold, class } => {
                for channel in class.map_or(0..self.channels, |class| class..class + 1) {
                    match (self.x(channel, at) > threshold, self.y(channel, at) != 0.0) {
                        (true, true) => add(0, 1.0),
                        (true, false) => add(1, 1.0),
                        (false, true) => add(2, 1.0),
                        (false, false) => {}
                    }
                }
            }
            Counting::Buckets { buckets, apart } => {
                for channel in 0..self.channels {
                    let place = (self.x(channel, at).clamp(0.0, 1.0) * (buckets - 1) as f32).ceil() - 1.0;
                    let bucket = place.max(0.0) as usize;
                    let right = self.y(channel, at) != 0.0;
                    let first = if apart { 2 * buckets * channel } else { 0 };
                    add(first + if right { bucket } else { buckets + bucket }, 1.0);
                }
            }
            Counting::Classes { threshold } => {
                let best = self.largest(|channel| self.x(channel, at)).1;
                for channel in 0..self.channels {
                    let (x, y) = (self.x(channel, at), self.y(channel, at));
                    if threshold.map_or(x >= best && x.abs() > 1e-9, |threshold| x > threshold) {
                        add(channel, y);
                        add(self.channels + channel, 1.0 - y);
                    } else {
                        add(2 * self.channels + channel, y);
                    }
                }
            }
            Counting::Confusion { classes, threshold } => {
                let cell = |wanted: usize, made: usize| {
                    if wanted < classes && made < classes {
                        add(wanted * classes + made, 1.0);
                    }
                };
                let Some(threshold) = threshold else {
                    let made = self.largest(|channel| self.x(channel, at)).0;
                    cell(self.largest(|channel| self.y(channel, at)).0, made);
                    return;
                };
                for channel in 0..self.channels {
                    // What is below 0 has no cell.
                    let wanted = self.y(channel, at).trunc();
                    let wanted = if wanted < 0.0 { classes } else { wanted as usize };
                    cell(wanted, usize::from(self.x(channel, at) >= threshold));
                }
            }
            Counting::Mean { channel } => add(0, self.x(channel, at)),
            Counting::Right {
                hit: Hit::Above(threshold),
            } => {
                for channel in 0..self.channels {
                    let yes = if self.x(channel, at) > threshold { 1.0 } else { 0.0 };
                    if self.y(channel, at) - yes == 0.0 {
                        add(0, 1.0);
                    }
                }
            }
            Counting::Right { hit: Hit::Largest } => {
                let made = self.largest(|channel| self.x(channel, at)).0;
                if made == self.largest(|channel| self.y(channel, at)).0 {
                    add(0, 1.0);
                }
            }
            Counting::TopK { k } => {
                let wanted = self.largest(|channel| self.y(channel, at)).0;
                let value = self.x(wanted, at);
                let above = (0..self.channels)
                    .filter(|&channel| self.x(channel, at) > value)
                    .count();
                if above < k {
                    add(0, 1.0);
                }
            }
        }
    }
}
