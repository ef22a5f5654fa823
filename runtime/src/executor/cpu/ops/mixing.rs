//! Samples of a batch mixed with one another.

use super::super::kernels::draws::Draws;
use super::super::kernels::mixing;
use super::super::maker::Maker;
use super::super::run::{Joined, Share};
use super::super::simd::{LANES, Row};
use super::super::task::{Join, Work};
use super::tasked::Tasked;
use compiler::ops::{Mix, Mixtures};
use std::ops::Range;

struct Drawing {
    op: Mixtures,
    output: Range<usize>,
}

impl Tasked for Mixtures {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Drawing {
            op: self.clone(),
            output: maker.at(self.output),
        };
        maker.push(work, 1);
    }
}

impl Work for Drawing {
    fn run(&self, share: Share<'_>) {
        let (op, block, output) = (&self.op, share.block, share.write(&self.output));
        let draws = Draws::of_block(block.key, op.stream, block.index);
        let made = mixing::mixtures(&draws, op.mixture, op.size, block.batch);
        for (at, row) in made.into_iter().enumerate() {
            *output.row(at) = Row(row);
        }
    }
}

struct Mixing {
    cut: Option<(usize, usize)>,
    input: Range<usize>,
    mixtures: Range<usize>,
    output: Range<usize>,
}

impl Tasked for Mix {
    fn tasks(&self, maker: &mut Maker<'_>) {
        let work = Mixing {
            cut: self.cut,
            input: maker.at(self.input),
            mixtures: maker.at(self.mixtures),
            output: maker.at(self.output),
        };
        let items = work.output.len();
        maker.push_joined(work, items);
    }
}

impl Join for Mixing {
    fn run(&self, joined: Joined<'_>) {
        for block in 0..joined.blocks() {
            let of = |at: usize| joined.row(block, self.mixtures.start + at).0;
            let (partners, shares, real) = (of(0).map(|partner| partner as usize), of(1), joined.samples(block));
            let [left, right, top, bottom] = [of(2), of(3), of(4), of(5)];
            let output = joined.write(block, &self.output);
            for element in joined.items.clone() {
                let at = self.input.start + element;
                let own = joined.row(block, at).0;
                let place = self
                    .cut
                    .map(|(height, width)| element % (height * width))
                    .zip(self.cut)
                    .map(|(place, (_, width))| ((place / width) as f32, (place % width) as f32));
                let mut made = own;
                for lane in 0..real {
                    let partner = partners[lane];
                    let other = joined.row(partner / LANES, at).0[partner % LANES];
                    made[lane] = match place {
                        None => shares[lane] * own[lane] + (1.0 - shares[lane]) * other,
                        Some((row, column)) => {
                            let across = column >= left[lane] && column < right[lane];
                            let down = row >= top[lane] && row < bottom[lane];
                            if across && down { other } else { own[lane] }
                        }
                    };
                }
                *output.row(element) = Row(made);
            }
        }
    }
}
