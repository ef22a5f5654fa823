use super::state::{Meaning, State, padded};
use compiler::ops::{Dalpha, Prelu, PreluBackward, PreluGeometry};

/// Where the alpha of an element lies behind the variable's first: (row, column, channel) with padded channels.
fn alpha(geometry: &PreluGeometry, element: usize) -> usize {
    let [_, height, width] = geometry.sizes;
    let [channels, rows, columns] = geometry.alpha;
    let (channel, row, column) = (element / (height * width), element / width % height, element % width);
    let along = |at: usize, size: usize| if size == 1 { 0 } else { at };
    (along(row, rows) * columns + along(column, columns)) * padded(channels) + along(channel, channels)
}

impl Meaning for Prelu {
    fn run(&self, state: &mut State<'_>) {
        let input = state.tensor(self.input).iter().enumerate();
        let made = input.map(|(at, &x)| {
            let alpha = state.parameters[self.alpha.offset + alpha(&self.geometry, at / state.samples)];
            x.max(0.0) + alpha * x.min(0.0)
        });
        let made = made.collect();
        state.set(self.output, made);
    }
}

impl Meaning for PreluBackward {
    fn run(&self, state: &mut State<'_>) {
        let input = state
            .tensor(self.input)
            .iter()
            .zip(state.tensor(self.doutput))
            .enumerate();
        let made = input.map(|(at, (&x, d))| {
            let alpha = state.parameters[self.alpha.offset + alpha(&self.geometry, at / state.samples)];
            if x > 0.0 {
                *d
            } else if x < 0.0 {
                alpha * d
            } else {
                0.0
            }
        });
        let made = made.collect();
        state.set(self.dinput, made);
    }
}

impl Meaning for Dalpha {
    fn run(&self, state: &mut State<'_>) {
        for at in 0..state.tensor(self.input).len() {
            let below = state.tensor(self.input)[at].min(0.0);
            let d = state.tensor(self.doutput)[at];
            let place = self.alpha.offset + alpha(&self.geometry, at / state.samples);
            state.outcome.gradients[place] += d * below;
        }
    }
}
