//! What a step has made so far.

use compiler::plan::TensorId;
use compiler::shape::Shape;

/// A batch without padding: pictures in Keras's order, and their labels.
pub struct Batch {
    /// A row of numbers a sample.
    pub pictures: Vec<Vec<f64>>,
    /// The class of each sample.
    pub labels: Vec<u32>,
    /// What outputs are compared with, where that is no class: of each picture, in Keras's order.
    pub targets: Option<Vec<Vec<f64>>>,
    /// The step's key for random numbers.
    pub key: [u32; 2],
}

/// All that one step leaves behind.
pub struct Outcome {
    /// `[tensor][element * samples + sample]`; empty where no operation wrote it.
    pub tensors: Vec<Vec<f64>>,
    /// In the parameters' layout.
    pub gradients: Vec<f64>,
    /// Over the samples of the batch.
    pub loss: f64,
    /// How many samples have their own class for the most likely one.
    pub correct: f64,
    /// What metrics count.
    pub counters: Vec<f64>,
    /// What operations have made of parameters that no optimizer moves: where, and what.
    pub states: Vec<(usize, f64)>,
}

/// A step under way.
pub struct State<'a> {
    pub batch: &'a Batch,
    pub samples: usize,
    /// Of one sample of the input.
    pub shape: &'a Shape,
    /// Channels and positions of each tensor.
    pub sizes: Vec<(usize, usize)>,
    pub parameters: &'a [f64],
    pub outcome: Outcome,
}

/// What an operation means.
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

    /// Zero where the relu's output is not positive.
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

/// Where a variable's number at Keras's indices lies in the flat buffer: the last axis is padded to a multiple of 4.
pub fn padded(width: usize) -> usize {
    width.next_multiple_of(4)
}

pub fn relu(x: f64) -> f64 {
    if x > 0.0 { x } else { 0.0 }
}
