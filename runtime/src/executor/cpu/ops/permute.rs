//! Elements in another order.

use super::super::maker::Maker;
use super::super::run::Share;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::{Permute, PermuteGeometry};
use std::ops::Range;

struct Forward {
    geometry: PermuteGeometry,
    input: Range<usize>,
    output: Range<usize>,
}

impl Tasked for Permute {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Forward {
            geometry: self.geometry,
            input: maker.at(self.input),
            output: maker.at(self.output),
        };
        // One item: a row of the output's last two axes.
        maker.push(work, self.geometry.sizes[0]);
    }
}

impl Work for Forward {
    fn run(&self, share: Share<'_>) {
        let (input, output) = (share.read(&self.input), share.write(&self.output));
        let ([_, rows, columns], [outer, down, across]) = (self.geometry.sizes, self.geometry.steps);
        for item in share.items {
            for row in 0..rows {
                for column in 0..columns {
                    let from = item * outer + row * down + column * across;
                    *output.row((item * rows + row) * columns + column) = input[from];
                }
            }
        }
    }
}
