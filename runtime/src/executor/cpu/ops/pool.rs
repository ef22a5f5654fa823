//! A pool of windows, and its gradient; a global pool is one of a single window.

use super::super::kernels::pool::{Pool as Kernel, PoolBackward as BackwardKernel, Windows};
use super::super::maker::Maker;
use super::super::run::Share;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::{Pool, PoolBackward, PoolKind, Taken};
use std::ops::Range;

/// A pool of each channel.
pub struct Forward {
    pub pool: PoolKind,
    pub windows: Windows,
    pub input: Range<usize>,
    pub output: Range<usize>,
}

impl Tasked for Pool {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Forward {
            pool: self.pool,
            windows: Windows::new(&self.geometry.grid),
            input: maker.at(self.input),
            output: maker.at(self.output),
        };
        let planes = maker.planes(self.geometry.channels);
        maker.push_by_map(work, planes, planes);
    }
}

impl Work for Forward {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(Kernel {
            pool: self.pool,
            windows: &self.windows,
            input: share.read(&self.input),
            output: share.own(&self.output),
            items: share.items,
        });
    }
}

/// The gradient of a pool of each channel.
pub struct Backward {
    pub windows: Windows,
    /// Whether all maxima of a window take equal parts; else the first takes all.
    pub share: bool,
    /// What a maximum pool took and gave.
    pub taken: Option<(Range<usize>, Range<usize>)>,
    pub doutput: Range<usize>,
    pub dinput: Range<usize>,
}

/// Where what a maximum pool took and gave lies.
pub fn taken(maker: &Maker<'_>, taken: Option<Taken>) -> Option<(Range<usize>, Range<usize>)> {
    taken.map(|taken| (maker.at(taken.input), maker.at(taken.output)))
}

impl Tasked for PoolBackward {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Backward {
            windows: Windows::new(&self.geometry.grid),
            share: false,
            taken: taken(maker, self.taken),
            doutput: maker.at(self.doutput),
            dinput: maker.at(self.dinput),
        };
        let planes = maker.planes(self.geometry.channels);
        maker.push_by_map(work, planes, planes);
    }
}

impl Work for Backward {
    fn run(&self, share: Share<'_>) {
        let taken = self.taken.as_ref();
        share.instructions.run(BackwardKernel {
            windows: &self.windows,
            taken: taken.map(|(input, output)| (share.read(input), share.read(output))),
            share: self.share,
            doutput: share.read(&self.doutput),
            dinput: share.own(&self.dinput),
            items: share.items,
        });
    }
}
