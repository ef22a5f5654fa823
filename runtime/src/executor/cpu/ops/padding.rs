//! Maps moved within larger or smaller ones.

use super::super::kernels::padding;
use super::super::maker::Maker;
use super::super::run::Share;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::{Shift, ShiftGeometry};
use std::ops::Range;

struct Forward {
    geometry: ShiftGeometry,
    input: Range<usize>,
    output: Range<usize>,
}

impl Tasked for Shift {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Forward {
            geometry: self.geometry,
            input: maker.at(self.input),
            output: maker.at(self.output),
        };
        let rows = maker.planes(self.geometry.channels) * self.geometry.to.0;
        maker.push(work, rows);
    }
}

impl Work for Forward {
    fn run(&self, share: Share<'_>) {
        share.instructions.run(padding::Shift {
            from: self.geometry.from,
            to: self.geometry.to,
            before: self.geometry.before,
            input: share.read(&self.input),
            output: share.write(&self.output),
            items: share.items,
        });
    }
}
