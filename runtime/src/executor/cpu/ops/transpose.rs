//! A map in Keras's flat order, or back.

use super::super::maker::Maker;
use super::super::run::Share;
use super::super::task::Work;
use super::tasked::Tasked;
use compiler::ops::Transpose;
use std::ops::Range;

struct Transposing {
    rows: usize,
    columns: usize,
    input: Range<usize>,
    output: Range<usize>,
}

impl Tasked for Transpose {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Transposing {
            rows: self.rows,
            columns: self.columns,
            input: maker.at(self.input),
            output: maker.at(self.output),
        };
        maker.push(work, self.rows);
    }
}

impl Work for Transposing {
    fn run(&self, share: Share<'_>) {
        let (input, output) = (share.read(&self.input), share.write(&self.output));
        for item in share.items {
            let from = &input[item * self.columns..][..self.columns];
            for (column, row) in from.iter().enumerate() {
                *output.row(column * self.rows + item) = *row;
            }
        }
    }
}
