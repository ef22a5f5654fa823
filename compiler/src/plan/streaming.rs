//! Which dense layers a training step on the CPU streams: the samples of a batch meet there, so that each weight comes from
//! memory once forward and once backward, where it is moved at once and its gradient never reaches memory. A decision of
//! the plan, from shapes and the batch alone, since the sums of a gradient have another order then.

use super::program::Plan;
use crate::ops::{DenseDkernel, Op};
use crate::training::optimizers::Clipping;

/// Weights that are worth it: fewer stay in the cores' own caches, and the samples need not wait for each other.
const WEIGHTS: usize = 1 << 17;

/// Units are cut into vectors of sixteen.
const LANES: usize = 16;

/// Blocks of a batch that are in memory at once anyway, on two cores.
const BLOCKS: usize = 2;

/// The dense layers that a step streams.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Streaming {
    /// The offsets of their kernels.
    pub kernels: Vec<usize>,
    /// Blocks of sixteen samples of a batch.
    pub blocks: usize,
}

impl Streaming {
    /// The layers of a plan whose steps take so many samples.
    pub fn of(plan: &Plan, samples: usize) -> Self {
        let blocks = samples.div_ceil(LANES);
        let clips_norms = (plan.optimizer.as_ref()).is_none_or(|optimizer| match optimizer.options.clipping {
            Some(Clipping::Norm(_) | Clipping::GlobalNorm(_)) => true,
            Some(Clipping::Value(_)) | None => false,
        });
        if clips_norms {
            return Self::default();
        }
        let large = (plan.training.operations.iter().enumerate()).filter_map(|(index, instruction)| {
            let Op::DenseDkernel(dkernel) = &instruction.op else {
                return None;
            };
            (pays(dkernel) && is_alone(plan, index, dkernel)).then_some(dkernel)
        });
        let kernels: Vec<(usize, usize)> = large
            .map(|dkernel| (dkernel.kernel.offset, dkernel.kernel.floats))
            .collect();
        // All blocks of a batch are kept until they meet: memory for activations where others need little.
        let weights: u64 = kernels.iter().map(|&(_, floats)| 4 * floats as u64).sum();
        let block = plan.training.bytes(LANES / 4) as u64;
        if block.saturating_mul(blocks.saturating_sub(BLOCKS) as u64) > 4 * weights {
            return Self::default();
        }
        Self {
            kernels: kernels.into_iter().map(|(offset, _)| offset).collect(),
            blocks,
        }
    }

    /// Whether the layer with the kernel at this offset is streamed.
    pub fn has(&self, kernel: usize) -> bool {
        self.kernels.contains(&kernel)
    }
}

fn pays(dkernel: &DenseDkernel) -> bool {
    let geometry = &dkernel.geometry;
    geometry.positions == 1
        && geometry.units.is_multiple_of(LANES)
        && geometry.inputs.saturating_mul(geometry.units) >= WEIGHTS
}

/// Whether the kernel may be moved as soon as its gradient is known: nothing else adds to that, and nothing but the gradient of
/// the input, which comes next, reads the kernel afterwards.
fn is_alone(plan: &Plan, index: usize, dkernel: &DenseDkernel) -> bool {
    let kernel = dkernel.kernel.offset;
    let trains = (plan.parameters.iter()).any(|parameter| parameter.range.offset == kernel && parameter.trainable);
    let operations = &plan.training.operations;
    let sums = operations.iter().flat_map(|instruction| instruction.op.gradients());
    let reads =
        |instruction: &super::Instruction| instruction.op.parameters().iter().any(|range| range.offset == kernel);
    let mut after = operations.iter().skip(index + 1);
    let next_is_dinput = (after.clone().next())
        .is_some_and(|next| matches!(&next.op, Op::DenseDinput(dinput) if dinput.kernel.offset == kernel));
    let readers = after.by_ref().filter(|instruction| reads(instruction)).count();
    trains && sums.filter(|range| range.offset == kernel).count() == 1 && readers == usize::from(next_is_dinput)
}

#[cfg(test)]
mod tests {
    use super::Streaming;
    use crate::plan::Plan;
    use crate::plan::memory::Sharing;

    fn plan(layers: &str, compile: &str) -> Plan {
        let text = format!("model m {{\n Input(shape=(16, 16, 4))\n{layers}\n}}\ncompile({compile})\n");
        let source = grammar::decode("m.cnn", text.as_bytes()).unwrap();
        let (checked, _) = crate::check::check_file(&grammar::parse(&source).unwrap()).unwrap();
        crate::plan_of(&checked, Sharing::Shared)
    }

    const LOSS: &str = "loss=SparseCategoricalCrossentropy(from_logits=True), optimizer=";

    fn streamed(layers: &str, optimizer: &str, samples: usize) -> usize {
        Streaming::of(&plan(layers, &format!("{LOSS}{optimizer}")), samples)
            .kernels
            .len()
    }

    #[test]
    fn large_dense_layers_are_streamed() {
        let two = " Flatten()\n Dense(256, activation='relu')\n Dense(512)\n Dense(5)";
        assert_eq!(streamed(two, "'adam'", 32), 2);
        assert_eq!(streamed(two, "Adam(clipvalue=1.0)", 1), 2);
        // Too few weights, and units that fill no vectors.
        assert_eq!(
            streamed(" Flatten()\n Dense(100)\n Dense(120)\n Dense(5)", "'adam'", 32),
            0
        );
    }

    #[test]
    fn what_others_need_is_not() {
        let norm = " Flatten()\n Dense(256)\n Dense(5)";
        assert_eq!(streamed(norm, "Adam(clipnorm=1.0)", 32), 0);
        assert_eq!(streamed(norm, "Adam(global_clipnorm=1.0)", 32), 0);
        let penalised = " Flatten()\n Dense(256, kernel_regularizer='l2')\n Dense(5)";
        assert_eq!(streamed(penalised, "'adam'", 32), 0);
        let frozen = " Flatten()\n Dense(256, trainable=False)\n Dense(5)";
        assert_eq!(streamed(frozen, "'adam'", 32), 0);
        let shared = " Flatten()\n a = Dense(512)\n d = Dense(512)\n b = d(a)\n c = d(b)\n Dense(5)(c)";
        assert_eq!(streamed(shared, "'adam'", 32), 1);
    }

    #[test]
    fn large_maps_of_large_batches_are_not_kept() {
        let maps = " Conv2D(64, 3, padding='same')\n Conv2D(64, 3, padding='same')\n MaxPooling2D(8)\n Flatten()\n Dense(1024)\n Dense(5)";
        assert_eq!(streamed(maps, "'adam'", 32), 1);
        assert_eq!(streamed(maps, "'adam'", 512), 0);
    }
}
