//! Normalization: sets of elements less their mean, divided by their standard deviation.

use super::super::kernels::normalization as kernels;
use super::super::maker::{Maker, floats};
use super::super::run::Share;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::{Dgamma, Moments, Normalize, NormalizeBackward, NormalizeSums, SetMeans, SetStatistics, Sets};
use std::ops::Range;

/// Adds a task that works on each channel by itself where each is a set.
fn push(maker: &mut Maker<'_>, work: impl Work + 'static, sets: &Sets, items: usize) {
    if sets.groups == Some(sets.channels) {
        maker.push_by_map(work, items, sets.channels);
    } else {
        maker.push(work, items);
    }
}

struct OfChunks {
    sets: Sets,
    input: Range<usize>,
    moments: Range<usize>,
}

impl Tasked for Moments {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = OfChunks {
            sets: self.sets,
            input: maker.at(self.input),
            moments: maker.at(self.moments),
        };
        push(maker, work, &self.sets, self.sets.sets() * self.sets.chunks());
    }
}

impl Work for OfChunks {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(kernels::ChunkMoments {
            sets: &self.sets,
            input: share.read(&self.input),
            moments: share.write(&self.moments),
            items: share.items,
        });
    }
}

struct OfSets {
    sets: Sets,
    epsilon: f32,
    moments: Range<usize>,
    statistics: Range<usize>,
}

impl Tasked for SetStatistics {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = OfSets {
            sets: self.sets,
            epsilon: self.epsilon,
            moments: maker.at(self.moments),
            statistics: maker.at(self.statistics),
        };
        maker.push(work, self.sets.sets());
    }
}

impl Work for OfSets {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(kernels::SetStatistics {
            sets: &self.sets,
            epsilon: self.epsilon,
            moments: share.read(&self.moments),
            statistics: share.write(&self.statistics),
            items: share.items,
        });
    }
}

struct Forward {
    sets: Sets,
    input: Range<usize>,
    statistics: Range<usize>,
    gamma: Option<Range<usize>>,
    beta: Option<Range<usize>>,
    output: Range<usize>,
}

impl Tasked for Normalize {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Forward {
            sets: self.sets,
            input: maker.at(self.input),
            statistics: maker.at(self.statistics),
            gamma: self.gamma.map(floats),
            beta: self.beta.map(floats),
            output: maker.at(self.output),
        };
        push(maker, work, &self.sets, self.sets.channels);
    }
}

impl Work for Forward {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(kernels::Normalize {
            sets: &self.sets,
            input: share.read(&self.input),
            statistics: share.read(&self.statistics),
            gamma: self.gamma.as_ref().map(|gamma| share.parameters(gamma)),
            beta: self.beta.as_ref().map(|beta| share.parameters(beta)),
            output: share.write(&self.output),
            items: share.items,
        });
    }
}

struct Sums {
    sets: Sets,
    input: Range<usize>,
    statistics: Range<usize>,
    gamma: Option<Range<usize>>,
    doutput: Range<usize>,
    sums: Range<usize>,
}

impl Tasked for NormalizeSums {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Sums {
            sets: self.sets,
            input: maker.at(self.input),
            statistics: maker.at(self.statistics),
            gamma: self.gamma.map(floats),
            doutput: maker.at(self.doutput),
            sums: maker.at(self.sums),
        };
        push(maker, work, &self.sets, self.sets.sets() * self.sets.chunks());
    }
}

impl Work for Sums {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(kernels::ChunkSums {
            sets: &self.sets,
            input: share.read(&self.input),
            statistics: share.read(&self.statistics),
            gamma: self.gamma.as_ref().map(|gamma| share.parameters(gamma)),
            doutput: share.read(&self.doutput),
            sums: share.write(&self.sums),
            items: share.items,
        });
    }
}

struct Means {
    sets: Sets,
    sums: Range<usize>,
    means: Range<usize>,
}

impl Tasked for SetMeans {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Means {
            sets: self.sets,
            sums: maker.at(self.sums),
            means: maker.at(self.means),
        };
        maker.push(work, self.sets.sets());
    }
}

impl Work for Means {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(kernels::SetMeans {
            sets: &self.sets,
            sums: share.read(&self.sums),
            means: share.write(&self.means),
            items: share.items,
        });
    }
}

struct Backward {
    sets: Sets,
    input: Range<usize>,
    statistics: Range<usize>,
    gamma: Option<Range<usize>>,
    means: Range<usize>,
    doutput: Range<usize>,
    dinput: Range<usize>,
}

impl Tasked for NormalizeBackward {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Backward {
            sets: self.sets,
            input: maker.at(self.input),
            statistics: maker.at(self.statistics),
            gamma: self.gamma.map(floats),
            means: maker.at(self.means),
            doutput: maker.at(self.doutput),
            dinput: maker.at(self.dinput),
        };
        push(maker, work, &self.sets, self.sets.channels);
    }
}

impl Work for Backward {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(kernels::NormalizeBackward {
            sets: &self.sets,
            input: share.read(&self.input),
            statistics: share.read(&self.statistics),
            gamma: self.gamma.as_ref().map(|gamma| share.parameters(gamma)),
            means: share.read(&self.means),
            doutput: share.read(&self.doutput),
            dinput: share.write(&self.dinput),
            items: share.items,
        });
    }
}

struct Gradient {
    sets: Sets,
    input: Range<usize>,
    statistics: Range<usize>,
    doutput: Range<usize>,
    /// The first floats of the gradients.
    places: (Option<usize>, Option<usize>),
}

impl Tasked for Dgamma {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Gradient {
            sets: self.sets,
            input: maker.at(self.input),
            statistics: maker.at(self.statistics),
            doutput: maker.at(self.doutput),
            places: (self.gamma.map(|gamma| gamma.offset), self.beta.map(|beta| beta.offset)),
        };
        push(maker, work, &self.sets, self.sets.channels);
    }
}

impl Work for Gradient {
    fn run(&self, share: Share<'_>) {
        let Some(gradients) = share.gradients() else { return };
        share.instructions.run(kernels::Dgamma {
            sets: &self.sets,
            input: share.read(&self.input),
            statistics: share.read(&self.statistics),
            doutput: share.read(&self.doutput),
            gradients,
            places: self.places,
            first: share.sets_gradients(),
            items: share.items,
        });
    }
}
