//! What a step takes, and what it has made so far.

use compiler::plan::TensorId;
use compiler::shape::Shape;

/// A batch without padding: pictures in Keras's order, and their labels.
pub struct Batch {
    /// The values of each sample, in Keras's order.
    pub pictures: Vec<Vec<f64>>,
    /// The class of each sample.
    pub labels: Vec<u32>,
    /// The values that each sample's output is compared with, in Keras's order; `None` where that is its class.
    pub targets: Option<Vec<Vec<f64>>>,
    /// The key that the step's random numbers are drawn with.
    pub key: [u32; 2],
}

/// Everything that one step makes.
pub struct Outcome {
    /// The values of each tensor, `[element * samples + sample]`; empty where no operation wrote it.
    pub tensors: Vec<Vec<f64>>,
    /// The gradients in the layout of the parameters.
    pub gradients: Vec<f64>,
    /// The sum of the losses of the batch's samples, weights and penalties included.
    pub loss: f64,
    /// How many samples have their own class as the most likely one.
    pub correct: f64,
    /// The sums that metrics are computed from, in the order of their operations.
    pub counters: Vec<f64>,
    /// New values of parameters that operations change and not the optimizer: the index of each, and its value.
    pub states: Vec<(usize, f64)>,
}

/// A step that is being computed.
pub struct State<'a> {
    pub batch: &'a Batch,
    pub samples: usize,
    /// The shape of one sample of the input.
    pub shape: &'a Shape,
    /// The channels and positions of each tensor.
    pub sizes: Vec<(usize, usize)>,
    pub parameters: &'a [f64],
    pub outcome: Outcome,
}

/// What an operation computes.
pub trait Meaning {
    fn run(&self, state: &mut State<'_>);
}

impl State<'_> {
    pub fn tensor(&self, id: TensorId) -> &[f64] {
        assert!(
            !self.outcome.tensors[id.0].is_empty(),
            "tensor {} is read before it is written",
            id.0
        );
        &self.outcome.tensors[id.0]
    }

    pub fn set(&mut self, id: TensorId, values: Vec<f64>) {
        self.outcome.tensors[id.0] = values;
    }

    pub fn elements(&self, id: TensorId) -> usize {
        self.sizes[id.0].0 * self.sizes[id.0].1
    }

    pub fn zeros(&self, id: TensorId) -> Vec<f64> {
        vec![0.0; self.elements(id) * self.samples]
    }

    /// The values, with zeros where the relu's output in `mask` is not positive.
    pub fn masked(&self, mut values: Vec<f64>, mask: Option<TensorId>) -> Vec<f64> {
        if let Some(mask) = mask {
            for (value, &kept) in values.iter_mut().zip(self.tensor(mask)) {
                if kept <= 0.0 {
                    *value = 0.0;
                }
            }
        }
        values
    }
}

/// The length of a variable's last axis in the flat buffer, where it is padded to a multiple of 4.
pub fn padded(width: usize) -> usize {
    width.next_multiple_of(4)
}

pub fn relu(x: f64) -> f64 {
    if x > 0.0 { x } else { 0.0 }
}
