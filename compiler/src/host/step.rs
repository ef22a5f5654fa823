//! The record of a training step: all that the host knows about a step and kernels do not work out themselves.

use crate::training::optimizer::Optimizer;

/// What one training step is given. Kernels read it as the WGSL structure `Step`, member for member; see
/// [`StepRecord::words`].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[repr(C)]
pub struct StepRecord {
    /// The learning rate of the step, after any schedule.
    pub learning_rate: f32,
    /// What the optimizer multiplies its direction by: the learning rate, with the bias correction of those that have one.
    pub step_size: f32,
    /// One over the real samples of the batch, padding not counted.
    pub inverse_batch: f32,
    /// The real samples of the batch.
    pub batch: u32,
    /// The step's key for random numbers, a function of seed, epoch and step alone: a run that was interrupted and resumed
    /// draws what it would have drawn. Layers tell their draws apart by the counter.
    pub key: [u32; 2],
}

impl StepRecord {
    /// How many words a record has.
    pub const WORDS: usize = 6;

    /// The members of `Step` in WGSL, in their order.
    pub const MEMBERS: [(&'static str, &'static str); 5] = [
        ("learning_rate", "f32"),
        ("step_size", "f32"),
        ("inverse_batch", "f32"),
        ("batch", "u32"),
        ("key", "vec2u"),
    ];

    /// The record of step `step` of a run, counted from 1, over a batch of `batch` samples.
    pub fn new(optimizer: &Optimizer, step: u64, batch: usize, key: [u32; 2]) -> Self {
        let [learning_rate, step_size] = optimizer.rates(step);
        Self {
            learning_rate,
            step_size,
            key,
            ..Self::idle(batch)
        }
    }

    /// A step that computes gradients and moves nothing, for measurements.
    pub fn idle(batch: usize) -> Self {
        Self {
            inverse_batch: 1.0 / batch as f32,
            batch: u32::try_from(batch).unwrap_or(u32::MAX),
            ..Self::default()
        }
    }

    /// The bits of the record as WGSL lays out `Step` in a storage buffer: no gaps, since `key` begins at a multiple of
    /// 8 bytes and the whole is one.
    pub fn words(&self) -> [u32; Self::WORDS] {
        let [low, high] = self.key;
        [
            self.learning_rate.to_bits(),
            self.step_size.to_bits(),
            self.inverse_batch.to_bits(),
            self.batch,
            low,
            high,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::StepRecord;

    /// The text of `struct Step` in a shader.
    fn structure(source: &str) -> Option<&str> {
        let (_, rest) = source.split_once("struct Step {\n")?;
        rest.split_once("}\n").map(|(members, _)| members)
    }

    #[test]
    fn every_shader_that_reads_steps_lays_them_out_as_the_host_does() {
        let members: Vec<String> = (StepRecord::MEMBERS.iter())
            .map(|(name, of)| format!("    {name}: {of},\n"))
            .collect();
        let mut found = 0;
        for file in shaders::File::ALL {
            let source = file.source();
            let reads = source.contains("steps: array<");
            assert_eq!(reads, source.contains("steps: array<Step>;"), "{}", file.name());
            if reads {
                assert_eq!(structure(source), Some(members.concat().as_str()), "{}", file.name());
                found += 1;
            }
        }
        assert!(found >= 3, "optimizer, loss and head read steps");
    }

    #[test]
    fn words_are_the_members_in_order() {
        let record = StepRecord {
            learning_rate: 1.0,
            step_size: 2.0,
            inverse_batch: 0.5,
            batch: 2,
            key: [7, 8],
        };
        assert_eq!(record.words(), [0x3f80_0000, 0x4000_0000, 0x3f00_0000, 2, 7, 8]);
        assert_eq!(size_of::<StepRecord>(), 4 * StepRecord::WORDS);
    }

    #[test]
    fn an_idle_step_moves_nothing() {
        let record = StepRecord::idle(4);
        assert!(record.learning_rate.abs() + record.step_size.abs() < f32::MIN_POSITIVE);
        assert_eq!((record.inverse_batch.to_bits(), record.batch), (0.25_f32.to_bits(), 4));
    }
}
