//! Chooses the layout in which the CPU computes a program: batch-innermost, where sixteen samples are the lanes of a
//! vector and one sample costs as much as sixteen, or channel-blocked, where sixteen channels are the lanes and
//! samples are computed one by one.
//!
//! A program is channel-blocked up to some operation and batch-innermost from there on, since most networks end in
//! narrow layers. Operations that know only one layout stay in it, and tensors are rearranged on the way. Shapes and
//! the number of samples determine where the change is. Without training it changes no bit of the results, for sums
//! have the same order in both layouts. A training step is channel-blocked as a whole or not at all.

use super::cycles::{Cycles, turning};
use super::program::Program;
use super::tensor::{Tensor, TensorId, TensorKind, TensorLayout};
use crate::ops::Op;
use crate::ops::operation::Access;

/// The number of samples in a block.
const BLOCK: usize = 16;

/// The choice for a program, with the costs that it rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrangement {
    /// The number of operations, from the first on, that are channel-blocked as far as they know that layout; 0 where
    /// all are batch-innermost.
    pub blocked: usize,
    /// Estimated cycles of the program in this arrangement.
    pub cycles: u64,
    /// Estimated cycles of the program if it were batch-innermost.
    pub innermost: u64,
}

/// The cheapest arrangement for so many samples, of which at most sixteen are computed at a time.
pub fn arrangement(program: &Program, samples: usize) -> Arrangement {
    let samples = samples.clamp(1, BLOCK) as u64;
    let (program, costs) = studied(program);
    let innermost = costs.iter().fold(0_u64, |sum, cost| sum.saturating_add(cost.block));
    let able: Vec<bool> = costs.iter().map(|cost| cost.sample.is_some()).collect();
    let blocked = blocked(&program, &able);
    let crossings = crossings(&program, &blocked);
    let mut best = Arrangement {
        blocked: 0,
        cycles: innermost,
        innermost,
    };
    // The cost of the first operations, that of the others batch-innermost, and of what has to be rearranged between them.
    let (mut before, mut after, mut crossing) = (0_u64, innermost, 0_u64);
    let places = program.operations.iter().zip(&costs).zip(crossings).enumerate();
    for (index, ((instruction, cost), (begins, ends))) in places {
        after = after.saturating_sub(cost.block);
        before = before.saturating_add(cost.sample.map_or(cost.block, |cycles| cycles.saturating_mul(samples)));
        // Its inputs in the other layout are rearranged for it.
        for (tensor, access) in instruction.op.accesses() {
            let other = blocked.get(tensor.0).is_some_and(|&is| is != cost.sample.is_some());
            if access == Access::Read && other {
                before = before.saturating_add(program.tensors.get(tensor.0).map_or(0, turning));
            }
        }
        crossing = crossing.saturating_add(begins).saturating_sub(ends);
        let cycles = before.saturating_add(after).saturating_add(crossing);
        if cycles < best.cycles && pays(cycles, innermost) {
            best = Arrangement {
                blocked: index + 1,
                cycles,
                innermost,
            };
        }
    }
    best
}

/// The cheapest arrangement of a training step, which goes through its layers and back: either all operations that
/// know the layout are channel-blocked, or none.
pub fn arrangement_of_step(program: &Program, samples: usize) -> Arrangement {
    let samples = samples.clamp(1, BLOCK) as u64;
    let (program, costs) = studied(program);
    let innermost = costs.iter().fold(0_u64, |sum, cost| sum.saturating_add(cost.block));
    let able: Vec<bool> = costs.iter().map(|cost| cost.sample.is_some()).collect();
    let blocked = blocked(&program, &able);
    let mut turned = vec![false; program.tensors.len()];
    let mut cycles = 0_u64;
    for (instruction, cost) in program.operations.iter().zip(&costs) {
        cycles = cycles.saturating_add(cost.sample.map_or(cost.block, |cycles| cycles.saturating_mul(samples)));
        for (TensorId(tensor), access) in instruction.op.accesses() {
            let other = blocked.get(tensor).is_some_and(|&is| is != cost.sample.is_some());
            if let Some(turned) = turned
                .get_mut(tensor)
                .filter(|turned| access == Access::Read && other && !**turned)
            {
                *turned = true;
                cycles = cycles.saturating_add(program.tensors.get(tensor).map_or(0, turning));
            }
        }
    }
    let pays = pays(cycles, innermost);
    Arrangement {
        blocked: if pays { program.operations.len() } else { 0 },
        cycles: if pays { cycles } else { innermost },
        innermost,
    }
}

