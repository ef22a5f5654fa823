//! What every format is written from: the portable graph, the weights, and ten samples with the network's outputs.

use super::int8::Quantized;
use crate::session::predict::Predictor;
use crate::session::{Description, Error, Listener, Result, executor};
use compiler::entering::Entering;
use compiler::network::Port;
use compiler::portable::lower::lower;
use compiler::portable::{Graph, ValueId};
use compiler::shape::Shape;
use runtime::checkpoint::NamedTensor;
use runtime::data::Pixels;
use runtime::random::Stream;
use runtime::train;
use std::path::Path;

/// How many samples every export carries.
const SAMPLES: usize = 10;

/// A trained network, ready to be written.
pub struct Model<'a> {
    /// The description that it was made from.
    pub description: &'a Description,
    /// The network as portable operations, without folding any.
    pub graph: Graph,
    /// The variables in Keras's order: name (`LAYER.VARIABLE`), shape, values.
    pub weights: Vec<NamedTensor>,
    /// Samples with the network's outputs, which other programs can be checked with.
    pub samples: Samples,
    /// The names of the classes; empty where they are known by their numbers.
    pub class_names: Vec<String>,
    /// The divisor of a picture's bytes: 255, or 1 where they are taken as they are.
    pub divisor: f32,
    /// The network in integers, if it is to be written so; the outputs of the samples are then its own.
    pub int8: Option<Quantized>,
}

/// Inputs and the network's outputs, one sample after another, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    /// The number of samples.
    pub count: usize,
    /// The values of the inputs, bytes divided by the model's `divisor`.
    pub inputs: Vec<f32>,
    /// The outputs that `cnnc predict` gives for them.
    pub outputs: Vec<f32>,
}

/// An input or an output with its part of the samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// What other programs call it: `input` or `output`, and of several the layer's name.
    pub name: String,
    /// The tensor of the portable graph that holds it.
    pub value: ValueId,
    /// The shape of one sample.
    pub shape: Shape,
    /// How many numbers of a sample's row lie before its own.
    pub offset: usize,
    /// The samples' numbers, one after another.
    pub numbers: Vec<f32>,
}

/// A file to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its role among the files of an export.
    pub role: Role,
    /// The contents of the file.
    pub bytes: Vec<u8>,
}

/// The role of a file among those of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// The file that was asked for.
    Main,
    /// A file beside it, which has this extension in place of its own.
    Beside(&'static str),
    /// A file with this name in the folder that was asked for.
    Inside(&'static str),
}

impl File {
    /// The file that was asked for.
    pub fn main(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            role: Role::Main,
            bytes: bytes.into(),
        }
    }

    /// A file beside it.
    pub fn beside(ending: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            role: Role::Beside(ending),
            bytes: bytes.into(),
        }
    }

    /// A file in the folder that was asked for.
    pub fn inside(name: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            role: Role::Inside(name),
            bytes: bytes.into(),
        }
    }
}

impl<'a> Model<'a> {
    /// The network with the weights in a file, and its outputs for ten samples, computed on the CPU.
    ///
    /// # Errors
    /// When the weights are not the network's, or a layer cannot be expressed in portable operations.
    pub fn open(description: &'a Description, weights: &Path, listener: &dyn Listener) -> Result<Self> {
        let plan = description.plan();
        let parameters = executor::weights(&description.network, &plan, weights)?;
        let graph = lower(&description.network, &plan, &parameters).map_err(|refused| {
            Error::message(format!(
                "layer {} ({}) has no form that other programs have: the network cannot be exported",
                refused.layer, refused.class
            ))
        })?;
        let mut predictor = Predictor::open(description, weights, "cpu", listener)?;
        let divisor = Entering::of(&description.network).divisor();
        let inputs = sample_inputs(description.network.input_shape().elements(), divisor);
        let outputs = predictor.outputs(Pixels::Floats(inputs.clone()), SAMPLES)?;
        if let Some(odd) = outputs.iter().find(|output| !output.is_finite()) {
            let most = 255.0 / divisor;
            let message = format!("the network's output is {odd} for numbers from 0 to {most}: it cannot be exported");
            return Err(Error::message(message).with_help("the training has diverged; train it with a smaller rate"));
        }
        Ok(Self {
            description,
            weights: train::tensors_of(&plan, &parameters, ""),
            samples: Samples {
                count: SAMPLES,
                inputs,
                outputs,
            },
            class_names: predictor.names().to_vec(),
            divisor,
            graph,
            int8: None,
        })
    }

    /// Quantizes the network, so that it is written in integers. `calibration` has samples, one after another.
    ///
    /// # Errors
    /// When a number is infinite or NaN.
    pub fn quantize(&mut self, calibration: &[f32]) -> Result<()> {
        let quantized = Quantized::of(&self.graph, calibration)?;
        let size = self.description.network.input_shape().elements().max(1);
        let samples = self.samples.inputs.chunks_exact(size);
        self.samples.outputs = samples.flat_map(|sample| quantized.predict(sample)).collect();
        self.int8 = Some(quantized);
        Ok(())
    }

    /// What goes in, with the samples' numbers.
    pub fn inputs(&self) -> Vec<Part> {
        parts(
            self.description.network.inputs(),
            &self.graph.inputs,
            ("input", &self.samples.inputs),
        )
    }

    /// What comes out, with what is expected of the samples.
    pub fn outputs(&self) -> Vec<Part> {
        parts(
            self.description.network.outputs(),
            &self.graph.outputs,
            ("output", &self.samples.outputs),
        )
    }

    /// What the network takes, in words.
    pub fn input_words(&self) -> &'static str {
        if self.divisor > 1.0 {
            "float32 as cnnc predict takes it; a picture's bytes are divided by 255"
        } else {
            "float32 as cnnc predict takes it; a picture's bytes stay 0 to 255"
        }
    }
}

/// The parts of rows, each by its port's name; of a single one by what it is.
fn parts(ports: &[Port], values: &[ValueId], (alone, rows): (&str, &[f32])) -> Vec<Part> {
    let width: usize = ports.iter().map(|port| port.shape.elements()).sum();
    let part = |(port, value): (&Port, &ValueId)| Part {
        name: if let [_] = ports {
            alone.to_owned()
        } else {
            port.name.clone()
        },
        value: *value,
        shape: port.shape.clone(),
        offset: port.offset,
        numbers: rows
            .chunks(width.max(1))
            .flat_map(|row| row.iter().skip(port.offset).take(port.shape.elements()))
            .copied()
            .collect(),
    };
    ports.iter().zip(values).map(part).collect()
}

/// Bytes over the divisor as pictures have, with large dark and bright areas as well as noise.
fn sample_inputs(elements: usize, divisor: f32) -> Vec<f32> {
    let noise = Stream::new(0, "export", 0);
    let byte = |index: usize| {
        let word = noise.word(index as u64);
        let sample = index / elements.max(1);
        let (low, high) = [(0, 256), (0, 64), (192, 256), (0, 128), (128, 256)]
            .get(sample % 5)
            .copied()
            .unwrap_or((0, 256));
        low + word % (high - low)
    };
    (0..SAMPLES * elements)
        .map(|index| byte(index) as f32 / divisor)
        .collect()
}
