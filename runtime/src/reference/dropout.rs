use super::philox::philox;
use super::state::{Meaning, State};
use compiler::ops::Dropout;

impl Meaning for Dropout {
    fn run(&self, state: &mut State<'_>) {
        let (samples, key) = (state.samples, state.batch.key);
        let input = state.tensor(self.input);
        let made = (0..input.len()).map(|at| {
            let (element, sample) = (at / samples, at % samples);
            let [low, high] = self.stream;
            let words = philox([(element / self.together) as u32, (sample / 4) as u32, low, high], key);
            // The share of 2^32 that the word is.
            let share = f64::from(words[sample % 4]) / 4_294_967_296.0;
            if share < self.rate {
                0.0
            } else {
                input[at] / (1.0 - self.rate)
            }
        });
        let made = made.collect();
        state.set(self.output, made);
    }
}
