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

/// Philox4x32-10 as the paper writes a round: (L, R) pairs, multiplied, crossed, and the key bumped.
pub(super) fn philox([mut r0, mut l0, mut r1, mut l1]: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    for round in 0..10_u32 {
        let bumped = [
            key[0].wrapping_add(0x9E37_79B9_u32.wrapping_mul(round)),
            key[1].wrapping_add(0xBB67_AE85_u32.wrapping_mul(round)),
        ];
        let (first, second) = (u64::from(r0) * 0xD251_1F53, u64::from(r1) * 0xCD9E_8D57);
        r0 = (second >> 32) as u32 ^ l0 ^ bumped[0];
        l0 = second as u32;
        r1 = (first >> 32) as u32 ^ l1 ^ bumped[1];
        l1 = first as u32;
    }
    [r0, l0, r1, l1]
}
