//! The record of a training step: all that the host knows about a step and that kernels do not work out themselves.

use crate::training::optimizer::Optimizer;

/// What kernels are told of a training step. They read it as the WGSL structure `Step`, member for member; see
/// [`StepRecord::words`].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[repr(C)]
pub struct StepRecord {
    /// The learning rate of the step, as the schedule gives it.
    pub learning_rate: f32,
    /// The factor of the optimizer's direction: the learning rate, with the bias correction of the optimizers that have one.
    pub step_size: f32,
    /// Nadam: the factor of the gradient itself; 0 for other optimizers.
    pub gradient_size: f32,
    /// Nadam: the factor of the running mean of squares; 1 for other optimizers.
    pub square_scale: f32,
    /// The share of themselves that the running averages of the parameters keep; 0 where there are none.
    pub ema_momentum: f32,
    /// 1 where the averages replace the parameters after the step, otherwise 0.
    pub ema_overwrite: u32,
    /// One over the number of real samples in the batch, padding not counted.
    pub inverse_batch: f32,
    /// The number of real samples in the batch.
    pub batch: u32,
    /// The step's key for random numbers, which depends on seed, epoch and step only: a run that was interrupted and
    /// resumed draws what it would have drawn. The counter tells the draws of layers apart.
    pub key: [u32; 2],
}

impl StepRecord {
    /// The number of words in a record.
    pub const WORDS: usize = 10;

    /// The members of `Step` in WGSL with their types, in order.
    pub const MEMBERS: [(&'static str, &'static str); 9] = [
        ("learning_rate", "f32"),
        ("step_size", "f32"),
        ("gradient_size", "f32"),
        ("square_scale", "f32"),
        ("ema_momentum", "f32"),
        ("ema_overwrite", "u32"),
        ("inverse_batch", "f32"),
        ("batch", "u32"),
        ("key", "vec2u"),
    ];

    /// The record of step `step` of a run, counted from 1, over a batch of `batch` samples.
    pub fn new(optimizer: &Optimizer, step: u64, batch: usize, key: [u32; 2]) -> Self {
        let rates = optimizer.rates(step);
        let (ema_momentum, ema_overwrite) = match optimizer.options.ema {
            Some(ema) => (ema.momentum(step) as f32, u32::from(ema.overwrites(step))),
            None => (0.0, 0),
        };
        Self {
            learning_rate: optimizer.learning_rate(step) as f32,
            step_size: rates.step_size as f32,
            gradient_size: rates.gradient_size as f32,
            square_scale: rates.square_scale as f32,
            ema_momentum,
            ema_overwrite,
            key,
            ..Self::idle(batch)
        }
    }

    /// The record of a step that computes gradients and moves nothing, for measurements.
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
            self.gradient_size.to_bits(),
            self.square_scale.to_bits(),
            self.ema_momentum.to_bits(),
            self.ema_overwrite,
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
            gradient_size: 3.0,
            square_scale: 4.0,
            ema_momentum: 5.0,
            ema_overwrite: 1,
            inverse_batch: 0.5,
            batch: 2,
            key: [7, 8],
        };
        let [one, two, three, four, five, half] = [1.0_f32, 2.0, 3.0, 4.0, 5.0, 0.5].map(f32::to_bits);
        assert_eq!(record.words(), [one, two, three, four, five, 1, half, 2, 7, 8]);
        assert_eq!(size_of::<StepRecord>(), 4 * StepRecord::WORDS);
    }

    #[test]
    fn an_idle_step_moves_nothing() {
        let record = StepRecord::idle(4);
        assert!(record.learning_rate.abs() + record.step_size.abs() < f32::MIN_POSITIVE);
        assert_eq!((record.inverse_batch.to_bits(), record.batch), (0.25_f32.to_bits(), 4));
    }
}
