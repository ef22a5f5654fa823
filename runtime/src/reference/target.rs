use super::state::{Meaning, State};
use compiler::ops::Target;

impl Meaning for Target {
    fn run(&self, state: &mut State<'_>) {
        let (channels, positions) = state.sizes[self.output.0];
        let n = state.samples;
        let mut made = vec![0.0; channels * positions * n];
        for sample in 0..n {
            for position in 0..positions {
                for channel in 0..channels {
                    made[(channel * positions + position) * n + sample] = match &state.batch.targets {
                        Some(targets) => targets[sample][position * channels + channel],
                        None if channels == 1 => f64::from(state.batch.labels[sample]),
                        None => f64::from(u8::from(state.batch.labels[sample] as usize == channel)),
                    };
                }
            }
        }
        state.set(self.output, made);
    }
}