/// Whether so many cycles are worth leaving the batch-innermost layout. The gain has to be a fourth, since the model does not
/// see all costs: with sixteen samples, networks that were estimated to gain up to 1.7 times ran 0.7 to 1.1 times as fast.
fn pays(cycles: u64, innermost: u64) -> bool {
    cycles.saturating_mul(5) < innermost.saturating_mul(4)
}

/// The layout of an operation of an arranged program, which is that of its outputs, or of its inputs where it only
/// makes gradients of parameters.
pub fn layout_of(op: &Op, program: &Program) -> TensorLayout {
    let accesses = op.accesses();
    let tensor = |id: TensorId| program.tensors.get(id.0);
    let written = accesses.iter().find(|(_, access)| *access == Access::Write);
    if let Some(&(id, _)) = written {
        return tensor(id).map_or(TensorLayout::BatchInnermost, |tensor| tensor.layout);
    }
    let taken = || accesses.iter().filter_map(|&(id, _)| tensor(id));
    let is_blocked = |tensor: &Tensor| tensor.layout == TensorLayout::ChannelBlocked;
    // Codes are never rearranged.
    let blocked = match taken().find(|tensor| tensor.kind == TensorKind::Codes) {
        Some(codes) => is_blocked(codes),
        None => knows(op, &program.tensors) && taken().any(is_blocked),
    };
    if blocked {
        TensorLayout::ChannelBlocked
    } else {
        TensorLayout::BatchInnermost
    }
}

/// Whether an operation can be channel-blocked: it knows the layout, and sees its tensors in their own shapes, which
/// views do not have.
fn knows(op: &Op, tensors: &[Tensor]) -> bool {
    let as_it_is = |&(id, _): &(TensorId, Access)| match (op.view(id, tensors), tensors.get(id.0)) {
        (Some(view), Some(tensor)) => view == (tensor.channels, tensor.positions),
        (None, _) | (_, None) => true,
    };
    op.cycles(tensors).sample.is_some() && op.accesses().iter().all(as_it_is)
}

/// The program with its tensors in the shapes that channel-blocked operations see, where batch-innermost ones make
/// them, to which shapes are all the same; and the cost of each operation, channel-blocked only where that is
/// possible.
fn studied(program: &Program) -> (Program, Vec<Cycles>) {
    let mut program = program.clone();
    let mut turns = vec![true; program.tensors.len()];
    for instruction in &program.operations {
        let alone = !instruction.op.layouts().contains(&TensorLayout::ChannelBlocked);
        for (id, access) in instruction.op.accesses() {
            if let Some(turns) = turns.get_mut(id.0).filter(|_| access == Access::Write) {
                *turns &= alone;
            }
        }
    }
    for instruction in &program.operations {
        for (id, access) in instruction.op.accesses() {
            let view = instruction.op.view(id, &program.tensors);
            let able = instruction.op.layouts().contains(&TensorLayout::ChannelBlocked);
            if let (Some((channels, positions)), Some(tensor)) = (view, program.tensors.get_mut(id.0))
                && access == Access::Read
                && able
                && turns.get(id.0).is_some_and(|&turns| turns)
                && channels * positions == tensor.elements()
            {
                (tensor.channels, tensor.positions) = (channels, positions);
            }
        }
    }
    let mut costs: Vec<Cycles> = (program.operations.iter())
        .map(|instruction| {
            let cost = instruction.op.cycles(&program.tensors);
            let sample = cost.sample.filter(|_| knows(&instruction.op, &program.tensors));
            Cycles { sample, ..cost }
        })
        .collect();
    // Codes are never rearranged: the operations that make and take them have one layout.
    let is_codes = |id: TensorId| {
        program
            .tensors
            .get(id.0)
            .is_some_and(|tensor| tensor.kind == TensorKind::Codes)
    };
    let mut refused = vec![false; program.tensors.len()];
    for (instruction, cost) in program.operations.iter().zip(&costs) {
        for (id, _) in instruction.op.accesses() {
            if let Some(refused) = refused.get_mut(id.0).filter(|_| is_codes(id)) {
                *refused |= cost.sample.is_none();
            }
        }
    }
    for (instruction, cost) in program.operations.iter().zip(&mut costs) {
        let touches = |(id, _): (TensorId, Access)| refused.get(id.0).is_some_and(|&refused| refused);
        if instruction.op.accesses().into_iter().any(touches) {
            cost.sample = None;
        }
    }
    (program, costs)
}

