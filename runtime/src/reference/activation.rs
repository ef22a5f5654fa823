use super::functions::{activate, derivative, derivative_at_output};
use super::state::{Meaning, State};
use compiler::ops::{Activation, ActivationBackward};

impl Meaning for Activation {
    fn run(&self, state: &mut State<'_>) {
        let input = state.tensor(self.input);
        let made = input.iter().map(|&x| activate(self.function, x)).collect();
        state.set(self.output, made);
    }
}

impl Meaning for ActivationBackward {
    fn run(&self, state: &mut State<'_>) {
        let function = self.function;
        let slopes: Vec<f64> = if let Some(input) = self.input {
            state.tensor(input).iter().map(|&x| derivative(function, x)).collect()
        } else {
            let output = state.tensor(self.output);
            output.iter().map(|&y| derivative_at_output(function, y)).collect()
        };
        let doutput = state.tensor(self.doutput);
        let made = slopes.iter().zip(doutput).map(|(slope, d)| slope * d).collect();
        state.set(self.dinput, made);
    }
}
