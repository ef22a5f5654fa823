//! From one layout to the other: what an operation takes is turned before it, where it was made in the other layout.

use super::kernels::blocked::turn::{Turn, Way};
use super::maker::Maker;
use super::run::Share;
use super::simd::LANES;
use super::task::{Items, Work};
use compiler::ops::{Access, Op};
use compiler::plan::layout::layout_of;
use compiler::plan::{TensorId, TensorKind, TensorLayout};
use std::ops::Range;

/// Positions of an item.
const POSITIONS: usize = 64;

struct Turning {
    way: Way,
    channels: usize,
    positions: usize,
    from: Range<usize>,
    to: Range<usize>,
}

/// Sets the operation's layout, and turns what it takes that lies in the other.
pub fn prepare(op: &Op, maker: &mut Maker<'_>) {
    maker.layout = layout_of(op, maker.program);
    for (id, access) in op.accesses() {
        let other = maker
            .program
            .tensors
            .get(id.0)
            .is_some_and(|tensor| tensor.layout != maker.layout);
        if access == Access::Read && other {
            turn(id, maker);
        }
    }
}

fn turn(id: TensorId, maker: &mut Maker<'_>) {
    let Some(tensor) = maker
        .program
        .tensors
        .get(id.0)
        .filter(|tensor| tensor.kind == TensorKind::Floats)
    else {
        return;
    };
    if maker.turned.contains_key(&id) {
        return;
    }
    let blocks = tensor.channels.div_ceil(LANES);
    let (way, rows) = match maker.layout {
        TensorLayout::BatchInnermost => (Way::Innermost, tensor.elements()),
        TensorLayout::ChannelBlocked => (Way::Blocked, LANES * blocks * tensor.positions),
    };
    let to = maker.rows(rows);
    let work = Turning {
        way,
        channels: tensor.channels,
        positions: tensor.positions,
        from: maker.made_at(id),
        to: to.clone(),
    };
    let items = blocks * tensor.positions.div_ceil(POSITIONS);
    maker.push_items(work, Items::Block(items));
    maker.turned.insert(id, to);
}

impl Work for Turning {
    fn run(&self, share: Share<'_>) {
        let chunks = self.positions.div_ceil(POSITIONS);
        for item in share.items.clone() {
            let first = item % chunks * POSITIONS;
            share.instructions.run(Turn {
                way: self.way,
                channels: self.channels,
                positions: self.positions,
                samples: share.block.order.len(),
                block: item / chunks,
                part: first..(first + POSITIONS).min(self.positions),
                input: share.read(&self.from),
                output: share.write(&self.to),
            });
        }
    }
}