/// The program with the layout of each tensor: channel-blocked where one of the first `count` operations makes it and
/// knows that layout.
pub fn arranged(program: &Program, count: usize) -> Program {
    let (mut program, costs) = studied(program);
    let able: Vec<bool> = (costs.iter().enumerate())
        .map(|(index, cost)| index < count && cost.sample.is_some())
        .collect();
    let blocked = blocked(&program, &able);
    for (tensor, blocked) in program.tensors.iter_mut().zip(blocked) {
        if blocked {
            tensor.layout = TensorLayout::ChannelBlocked;
        }
    }
    program
}

/// Which tensors are channel-blocked: those that all their writers can write so.
fn blocked(program: &Program, able: &[bool]) -> Vec<bool> {
    let mut blocked = vec![true; program.tensors.len()];
    let mut written = vec![false; program.tensors.len()];
    for (instruction, &able) in program.operations.iter().zip(able) {
        for (TensorId(tensor), access) in instruction.op.accesses() {
            if access == Access::Write
                && let (Some(blocked), Some(written)) = (blocked.get_mut(tensor), written.get_mut(tensor))
            {
                *blocked &= able;
                *written = true;
            }
        }
    }
    blocked
        .iter()
        .zip(written)
        .map(|(&blocked, written)| blocked && written)
        .collect()
}

/// For each operation, the cost of rearranging the channel-blocked tensors that it makes, and that of those that it
/// is the last to take.
fn crossings(program: &Program, blocked: &[bool]) -> Vec<(u64, u64)> {
    let mut stays: Vec<Option<(usize, usize)>> = vec![None; program.tensors.len()];
    for (index, instruction) in program.operations.iter().enumerate() {
        for (tensor, _) in instruction.op.accesses() {
            if let Some(stay) = stays.get_mut(tensor.0) {
                stay.get_or_insert((index, index)).1 = index;
            }
        }
    }
    let mut crossings = vec![(0_u64, 0_u64); program.operations.len()];
    for ((tensor, stay), _) in program
        .tensors
        .iter()
        .zip(stays)
        .zip(blocked)
        .filter(|(_, blocked)| **blocked)
    {
        let Some((first, last)) = stay else { continue };
        if let Some((begins, _)) = crossings.get_mut(first) {
            *begins = begins.saturating_add(turning(tensor));
        }
        if let Some((_, ends)) = crossings.get_mut(last) {
            *ends = ends.saturating_add(turning(tensor));
        }
    }
    crossings
}

#[cfg(test)]
mod tests {
    use super::{arranged, arrangement, arrangement_of_step, layout_of};
    use crate::check::check_file;
    use crate::plan::TensorLayout::{BatchInnermost, ChannelBlocked};
    use crate::plan::memory::Sharing;
    use crate::plan::program::Program;
    use crate::plan_of;

    fn prediction(shape: &str, layers: &str) -> Program {
        let text = format!("model test {{\n Input(shape={shape})\n{layers}\n}}\n");
        let tree = grammar::parse(&grammar::source::Source::new("test.cnn", text)).unwrap();
        let (checked, _) = check_file(&tree).unwrap();
        plan_of(&checked, Sharing::Shared).prediction
    }

