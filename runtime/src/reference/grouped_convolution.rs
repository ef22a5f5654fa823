use super::state::{Meaning, State, padded};
use super::windows::{window_cells, windows};
use compiler::ops::{GroupedConvolution, GroupedConvolutionDinput, GroupedConvolutionDkernel, GroupedGeometry};

/// One product: where its weight lies behind the kernel's first, and its elements of input and output.
struct Product {
    weight: usize,
    input: usize,
    output: usize,
}

fn products(geometry: &GroupedGeometry) -> Vec<Product> {
    let grid = &geometry.grid;
    let positions = grid.vertical.input * grid.horizontal.input;
    let taps = grid.vertical.size * grid.horizontal.size;
    let (inputs, outputs) = (
        geometry.in_channels / geometry.groups,
        geometry.out_channels / geometry.groups,
    );
    let mut products = Vec::new();
    for o in 0..geometry.out_channels {
        for i in 0..inputs {
            for window in 0..windows(grid) {
                for (tap, at) in window_cells(grid, window) {
                    products.push(Product {
                        weight: (i * taps + tap) * padded(geometry.out_channels) + o,
                        input: (o / outputs * inputs + i) * positions + at,
                        output: o * windows(grid) + window,
                    });
                }
            }
        }
    }
    products
}

impl Meaning for GroupedConvolution {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let mut made = state.zeros(self.output);
        let places = windows(&self.geometry.grid);
        if let Some(bias) = self.bias {
            for (at, sum) in made.iter_mut().enumerate() {
                *sum = state.parameters[bias.offset + at / (places * n)];
            }
        }
        for product in products(&self.geometry) {
            let w = state.parameters[self.kernel.offset + product.weight];
            for s in 0..n {
                made[product.output * n + s] += w * state.tensor(self.input)[product.input * n + s];
            }
        }
        state.set(self.output, made);
    }
}

impl Meaning for GroupedConvolutionDkernel {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        for product in products(&self.geometry) {
            for s in 0..n {
                let x = state.tensor(self.input)[product.input * n + s];
                let d = state.tensor(self.doutput)[product.output * n + s];
                state.outcome.gradients[self.kernel.offset + product.weight] += x * d;
            }
        }
        if let Some(bias) = self.bias {
            let places = windows(&self.geometry.grid);
            for at in 0..state.tensor(self.doutput).len() {
                state.outcome.gradients[bias.offset + at / (places * n)] += state.tensor(self.doutput)[at];
            }
        }
    }
}

impl Meaning for GroupedConvolutionDinput {
    fn run(&self, state: &mut State<'_>) {
        let n = state.samples;
        let mut made = state.zeros(self.dinput);
        for product in products(&self.geometry) {
            let w = state.parameters[self.kernel.offset + product.weight];
            for s in 0..n {
                made[product.input * n + s] += w * state.tensor(self.doutput)[product.output * n + s];
            }
        }
        state.set(self.dinput, made);
    }
}