    const WIDE: &str = "Conv2D(32, 3, padding='same', activation='relu')\nConv2D(64, 3, padding='same', activation='relu')\n\
                        MaxPooling2D()\nConv2D(64, 3, padding='same', activation='relu')\nFlatten()\nDense(10, activation='softmax')";

    #[test]
    fn a_wide_network_is_blocked_for_few_samples() {
        let program = prediction("(32, 32, 3)", WIDE);
        for samples in [16, 10_000] {
            assert_eq!(arrangement(&program, samples).blocked, 0, "{samples}");
        }
        for samples in [1, 2, 8] {
            let chosen = arrangement(&program, samples);
            assert!(
                chosen.blocked >= 4 && chosen.cycles < chosen.innermost,
                "{samples}: {chosen:?}"
            );
        }
        let one = arrangement(&program, 1);
        assert!(one.cycles * 12 < one.innermost, "{one:?}");
    }

    #[test]
    fn a_narrow_network_is_blocked_for_few_samples_alone() {
        let layers = "Conv2D(6, 5, activation='relu')\nMaxPooling2D()\nConv2D(16, 5, activation='relu')\nMaxPooling2D()\n\
                      Flatten()\nDense(120, activation='relu')\nDense(10, activation='softmax')";
        let program = prediction("(28, 28, 1)", layers);
        assert!(arrangement(&program, 1).blocked > 0);
        assert_eq!(arrangement(&program, 16).blocked, 0);
    }

    #[test]
    fn training_is_blocked_for_small_batches_alone() {
        let training = |text: &str, samples| {
            let tree = grammar::parse(&grammar::source::Source::new("test.cnn", text)).unwrap();
            let (checked, _) = check_file(&tree).unwrap();
            arrangement_of_step(&plan_of(&checked, Sharing::Shared).training, samples).blocked
        };
        for text in [
            include_str!("../../../specs/mnist_onelayer.cnn"),
            include_str!("../../../specs/mnist_pyramid.cnn"),
            include_str!("../../../specs/mnist_pyramid_average.cnn"),
            include_str!("../../../specs/mnist_mlp.cnn"),
            include_str!("../../../specs/lenet.cnn"),
        ] {
            assert_eq!(training(text, 32), 0, "{text}");
        }
        let wide = format!(
            "model wide {{\n Input(shape=(32, 32, 3))\n{WIDE}\n}}\n\
             compile(loss=SparseCategoricalCrossentropy(from_logits=False), metrics=['acc'])\n"
        );
        assert_eq!(training(&wide, 32), 0);
        for samples in [1, 4, 8] {
            assert!(training(&wide, samples) > 0, "{samples}");
        }
    }

    #[test]
    fn what_is_seen_in_another_shape_is_turned() {
        let layers =
            "Dense(64)\nReshape((2, 2, 16))\nConv2D(16, 2, padding='same')\nReshape((4, 16))\nFlatten()\nDense(3)";
        let program = prediction("(10,)", layers);
        let whole = arranged(&program, program.operations.len());
        let layouts: Vec<_> = (whole.operations.iter())
            .map(|one| (one.op.name(), layout_of(&one.op, &whole)))
            .collect();
        // What makes 16 channels at four positions of 64 numbers takes the order of the other layout.
        let between = layouts.iter().find(|(name, _)| *name == "transpose").unwrap();
        assert_eq!(between.1, BatchInnermost, "{layouts:?}");
        assert_eq!(layouts.last().unwrap().1, ChannelBlocked, "{layouts:?}");
    }

    #[test]
    fn tensors_have_the_layout_of_who_makes_them() {
        let program = prediction("(8, 8, 3)", WIDE);
        let whole = arranged(&program, program.operations.len());
        for instruction in &whole.operations {
            let able = instruction.op.cycles(&whole.tensors).sample.is_some();
            for (tensor, access) in instruction.op.accesses() {
                if access == crate::ops::operation::Access::Write {
                    let layout = if able { ChannelBlocked } else { BatchInnermost };
                    assert_eq!(whole.tensors[tensor.0].layout, layout, "{}", instruction.op.name());
                }
            }
        }
        assert!(arranged(&program, 0) == program);
    }
}
